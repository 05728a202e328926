package redeem

import (
	"errors"
	"slices"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// liveUses finds the redemption that a correction is about, or all uses that were granted together with it, as far as
// they were not voided.
func (r *corrector) liveUses(v *journal.View, c *correction) ([]standing, error) {
	named, err := c.redemptions(v)
	if err != nil {
		return nil, err
	}
	if len(named) == 0 {
		return nil, fault.New(fault.NotFound, "",
			"this terminal's journal holds no such redemption: correct it at the terminal that made it")
	}
	live, err := standingsOf(v, r.orderUses(named))
	if err == nil && len(live) == 0 {
		err = fault.New(fault.AlreadyVoided, "", "the redemption was taken back: there is nothing to correct")
	}
	return live, err
}

func (c *correction) redemptions(v *journal.View) ([]storedRecord, error) {
	if !c.req.Redemption.IsZero() {
		return redemptionsWith(v, c.req.Redemption)
	}
	all, err := saleName{c.req.SaleKey, c.req.SaleDate}.redemptions(v, "", c.time)
	if c.req.Scanned != "" {
		all = recordsOfOffer(all, c.presented)
	}
	live := slices.DeleteFunc(slices.Clone(all), func(f storedRecord) bool { return f.Voided })
	if len(live) == 0 {
		return all, err
	}
	first := live[0].rec
	if len(recordsOfOffer(live, offer.Presented{ID: first.Offer, Alias: first.Alias, Coupon: first.Coupon})) < len(live) {
		return nil, fault.New(fault.InvalidRequest, "",
			"the sale has several offers: say which one, with Scanned or by the redemption's id")
	}
	return live, err
}

// redemptionsWith finds a redemption and those that were granted together with it; where it was voided itself, it
// alone.
func redemptionsWith(v *journal.View, id record.ID) ([]storedRecord, error) {
	one, err := recordsAt(v, []journal.ID{journal.ID(id)}, record.Redemption)
	if err != nil || len(one) == 0 || one[0].rec.Group.IsZero() || one[0].Voided {
		return one, err
	}
	all, err := recordsOf(v, saleKey(one[0].rec.Sale.Key), record.Redemption)
	return slices.DeleteFunc(all, func(f storedRecord) bool { return f.rec.Group != one[0].rec.Group }), err
}

// reckon works out what the uses give from now on, and who allowed it where that is above the terms.
func (r *corrector) reckon(c *correction, live []standing) (*record.Override, error) {
	known := r.termsOfRecord(&live[0])
	if known.IsZero() && c.req.Given == (record.Money{}) {
		return nil, fault.New(fault.InvalidRequest, "",
			"this terminal knows no terms of the offer: give the amount that the POS gave")
	}
	c.done.Given, c.done.GivenBy = c.req.Given, record.GivenByPOS
	if known.IsZero() {
		return nil, c.fits(live)
	}
	w := decision.WorthOf(known, len(live), c.req.Sale)
	if errors.Is(w.Err, fault.NothingEligible) {
		w.Err, w.Discount.Currency = nil, c.req.Sale.Currency
	}
	if w.Err != nil {
		return nil, w.Err
	}
	c.done.Discount = w.Discount
	if c.req.Given == (record.Money{}) {
		c.done.Given, c.done.GivenBy = record.Money{Amount: w.Discount.Total, Currency: w.Discount.Currency},
			record.GivenByTerms
		return nil, c.fits(live)
	}
	override, err := r.overrideFor(c, w.Allows(c.done.Given))
	if err != nil {
		return nil, err
	}
	return override, c.fits(live)
}

// overrideFor returns a manager's word for more than the terms give, else the error.
func (r *corrector) overrideFor(c *correction, err error) (*record.Override, error) {
	if !errors.Is(err, fault.OverTerms) || c.req.Override == nil || r.policy.Unattended {
		return nil, err
	}
	return &record.Override{Manager: c.req.Override.Manager, Why: c.req.Override.Why,
		Reasons: []fault.Code{fault.OverTerms}}, nil
}

// fits returns nil for an amount in the redemption's currency that is not less than what was taken back, else
// fault.OtherCurrency or fault.OverReturn.
func (c *correction) fits(live []standing) error {
	before, backs := sumOf(live)
	back := int64(0)
	for _, b := range backs {
		back += b
	}
	switch given := c.done.Given; {
	case before.Currency != "" && given.Currency != before.Currency:
		return fault.New(fault.OtherCurrency, "",
			"the redemption gave %s, and %q cannot take its place: void it and redeem anew", before.Currency,
			given.Currency)
	case given.Amount < back:
		return fault.New(fault.OverReturn, "", "%d %s were taken back already: the redemption cannot have given %d",
			back, given.Currency, given.Amount)
	}
	return nil
}

// sumOf returns what redemptions give together, and what was taken back of each.
func sumOf(live []standing) (given record.Money, backs []int64) {
	for _, s := range live {
		given.Amount += s.given.Amount
		given.Currency = s.given.Currency
		backs = append(backs, s.back)
	}
	return given, backs
}

// givenAmounts returns what each redemption gives.
func givenAmounts(live []standing) (amounts []int64) {
	for i := range live {
		amounts = append(amounts, live[i].given.Amount)
	}
	return amounts
}

// termsOfRecord returns what the offer of a redemption is worth: by the pass that is kept beside it, else by its
// campaign.
func (r *corrector) termsOfRecord(s *standing) terms.Terms {
	var pass *offer.Pass
	if kept := r.attachmentOf(s.Stored); kept.Pass != "" {
		p, err := offer.Parse(kept.Pass)
		if err != nil {
			r.log.Warn("the pass that is kept beside a record cannot be read", "record", s.rec.ID, errAttr(err))
		}
		pass = p.Pass
	}
	var rules trust.Campaign
	if bundle := r.bundles.now().bundle; bundle != nil {
		rules, _ = bundle.Campaign(s.rec.Campaign)
	}
	return decision.TermsOf(pass, &rules)
}
