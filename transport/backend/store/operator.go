package store

import (
	"bytes"
	"maps"
	"slices"

	"github.com/offlane/offlane/redeem/record"
)

// An OperatorTally counts what one person did on one day at one lane, in one currency, as the records say, whatever
// their verdicts.
type OperatorTally struct {
	Day string `json:"day"`
	// Operator is the POS's name of the cashier, or of a manager; empty: the POS named none, or the name was erased.
	Operator string `json:"operator,omitempty"`
	Store    string `json:"store,omitempty"`
	Lane     string `json:"lane,omitempty"`
	// Currency is empty where the records name no amount.
	Currency string `json:"currency,omitempty"`
	// Redeemed counts redemptions and Voided voids, of which Parts were in part and Elsewhere of redemptions that another
	// terminal made.
	Redeemed  int64 `json:"redeemed"`
	Voided    int64 `json:"voided"`
	Parts     int64 `json:"parts"`
	Elsewhere int64 `json:"elsewhere"`
	// Overrides counts this person's records that a manager allowed, Allowed the records that this person allowed as a
	// manager.
	Overrides int64 `json:"overrides"`
	Allowed   int64 `json:"allowed"`
	// TakenBack is what the voids say that they take back, in minor units.
	TakenBack int64 `json:"takenBack"`
}

// An OperatorRow counts what one person did for a merchant on one day at one lane, in one currency, or is a change of
// that.
type OperatorRow struct {
	Merchant string        `json:"merchant"`
	Counts   OperatorTally `json:"counts"`
}

// OperatorTx is the part of a Tx that keeps figures of operators; Post adds to them.
type OperatorTx interface {
	// Operators returns a merchant's rows from one day to another, both included, by day; "" is no bound.
	Operators(merchant, from, to string) ([]OperatorTally, error)
	// DropOperators removes a merchant's rows of days before one, the oldest first, at most so many, and tells how many.
	DropOperators(merchant, before string, most int) (int, error)
	// EraseOperator moves what an operator's rows count to those without a name, and tells how many rows there were.
	EraseOperator(merchant, operator string) (int, error)
}

// key is what the row is kept under: a merchant's rows follow one another by day.
func (r *OperatorRow) key() []byte {
	key := append(lengthened(r.Merchant), r.Counts.Day...)
	for _, part := range []string{r.Counts.Operator, r.Counts.Store, r.Counts.Lane} {
		key = append(key, lengthened(part)...)
	}
	return append(key, r.Counts.Currency...)
}

func (r *OperatorRow) add(c OperatorTally) {
	sum := &r.Counts
	sum.Redeemed, sum.Voided, sum.Parts = sum.Redeemed+c.Redeemed, sum.Voided+c.Voided, sum.Parts+c.Parts
	sum.Elsewhere, sum.Overrides = sum.Elsewhere+c.Elsewhere, sum.Overrides+c.Overrides
	sum.Allowed, sum.TakenBack = sum.Allowed+c.Allowed, sum.TakenBack+c.TakenBack
}

// Operate counts a record by the operator and the manager whom it names, whatever its verdict: the figures say what
// people did. elsewhere says that a void is about another terminal's redemption.
func (p *Posting) Operate(e *Entry, rec *record.Record, elsewhere bool) {
	at := OperatorTally{Day: e.Day, Store: e.Place.Store, Lane: e.Place.Lane, Currency: rec.Given.Currency}
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
		p.Operated(OperatorRow{e.Place.Merchant, by})
	}
	if rec.Override != nil {
		manager.Operator, manager.Allowed = rec.Override.Manager, 1
		p.Operated(OperatorRow{e.Place.Merchant, manager})
	}
}

func one(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// Operated adds what a row counts.
func (p *Posting) Operated(by OperatorRow) {
	if p.operators == nil {
		p.operators = map[OperatorRow]OperatorRow{}
	}
	c := &by.Counts
	key := OperatorRow{by.Merchant, OperatorTally{Operator: c.Operator, Day: c.Day, Store: c.Store, Lane: c.Lane,
		Currency: c.Currency}}
	if sum, ok := p.operators[key]; ok {
		by.add(sum.Counts)
	}
	p.operators[key] = by
}

// Operators are the changes of the operators' figures, in the order in which all transactions change them.
func (p *Posting) Operators() []OperatorRow {
	return slices.SortedFunc(maps.Values(p.operators), func(a, b OperatorRow) int {
		return bytes.Compare(a.key(), b.key())
	})
}

func (t keyTx) addOperator(row OperatorRow) error {
	have, err := get[OperatorRow](t.kv, tableOperators, row.key())
	if err != nil {
		return err
	}
	if have != nil {
		row.add(have.Counts)
	}
	return put(t.kv, tableOperators, row.key(), row)
}

// scanOperators yields a merchant's rows from a day on.
func (t keyTx) scanOperators(merchant, from string, yield func(key []byte, row OperatorRow) bool) error {
	prefix := lengthened(merchant)
	return scan(t.kv, tableOperators, append(lengthened(merchant), from...), func(key, raw []byte) (bool, error) {
		if !bytes.HasPrefix(key, prefix) {
			return false, nil
		}
		row, err := Decode[OperatorRow](raw)
		return err == nil && yield(key, row), err
	})
}

func (t keyTx) Operators(merchant, from, to string) (all []OperatorTally, err error) {
	err = t.scanOperators(merchant, from, func(_ []byte, row OperatorRow) bool {
		if to != "" && row.Counts.Day > to {
			return false
		}
		all = append(all, row.Counts)
		return true
	})
	return all, err
}

func (t keyTx) DropOperators(merchant, before string, most int) (int, error) {
	var keys [][]byte
	err := t.scanOperators(merchant, "", func(key []byte, row OperatorRow) bool {
		if len(keys) == most || row.Counts.Day >= before {
			return false
		}
		keys = append(keys, bytes.Clone(key))
		return true
	})
	for _, key := range keys {
		if err == nil {
			err = t.kv.Delete(tableOperators, key)
		}
	}
	return len(keys), err
}

func (t keyTx) EraseOperator(merchant, operator string) (int, error) {
	var gone []OperatorRow
	err := t.scanOperators(merchant, "", func(_ []byte, row OperatorRow) bool {
		if row.Counts.Operator == operator && operator != "" {
			gone = append(gone, row)
		}
		return true
	})
	for _, row := range gone {
		if err == nil {
			err = t.kv.Delete(tableOperators, row.key())
		}
		row.Counts.Operator = ""
		if err == nil {
			err = t.addOperator(row)
		}
	}
	return len(gone), err
}
