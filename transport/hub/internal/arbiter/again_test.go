package arbiter_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub/internal/arbiter"
)

// A reservation that ended holds nothing when it is told again, or after its end.
func TestAReservationThatEndedHoldsNothingAgain(t *testing.T) {
	for what, end := range map[string]func(s *store, reserved, release arbiter.Fact){
		"redeemed and taken back": func(s *store, _, _ arbiter.Fact) { s.void(1, s.use(1, "a", "pass")) },
		"released":                func(s *store, _, release arbiter.Fact) { s.Tell(s.now, release) },
		"lapsed": func(s *store, reserved, _ arbiter.Fact) {
			s.now += reserved.Hold + limits.Margin
			s.Sweep(s.now, time.Time{})
		},
	} {
		s := newStore()
		reserved, release := s.fact(1, "a", "pass"), s.fact(1, "a", "pass")
		reserved.Kind, reserved.Hold = record.Reservation, time.Hour
		release.Kind, release.Of = record.Release, reserved.Record
		s.Tell(s.now, reserved)
		require.Equal(t, arbiter.Reserved, s.claim(2, "b", "pass"), "%s: it holds the offer", what)
		end(s, reserved, release)
		s.Tell(s.now, reserved)
		assert.Equal(t, arbiter.Granted, s.claim(2, "b", "pass"), "%s, and told again", what)

		s = newStore()
		s.Tell(s.now, release)
		s.restart(s.Changes())
		s.Tell(s.now, reserved)
		assert.Equal(t, arbiter.Granted, s.claim(2, "b", "pass"), "a release that overtakes its reservation")
	}
}
