package redeem

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// A found is a record of the journal together with what it says.
type found struct {
	journal.Stored
	rec record.Record
}

// recordsOf finds the records of some kinds by a key or name, oldest first. Those that were reported so long ago that
// only their keys are kept are left out. Where others cannot be read, it returns those that can be, and the error: for
// which redeem.unread asks, and which ends every other call.
func recordsOf(v *journal.View, key string, kinds ...record.Kind) ([]found, error) {
	ids, unread := v.Find(key)
	all, err := recordsAt(v, ids, kinds...)
	return all, cmp.Or(err, unread)
}

// recordsAt reads the records of some kinds among those with these ids. Errors as of recordsOf.
func recordsAt(v *journal.View, ids []journal.ID, kinds ...record.Kind) (all []found, unread error) {
	for _, id := range ids {
		stored, ok, err := v.Get(id)
		if err == nil && (!ok || stored.Payload == nil) {
			continue
		}
		rec := record.Record{}
		if err == nil {
			rec, err = record.Decode(stored.Payload)
		}
		switch {
		case err != nil:
			unread = cmp.Or(unread, unreadable(err))
		case slices.Contains(kinds, rec.Kind):
			all = append(all, found{stored, rec})
		}
	}
	return all, unread
}

// unreadable is the error for a record that the journal cannot read, or whose content makes no sense any more.
func unreadable(err error) error {
	if isUnread(err) {
		return err
	}
	return fault.New(fault.Damaged, "", "a record is not as it was written: %w", err)
}

// isUnread reports whether an error says that a record cannot be read.
func isUnread(err error) bool {
	code := fault.CodeOf(err)
	return code == fault.Damaged || code == fault.DiskFailed
}

// unread asks a manager, once, where a record of the offer or of the sale cannot be read, so that nobody knows what it
// says. It returns nil then, and any other error as it is.
func (c *candidate) unread(err error) error {
	if err == nil || !isUnread(err) {
		return err
	}
	if !c.decision.Because(fault.Damaged) {
		c.speaks(Ask, fault.New(fault.Damaged, "",
			"a record of this offer or sale cannot be read any more, so that it may be redeemed already: %w", err))
	}
	return nil
}

// granted is what a terminal knows of an offer's uses.
type granted struct {
	counted        bool        // the offer is one of which uses are counted
	allowed, alone int         // how many it may grant, and of these how many that the backend does not know of
	used, unheard  int         // how many it did
	held           []record.ID // the reservations of other sales
	own            int         // those of this sale
	askedForBeyond bool        // more than alone are asked about, and not refused
}

// left returns how many more the terminal may grant, after so many are taken and this sale holds so many.
func (g *granted) left(taken, own int) int {
	if !g.counted {
		return 0
	}
	return max(min(g.allowed-g.used, g.alone-g.unheard)-len(g.held)-taken-own, 0)
}

// look counts the uses of a candidate's offer. Of an offer's names the one with the most uses counts.
func (g *granted) look(t *Terminal, v *journal.View, c *candidate) (err error) {
	*g = granted{counted: len(c.keys) > 0, askedForBeyond: c.rules.AskBeyond}
	g.allowed, g.alone = t.usesOf(c.presented.Pass)
	for _, key := range c.keys {
		ids, err := v.Find(key)
		if c.unread(err) != nil {
			return err
		}
		if len(ids) == 0 && err == nil {
			continue
		}
		g.used, g.unheard = max(g.used, v.Uses(key)), max(g.unheard, pendingUses(v, ids))
		if err := c.unread(weighHolds(v, c, ids)); err != nil {
			return err
		}
	}
	return nil
}

// weighUses refuses where the terminal has granted as many uses as it may: as many as the offer has, or as many as one
// terminal may grant that the backend does not know of. Another sale's reservation holds a use too. Where several uses
// are asked for, all are granted or none.
func (t *Terminal) weighUses(v *journal.View, c *candidate) error {
	g := &c.granted
	if err := g.look(t, v, c); err != nil || !g.counted {
		return err
	}
	c.decision.UsesLeft = g.left(0, g.own)
	used, unheard, held := g.used+c.uses, g.unheard+c.uses, len(g.held)
	limited := func(code fault.Code, outcome Outcome, limit, used int, detail string) {
		c.decision.Reasons = append(c.decision.Reasons, Reason{Code: code, Outcome: outcome, Limit: int64(limit),
			Used: int64(used), Detail: detail})
	}
	switch {
	case g.used >= g.allowed:
		return c.alreadyRedeemed(v, g.allowed, g.used)
	case used > g.allowed:
		limited(fault.OverLimit, Refuse, g.allowed, g.used,
			fmt.Sprintf("%d uses are asked for and %d are left: ask for fewer", c.uses, g.allowed-g.used))
	case unheard > g.alone && !g.askedForBeyond:
		limited(fault.OverLimit, Refuse, g.alone, g.unheard,
			"one terminal may not grant more uses of this offer than the backend knows of: report, then scan again")
	case held > 0 && (used+held > g.allowed || unheard+held > g.alone && !g.askedForBeyond):
		limited(fault.Reserved, Refuse, g.allowed, g.used+held,
			"it is reserved for another sale: finish that one, or release it")
	case unheard+held > g.alone:
		limited(fault.OverLimit, Ask, g.alone, g.unheard+held,
			"one terminal alone may not grant more uses of this offer without a manager: report, then scan again, or ask a manager")
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
func pendingUses(v *journal.View, ids []journal.ID) (pending int) {
	for _, id := range ids {
		if status, ok := v.State(id); ok && status.State == journal.Pending {
			pending += status.Uses
		}
	}
	return pending
}

// alreadyRedeemed refuses, with the place and time of the last use if it is still known.
func (c *candidate) alreadyRedeemed(v *journal.View, allowed, used int) error {
	reason := Reason{Code: fault.AlreadyRedeemed, Outcome: Refuse, Limit: int64(allowed), Used: int64(used)}
	reason.Detail = "this terminal has granted every use that it may: void one first if it was a mistake"
	for _, key := range c.keys {
		uses, err := recordsOf(v, key, record.Redemption)
		if err != nil && !isUnread(err) {
			return err
		}
		for _, use := range uses {
			if at := madeAt(use.rec); !use.Voided && !at.Before(reason.At) {
				reason.Where, reason.At, reason.Other = use.rec.Place, at, c.other(use.rec)
				reason.Detail = "it was redeemed here at " + moment(use.rec.Time.Wall) + ": void that first if it was a mistake"
			}
		}
	}
	c.decision.Reasons = append(c.decision.Reasons, reason)
	return nil
}

// weighElsewhere asks about an offer whose uses seem to be spent elsewhere, unless this terminal knows better: that it took a
// redemption back which the bundle cannot know of.
func (t *Terminal) weighElsewhere(v *journal.View, c *candidate) error {
	if c.spentAsOf == 0 {
		return nil
	}
	for _, key := range c.keys {
		uses, err := recordsOf(v, key, record.Redemption)
		if err != nil && !isUnread(err) {
			return err
		}
		for _, use := range uses {
			voids, err := recordsOf(v, voidKey(use.rec.ID), record.Void)
			if err != nil && !isUnread(err) {
				return err
			}
			for _, void := range voids {
				if use.Voided && (void.State == journal.Pending || void.Written.UnixMilli() > c.spentAsOf) {
					return nil
				}
			}
		}
	}
	c.speaks(Ask, fault.New(fault.RedeemedElsewhere, "", "it seems to have been redeemed elsewhere; in rare cases that is a coincidence: ask a manager"))
	return nil
}

// weighCombination refuses an offer that may not be combined with those that the sale has already, or the other way round.
func (c *candidate) weighCombination(sale []found) {
	for _, f := range sale {
		if !f.rec.Exclusive && !c.exclusive() {
			continue
		}
		reason := reasonOf(Refuse, fault.New(fault.NotCombinable, "",
			"the sale has another offer, and the two may not be combined: void that one first"))
		reason.Other = c.other(f.rec)
		c.decision.Reasons = append(c.decision.Reasons, reason)
		return
	}
}

// other names a redemption that stands in the way.
func (c *candidate) other(rec record.Record) Other {
	o := Other{Redemption: rec.ID, Receipt: rec.ID.Receipt(), Campaign: rec.Campaign}
	if c.bundle != nil {
		campaign, _ := c.bundle.Campaign(rec.Campaign)
		o.Title = campaign.Title
	}
	return o
}

// exclusive reports whether the terms forbid other offers in the same sale. Where the terms are not known here, the POS's own
// engine sees to it.
func (c *candidate) exclusive() bool {
	return !c.decision.Terms.IsZero() && !c.decision.Terms.Combinable
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
