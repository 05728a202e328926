package redeem

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/outbox"
	"github.com/offlane/offlane/redeem/record"
)

// A Query chooses records of the terminal's journal. What is empty or zero chooses nothing out.
type Query struct {
	// SaleKey is the POS's name of the sale.
	SaleKey string
	// Since is a moment: records made before it by the terminal's clock are left out.
	Since time.Time
	// BusinessDate and Shift are as the POS gave them.
	BusinessDate, Shift string
}

func (q Query) wants(rec record.Record) bool {
	return (q.SaleKey == "" || rec.Sale.Key == q.SaleKey) &&
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
}

// Records returns the redemptions, voids and reservations of the journal that a query chooses, in the order in which they were
// made. A POS that died between our answer and its own commit asks with its sale key, or since the moment it died. Records are
// kept at least as long as the backend has not answered them, and then for Config.Journal.KeepReported. An error ends the
// sequence.
func (t *Terminal) Records(ctx context.Context, q Query) iter.Seq2[Listed, error] {
	return func(yield func(Listed, error) bool) {
		for stored, err := range t.stored(ctx, q) {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(Listed{}, err)
				return
			}
			if stored.Payload == nil {
				continue
			}
			rec, err := record.Decode(stored.Payload)
			if err != nil || !q.wants(rec) {
				continue // what cannot be read is among the damage that Status tells of
			}
			if !yield(Listed{rec, rec.ID.Receipt(), stored.Voided, stored.State != outbox.Pending}, nil) {
				return
			}
		}
	}
}

// stored returns the records among which those are that a query chooses: of one sale by its key, else all.
func (t *Terminal) stored(ctx context.Context, q Query) iter.Seq2[outbox.Stored, error] {
	if q.SaleKey == "" {
		return t.journal.History()
	}
	return func(yield func(outbox.Stored, error) bool) {
		found, err := t.storedOfSale(ctx, q.SaleKey)
		if err != nil {
			yield(outbox.Stored{}, err)
			return
		}
		for _, stored := range found {
			if !yield(stored, nil) {
				return
			}
		}
	}
}

func (t *Terminal) storedOfSale(ctx context.Context, sale string) (all []outbox.Stored, err error) {
	err = t.journal.Append(ctx, func(v *outbox.View) ([]outbox.Entry, error) {
		all = nil
		ids, err := v.Find(saleKey(sale))
		for _, id := range ids {
			stored, ok, err := v.Get(id)
			switch {
			case err != nil && fault.CodeOf(err) != fault.Damaged:
				return nil, err
			case err == nil && ok:
				all = append(all, stored)
			}
		}
		return nil, err
	})
	return all, err
}

// A Total is what was given and taken back of one campaign in one currency during one shift.
type Total struct {
	BusinessDate string `json:"businessDate,omitempty"`
	Shift        string `json:"shift,omitempty"`
	Currency     string `json:"currency,omitempty"`
	Campaign     string `json:"campaign,omitempty"`
	// Redemptions and Given count all redemptions, also those that were voided later; in minor units of Currency.
	Redemptions int   `json:"redemptions"`
	Given       int64 `json:"given"`
	// GivenByPOS is the part of Given that the POS's own promotion engine worked out, and not the terminal.
	GivenByPOS int64 `json:"givenByPOS,omitempty"`
	// Voids and Returned count what was taken back, in the shift in which that happened.
	Voids    int   `json:"voids"`
	Returned int64 `json:"returned"`
}

// Net is what was given less what was taken back.
func (t Total) Net() int64 { return t.Given - t.Returned }

// Totals adds up the records that a query chooses, for cashing up: one total for each business date, shift, currency and campaign,
// in this order. Errors as for Records.
func (t *Terminal) Totals(ctx context.Context, q Query) ([]Total, error) {
	type group struct{ date, shift, currency, campaign string }
	groups := map[group]*Total{}
	for listed, err := range t.Records(ctx, q) {
		if err != nil {
			return nil, err
		}
		rec := listed.Record
		if rec.Until != 0 { // a reservation, or the release of one
			continue
		}
		g := group{rec.Sale.BusinessDate, rec.Sale.Shift, rec.Given.Currency, rec.Campaign}
		if groups[g] == nil {
			groups[g] = &Total{BusinessDate: g.date, Shift: g.shift, Currency: g.currency, Campaign: g.campaign}
		}
		groups[g].add(rec)
	}
	totals := make([]Total, 0, len(groups))
	for _, total := range groups {
		totals = append(totals, *total)
	}
	slices.SortFunc(totals, func(a, b Total) int {
		return cmp.Or(cmp.Compare(a.BusinessDate, b.BusinessDate), cmp.Compare(a.Shift, b.Shift),
			cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.Campaign, b.Campaign))
	})
	return totals, nil
}

func (t *Total) add(rec record.Record) {
	if rec.Kind == record.Void {
		t.Voids, t.Returned = t.Voids+1, t.Returned+rec.Given.Amount
		return
	}
	t.Redemptions, t.Given = t.Redemptions+1, t.Given+rec.Given.Amount
	if rec.GivenBy == record.GivenByPOS {
		t.GivenByPOS += rec.Given.Amount
	}
}
