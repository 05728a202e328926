package backend_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/flags"
	"github.com/offlane/offlane/transport/wire"
)

func TestATillsWordIsNotTakenForItsStore(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "there", Stores: []string{"s-2"}})
	d.campaign(wire.Campaign{ID: "anywhere"})
	till := d.till("s-1", "1")
	inOther := func(r *record.Record) { r.Place.Store = "s-2" }
	v := till.verdict(till.redemption(d.phone().accept("there", false).Pass, inOther))
	assert.Equal(t, fault.OtherStore, v.Reason, "it was enrolled for s-1")
	assert.Equal(t, record.Confirmed, till.verdict(till.redemption(d.phone().accept("anywhere", false).Pass,
		inOther)).Status)
	unknown := till.redemption(d.phone().accept("anywhere", false).Pass,
		func(r *record.Record) { r.Place = record.Place{} })
	assert.Equal(t, record.Confirmed, till.verdict(unknown).Status, "a till that was not enrolled knew no store")
	for _, f := range read[wire.Figures](t, d.manage("GET", wire.PathFigures, nil), http.StatusOK).Figures {
		assert.NotEqual(t, "s-2", f.Store)
	}
	assert.Equal(t, []string{string(flags.OtherStore), string(flags.OtherStore)}, till.flags())
}

func TestATillsWordIsNotTakenForABusinessDateOfAnotherTime(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	till := d.till("s-1", "1")
	dated := func(date string) func(*record.Record) {
		return func(r *record.Record) { r.Sale.BusinessDate = date }
	}
	for name, c := range map[string]struct {
		date string
		want string
	}{
		"the day":              {"2026-11-02", "2026-11-02"},
		"a day that ends late": {"2026-11-01", "2026-11-01"},
		"a week before":        {"2026-10-26", "2026-10-26"},
		"more than a week":     {"2026-10-25", "2026-11-02"},
		"a week after":         {"2026-11-09", "2026-11-09"},
		"more than a week on":  {"2026-11-10", "2026-11-02"},
		"another century":      {"1999-01-01", "2026-11-02"},
		"the end of time":      {"9999-12-31", "2026-11-02"},
	} {
		before, flagged := d.redeemedOn("coffee", c.want), len(till.flags())
		sold := till.redemption(d.phone().accept("coffee", false).Pass, dated(c.date))
		assert.Equal(t, record.Confirmed, till.verdict(sold).Status, name)
		assert.Equal(t, before+1, d.redeemedOn("coffee", c.want), name)
		want := flagged
		if c.date != c.want {
			want++
		}
		assert.Len(t, till.flags(), want, name)
	}
}

// redeemedOn counts the redemptions of a campaign on a day.
func (d *desk) redeemedOn(campaign, day string) (n int64) {
	d.t.Helper()
	path := wire.PathFigures + "?from=" + day + "&to=" + day
	for _, f := range read[wire.Figures](d.t, d.manage("GET", path, nil), http.StatusOK).Figures {
		if f.Campaign == campaign {
			n += f.Redeemed
		}
	}
	return n
}

// A till that was offline for weeks has wide bounds of time, within which its date is believed.
func TestABusinessDateIsHeldToWhenTheRecordCanHaveBeenMade(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	till := d.till("s-1", "1")
	pass := d.phone().accept("coffee", false).Pass
	d.set(d.now().Add(30 * 24 * time.Hour))
	sold := till.redemption(pass, func(r *record.Record) {
		r.Time = record.Evidence{Wall: d.now().UnixMilli()}
		r.Sale.BusinessDate = "2026-11-10"
	})
	require.Equal(t, record.Confirmed, till.verdict(sold).Status)
	assert.EqualValues(t, 1, d.redeemedOn("coffee", "2026-11-10"))
	assert.Empty(t, till.flags())
}

func TestATillsWordIsNotTakenForNumbersThatItCannotHave(t *testing.T) {
	const far = record.MaxNumber
	for name, edit := range map[string]func(*record.Heading){
		"the cursor": func(h *record.Heading) { h.After = far },
		"what was lost": func(h *record.Heading) {
			h.Lost = []record.Range{{First: 1, Last: 2}, {First: 100,
				Last: far}}
		},
		"what was set aside":    func(h *record.Heading) { h.Aside = []record.Range{{First: 3, Last: far}} },
		"what was lost far off": func(h *record.Heading) { h.Lost = []record.Range{{First: far, Last: far}} },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.campaign(coffee)
			till := d.till("s-1", "1")
			first := till.verdict(till.redemption(d.phone().accept("coffee", false).Pass))
			h := record.Heading{Terminal: till.id, Chain: till.chain, Sent: till.evidence(), After: till.after}
			edit(&h)
			report, err := record.Seal(h, nil, till.key)
			require.NoError(t, err)
			till.send(report)
			till.after = 0
			v := till.verdict(till.redemption(d.phone().accept("coffee", false).Pass))
			assert.Equal(t, record.Confirmed, v.Status)
			assert.Equal(t, first.Number+1, v.Number, "verdicts are numbered on")
			assert.Equal(t, []string{string(flags.Beyond)}, till.flags())
			lane := till.lane()
			assert.LessOrEqual(t, lane.Lost+lane.Aside, uint64(100_001))
			assert.LessOrEqual(t, lane.Awaited, uint64(100_001))
		})
	}
}

// A backend that was restored from a backup knows fewer records than the till, and its verdicts go on behind those that
// the till has.
func TestARestoredBackendBelievesAnHonestCursor(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	till := d.till("s-1", "1")
	till.number, till.after = 500, 480 // the backup knows none of them
	v := till.verdict(till.redemption(d.phone().accept("coffee", false).Pass))
	assert.EqualValues(t, 481, v.Number)
	assert.Empty(t, till.flags())
}

func TestTheCursorOfAQuestionIsANumber(t *testing.T) {
	d := newDesk(t)
	till := d.till("s-1", "1")
	for _, after := range []uint64{record.MaxNumber + 1, 1<<64 - 1} {
		w := till.do(d.server, "GET", fmt.Sprint(wire.PathVerdicts, "?after=", after), till.token, nil)
		assert.Equal(t, "invalid-request", codeOf(t, w))
	}
}

func TestWhatAManagerAllowedIsConfirmedAndFlagged(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	till := d.till("s-1", "1")
	more := func(r *record.Record) { r.Given.Amount = 900 }
	allowed := func(r *record.Record) {
		more(r)
		r.Override = &record.Override{Manager: "m", Why: "a gesture", Reasons: []fault.Code{fault.OverTerms}}
	}
	assert.Equal(t, fault.OverTerms, till.verdict(till.redemption(d.phone().accept("coffee", false).Pass, more)).Reason)
	assert.Equal(t, record.Confirmed, till.verdict(till.redemption(d.phone().accept("coffee", false).Pass,
		allowed)).Status)
	assert.Equal(t, []string{string(flags.OverTerms)}, till.flags())
}

// What a till declares lost is no record of its own, above which it might declare more.
func TestLossesDoNotPileUp(t *testing.T) {
	d := newDesk(t)
	till := d.till("s-1", "1")
	for step := range uint64(5) {
		lost := []record.Range{{First: step*100_000 + 1, Last: (step + 1) * 100_000}}
		report, err := record.Seal(record.Heading{Terminal: till.id, Chain: till.chain, Lost: lost}, nil, till.key)
		require.NoError(t, err)
		till.send(report)
		d.set(d.now().Add(13 * time.Hour))
	}
	assert.EqualValues(t, 100_000, till.lane().Lost)
	assert.Len(t, till.flags(), 2, "once a day: the second and the fourth report")
}

// Evidence of a time to come books nothing on a day that has not begun.
func TestATillsEvidenceBooksNothingOnADayToCome(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	till := d.till("s-1", "1")
	ahead := func(r *record.Record) { r.Time.Earliest, r.Time.Latest = 1<<62, 1<<62 }
	for _, r := range []record.Record{
		till.redemption(d.phone().accept("coffee", false).Pass, ahead), till.void(record.NewID(), ahead),
	} {
		till.report(r)
	}
	days := map[string]bool{}
	for _, f := range read[wire.Figures](t, d.manage("GET", wire.PathFigures, nil), http.StatusOK).Figures {
		days[f.Day] = true
	}
	assert.Equal(t, map[string]bool{"2026-11-02": true}, days)
}
