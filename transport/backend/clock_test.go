package backend_test

import (
	"crypto/ed25519"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/backend"
)

// withdrawing is the desk as it goes on with a store, and with what its operator withdraws.
func (d *desk) withdrawing(v *vault, edit func(*backend.Config)) *desk {
	d.t.Helper()
	next := d.now()
	after := newDesk(d.t, func(c *backend.Config) {
		c.Store, c.Now = v.open(d.t), func() time.Time { return next }
		edit(c)
	})
	after.set(next)
	return after
}

// heard is what a till is told of the clock and of its corrections.
func (t *till) heard() (at record.ServerTime, number uint64, withdrawals []record.Withdrawal) {
	t.t.Helper()
	answer, err := t.report(t.void(record.NewID())).Record()
	require.NoError(t.t, err)
	key := t.roots[0].Public
	require.NoError(t.t, answer.Time.Verify(ed25519.PublicKey(key)))
	if answer.Correction.IsZero() {
		return answer.Time, 0, nil
	}
	c, err := answer.Correction.OpenTimeCorrection(key)
	require.NoError(t.t, err)
	return answer.Time, c.Number, c.Withdrawals
}

func periodOf(from time.Time, d time.Duration) backend.Period {
	return backend.Period{From: from, Until: from.Add(d)}
}

func TestTheOperatorWithdrawsWhatTheClockSaid(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	lane := d.till("s-1", "7")
	at, number, _ := lane.heard()
	assert.Zero(t, at.Correction+number, "the clock was never corrected")

	wrong := periodOf(d.now().Add(time.Hour), time.Hour)
	second := periodOf(d.now().AddDate(10, 0, 0), time.Hour)
	for _, step := range []struct {
		name    string
		periods []backend.Period
		number  uint64
		all     int
	}{
		{"withdrawn", []backend.Period{wrong}, 1, 1},
		{"started again", []backend.Period{wrong}, 1, 1},
		{"no longer named", nil, 1, 1},
		{"another one", []backend.Period{second}, 2, 2},
		{"both named", []backend.Period{wrong, second}, 2, 2},
	} {
		d = d.withdrawing(v, func(c *backend.Config) { c.Withdrawn = step.periods })
		lane = lane.at(d)
		at, number, withdrawals := lane.heard()
		assert.Equal(t, []uint64{step.number, step.number}, []uint64{at.Correction, number}, step.name)
		assert.Len(t, withdrawals, step.all, step.name)
		assert.True(t, withdrawals[0].Names(wrong.From.UnixMilli(), 0), "%s: what was signed before is named", step.name)
		assert.False(t, withdrawals[0].Names(wrong.From.UnixMilli(), at.Correction), "%s: what is signed now is not",
			step.name)
		bundle := lane.bundle()
		assert.Equal(t, step.number, bundle.Correction, step.name)
		assert.Len(t, bundle.Withdrawals, step.all, step.name)
	}
	for name, p := range map[string]backend.Period{"ends before it begins": {From: wrong.Until, Until: wrong.From},
		"before 1970": periodOf(time.UnixMilli(-5), time.Hour), "none": {}} {
		_, err := backend.New(t.Context(), backend.Config{Store: v.open(t), Withdrawn: []backend.Period{p}})
		assert.ErrorIs(t, err, fault.InvalidRequest, name)
	}
}

// A restore may forget a correction that tills have heeded. Those after it have higher numbers all the same, and what
// is signed after it is not taken for what a forgotten correction withdrew.
func TestCorrectionsGoOnAboveThoseThatARestoreForgot(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	lane := d.till("s-1", "7")
	backup, from := v.copy(), d.now()
	wrong := periodOf(d.now().Add(time.Hour), 10*time.Hour)
	d = d.withdrawing(v, func(c *backend.Config) { c.Withdrawn = []backend.Period{wrong} })
	lane = lane.at(d)
	_, before, forgotten := lane.heard()
	d.set(d.now().Add(2 * time.Hour))
	restored := backend.Period{From: from, Until: d.now()}

	d = d.withdrawing(backup, func(c *backend.Config) { c.Restored = restored })
	at, number, _ := lane.at(d).heard()
	assert.Zero(t, number, "it forgot")
	assert.False(t, forgotten[0].Names(at.Millis, at.Correction), "a till that did not forget believes its clock")
	d = d.withdrawing(backup, func(c *backend.Config) { c.Restored, c.Withdrawn = restored, []backend.Period{wrong} })
	_, after, _ := lane.at(d).heard()
	assert.Greater(t, after, before)
	assert.LessOrEqual(t, after, uint64(record.MaxNumber), "it fits into JSON")
}

// A till that believed the backend's wrong clock is not to blame, and a till that says so of another time is.
func TestEvidenceOfAWithdrawnClockIsNone(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	said := d.now().Add(2 * time.Hour) // while it was ahead
	poisoned := func(server time.Time, correction uint64) func(*record.Record) {
		return func(r *record.Record) {
			r.Time = record.Evidence{Wall: d.now().UnixMilli(), Server: server.UnixMilli(), Correction: correction,
				Earliest: said.Add(time.Minute).UnixMilli(), Latest: said.Add(7 * 24 * time.Hour).UnixMilli()}
		}
	}
	pass := func() string { return d.phone().accept("coffee", true).Pass }
	v1 := lane.verdict(lane.redemption(pass(), poisoned(said, 0)))
	require.Equal(t, fault.ClockUntrusted, v1.Reason, "nothing is withdrawn yet")

	passes := []string{pass(), pass(), pass()}
	now := d.now()
	d = d.withdrawing(v, func(c *backend.Config) { c.Withdrawn = []backend.Period{periodOf(said, time.Hour)} })
	lane = lane.at(d)
	assert.Equal(t, record.Confirmed, lane.verdict(lane.redemption(passes[0], poisoned(said, 0))).Status)
	v2 := lane.verdict(lane.redemption(passes[1], poisoned(said.Add(-time.Minute), 0)))
	assert.Equal(t, fault.ClockUntrusted, v2.Reason, "the clock was right then")
	v3 := lane.verdict(lane.redemption(passes[2], poisoned(said, 1)))
	assert.Equal(t, fault.ClockUntrusted, v3.Reason, "that was signed after the correction")
	assert.Equal(t, now, d.now())
}

// Evidence of a withdrawn clock lets nobody redeem what has expired.
func TestEvidenceOfAWithdrawnClockVouchesForNothing(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	short := coffee
	short.ValidSeconds = 3600
	d.campaign(short)
	lane := d.till("s-1", "7")
	pass := d.phone().accept("coffee", true).Pass
	early := d.now().Add(10 * time.Minute)
	d.set(d.now().Add(3 * time.Hour))
	d = d.withdrawing(v, func(c *backend.Config) { c.Withdrawn = []backend.Period{periodOf(early, time.Hour)} })
	lane = lane.at(d)
	verdict := lane.verdict(lane.redemption(pass, func(r *record.Record) {
		r.Time = record.Evidence{Wall: early.UnixMilli(), Server: early.UnixMilli(), Earliest: early.UnixMilli(),
			Latest: early.Add(time.Minute).UnixMilli(), Trusted: true}
	}))
	assert.Equal(t, fault.ClockUntrusted, verdict.Reason, "neither its bounds nor its word that the clock is right count")
}

// What was accepted while the clock was ahead was accepted by now at the latest.
func TestAnOfferAcceptedByAClockThatWasAhead(t *testing.T) {
	d := newDesk(t)
	ahead := coffee
	d.campaign(ahead)
	lane := d.till("s-1", "7")
	d.set(d.now().Add(10 * time.Minute))
	pass := d.phone().accept("coffee", true).Pass
	d.set(d.now().Add(-10 * time.Minute))
	rec := lane.redemption(pass)
	verdict := lane.verdict(rec)
	assert.Equal(t, "rejected not-yet-valid", asked(verdict), "the evidence of the terminal is good, the pass is not yet")
}

// The bundle that was made while the clock was ahead is made anew at once, as a whole: a till that enrols later sees
// nothing of it.
func TestABundleOfAWrongHourIsMadeAnew(t *testing.T) {
	d := newDesk(t)
	lane := d.till("s-1", "7")
	d.set(d.now().AddDate(10, 0, 0))
	wrong := lane.bundle()
	d.set(d.now().AddDate(-10, 0, 0))
	lane.have = nil
	right := lane.bundle()
	assert.Equal(t, d.now(), right.Made)
	assert.Greater(t, right.Sequence, wrong.Sequence, "a till that saw the other one takes it")

	v := newVault()
	d = newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	one := d.till("s-1", "7")
	one.bundle()
	d.withdrawing(v, func(c *backend.Config) { c.Withdrawn = []backend.Period{periodOf(d.now(), time.Hour)} })
	d.set(d.now().Add(time.Minute))
	assert.Equal(t, uint64(1), one.bundle().Correction, "another process on the store hears of it within moments")
	var none []trust.Withdrawal
	assert.NotEqual(t, none, one.have.Withdrawals)
}
