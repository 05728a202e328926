package redeem

import (
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// A candidate is a request on its way through the rules. Each rule adds its reasons to the decision; none takes one away.
type candidate struct {
	req       Request
	presented offer.Presented
	sale      string   // what the records of its sale are found by
	keys      []string // under which the offer's uses are counted
	reading   Reading
	time      record.Evidence // what the reading is worth
	rules     trust.Campaign  // of its campaign; zero if the bundle has none
	unproven  bool            // it carries no signature
	spentAsOf int64           // not 0: the bundle made then says that its uses are spent elsewhere
	decision  Decision
	bounds    []bound         // the limits that apply
	room      [3]bound        // where they stand
	turned    []record.Turned // what its record tells
	booked    record.ID       // what stands in the books for it
}

func (c *candidate) speaks(against Outcome, err error) {
	c.decision.Reasons = append(c.decision.Reasons, Reason{Code: fault.CodeOf(err), Outcome: against, Detail: err.Error()})
}

// weigh reads what was presented and applies every rule that needs no journal. It reports false where there is nothing to
// look up in the journal, since the text could not be read.
func (t *Terminal) weigh(req Request) (*candidate, bool) {
	reading := t.clock.Read()
	c := &candidate{req: req, sale: saleKey(req.SaleKey), reading: reading, time: t.evidenceAt(reading)}
	presented, err := offer.Parse(req.Scanned)
	if err != nil {
		c.speaks(Refuse, err)
		return c, false
	}
	_, bundle := t.trusted()
	c.presented, c.keys = presented, offerKeys(presented)
	c.decision.Offer, c.decision.Alias, c.decision.Coupon = presented.ID, presented.Alias, presented.Coupon
	c.decision.Campaign, c.rules = rulesOf(bundle, presented)
	t.weighProof(c)
	t.weighClock(c)
	if pass := presented.Pass; pass != nil {
		t.weighPlace(c, pass)
		c.weighValidity(pass.ValidFrom(), pass.NotAfter)
	}
	t.weighRules(c)
	t.weighTrust(c, bundle)
	c.weighWorth()
	c.bounds = t.bounds(c)
	return c, true
}

// weighProof asks a manager where nothing shows the offer to be genuine, and refuses where something shows that it is not.
func (t *Terminal) weighProof(c *candidate) {
	if c.presented.Pass == nil {
		c.unproven = true // how many of those are allowed is weighed with the limits
		return
	}
	err := c.presented.Verify(t.issuerKeys())
	switch {
	case err == nil:
		c.decision.Proven = true
	case fault.CodeOf(err) == fault.UnknownIssuer:
		c.speaks(Ask, err)
	default:
		c.speaks(Refuse, err)
	}
}

func (t *Terminal) weighClock(c *candidate) {
	if c.time.Trusted {
		return
	}
	c.speaks(Ask, fault.New(fault.ClockUntrusted, "", "%s", doubt(c.time)))
}

// doubt says why the wall clock is not believed, and what helps.
func doubt(e record.Evidence) string {
	switch {
	case e.Earliest == 0:
		return "no signed server time was ever received: report once, or set Policy.MaxAlone"
	case e.Wall < e.Earliest:
		return "the clock says " + moment(e.Wall) + ", but it is past " + moment(e.Earliest) +
			": it was set back or its battery is empty; set it right, or report"
	}
	return "the clock says " + moment(e.Wall) + ", and nothing vouches for a time after " + moment(e.Latest) +
		": it was set forward, or the terminal was alone for too long; set it right, or report"
}

func (t *Terminal) weighPlace(c *candidate, pass *offer.Pass) {
	place := t.place()
	if err := pass.MayRedeem(place.Merchant, place.Store); err != nil {
		c.speaks(Refuse, err)
	}
}

// weighWorth works out the discount. What the POS's own engine gave counts where it says so.
func (c *candidate) weighWorth() {
	if c.req.Given != (record.Money{}) {
		c.decision.Given, c.decision.GivenBy = c.req.Given, record.GivenByPOS
	}
	t := c.termsOf()
	if t.IsZero() || len(c.req.Sale.Lines) == 0 {
		return
	}
	discount, err := t.Apply(c.req.Sale)
	if err != nil {
		c.speaks(Refuse, err)
		return
	}
	c.decision.Discount = discount
	if c.decision.GivenBy == 0 {
		c.decision.Given = record.Money{Amount: discount.Total, Currency: discount.Currency}
		c.decision.GivenBy = record.GivenByTerms
	}
}

func moment(millis int64) string { return time.UnixMilli(millis).UTC().Format(time.RFC3339) }
