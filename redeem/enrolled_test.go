package redeem_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// A mover is a desk that says where a terminal stands.
type mover struct {
	*desk
	store, zone string
}

func (m *mover) Enrol(ctx context.Context, e record.Enrolment) (record.Enrolled, error) {
	answer, err := m.desk.Enrol(ctx, e)
	answer.Place.Store, answer.Zone = m.store, m.zone
	return answer, err
}

func TestAnEnrolmentIsToldOnceForEachPlace(t *testing.T) {
	shop := newShop(t)
	desk := &mover{desk: shop.desk, store: "s-1", zone: "Europe/Berlin"}
	shop.cfg.Reporter = desk
	told := 0
	shop.cfg.OnEvent = func(e redeem.Event) {
		if e.Kind == redeem.EventEnrolled {
			told++
		}
	}
	terminal := shop.open(t)
	assert.Zero(t, told, "not before the backend answered")
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.NoError(t, terminal.ReportNow(t.Context()))
	redeem.AwaitCallbacks(terminal)
	assert.Equal(t, 1, told)

	renew := func() {
		t.Helper()
		refused := false
		desk.refuse = func(string) error {
			if refused {
				return nil
			}
			refused = true
			return fault.New(fault.Unauthorized, "desk", "the token has expired")
		}
		require.NoError(t, terminal.ReportNow(t.Context()))
	}
	renew()
	redeem.AwaitCallbacks(terminal)
	assert.Equal(t, 1, told, "a fresh token is no news")
	desk.store = "s-2"
	renew()
	redeem.AwaitCallbacks(terminal)
	assert.Equal(t, 2, told, "the terminal stands in another store")
	assert.Equal(t, "s-2", terminal.Status().Place.Store)
	desk.zone = "Europe/London"
	renew()
	redeem.AwaitCallbacks(terminal)
	assert.Equal(t, 3, told, "another zone")

	require.NoError(t, terminal.Close())
	terminal = shop.open(t)
	require.NoError(t, terminal.ReportNow(t.Context()))
	redeem.AwaitCallbacks(terminal)
	assert.Equal(t, 3, told, "a restart enrols nothing")
}
