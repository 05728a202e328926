package arbiter_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/transport/hub/internal/arbiter"
)

// Whatever the hub's wall clock says, and however it jumps meanwhile, leases last as long and end as they should.
func TestAWallClockThatIsAYearOffChangesNoAnswer(t *testing.T) {
	const year = 365 * 24 * time.Hour
	for _, wall := range [][3]time.Duration{{0, 0, 0}, {year, year, year}, {year, 0, -year}, {-year, year, 0}} {
		s := newStore()
		ask := func(n byte, sale string, wall time.Duration) arbiter.Result {
			req := s.request(n, sale, "pass")
			req.At = (s.now + year + wall).Milliseconds()
			return s.Claim(s.now, req).Result
		}
		assert.Equal(t, arbiter.Granted, ask(1, "a", wall[0]), "%v", wall)
		s.now += lease - 1
		assert.Equal(t, arbiter.Reserved, ask(2, "b", wall[1]), "%v: within the lease", wall)
		s.Sweep(s.now, time.UnixMilli((s.now + year).Milliseconds()))
		s.now++
		assert.Equal(t, arbiter.Silent, ask(2, "b", wall[1]), "%v: after the lease", wall)
		s.restart(s.Changes())
		assert.Equal(t, arbiter.Reserved, ask(2, "b", wall[2]), "%v: the lease begins anew", wall)
		s.now += lease
		assert.Equal(t, arbiter.Silent, ask(2, "b", wall[2]), "%v: and ends", wall)
		s.use(1, "a", "pass")
		assert.Equal(t, arbiter.Taken, ask(2, "b", wall[2]), "%v: its record counts", wall)
	}
}
