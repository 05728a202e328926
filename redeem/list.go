package redeem

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// A Query chooses records of the terminal's journal. What is empty or zero chooses nothing out.
type Query struct {
	// SaleKey is the POS's name of the sale.
	SaleKey string
	// Redemption is a redemption with all that is about it: its voids and corrections. Receipt is the same by the code
	// that was printed, as record.ParseReceipt reads it, also where the redemption is another terminal's.
	Redemption record.ID
	Receipt    record.Receipt
	// Since is a moment: records made before it by the terminal's clock are left out.
	Since time.Time
	// BusinessDate and Shift are as the POS gave them.
	BusinessDate, Shift string
}

func (q Query) wants(rec record.Record) bool {
	isOr := func(id record.ID) bool {
		return !id.IsZero() && (q.Redemption.IsZero() || id == q.Redemption) &&
			(q.Receipt == "" || id.Receipt() == q.Receipt)
	}
	ofReceipt := q.Receipt != "" && q.Redemption.IsZero() && rec.Receipt == q.Receipt
	return (q.SaleKey == "" || rec.Sale.Key == q.SaleKey) && (isOr(rec.ID) || isOr(rec.Of) || ofReceipt) &&
		(q.Since.IsZero() || max(rec.Time.Wall, rec.Time.Earliest) >= q.Since.UnixMilli()) &&
		(q.BusinessDate == "" || rec.Sale.BusinessDate == q.BusinessDate) && (q.Shift == "" || rec.Sale.Shift == q.Shift)
}

// A Listed is a record of the terminal's journal and what became of it.
type Listed struct {
	Record  record.Record
	Receipt record.Receipt
	// Voided says that a redemption was taken back wholly.
	Voided bool
	// Reported says that the backend answered it.
	Reported bool
	// Discount is the discount's lines as they were worked out for a redemption or a correction; zero where they were
	// not, or are not kept.
	Discount terms.Discount
	// Pass is the text of the pass that was shown; empty for another dress. It is a secret of the customer's.
	Pass string
}

// Records returns the records of all kinds of the journal that a query chooses, in the order in which they were made. A
// POS that died between our answer and its own commit asks with its sale key, or since the moment it died. Records are
// kept at least as long as the backend has not answered them, and then for Config.Journal.KeepReported. An error ends
// the sequence; it is that of record.ParseReceipt for a receipt that cannot be read.
func (t *Terminal) Records(ctx context.Context, q Query) iter.Seq2[Listed, error] {
	return func(yield func(Listed, error) bool) {
		if err := q.read(); err != nil {
			yield(Listed{}, err)
			return
		}
		for listed, err := range t.history.list(ctx, q) {
			if (err != nil || q.wants(listed.Record)) && !yield(listed, err) {
				return
			}
		}
	}
}

// read puts a receipt as a person types it into the form in which it is printed.
func (q *Query) read() (err error) {
	if q.Receipt != "" {
		q.Receipt, err = record.ParseReceipt(string(q.Receipt))
	}
	return err
}

// A Total is what was given and taken back of one campaign in one currency during one shift.
type Total struct {
	BusinessDate string `json:"businessDate,omitempty"`
	Shift        string `json:"shift,omitempty"`
	Currency     string `json:"currency,omitempty"`
	Campaign     string `json:"campaign,omitempty"`
	// Redemptions and Given count all redemptions, also those that were voided later; in minor units of Currency. A
	// correction changes Given in the shift in which it was made.
	Redemptions int   `json:"redemptions"`
	Given       int64 `json:"given"`
	// GivenByPOS is the part of Given that the POS's own promotion engine worked out, and not the terminal.
	GivenByPOS int64 `json:"givenByPOS,omitempty"`
	// Corrections counts the corrections.
	Corrections int `json:"corrections,omitempty"`
	// Voids and Returned count what was taken back, in the shift in which that happened.
	Voids    int   `json:"voids"`
	Returned int64 `json:"returned"`
}

// Net is what was given less what was taken back.
func (t Total) Net() int64 { return t.Given - t.Returned }

// A group is what a total is of.
type group struct{ date, shift, currency, campaign string }

// Totals adds up the records that a query chooses, for cashing up: one total for each business date, shift, currency
// and campaign, in this order. Errors as for Records.
func (t *Terminal) Totals(ctx context.Context, q Query) ([]Total, error) {
	if err := q.read(); err != nil {
		return nil, err
	}
	sums, by := map[group]*Total{}, map[record.ID]record.GivenBy{}
	for listed, err := range t.history.list(ctx, q) {
		if err != nil {
			return nil, err
		}
		rec := listed.Record
		if q.wants(rec) {
			add(sums, rec, by[rec.Of])
		}
		switch rec.Kind {
		case record.Redemption:
			by[rec.ID] = rec.GivenBy
		case record.Correction:
			by[rec.Of] = rec.GivenBy
		}
	}
	totals := make([]Total, 0, len(sums))
	for _, total := range sums {
		totals = append(totals, *total)
	}
	slices.SortFunc(totals, func(a, b Total) int {
		return cmp.Or(cmp.Compare(a.BusinessDate, b.BusinessDate), cmp.Compare(a.Shift, b.Shift),
			cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.Campaign, b.Campaign))
	})
	return totals, nil
}

// add enters a record into the totals. Of a correction it is to be known who had worked out what it changed.
func add(sums map[group]*Total, rec record.Record, before record.GivenBy) {
	of := func(currency string) *Total {
		g := group{rec.Sale.BusinessDate, rec.Sale.Shift, currency, rec.Campaign}
		if sums[g] == nil {
			sums[g] = &Total{BusinessDate: g.date, Shift: g.shift, Currency: g.currency, Campaign: g.campaign}
		}
		return sums[g]
	}
	switch rec.Kind {
	case record.Redemption:
		t := of(rec.Given.Currency)
		t.Redemptions++
		t.give(rec.Given.Amount, rec.GivenBy)
	case record.Void:
		t := of(rec.Given.Currency)
		t.Voids, t.Returned = t.Voids+1, t.Returned+rec.Given.Amount
	case record.Correction:
		if rec.Before.Amount != 0 {
			of(rec.Before.Currency).give(-rec.Before.Amount, before)
		}
		t := of(rec.Given.Currency)
		t.Corrections++
		t.give(rec.Given.Amount, rec.GivenBy)
	}
}

func (t *Total) give(amount int64, by record.GivenBy) {
	t.Given += amount
	if by == record.GivenByPOS {
		t.GivenByPOS += amount
	}
}
