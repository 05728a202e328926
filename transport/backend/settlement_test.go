package backend_test

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

func (d *desk) settlements(merchant, query string) []wire.Settlement {
	d.t.Helper()
	w := d.manageAs(merchant, "GET", wire.PathSettlements+query, nil)
	return read[wire.Settlements](d.t, w, http.StatusOK).Settlements
}

// statement asks for the statement of m-1's offers at m-2's tills.
func (d *desk) statementPath(day string) string {
	return wire.PathStatement + "?" + url.Values{"owner": {"m-1"}, "partner": {"m-2"}, "day": {day}}.Encode()
}

func TestASettlementCountsOnTheDayOfBooking(t *testing.T) {
	d := newDesk(t)
	d.agree()
	d.campaign(fifty())
	partner, own := d.tillOf("m-2", "x-1", "1"), d.till("s-1", "7")
	redemption := partner.redemption(d.phone().accept("fifty", true).Pass)
	require.Equal(t, record.Confirmed, partner.verdict(redemption).Status)
	require.Equal(t, record.Confirmed, own.verdict(own.redemption(d.phone().accept("fifty", true).Pass)).Status)
	line := wire.Settlement{Owner: "m-1", Partner: "m-2", Day: "2026-11-02", Campaign: "fifty", Currency: "EUR",
		Redeemed: 1, Given: 250}
	for _, merchant := range []string{"m-1", "m-2"} {
		assert.Equal(t, []wire.Settlement{line}, d.settlements(merchant, ""), "%s sees what the partner redeemed", merchant)
	}
	d.set(d.now().Add(24 * time.Hour))
	require.Equal(t, record.Confirmed, partner.verdict(partner.part(redemption.ID, 100, func(r *record.Record) {
		r.Sale.BusinessDate = "2026-11-02"
	})).Status)
	back := wire.Settlement{Owner: "m-1", Partner: "m-2", Day: "2026-11-03", Campaign: "fifty", Currency: "EUR", Voided: 1,
		TakenBack: 100}
	assert.Equal(t, []wire.Settlement{line, back}, d.settlements("m-1", ""), "the void counts when it was booked")
	assert.Equal(t, []wire.Settlement{back}, d.settlements("m-2", "?from=2026-11-03"))
	csv := d.manageAs("m-2", "GET", wire.PathSettlements+"?format=csv&to=2026-11-02", nil).Body.String()
	assert.Equal(t, "owner,partner,day,campaign,currency,redeemed,voided,given,taken_back,owed\n"+
		"m-1,m-2,2026-11-02,fifty,EUR,1,0,250,0,250\n", csv)
}

func TestAClosedDayDoesNotChange(t *testing.T) {
	d := newDesk(t)
	d.agree()
	d.campaign(fifty())
	partner := d.tillOf("m-2", "x-1", "1")
	sell := func() {
		require.Equal(t, record.Confirmed, partner.verdict(partner.redemption(d.phone().accept("fifty", true).Pass)).Status)
	}
	sell()
	midnight := time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC)
	d.set(midnight.Add(59 * time.Minute))
	assert.Equal(t, "conflict", codeOf(t, d.manageAs("m-1", "GET", d.statementPath("2026-11-02"), nil)), "it is too early")
	d.set(midnight.Add(time.Hour))
	first := read[wire.DayStatement](t, d.manageAs("m-1", "GET", d.statementPath("2026-11-02"), nil), http.StatusOK)
	require.NoError(t, first.Verify(partner.roots[0].Public))
	assert.Equal(t, "owner,partner,day,campaign,currency,redeemed,voided,given,taken_back,owed\n"+
		"m-1,m-2,2026-11-02,,EUR,1,0,250,0,250\nm-1,m-2,2026-11-02,fifty,EUR,1,0,250,0,250\n", string(first.Signed))
	d.set(midnight.Add(-time.Hour)) // the clock goes back, and what is booked now is not lost
	sell()
	d.set(midnight.Add(48 * time.Hour))
	second := read[wire.DayStatement](t, d.manageAs("m-2", "GET", d.statementPath("2026-11-02"), nil), http.StatusOK)
	assert.Equal(t, first, second, "the partner gets the same bytes")
	lines := d.settlements("m-1", "")
	require.Len(t, lines, 2, "the second sale is of the next day")
	assert.Equal(t, []bool{true, false}, []bool{lines[0].Closed, lines[1].Closed})
	asCSV := d.manageAs("m-2", "GET", d.statementPath("2026-11-02")+"&format=csv", nil)
	assert.Equal(t, string(first.Signed), asCSV.Body.String(), "the signed bytes themselves")
	signature, err := base64.RawURLEncoding.DecodeString(asCSV.Header().Get("Offlane-Signature"))
	require.NoError(t, err)
	assert.Equal(t, first.Signature, wire.Bytes(signature))
	first.Signed = []byte(strings.Replace(string(first.Signed), "250", "999", 1))
	assert.ErrorIs(t, first.Verify(partner.roots[0].Public), fault.Forged, "another amount")
}

// A lateBooking store is one in which something is booked while whoever closes a day waits for the lock.
type lateBooking struct {
	store.Store
	line store.Settlement
}

func (l *lateBooking) Update(ctx context.Context, fn func(store.Tx) error) error {
	return l.Store.Update(ctx, func(tx store.Tx) error { return fn(&lateBookingTx{tx, l.line}) })
}

type lateBookingTx struct {
	store.Tx
	line store.Settlement
}

func (l *lateBookingTx) Closing(owner, partner, day string) (*store.Closing, error) {
	var sums posting.Sums
	sums.Settle(l.line)
	if err := l.Post(sums.Posting()); err != nil {
		return nil, err
	}
	return l.Tx.Closing(owner, partner, day)
}

func TestAStatementHasWhatWasBookedUntilNobodyElseCould(t *testing.T) {
	d := newDesk(t, func(c *backend.Config) {
		c.Store = &lateBooking{c.Store, store.Settlement{Owner: "m-1", Partner: "m-2", Day: "2026-11-02", Campaign: "fifty",
			Currency: "EUR", Redeemed: 1, Given: 250}}
	})
	d.agree()
	d.set(time.Date(2026, 11, 3, 1, 0, 0, 0, time.UTC))
	told := read[wire.DayStatement](t, d.manageAs("m-1", "GET", d.statementPath("2026-11-02"), nil), http.StatusOK)
	assert.Contains(t, string(told.Signed), "m-1,m-2,2026-11-02,fifty,EUR,1,0,250,0,250", "it is summed up under the lock")
}

func TestAStatementIsForThoseWhoAgreed(t *testing.T) {
	d := newDesk(t)
	ask := func(merchant, path string) string {
		d.set(time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC))
		return codeOf(t, d.manageAs(merchant, "GET", path, nil))
	}
	d.propose("m-1")
	assert.Equal(t, "not-found", ask("m-1", d.statementPath("2026-11-02")), "a proposal is no agreement")
	d.agree()
	assert.Equal(t, "invalid-request", ask("m-1", d.statementPath("2026-11-01")), "before the agreement")
	assert.Equal(t, "invalid-request", ask("m-1", d.statementPath("yesterday")), "no day")
	other := strings.Replace(d.statementPath("2026-11-07"), "m-2", "m-3", 1)
	assert.Equal(t, "not-found", ask("m-1", other), "another merchant")
	assert.Equal(t, "conflict", ask("m-1", d.statementPath("2026-11-09")), "today is not over")
}
