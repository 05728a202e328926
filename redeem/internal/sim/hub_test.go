package sim

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
)

var stores = flag.Int("stores", 2, "how many stores with a hub are simulated, from -seed on")

// Lanes redeem, hold, release and take back while they and their hubs crash, are stopped for a while and move, disks
// are lost, and lines are cut, slow or one-way: no offer is doubled between lanes that the hub answered in one epoch,
// and what the hub said fits an order. Afterwards what nobody has is free.
func TestLanesOfOneStoreDoNotDoubleAnOffer(t *testing.T) {
	doubled, checked, free, answers, outcomes := 0, 0, 0, map[record.ClaimResult]int{}, map[string]int{}
	for n := range *stores {
		seed := max(*seed, 1) + uint64(n)
		synctest.Test(t, func(t *testing.T) {
			s := newHubStore(t, seed, 2+int(seed%4), 40)
			s.lease = time.Second
			s.run(120, s.weather)
			doubled += s.checkAll(seed)
			calls, _ := s.isLinearizable()
			checked += calls
			for i := range s.asked {
				answers[s.asked[i].answer.Result]++
				if s.asked[i].answer.Overrode != "" {
					outcomes["overrode"]++
				}
			}
			for what, n := range s.outcomes {
				outcomes[what] += n
			}
			free += s.sellFree(seed)
			s.close()
		})
	}
	assert.Positive(t, answers[record.ClaimGranted], "the hub grants claims")
	assert.Positive(t, answers[record.ClaimTaken], "the hub refuses claims")
	assert.Positive(t, checked, "some offers are decided by the hub alone")
	assert.Positive(t, free, "some offers are free afterwards")
	for _, what := range []string{"taken back", "held and paid", "held and released", "held and left"} {
		assert.Positive(t, outcomes[what], "%s: it happens", what)
	}
	t.Logf("%d offers were used twice, each of which says why; the calls about %d others were put in order; %d were free "+
		"afterwards; the hub said %v; calls came to %v", doubled, checked, free, answers, outcomes)
}

// A hub whose disk loses what it acknowledged, and which goes on in the same epoch, is found out.
func TestAHubThatForgetsIsFoundOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newHubStore(t, 1, 2, 10)
		s.settle()
		s.now().forgets = s.now().disk.Crash(func(int) bool { return true })
		for i := range s.passes {
			require.NoError(t, s.seats[0].sell(i, fmt.Sprint("a", i)))
		}
		s.settle()
		s.seats[0].line.set(lineCut) // it cannot tell again what it did
		s.crashHub()
		s.startHub()
		time.Sleep(5 * time.Second)
		for i := range s.passes {
			require.NoError(t, s.seats[1].sell(i, fmt.Sprint("b", i)))
		}
		s.settle()
		assert.Len(t, s.unexplained(), len(s.passes))
		_, ok := s.isLinearizable()
		assert.False(t, ok, "the calls fit no order")
		_, bad := s.claimsFit()
		assert.Len(t, bad, len(s.passes), "what the hub said fits no order")
		assert.Equal(t, len(s.passes), s.checkConflicts(), "the lanes find out all the same")
		s.close()
	})
}

// In trouble too: some of the stores whose hub forgets, each time it crashes, what it heard since the morning. It is
// played with the flag -long; without it the hub above alone forgets.
func TestAHubThatForgetsInTroubleIsFoundOut(t *testing.T) {
	inLongTests(t)
	found := 0
	for seed := range uint64(6) {
		synctest.Test(t, func(t *testing.T) {
			s := newHubStore(t, seed+1, 4, 60)
			s.settle()
			s.now().forgets = s.now().disk.Crash(func(int) bool { return true })
			s.run(60, func(ctx context.Context) {
				random := rand.New(rand.NewPCG(seed, 3))
				var lines sync.WaitGroup
				for _, l := range s.seats {
					one := rand.New(rand.NewPCG(seed, uint64(l.number)+10))
					lines.Go(func() { l.badLine(ctx, one) })
				}
				for ctx.Err() == nil {
					sleep(ctx, some(random, 2*time.Second))
					s.crashHub()
					s.startHub()
				}
				lines.Wait()
			})
			if _, bad := s.claimsFit(); len(s.unexplained()) > 0 && len(bad) > 0 {
				found++
			}
			s.close()
		})
	}
	assert.GreaterOrEqual(t, found, 3, "stores in which both checks find out that the hub forgets, of 6")
}
