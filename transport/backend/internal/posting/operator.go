package posting

import (
	"maps"
	"slices"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// AddOperator adds to a row what another one counts.
func AddOperator(r *store.OperatorRow, other *store.OperatorRow) {
	c := &other.Counts
	sum := &r.Counts
	sum.Redeemed, sum.Voided, sum.Parts = sum.Redeemed+c.Redeemed, sum.Voided+c.Voided, sum.Parts+c.Parts
	sum.Elsewhere, sum.Overrides = sum.Elsewhere+c.Elsewhere, sum.Overrides+c.Overrides
	sum.Allowed, sum.TakenBack = sum.Allowed+c.Allowed, sum.TakenBack+c.TakenBack
}

func one(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// Operate counts a record by the operator and the manager whom it names, whatever its verdict: the figures say what
// people did. elsewhere says that a void is about another terminal's redemption.
func (s *Sums) Operate(e *store.Entry, rec *record.Record, elsewhere bool) {
	at := store.OperatorTally{Day: e.Day, Store: e.Place.Store, Lane: e.Place.Lane, Currency: rec.Given.Currency}
	by, manager := at, at
	switch rec.Kind {
	case record.Redemption:
		by.Redeemed = 1
	case record.Void:
		by.Voided, by.Parts, by.Elsewhere, by.TakenBack = 1, one(rec.Partial), one(elsewhere), rec.Given.Amount
	case record.Correction:
	default:
		return // nothing changed hands
	}
	by.Overrides = one(rec.Override != nil)
	if by != at {
		by.Operator = rec.Sale.Operator
		s.CountOperator(store.OperatorRow{Merchant: e.Place.Merchant, Counts: by})
	}
	if rec.Override != nil {
		manager.Operator, manager.Allowed = rec.Override.Manager, 1
		s.CountOperator(store.OperatorRow{Merchant: e.Place.Merchant, Counts: manager})
	}
}

// CountOperator adds what a row counts.
func (s *Sums) CountOperator(by store.OperatorRow) {
	if s.operators == nil {
		s.operators = map[store.OperatorRow]store.OperatorRow{}
	}
	c := &by.Counts
	key := store.OperatorRow{Merchant: by.Merchant, Counts: store.OperatorTally{Operator: c.Operator, Day: c.Day,
		Store: c.Store, Lane: c.Lane, Currency: c.Currency}}
	if sum, ok := s.operators[key]; ok {
		AddOperator(&by, &sum)
	}
	s.operators[key] = by
}

func (s *Sums) operatorRows() []store.OperatorRow {
	return slices.SortedFunc(maps.Values(s.operators), func(a, b store.OperatorRow) int {
		return slices.Compare(operatorParts(&a), operatorParts(&b))
	})
}

// operatorParts are what rows are sorted by.
func operatorParts(r *store.OperatorRow) []string {
	return []string{r.Merchant, r.Counts.Day, r.Counts.Operator, r.Counts.Store, r.Counts.Lane, r.Counts.Currency}
}
