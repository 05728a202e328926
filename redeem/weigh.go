package redeem

import (
	"errors"
	"slices"
	"sync"
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
	claimed   int64           // the present by a statement of time that nothing confirms; 0: there is none
	rules     trust.Campaign  // of its campaign; zero if the bundle has none
	unproven  bool            // it carries no signature
	spentAsOf int64           // not 0: the bundle made then says that its uses are spent elsewhere
	bundle    *trust.Bundle   // in force; nil: none
	place     record.Place    // where the terminal stands
	uses      int             // how many it takes at once
	granted   granted         // what is known of the offer's uses
	decision  Decision
	bounds    []bound         // the limits that apply
	room      [3]bound        // where they stand
	turned    []record.Turned // what its record tells
	booked    []record.ID     // what stands in the books for it
	weighed   weighed         // what stood in the decision before the journal was asked
	repeated  []part          // what the same sale redeemed before
	cut       []uint64        // numbers of records that a call which was cut short did not write
}

// candidates are used again: they are large, and a decision costs little beside making one.
var candidates = sync.Pool{New: func() any { return new(candidate) }}

// decided returns what a candidate came to and gives the candidate back. It must not be used any more.
func (c *candidate) decided() Decision {
	d := c.decision
	candidates.Put(c)
	return d
}

// weighed is what a decision says before the journal is asked, as far as the journal may change it.
type weighed struct {
	reasons  []Reason
	worth    share
	givenBy  record.GivenBy
	campaign string
	proven   bool
}

// keep notes what was weighed, and restart puts the decision back to it: the journal may ask more than once.
func (c *candidate) keep() {
	d := &c.decision
	c.weighed = weighed{d.Reasons, share{d.Given, d.Discount}, d.GivenBy, d.Campaign, d.Proven}
}

func (c *candidate) restart() {
	d, w, p := &c.decision, &c.weighed, &c.presented
	*d = Decision{
		Reasons: slices.Clone(w.reasons), Offer: p.ID, Alias: p.Alias, Coupon: p.Coupon, Campaign: w.campaign,
		Title: d.Title, Terms: d.Terms,
		NotBefore: d.NotBefore, NotAfter: d.NotAfter, Proven: w.proven, Given: w.worth.given, GivenBy: w.givenBy,
		Discount: w.worth.discount,
	}
}

func (c *candidate) speaks(against Outcome, err error) {
	c.decision.Reasons = append(c.decision.Reasons, reasonOf(against, err))
}

// reasonOf makes a reason of an error. Its detail does not say the code again, which stands beside it.
func reasonOf(against Outcome, err error) Reason {
	r := Reason{Code: fault.CodeOf(err), Outcome: against, Detail: err.Error()}
	if f, ok := err.(*fault.Error); ok && f.Detail != "" {
		r.Detail = f.Detail
	}
	return r
}

// weigh reads what was presented and applies every rule that needs no journal. It reports false where there is nothing to
// look up in the journal, since the text could not be read.
func (t *Terminal) weigh(req *Request) (*candidate, bool) {
	reading := t.clock.Read()
	c := candidates.Get().(*candidate)
	*c = candidate{req: *req, sale: saleKey(req.SaleKey), reading: reading, uses: max(req.Uses, 1)}
	c.time, c.claimed = t.weighTime(reading)
	_, bundle := t.trusted()
	presented, err := reader(bundle, req.Separated).Parse(req.Scanned)
	if err != nil {
		c.misread(err)
		return c, false
	}
	c.bundle, c.place, c.presented, c.keys = bundle, t.place(), presented, offerKeys(presented)
	c.decision.Offer, c.decision.Alias, c.decision.Coupon = presented.ID, presented.Alias, presented.Coupon
	c.decision.Campaign, c.rules = rulesOf(bundle, &c.presented)
	c.decision.Title, c.decision.Terms = c.rules.Title, termsOf(presented.Pass, &c.rules)
	t.weighProof(c)
	t.weighClock(c)
	if pass := presented.Pass; pass != nil {
		c.weighPlace(pass)
		c.weighValidity(pass.ValidFrom(), pass.NotAfter)
	}
	t.weighRules(c)
	t.weighTrust(c, bundle)
	t.weighAgreement(c, bundle)
	c.weighWorth()
	c.weighPurchase()
	c.bounds = t.bounds(c)
	return c, true
}

// misread refuses what could not be read, and says which symbol is to blame.
func (c *candidate) misread(err error) {
	reason := reasonOf(Refuse, err)
	if symbol, ok := errors.AsType[*offer.SymbolError](err); ok {
		reason.Position = symbol.Position
	}
	c.decision.Reasons = append(c.decision.Reasons, reason)
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
	c.speaks(Ask, fault.New(fault.ClockUntrusted, "", "%s", c.doubt()))
}

// doubt says why the wall clock is not believed, and what helps.
func (c *candidate) doubt() string {
	e := c.time
	switch {
	case e.Earliest == 0 && c.claimed != 0:
		return "the clock says " + moment(e.Wall) + ", and the backend " + moment(c.claimed) +
			": set the clock right and report, or report again after " + confirmAfter.String()
	case e.Earliest == 0:
		return "no signed server time was ever received: report once, or set Policy.MaxAlone"
	case e.Wall < e.Earliest:
		return "the clock says " + moment(e.Wall) + ", but it is past " + moment(e.Earliest) +
			": it was set back or its battery is empty; set it right, or report"
	}
	return "the clock says " + moment(e.Wall) + ", and nothing vouches for a time after " + moment(e.Latest) +
		": it was set forward, or the terminal was alone for too long; set it right, or report"
}

func (c *candidate) weighPlace(pass *offer.Pass) {
	if err := pass.MayRedeem(c.place.Merchant, c.place.Store); err != nil {
		c.speaks(Refuse, err)
	}
}

func moment(millis int64) string { return time.UnixMilli(millis).UTC().Format(time.RFC3339) }
