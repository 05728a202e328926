package redeem

import (
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/outbox"
	"github.com/offlane/offlane/redeem/record"
)

// A found is a record of the journal together with what it says.
type found struct {
	outbox.Stored
	rec record.Record
}

// recordsOf finds the records of one kind by a key or name, oldest first. Those that were reported so long ago that only
// their keys are kept are left out.
func recordsOf(v *outbox.View, key string, kind record.Kind) ([]found, error) {
	ids, err := v.Find(key)
	if err != nil {
		return nil, err
	}
	return recordsAt(v, ids, kind)
}

// recordsAt reads the records of one kind among those with these ids.
func recordsAt(v *outbox.View, ids []outbox.ID, kind record.Kind) ([]found, error) {
	var all []found
	for _, id := range ids {
		stored, ok, err := v.Get(id)
		if err != nil {
			return nil, err
		}
		if !ok || stored.Payload == nil {
			continue
		}
		if rec, err := record.Decode(stored.Payload); err == nil && rec.Kind == kind {
			all = append(all, found{stored, rec})
		}
	}
	return all, nil
}

// weighUses refuses where the terminal has granted as many uses as it may: as many as the offer has, or as many as one terminal
// may grant that the backend does not know of. Another sale's reservation holds a use too.
func (t *Terminal) weighUses(v *outbox.View, c *candidate) error {
	allowed, alone := t.usesOf(c.presented.Pass)
	used, unanswered, others := 0, 0, []record.ID(nil)
	for _, key := range c.keys {
		ids, err := v.Find(key)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			continue
		}
		// Of an offer's names the one with the most uses counts.
		used, unanswered = max(used, v.Uses(key)), max(unanswered, pendingUses(v, ids))
		if others, err = weighHolds(v, c, ids, others); err != nil {
			return err
		}
	}
	held := len(others)
	c.decision.UsesLeft = max(min(allowed-used, alone-unanswered)-held, 0)
	switch {
	case used >= allowed:
		return c.alreadyRedeemed(v, allowed, used)
	case unanswered >= alone:
		c.decision.Reasons = append(c.decision.Reasons, Reason{
			Code: fault.OverLimit, Outcome: Refuse, Limit: int64(alone), Used: int64(unanswered),
			Detail: "one terminal may not grant more uses of this offer than the backend knows of: report, then scan again",
		})
	case held > 0 && c.decision.UsesLeft == 0:
		c.decision.Reasons = append(c.decision.Reasons, Reason{
			Code: fault.Reserved, Outcome: Refuse, Limit: int64(allowed), Used: int64(used + held),
			Detail: "it is reserved for another sale: finish that one, or release it",
		})
	}
	return nil
}

// usesOf returns how many uses an offer has as far as this terminal may grant them, and how many of those it may grant that the
// backend has not answered. Without a pass both are one.
func (t *Terminal) usesOf(pass *offer.Pass) (allowed, alone int) {
	allowed, alone = 1, 1
	if pass != nil {
		allowed, alone = pass.MaxUses(), pass.MaxOfflineUses()
	}
	if most := t.cfg.Policy.MaxUses; most > 0 {
		allowed = min(allowed, most)
	}
	return allowed, alone
}

// pendingUses counts the uses that the backend has not answered.
func pendingUses(v *outbox.View, ids []outbox.ID) (pending int) {
	for _, id := range ids {
		if status, ok := v.State(id); ok && status.State == outbox.Pending {
			pending += status.Uses
		}
	}
	return pending
}

// alreadyRedeemed refuses, with the place and time of the last use if it is still known.
func (c *candidate) alreadyRedeemed(v *outbox.View, allowed, used int) error {
	reason := Reason{Code: fault.AlreadyRedeemed, Outcome: Refuse, Limit: int64(allowed), Used: int64(used)}
	reason.Detail = "this terminal has granted every use that it may: void one first if it was a mistake"
	for _, key := range c.keys {
		uses, err := recordsOf(v, key, record.Redemption)
		if err != nil {
			return err
		}
		for _, use := range uses {
			if at := time.UnixMilli(use.rec.Time.Wall).UTC(); !use.Voided && !at.Before(reason.At) {
				reason.Where, reason.At = use.rec.Place, at
				reason.Detail = "it was redeemed here at " + moment(use.rec.Time.Wall) + ": void that first if it was a mistake"
			}
		}
	}
	c.decision.Reasons = append(c.decision.Reasons, reason)
	return nil
}

// weighElsewhere asks about an offer whose uses seem to be spent elsewhere, unless this terminal knows better: that it took a
// redemption back which the bundle cannot know of.
func (t *Terminal) weighElsewhere(v *outbox.View, c *candidate) error {
	if c.spentAsOf == 0 {
		return nil
	}
	for _, key := range c.keys {
		uses, err := recordsOf(v, key, record.Redemption)
		if err != nil {
			return err
		}
		for _, use := range uses {
			voids, err := recordsOf(v, voidKey(use.rec.ID), record.Void)
			if err != nil {
				return err
			}
			for _, void := range voids {
				if use.Voided && (void.State == outbox.Pending || void.Written.UnixMilli() > c.spentAsOf) {
					return nil
				}
			}
		}
	}
	c.speaks(Ask, fault.New(fault.RedeemedElsewhere, "", "it seems to have been redeemed elsewhere; in rare cases that is a coincidence: ask a manager"))
	return nil
}

// weighCombination refuses an offer that may not be combined with those that the sale has already, or the other way round.
func (c *candidate) weighCombination(sale []record.Record) {
	for _, other := range sale {
		if other.Exclusive || c.exclusive() {
			c.speaks(Refuse, fault.New(fault.NotCombinable, "", "the sale has another offer, and the two may not be combined: void that one first"))
			return
		}
	}
}

// exclusive reports whether the terms forbid other offers in the same sale. Where the terms are not known here, the POS's own
// engine sees to it.
func (c *candidate) exclusive() bool {
	terms := c.termsOf()
	return !terms.IsZero() && !terms.Combinable
}

// offerKeys are the names under which a use is counted: one offer in two dresses is still one.
func offerKeys(p offer.Presented) []string {
	if !p.Identifies() {
		return nil // a coupon without a serial is no identifier; its campaign's budget bounds it
	}
	return keysOf(p.ID, p.Alias)
}

func keysOf(id offer.ID, alias string) []string {
	var keys []string
	if !id.IsZero() {
		keys = append(keys, "offer:"+string(id[:]))
	}
	if alias != "" {
		keys = append(keys, "alias:"+alias)
	}
	return keys
}
