package redeem

import (
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
)

// recordsOfOffer returns those of an offer.
func recordsOfOffer(all []storedRecord, p offer.Presented) (same []storedRecord) {
	for _, f := range all {
		if decision.SameOffer(&f.rec, &p) {
			same = append(same, f)
		}
	}
	return same
}

// repeat completes the candidate's decision by what stands in the records that it repeats. They are among those of its
// sale.
func (r *redeemer) repeat(v *journal.View, c *candidate, repeats []int, makeEntries entryMaker) ([]journal.Entry,
	error) {
	same := make([]storedRecord, len(repeats))
	for i, n := range repeats {
		same[i] = c.sold[n]
	}
	c.repeated = r.partsOf(same)
	stands := make([]decision.Stand, len(same))
	for i := range c.repeated {
		s, err := standingOf(v, c.repeated[i].storedRecord)
		if err != nil && !isUnread(err) {
			return nil, err
		}
		kept := r.attachmentOf(s.basket)
		stands[i] = decision.Stand{Record: &c.repeated[i].rec, Given: s.given, GivenBy: s.by, Discount: kept.discount()}
	}
	c.Repeat(&c.decision, stands)
	if r.isTraining(c.Request.Training) || c.Facts.Blocked != nil || makeEntries == nil {
		return nil, nil
	}
	return makeEntries(v, c)
}
