package backend_test

import (
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
	"github.com/offlane/offlane/transport/wire"
)

// by names the cashier of a record.
func by(operator string) func(*record.Record) {
	return func(r *record.Record) { r.Sale.Operator = operator }
}

// allowedBy is a record that a manager allowed.
func allowedBy(manager string) func(*record.Record) {
	return func(r *record.Record) {
		r.Override = &record.Override{Manager: manager, Why: "because", Reasons: []fault.Code{fault.OverVoids}}
	}
}

// operators are the figures of what people did.
func (d *desk) operators(query string) []wire.OperatorTally {
	d.t.Helper()
	return read[wire.Operators](d.t, d.manage("GET", wire.PathOperators+query, nil), http.StatusOK).Operators
}

// operator sums the figures of one person over all days, lanes and currencies.
func (d *desk) operator(name string) (sum wire.OperatorTally) {
	d.t.Helper()
	for _, o := range d.operators("") {
		if o.Operator == name {
			sum.Redeemed, sum.Voided, sum.Parts = sum.Redeemed+o.Redeemed, sum.Voided+o.Voided, sum.Parts+o.Parts
			sum.Elsewhere, sum.Overrides = sum.Elsewhere+o.Elsewhere, sum.Overrides+o.Overrides
			sum.Allowed, sum.TakenBack = sum.Allowed+o.Allowed, sum.TakenBack+o.TakenBack
		}
	}
	return sum
}

// One pass for a single use: another store takes it back by its receipt, and the first one redeems it again. Each
// record is confirmed; who did it shows in the figures.
func TestAVoidLoopOverTwoStoresIsVisible(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	one, two := d.till("s-1", "7"), d.till("s-2", "1")
	pass := d.phone().accept("coffee", false).Pass
	for range 5 {
		sold := one.redemption(pass, by("cashier 4"))
		require.Equal(t, record.Confirmed, one.verdict(sold).Status)
		require.Equal(t, record.Confirmed, two.verdict(two.void(sold.ID, byReceipt, by("cashier 9"))).Status)
	}
	day := posting.DayOf(d.now().UnixMilli())
	want := []wire.OperatorTally{
		{Day: day, Operator: "cashier 4", Store: "s-1", Lane: "7", Currency: "EUR", Redeemed: 5},
		{Day: day, Operator: "cashier 9", Store: "s-2", Lane: "1", Currency: "EUR", Voided: 5, Elsewhere: 5, TakenBack: 1250},
	}
	assert.Equal(t, want, d.operators(""))
	assert.Equal(t, want, d.operators("?from="+day+"&to="+day))
	assert.Empty(t, d.operators("?from=2026-11-03"), "of other days there is nothing")
	w := d.manage("GET", wire.PathOperators+"?format=csv", nil)
	assert.Equal(t, "day,operator,store,lane,currency,redeemed,voided,parts,elsewhere,overrides,allowed,taken_back\n"+
		day+",cashier 4,s-1,7,EUR,5,0,0,0,0,0,0\n"+day+",cashier 9,s-2,1,EUR,0,5,0,5,0,0,1250\n", w.Body.String())
	assert.Equal(t, "invalid-request", codeOf(t, d.manage("GET", wire.PathOperators+"?from=yesterday", nil)))
	other := read[wire.Operators](t, d.manageAs("m-2", "GET", wire.PathOperators, nil), http.StatusOK)
	assert.Empty(t, other.Operators, "another merchant sees none of it")
}

func TestFiguresOfOperatorsCountWhatRecordsSay(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	one, two := d.till("s-1", "7"), d.till("s-1", "8")
	sold := one.redemption(d.phone().accept("coffee", false).Pass, by("4"), allowedBy("boss"))
	part := one.part(sold.ID, 100, by("4"))
	one.report(sold, part)
	one.report(sold, part)
	assert.Equal(t, wire.OperatorTally{Redeemed: 1, Voided: 1, Parts: 1, Overrides: 1, TakenBack: 100}, d.operator("4"),
		"what is reported again counts once")
	assert.Equal(t, wire.OperatorTally{Allowed: 1}, d.operator("boss"))

	early := two.void(record.NewID(), by("5"), allowedBy("boss"))
	require.Equal(t, record.Received, two.verdict(early).Status)
	assert.Equal(t, wire.OperatorTally{Voided: 1, Overrides: 1, TakenBack: 250}, d.operator("5"),
		"what waits counts as well")
	rejected := two.void(sold.ID, by("6"), func(r *record.Record) { r.Given.Amount, r.GivenBy = 9999, record.GivenByPOS })
	require.Equal(t, record.Rejected, two.verdict(rejected).Status)
	assert.Equal(t, wire.OperatorTally{Voided: 1, Elsewhere: 1, TakenBack: 9999}, d.operator("6"),
		"and so does what is rejected")
	two.verdict(two.void(sold.ID))
	assert.Equal(t, int64(1), d.operator("").Voided, "without a name")
	v := two.void(sold.ID, allowedBy("boss"))
	require.Equal(t, fault.AlreadyVoided, two.verdict(v).Reason,
		"a manager's word makes nothing good that the books refuse")
}

func TestAnOperatorsNameIsErased(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	one := d.till("s-1", "7")
	name := "M. M\u00fcller/7"
	one.verdict(one.void(record.NewID(), by(name)))
	path := strings.Replace(wire.PathOperator, "{operator}", url.PathEscape(name), 1)
	assert.Equal(t, "not-found", codeOf(t, d.manageAs("m-2", "DELETE", path, nil)), "another merchant's name")
	erased := read[wire.ErasedOperator](t, d.manage("DELETE", path, nil), http.StatusOK)
	assert.Equal(t, 1, erased.Rows)
	assert.Equal(t, "not-found", codeOf(t, d.manage("DELETE", path, nil)), "it is gone")
	assert.Zero(t, d.operator(name))
	assert.Equal(t, int64(1), d.operator("").Voided, "what was counted stays")
}

func TestTidyRemovesFiguresOfOperators(t *testing.T) {
	for _, kept := range []bool{false, true} {
		d := newDesk(t, func(c *backend.Config) {
			if c.Retention = 30 * 24 * time.Hour; kept {
				c.Retention = -1
			}
		})
		one := d.till("s-1", "7")
		one.verdict(one.void(record.NewID(), by("4")))
		tidy := func() int {
			done, err := d.server.Tidy(t.Context())
			require.NoError(t, err)
			return done.Operators
		}
		assert.Zero(t, tidy())
		d.set(d.now().Add(32 * 24 * time.Hour))
		if kept {
			assert.Zero(t, tidy(), "nothing is removed where records are kept for good")
			continue
		}
		assert.Equal(t, 1, tidy(), "the day's row")
		assert.Zero(t, d.operator("4"))
	}
}
