package redeem

import (
	"context"
	"errors"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// A claim is a candidate's claim at the hub of the store.
type claim struct {
	request record.ClaimRequest
	word    decision.HubWord
	last    bool // it is not made again where it has ended
}

// errClaimEnded says that a claim ended before it was recorded, so that it is made again.
var errClaimEnded = errors.New("the claim has ended")

// recordClaimed decides, claims, decides again under the journal's lock and records. What would not be recorded anyway
// is not claimed.
func (r *redeemer) recordClaimed(ctx context.Context, c *candidate, makeEntries entryMaker) error {
	if err := r.check(ctx, c); err != nil {
		return err
	}
	if c.decision.Outcome != Allow || c.decision.Again {
		return r.record(ctx, c, makeEntries)
	}
	for last := false; ; last = true {
		if err := r.makeClaim(ctx, c, last); err != nil {
			return err
		}
		err := r.record(ctx, c, makeEntries)
		r.endClaim(c, err)
		if err != errClaimEnded {
			return err
		}
	}
}

// makeClaim asks the hub. Its error is ctx's.
func (r *redeemer) makeClaim(ctx context.Context, c *candidate, last bool) error {
	c.claim = &claim{last: last, request: record.ClaimRequest{
		SaleKey: c.Request.SaleKey, BusinessDate: c.Request.BusinessDate, Offer: c.Presented.ID, Alias: c.Presented.Alias,
		Uses: c.Uses, Allowed: offerUses(c.Presented.Pass), Override: c.Request.Override != nil, KeepUntil: keepUntil(c),
	}}
	answer, err := r.hub.Claim(ctx, c.claim.request)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	c.claim.word = decision.HubWord{Answer: answer, Away: err != nil}
	return nil
}

// isGranted reports whether the hub keeps the offer for the terminal.
func (c *claim) isGranted() bool { return c.word.Answer.Result == record.ClaimGranted }

// offerUses is how many uses an offer has as far as it says so itself; one without a pass.
func offerUses(pass *offer.Pass) int {
	if pass == nil {
		return 1
	}
	return pass.MaxUses()
}

// useClaim enters what the hub said into the ledger, under the journal's lock. A claim that has ended meanwhile is made
// again, once; then the record says that it is late.
func (r *redeemer) useClaim(c *candidate) error {
	if c.claim == nil {
		return nil
	}
	word := &c.claim.word
	if c.claim.isGranted() && r.clock.Read().SinceBoot >= word.Answer.Until {
		if !c.claim.last {
			return errClaimEnded
		}
		word.Late = true
	}
	c.ledger.Hub = word
	return nil
}

// endClaim gives up a claim that came to nothing. A sale that has the offer already goes on having it: its record is on
// its way to the hub. Where nobody knows what is on disk, the journal tells later.
func (r *redeemer) endClaim(c *candidate, err error) {
	switch {
	case !c.claim.isGranted():
	case errors.Is(err, fault.OutcomeUnknown):
		r.hub.Tell()
	case err == nil && (c.decision.Outcome == Allow || c.decision.Again):
	default:
		r.hub.GiveUp(c.claim.request, c.claim.word.Answer.Claim)
	}
}

// claimOf is the claim under which a candidate's records are written; nil: there is none.
func (c *candidate) claimOf() *record.Claim {
	if c.claim == nil || !c.claim.isGranted() {
		return nil
	}
	return &c.claim.word.Answer.Claim
}

// tellHub has the hub told of the records that an append made, or may have made.
func (r *recorder) tellHub(entries []journal.Entry, err error) {
	switch {
	case r.hub == nil:
	case errors.Is(err, fault.OutcomeUnknown):
		r.hub.Tell()
	case err == nil:
		var ids []record.ID
		for i := range entries {
			if entries[i].Slot == "" { // a note has one
				ids = append(ids, record.ID(entries[i].ID))
			}
		}
		if len(ids) > 0 {
			r.hub.Tell(ids...)
		}
	}
}

// appendAndTell appends what build makes and has the hub told of it.
func (r *recorder) appendAndTell(ctx context.Context, build func(*journal.View) ([]journal.Entry, error)) error {
	if r.hub == nil {
		return r.journal.Append(ctx, build)
	}
	var made []journal.Entry
	err := r.journal.Append(ctx, func(v *journal.View) (entries []journal.Entry, err error) {
		made, err = build(v)
		return made, err
	})
	r.tellHub(made, err)
	return err
}
