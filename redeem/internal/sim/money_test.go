package sim

import (
	"context"
	"fmt"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// sums is an amount by currency.
type sums map[string]int64

// An account adds up what the tills' records and the backend's verdicts on them come to, record by record.
type account struct {
	verdicts   map[record.ID]record.Verdict
	given      map[record.ID]record.Money // by redemptions that were confirmed
	back       map[record.ID]int64
	byReceipt  map[record.Receipt]record.ID
	nameless   sums // taken back by voids that name the offer alone
	wrong      []error
	correction []record.Record
	voids      []record.Record
}

// auditMoney wants the ledger and the figures to be what the records come to, to the cent.
func (w *world) auditMoney(ctx context.Context, verdicts map[record.ID]record.Verdict) []error {
	a := account{verdicts: verdicts, given: map[record.ID]record.Money{}, back: map[record.ID]int64{},
		byReceipt: map[record.Receipt]record.ID{}, nameless: sums{}}
	for _, l := range w.lanes {
		for listed, err := range l.terminal.Records(ctx, redeem.Query{}) {
			if err != nil {
				return []error{err}
			}
			a.enter(listed.Record)
		}
	}
	a.settle()
	given, back := sums{}, sums{}
	for id, m := range a.given {
		given[m.Currency] += m.Amount
		back[m.Currency] += a.back[id]
		if a.back[id] > m.Amount {
			a.wrong = append(a.wrong, fmt.Errorf("redemption %s gave %d and %d came back", id, m.Amount, a.back[id]))
		}
	}
	for currency, amount := range a.nameless {
		back[currency] += amount
	}
	return append(a.wrong, w.compare(ctx, given, back)...)
}

// enter takes a record in; what is about another one waits until all are there.
func (a *account) enter(rec record.Record) {
	confirmed := a.verdicts[rec.ID].Status == record.Confirmed
	switch {
	case rec.Kind == record.Redemption:
		a.byReceipt[rec.ID.Receipt()] = rec.ID
		if confirmed {
			a.given[rec.ID] = rec.Given
		}
	case !confirmed:
	case rec.Kind == record.Correction:
		a.correction = append(a.correction, rec)
	case rec.Kind == record.Void:
		a.voids = append(a.voids, rec)
	}
}

func (a *account) settle() {
	for _, rec := range a.correction {
		if _, ok := a.given[rec.Of]; ok { // one of what was not booked moves nothing
			a.given[rec.Of] = a.booked(rec)
		}
	}
	for _, rec := range a.voids {
		of := rec.Of
		if of.IsZero() {
			of = a.byReceipt[rec.Receipt]
		}
		_, ok := a.given[of]
		switch amount := a.booked(rec); {
		case ok:
			a.back[of] += amount.Amount
		case rec.Of.IsZero() && rec.Receipt == "":
			a.nameless[amount.Currency] += amount.Amount
		}
	}
}

// booked is the amount that the backend says it booked of a record.
func (a *account) booked(rec record.Record) record.Money {
	if m := a.verdicts[rec.ID].Booked; m != nil {
		return *m
	}
	return rec.Given
}

// sumByCurrency adds the rows of a ledger up.
func sumByCurrency(rows []store.LedgerRow) map[string]store.Spent {
	all := map[string]store.Spent{}
	for _, row := range rows {
		sum := all[row.Currency]
		sum.Given, sum.TakenBack = sum.Given+row.Given, sum.TakenBack+row.TakenBack
		all[row.Currency] = sum
	}
	return all
}

func (w *world) compare(ctx context.Context, given, back sums) (wrong []error) {
	var ledger []store.LedgerRow
	var figures []store.Tally
	err := w.store.View(ctx, func(tx store.Tx) (err error) {
		if ledger, err = tx.Ledger(campaignName); err != nil {
			return err
		}
		figures, err = tx.Tallies([]string{campaignName}, "", "")
		return err
	})
	if err != nil {
		return []error{err}
	}
	inFigures, backInFigures := sums{}, sums{}
	for _, f := range figures {
		inFigures[f.Currency] += f.Given
		backInFigures[f.Currency] += f.TakenBack
	}
	for c, line := range sumByCurrency(ledger) {
		if line.Given != given[c] || line.TakenBack != back[c] || inFigures[c] != given[c] || backInFigures[c] != back[c] {
			wrong = append(wrong, fmt.Errorf("%s: the records come to %d given and %d taken back, the ledger to %d and %d, "+
				"the figures to %d and %d",
				c, given[c], back[c], line.Given, line.TakenBack, inFigures[c], backInFigures[c]))
		}
		delete(given, c)
	}
	for currency, amount := range given {
		if amount != 0 {
			wrong = append(wrong, fmt.Errorf("the ledger knows nothing of %d %s", amount, currency))
		}
	}
	return wrong
}
