package sim

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/record"
)

// A lane that is stopped between the last look at its lease and the flush of the record, for however long, does not
// give the claim up when it goes on: its record is about to be on disk.
func TestALaneThatStopsWhileItRecordsGivesNothingUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newHubStore(t, 1, 2, 1)
		s.settle()
		lane, other := s.seats[0], s.seats[1]
		var once sync.Once
		lane.power.flush = func() {
			once.Do(func() {
				lane.stops.stop()
				time.Sleep(10 * time.Minute)
				lane.stops.resume()
				time.Sleep(10 * time.Second) // the disk is slow after a suspend
			})
		}
		var sale sync.WaitGroup
		sale.Go(func() { assert.NoError(t, lane.sell(0, "stopped"), "the lane sells") })
		time.Sleep(time.Minute)
		require.NoError(t, other.sell(0, "meanwhile"))
		_, d := s.last()
		assert.Equal(t, redeem.Ask, d.Outcome, "the lane is silent: %s", &d)
		time.Sleep(9*time.Minute + 5*time.Second)
		require.NoError(t, other.sell(0, "when it goes on"))
		_, d = s.last()
		assert.NotEqual(t, redeem.Allow, d.Outcome, "the lane is about to record it: %s", &d)
		sale.Wait()
		_, d = s.last()
		assert.Equal(t, redeem.Allow, d.Outcome, "it was the lane's: %s", &d)
		s.settle()
		require.NoError(t, other.sell(0, "afterwards"))
		_, d = s.last()
		assert.Equal(t, redeem.Refuse, d.Outcome, "the hub knows of it: %s", &d)
		s.checkAll(1)
		s.close()
	})
}

// Where a lane is stopped after each of two claims for longer than they last, its record says that it came late.
func TestALaneThatStopsAfterEachClaimSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newHubStore(t, 1, 2, 1)
		s.settle()
		lane := s.seats[0]
		lane.answered = func() { time.Sleep(20 * time.Second) }
		require.NoError(t, lane.sell(0, "late"))
		_, d := s.last()
		assert.Equal(t, redeem.Allow, d.Outcome, "the lane sells: %s", &d)
		assert.Contains(t, d.Notes, record.HubLate, "its claim had ended twice")
		s.checkAll(1)
		s.close()
	})
}
