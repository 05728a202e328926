package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/record"
)

// A tallyOfTrouble counts what was done to the store.
type tallyOfTrouble struct{ hubKills, laneKills, pauses, faults int }

func (t *tallyOfTrouble) String() string {
	return fmt.Sprintf("the hub was killed %d times and lanes %d times, %d programs were stopped for a while, and %d "+
		"lines were faulty: meanwhile lanes decide alone", t.hubKills, t.laneKills, t.pauses, t.faults)
}

// makeTrouble troubles the store, spread over the time in which the offers are shown. It returns when all is well.
func (g *game) makeTrouble(ctx context.Context) error {
	random := rand.New(rand.NewPCG(g.seed, 1))
	var ending sync.WaitGroup
	defer ending.Wait()
	var mu sync.Mutex
	var errs []error
	for n := range g.trouble {
		for g.shown.Load() < int64((n+1)*g.offers/(g.trouble+1)) {
			if ctx.Err() != nil {
				return nil
			}
			time.Sleep(5 * time.Millisecond)
		}
		lane, d := random.IntN(len(g.lanes)), time.Duration(100+random.IntN(700))*time.Millisecond
		what := random.IntN(10)
		ending.Go(func() {
			if err := g.makeOne(what, lane, d); err != nil {
				mu.Lock()
				defer mu.Unlock()
				errs = append(errs, err)
			}
		})
	}
	ending.Wait()
	return errors.Join(errs...)
}

// faults are what a line may do.
var faults = []lineMode{lineCut, lineHeld, lineMute, lineDeaf, lineSlow}

// makeOne kills a program, stops one for a while, or makes a line faulty for that time.
func (g *game) makeOne(what, lane int, d time.Duration) error {
	program, ready := g.lanes[lane], any(&listedLane{})
	if what%2 == 0 {
		program, ready = g.hub, &hubReady{}
	}
	g.troubling[program].Lock() // one after the other
	defer g.troubling[program].Unlock()
	switch {
	case what < 4:
		g.tell(func(t *tallyOfTrouble) { t.laneKills, t.hubKills = t.laneKills+what%2, t.hubKills+1-what%2 })
		if err := program.kill(ready); err != nil {
			return fmt.Errorf("starting a program again: %w", err)
		}
	case what < 6 && canPause:
		g.tell(func(t *tallyOfTrouble) { t.pauses++ })
		return program.hold(d)
	default:
		g.tell(func(t *tallyOfTrouble) { t.faults++ })
		g.lines[lane].set(faults[(what+lane+int(d))%len(faults)])
		time.Sleep(d)
		g.lines[lane].set(lineWorks)
	}
	return nil
}

func (g *game) tell(add func(*tallyOfTrouble)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	add(&g.done)
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
	lost := 0
	for id := range g.taken {
		if len(uses[id]) == 0 {
			lost++
		}
	}
	fmt.Fprintf(g.out, "%d offers stand in the journals, %d of them twice, %d without a record that says why\n", len(uses),
		doubled, silent)
	for _, reason := range slices.Sorted(maps.Keys(why)) {
		fmt.Fprintf(g.out, "  %d twice: %s\n", why[reason], reason)
	}
	if lost > 0 {
		return fmt.Errorf("%d offers were refused as redeemed, and stand in no journal", lost)
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
