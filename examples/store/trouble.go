package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// makeTrouble kills programs, spread over the time in which the offers are shown.
func (g *game) makeTrouble(ctx context.Context) error {
	random := rand.New(rand.NewPCG(g.seed, 1))
	for n := range g.trouble {
		for g.shown.Load() < int64((n+1)*g.offers/(g.trouble+1)) {
			if ctx.Err() != nil {
				return nil
			}
			time.Sleep(5 * time.Millisecond)
		}
		var err error
		if random.IntN(3) == 0 {
			err = g.hub.kill(&hubReady{})
		} else {
			err = g.lanes[random.IntN(len(g.lanes))].kill(&listedLane{})
		}
		if err != nil {
			return fmt.Errorf("starting a program again: %w", err)
		}
	}
	return nil
}

// audit looks at what stands in the journals, once the hub knows it all.
func (g *game) audit(ctx context.Context) error {
	if err := g.awaitHub(ctx); err != nil {
		return err
	}
	uses := map[string][]used{}
	for _, lane := range g.lanes {
		r, err := lane.ask(question{})
		if err != nil {
			return err
		}
		for _, u := range r.Used {
			uses[u.Offer] = append(uses[u.Offer], u)
		}
	}
	doubled, silent := 0, 0
	for _, all := range uses {
		if len(all) > 1 {
			doubled++
			if !isExplained(all) {
				silent++
			}
		}
	}
	fmt.Fprintf(g.out, "%d offers stand in the journals, %d of them twice, %d without a record that says why\n", len(uses),
		doubled, silent)
	if silent > 0 {
		return errors.New("an offer was redeemed twice by lanes that the hub answered")
	}
	return nil
}

// isExplained reports whether at most one of an offer's redemptions in each epoch was made by the hub's word alone.
func isExplained(all []used) bool {
	plain := map[uint64]int{}
	for _, u := range all {
		if len(u.Notes) == 0 && !u.Override {
			plain[u.Epoch]++
		}
	}
	for epoch, n := range plain {
		if n > 1 || epoch == 0 {
			return false
		}
	}
	return true
}
