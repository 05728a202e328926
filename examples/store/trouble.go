package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/record"
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
			g.hubKills++
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
	doubled, silent, why := 0, 0, map[string]int{}
	for _, all := range uses {
		if len(all) > 1 {
			doubled++
			why[reasonOf(all)]++
			if !isExplained(all) {
				silent++
			}
		}
	}
	fmt.Fprintf(g.out, "%d offers stand in the journals, %d of them twice, %d without a record that says why\n", len(uses),
		doubled, silent)
	for _, reason := range slices.Sorted(maps.Keys(why)) {
		fmt.Fprintf(g.out, "  %d twice: %s\n", why[reason], reason)
	}
	if silent > 0 {
		return errors.New("an offer was redeemed twice by lanes that the hub answered")
	}
	return nil
}

// reasonOf says what the records of an offer that was redeemed twice tell of how that came about.
func reasonOf(all []used) string {
	alone, late, manager := 0, 0, 0
	for _, u := range all {
		switch {
		case slices.Contains(u.Notes, record.HubUnreachable):
			alone++
		case slices.Contains(u.Notes, record.HubLate):
			late++
		case u.Override:
			manager++
		}
	}
	switch {
	case alone == len(all):
		return "both lanes were without the hub"
	case alone > 0:
		return "one lane was without the hub"
	case late > 0:
		return "a lane recorded it after its claim had ended"
	case manager > 0:
		return "a manager decided"
	case isExplained(all):
		return "in two epochs"
	}
	return "no record says why"
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
