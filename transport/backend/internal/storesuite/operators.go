package storesuite

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
)

// didVoid is one void of five euros.
func didVoid(day, operator, lane string) store.OperatorTally {
	return store.OperatorTally{Day: day, Operator: operator, Store: "s", Lane: lane, Currency: "EUR", Voided: 1,
		TakenBack: 500}
}

// times is the same so often.
func times(n int64, o store.OperatorTally) store.OperatorTally {
	o.Voided, o.TakenBack = n*o.Voided, n*o.TakenBack
	return o
}

func operators(t *testing.T, s store.Store) {
	post := func(merchant string, all ...store.OperatorTally) {
		var p posting.Sums
		for _, counts := range all {
			p.CountOperator(store.OperatorRow{Merchant: merchant, Counts: counts})
		}
		update(t, s, func(tx store.Tx) error { return tx.Post(p.Posting()) })
	}
	list := func(merchant, from, to string) (all []store.OperatorTally) {
		view(t, s, func(tx store.Tx) (err error) { all, err = tx.Operators(merchant, from, to); return err })
		return all
	}
	first, second, third := didVoid("2026-11-01", "7", "1"), didVoid("2026-11-02", "7", "1"), didVoid("2026-11-02", "8",
		"2")
	unnamed := didVoid("2026-11-02", "", "1")
	odd := didVoid("2026-11-03", "M\u00fcller, \"7\"", "")
	every := store.OperatorTally{Day: "2026-11-03", Operator: "7", Redeemed: 1, Voided: 2, Parts: 3, Elsewhere: 4,
		Overrides: 5,
		Allowed:   6, TakenBack: 7}
	post("m", third, second, first, second)
	post("m", second, unnamed)
	post("m", odd, every)
	post("m2", times(9, first))
	assert.Equal(t, []store.OperatorTally{first, unnamed, times(3, second), third, every, odd}, list("m", "", ""),
		"by day; what has the same name adds up")
	assert.Equal(t, []store.OperatorTally{unnamed, times(3, second), third}, list("m", "2026-11-02", "2026-11-02"))
	assert.Equal(t, []store.OperatorTally{times(9, first)}, list("m2", "", ""), "each merchant sees its own")
	assert.Empty(t, list("nobody", "", ""))

	erase := func(operator string) (n int) {
		update(t, s, func(tx store.Tx) (err error) { n, err = tx.EraseOperator("m", operator); return err })
		return n
	}
	assert.Equal(t, 0, erase("9"), "nobody has the name")
	assert.Equal(t, 0, erase(""), "without a name there is nothing to erase")
	assert.Equal(t, 3, erase("7"))
	bare := every
	bare.Operator = ""
	assert.Equal(t, []store.OperatorTally{didVoid("2026-11-01", "", "1"), times(4, unnamed), third, bare, odd},
		list("m", "", ""),
		"the counts stay")
	assert.Equal(t, []store.OperatorTally{times(9, first)}, list("m2", "", ""), "another merchant's name stays")

	drop := func(before string, most int) (n int) {
		update(t, s, func(tx store.Tx) (err error) { n, err = tx.DropOperators("m", before, most); return err })
		return n
	}
	assert.Equal(t, 0, drop("2026-11-01", 10), "the day itself is not before it")
	assert.Equal(t, 1, drop("2026-11-03", 1), "at most so many, the oldest first")
	assert.Equal(t, []store.OperatorTally{times(4, unnamed), third, bare, odd}, list("m", "", ""))
	assert.Equal(t, 2, drop("2026-11-03", 10))
	assert.Equal(t, []store.OperatorTally{bare, odd}, list("m", "", ""))
	assert.Len(t, list("m2", "", ""), 1)
}

// sampleOperator is a record as the golden files have it.
func sampleOperator(p *posting.Sums, e *store.Entry) {
	p.Operate(e, &record.Record{Kind: record.Void, Sale: record.Sale{Operator: "7"}, Given: e.Given, Partial: true,
		Override: &record.Override{Manager: "12", Why: "because"}}, true)
}

// readOperators wants what was posted.
func readOperators(t testing.TB, tx store.Tx, posted *store.Posting) {
	t.Helper()
	all, err := tx.Operators("shop.example", "", "")
	require.NoError(t, err)
	var want []store.OperatorTally
	for _, row := range posted.Operators {
		want = append(want, row.Counts)
	}
	assert.ElementsMatch(t, want, all, "the figures by operator")
}
