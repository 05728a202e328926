package redeem

import (
	"cmp"
	"context"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// A CorrectRequest brings the amount of a redemption in line with the final basket. Either Redemption or SaleKey names
// it; of a redemption that is one of several uses of its sale, all those uses are meant.
type CorrectRequest struct {
	Redemption record.ID
	SaleKey    string
	// SaleDate is the business date of the sale that SaleKey names, as in VoidRequest.
	SaleDate string
	// Scanned is the offer as the scanner transmitted it, in any dress: required with SaleKey where the sale has
	// several.
	Scanned string
	// Separated says that group separators arrive, as in Request.
	Separated bool
	// Sale holds the final lines, and Given is what the POS's own promotion engine gave in the end, as in Request. One
	// of the two is required. Lines that the offer is not for any more come to nothing.
	Sale  terms.Sale
	Given record.Money
	// Override is a manager's word for a Given above what the terms give.
	Override *Override
	// Training says that the POS is in training mode: nothing is recorded.
	Training bool
	// Transaction, Operator, BusinessDate and Shift go into the record; all optional. An empty one is the redemption's
	// own, but for Operator.
	Transaction, Operator, BusinessDate, Shift string
}

// A Corrected says what stands after a correction.
type Corrected struct {
	// Redemptions and Corrections are pairs: Corrections[i] changed the amount of Redemptions[i]. Where nothing was
	// recorded there are none.
	Redemptions, Corrections []record.ID
	// Given is what the redemption gives from now on, of several uses together, and GivenBy says who worked it out.
	Given   record.Money
	GivenBy record.GivenBy
	// Discount is worth line by line what the terms make of the final lines; zero without lines or terms.
	Discount terms.Discount
	// Again says that this amount stood in the record already, with the same lines of the discount where both are known:
	// nothing was recorded anew.
	Again bool
	// Training says that nothing was recorded, since the terminal or the POS is in training mode.
	Training bool
}

func (r CorrectRequest) check() error {
	const op = "redeem.Correct"
	switch {
	case r.Redemption.IsZero() == (r.SaleKey == ""):
		return fault.New(fault.InvalidRequest, op, "name the redemption in one way: by its id or by the sale's key")
	case r.SaleKey == "" && (r.SaleDate != "" || r.Scanned != ""):
		return fault.New(fault.InvalidRequest, op, "SaleDate and Scanned go with a SaleKey, and there is none")
	case len(r.Sale.Lines) == 0 && r.Given == (record.Money{}):
		return fault.New(fault.InvalidRequest, op,
			"the final amount is missing: give the final lines, or what the POS gave")
	}
	key := cmp.Or(r.SaleKey, "none")
	err := cmp.Or(r.sale(record.Sale{Key: key}).Check(), saleName{key, r.SaleDate}.check(), r.Given.Check())
	if err == nil && r.Override != nil {
		err = record.Override{Manager: r.Override.Manager, Why: r.Override.Why}.Check()
	}
	if err == nil && len(r.Sale.Lines) > 0 {
		err = r.Sale.Check()
	}
	return invalid(op, err)
}

func (r CorrectRequest) sale(of record.Sale) record.Sale {
	return amendSale(of, record.Sale{Transaction: r.Transaction, Operator: r.Operator, BusinessDate: r.BusinessDate,
		Shift: r.Shift})
}

// Correct changes the amount of a redemption to that of the final basket, durably, before it returns. The use stays
// taken. The amount goes neither above what the offer's terms make of the final lines (without lines: above the most
// that they can give), nor below what was taken back of it already. Repeating the call changes nothing.
//
// Errors: fault.InvalidRequest; fault.NotFound for a redemption that this terminal's journal does not hold;
// fault.AlreadyVoided; fault.OverTerms, unless a manager allows it; fault.OverReturn; fault.OtherCurrency;
// fault.Conflict for a sale key that may name two sales; those of offer.Parse for what was scanned,
// fault.NotCombinable, and as for Redeem.
func (t *Terminal) Correct(ctx context.Context, req CorrectRequest) (Corrected, error) {
	if err := cmp.Or(req.check(), t.ids.now().blockError()); err != nil {
		return Corrected{}, err
	}
	c := &correction{req: req, time: t.clock.Now()}
	if req.Scanned != "" {
		var err error
		if c.presented, err = t.corrector.read(req.Scanned, req.Separated); err != nil {
			return Corrected{}, err
		}
	}
	if t.corrector.isTraining(req.Training) {
		return Corrected{Training: true}, nil
	}
	if err := t.corrector.amend(ctx, c); err != nil {
		return Corrected{}, err
	}
	if !c.done.Again {
		t.reporter.Wake()
	}
	return c.done, nil
}

// A corrector changes the amounts of redemptions.
type corrector struct{ *recorder }

// A correction is on its way into the journal.
type correction struct {
	req       CorrectRequest
	presented offer.Presented // where the offer was scanned
	time      record.Evidence
	done      Corrected
	made      []record.Record // a correction for each of done.Redemptions
}

func (r *corrector) amend(ctx context.Context, c *correction) error {
	err := r.appendAndTell(ctx, func(v *journal.View) ([]journal.Entry, error) {
		c.done, c.made = Corrected{}, nil
		entries, err := r.correct(v, c)
		return entries, invalid("redeem.Correct", err)
	})
	if err != nil {
		return err
	}
	for i := range c.made {
		r.limits.Correct(&c.made[i])
	}
	return nil
}

// correct makes the records of what changes.
func (r *corrector) correct(v *journal.View, c *correction) ([]journal.Entry, error) {
	live, err := r.liveUses(v, c)
	if err != nil {
		return nil, err
	}
	override, err := r.reckon(c, live)
	if err != nil {
		return nil, err
	}
	before, least := sumOf(live)
	if c.done.Given == before {
		if !r.otherLines(c, live) {
			c.done.Again, c.done.GivenBy = true, live[0].by
			return nil, nil
		}
		least = givenAmounts(live) // each keeps its amount
	}
	b := r.batch(v, c.time, r.ids.now().stands)
	for i, share := range divide(c.done.Given, c.done.Discount, least) {
		s := &live[i]
		if kept := r.attachmentOf(s.basket); share.given == s.given && sameDiscount(share.discount, kept.discount()) {
			continue // a call that was cut short did it
		}
		rec := b.next(record.Correction)
		rec.Offer, rec.Alias, rec.Coupon, rec.Campaign = s.rec.Offer, s.rec.Alias, s.rec.Coupon, s.rec.Campaign
		rec.Of, rec.Group, rec.Sale = s.rec.ID, s.rec.Group, c.req.sale(s.rec.Sale)
		rec.Before, rec.Given, rec.GivenBy, rec.Override = s.given, share.given, c.done.GivenBy, override
		err := b.add(&rec, journal.Entry{Ref: s.ID, LookupKeys: []string{saleKey(rec.Sale.Key), voidKey(rec.Of)},
			KeepUntil:  s.KeepUntil,
			Attachment: attach("", share.discount, 0, 1)})
		if err != nil {
			return nil, err
		}
		c.done.Redemptions, c.done.Corrections = append(c.done.Redemptions, rec.Of), append(c.done.Corrections, rec.ID)
		c.made = append(c.made, rec)
	}
	return b.entries, nil
}

// otherLines reports whether the final basket has other lines of the discount than the last one, where both are known.
func (r *corrector) otherLines(c *correction, live []standing) bool {
	kept := make([]terms.Discount, len(live))
	for i := range live {
		last := r.attachmentOf(live[i].basket)
		kept[i] = last.discount()
	}
	return decision.OtherLines(kept, c.done.Discount)
}
