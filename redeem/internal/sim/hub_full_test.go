package sim

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// A hub whose disk is full says so and grants nothing. Its lanes decide alone meanwhile, and once there is room the hub
// hears what they did.
func TestAHubWhoseDiskIsFullGrantsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newHubStore(t, 1, 2, 4)
		s.settle()
		require.NoError(t, s.seats[0].sell(0, "before"))
		_, d := s.last()
		assert.Empty(t, d.Notes, "the hub granted it")
		time.Sleep(2 * time.Second) // the hub is told
		s.now().power.full.Store(true)
		for i, l := range s.seats {
			require.NoError(t, l.sell(1, fmt.Sprint("full ", i)))
			_, d := s.last()
			assert.Equal(t, redeem.Allow, d.Outcome, "lane %d decides alone: %s", i, d)
			assert.Contains(t, d.Notes, record.HubUnreachable, "lane %d", i)
		}
		time.Sleep(time.Minute)
		for i, l := range s.seats {
			status := l.terminal.Status().Hub
			assert.False(t, status.Ready, "lane %d", i)
			assert.Contains(t, status.LastError, string(fault.DiskFull), "lane %d is told why", i)
		}
		s.now().power.full.Store(false)
		s.settle()
		assert.Equal(t, 1, s.checkConflicts(), "both lanes are told of the pass that they redeemed alone")
		require.NoError(t, s.seats[0].sell(2, "room"))
		_, d = s.last()
		assert.Empty(t, d.Notes, "the hub grants again")
		s.settle()
		s.crashHub()
		s.startHub()
		s.settle()
		for _, pass := range []int{0, 2} {
			require.NoError(t, s.seats[1].sell(pass, fmt.Sprint("after ", pass)))
			_, d := s.last()
			assert.True(t, d.Because(fault.RedeemedElsewhere), "what the hub heard outlives it: pass %d, %s", pass, d)
		}
		s.close()
	})
}

// Whenever the hub's disk fills up and the hub crashes with it, what it granted is on the disk.
func TestWhatAHubGrantedIsOnItsDiskThoughItFillsUp(t *testing.T) {
	for seed := range longOr(4, 1) {
		synctest.Test(t, func(t *testing.T) {
			s := newHubStore(t, seed+1, 3, 60)
			s.settle()
			ctx, stop := context.WithCancel(context.Background())
			var outside, lanes sync.WaitGroup
			outside.Go(func() { s.fill(ctx) })
			for _, l := range s.seats {
				lanes.Go(func() { assert.NoError(t, l.trade(60), "lane %d trades", l.number) })
			}
			lanes.Wait()
			stop()
			outside.Wait()
			for _, l := range s.seats {
				if l.power.arm(0); l.power.failed() {
					require.NoError(t, l.restart())
				}
			}
			s.settle()
			assert.Empty(t, s.unexplained(), "seed %d: offers were doubled by lanes that the hub answered", seed)
			s.checkConflicts()
			_, ok := s.isLinearizable()
			assert.True(t, ok, "seed %d: what calls came to fits no order in which they can have happened", seed)
			s.close()
		})
	}
}

// fill has the hub's disk full for a while, again and again until ctx ends; sometimes the power fails meanwhile.
func (s *hubStore) fill(ctx context.Context) {
	for round := 0; ctx.Err() == nil; round++ {
		sleep(ctx, time.Duration(round%5+1)*400*time.Millisecond)
		s.now().power.full.Store(true)
		sleep(ctx, time.Duration(round%3+1)*300*time.Millisecond)
		if round%2 == 1 {
			s.crashHub()
			s.startHub()
		}
		s.now().power.full.Store(false)
	}
	s.now().power.full.Store(false)
}
