package sim

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/transporttest"
)

// sells redeems a pass at a lane, by a manager's word where one is asked, and reports what the lane said alone.
func (l *lane) sells(ctx context.Context, t *testing.T, pass, sale string) decision.Outcome {
	t.Helper()
	request := redeem.Request{Scanned: pass, SaleKey: sale}
	d, err := l.terminal.Check(ctx, request)
	require.NoError(t, err)
	said := d.Outcome
	request.Override = &redeem.Override{Manager: "m-1", Why: "the clock is right, I can see it"}
	d, err = l.terminal.Redeem(ctx, request)
	require.NoError(t, err)
	require.Equal(t, redeem.Allow, d.Outcome, d.String())
	l.acknowledged[d.Redemption] = told{pass: pass}
	return said
}

// The backend's clock is ahead by three hours for two days, which is long enough for every till to believe it. When the
// operator has withdrawn what it said, tills work as before, and what they sold meanwhile is in the books.
func TestABackendWhoseClockWasWrongForDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const wrong = 3 * time.Hour
		w := newWorld(t, plan{seed: 1, lanes: 3, days: 1, sales: 12})
		w.prepare(t)
		ctx := t.Context()
		open := func(name string) *lane {
			l := newLane(w, name, 1)
			w.lanes = append(w.lanes, l)
			require.NoError(t, l.start(ctx))
			require.NoError(t, l.terminal.ReportNow(l.cable.into(ctx)))
			return l
		}
		first := open("lane-0")
		require.Equal(t, redeem.Allow, first.sells(ctx, t, w.passes[0], "1"))

		from := time.Now().Add(wrong)
		w.server.Ahead(wrong)
		require.NoError(t, first.terminal.ReportNow(first.cable.into(ctx)))
		assert.Equal(t, redeem.Allow, first.sells(ctx, t, w.passes[1], "2"), "nothing confirms it")
		second := open("lane-1")
		assert.Equal(t, redeem.Allow, second.sells(ctx, t, w.passes[2], "1"), "its bundle was made before")
		time.Sleep(2 * 24 * time.Hour) // they report by themselves
		for i, l := range w.lanes {
			require.False(t, l.terminal.Status().ClockTrusted, "lane %d believes the backend", i)
			assert.Equal(t, redeem.Ask, l.sells(ctx, t, w.passes[3+i], "3"))
			l.crash()
		}
		// Nobody reports between the two: a backend whose clock is right and which has not withdrawn what it said refuses
		// tills whose evidence lies in the future.
		w.server.Ahead(0)
		require.NoError(t, w.server.Restart(transporttest.Change{
			Withdrawn: backend.Period{From: from, Until: time.Now().Add(wrong + time.Minute)}}))
		for _, l := range w.lanes {
			require.NoError(t, l.start(ctx))
		}
		third := open("lane-2")
		assert.Equal(t, redeem.Allow, third.sells(ctx, t, w.passes[5], "1"), "enrolled afterwards")
		for i, l := range w.lanes {
			require.NoError(t, l.terminal.ReportNow(l.cable.into(ctx)))
			assert.True(t, l.terminal.Status().ClockTrusted, "lane %d", i)
			assert.Equal(t, redeem.Allow, l.sells(ctx, t, w.passes[6+i], "4"), "lane %d", i)
		}
		for i, l := range w.lanes {
			require.NoError(t, l.settle(ctx))
			books, err := l.books(ctx)
			require.NoError(t, err)
			for id := range l.acknowledged {
				assert.Equal(t, record.Confirmed, books[id].Status, "lane %d: %s %s", i, books[id].Reason, books[id].Detail)
			}
		}
		require.NoError(t, w.audit(ctx))
		for _, l := range w.lanes {
			require.NoError(t, l.terminal.Close())
		}
	})
}
