package sim

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// An asked is a claim that the hub answered.
type asked struct {
	lane       int
	request    record.ClaimRequest
	answer     record.ClaimAnswer
	call, back moment
	epoch      string // of the hub, with its key: two hubs may give theirs the same number; empty: it is not known
	ended      moment // when the lane gave it up, or its program ended; zero: neither
}

func (s *hubStore) noteClaim(a asked) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, a)
}

// noteGiveUp notes that a lane gives up a claim.
func (s *hubStore) noteGiveUp(lane int, claim record.Claim) {
	s.endClaims(func(a *asked) bool { return a.lane == lane && a.answer.Claim == claim })
}

// noteRestart notes that a lane's program ended: the next one gives up what stands in no journal.
func (s *hubStore) noteRestart(lane int) {
	s.endClaims(func(a *asked) bool { return a.lane == lane })
}

func (s *hubStore) endClaims(which func(*asked) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.asked {
		if a := &s.asked[i]; a.ended == (moment{}) && which(a) {
			a.ended = s.moment()
		}
	}
}

// A claimStep is what happened to an offer at the hub.
type claimStep struct {
	kind    string // grant, end, release, use, void or taken
	sale    string
	attempt uint64
	over    bool // a manager's override was needed
}

// A claimState is what the hub holds of an offer with one use.
type claimState struct {
	leased map[string]uint64 // the attempts of claims that were granted and did not come to an end, by sale
	used   string            // the sales that used it, each in brackets
}

// others reports whether other sales used it.
func (c *claimState) others(sale string) bool {
	return strings.ReplaceAll(c.used, "["+sale+"]", "") != ""
}

// claimModel says in which order things can have happened to an offer in one epoch, whatever time a message took: at
// most one sale has the claim, until it is given up, or a manager overrides it where the lane is silent; and once the
// hub knows of a use it grants nothing to others until that is taken back. A use, the end of a claim, the release of a
// reservation and a void come about when the hub hears of them, at any time after they happened.
var claimModel = porcupine.Model{
	Init: func() any { return claimState{} },
	Equal: func(a, b any) bool {
		return maps.Equal(a.(claimState).leased, b.(claimState).leased) && a.(claimState).used == b.(claimState).used
	},
	Step: func(state, input, _ any) (bool, any) {
		now, step := state.(claimState), input.(claimStep)
		next := claimState{maps.Clone(now.leased), now.used}
		switch step.kind {
		case "taken":
			return now.others(step.sale), now
		case "use":
			next.used += "[" + step.sale + "]"
			delete(next.leased, step.sale)
		case "void":
			next.used = strings.Replace(next.used, "["+step.sale+"]", "", 1)
		case "release":
			delete(next.leased, step.sale)
		case "end":
			if now.leased[step.sale] == step.attempt {
				delete(next.leased, step.sale)
			}
		default:
			return now.grant(step)
		}
		return true, next
	},
}

// grant reports whether a claim can be granted, and what the hub holds then.
func (c *claimState) grant(step claimStep) (bool, any) {
	if strings.Contains(c.used, "["+step.sale+"]") {
		return true, *c
	}
	for sale := range c.leased {
		if sale != step.sale && !step.over {
			return false, *c
		}
	}
	return !c.others(step.sale), claimState{map[string]uint64{step.sale: step.attempt}, c.used}
}

// forever is later than everything that happened.
const forever = math.MaxInt64

// An offerIn is an offer in an epoch of the hub.
type offerIn struct {
	offer offer.ID
	epoch string
}

// claimHistories are what happened at the hub, by offer and epoch.
func (s *hubStore) claimHistories() map[offerIn][]porcupine.Operation {
	all := map[offerIn][]porcupine.Operation{}
	add := func(a *asked, step claimStep, call, back int64) {
		of := offerIn{a.request.Offer, a.epoch}
		all[of] = append(all[of], porcupine.Operation{ClientId: a.lane, Input: step, Call: call, Return: back})
	}
	uses, recorded := s.uses(), map[string]bool{}
	for _, l := range s.seats {
		for rec := range l.records() {
			recorded[fmt.Sprint(l.number, rec.Claim)] = rec.Claim != nil
		}
	}
	for i := range s.asked {
		a := &s.asked[i]
		step := claimStep{sale: a.request.SaleKey, attempt: a.answer.Claim.Attempt, over: a.answer.Overrode != ""}
		switch {
		case a.answer.Result == record.ClaimTaken && a.epoch != "":
			step.kind = "taken"
		case a.answer.Result == record.ClaimGranted:
			step.kind = "grant"
			if a.ended != (moment{}) && !recorded[fmt.Sprint(a.lane, &a.answer.Claim)] {
				end := step
				end.kind = "end"
				add(a, end, a.ended.order, forever)
			}
		default:
			continue // it may always ask or wait
		}
		add(a, step, a.call.order, a.back.order)
	}
	for of := range all {
		for _, u := range uses[of.offer] {
			all[of] = append(all[of], porcupine.Operation{ClientId: u.lane.number, Call: s.recordedAt(&u), Return: forever,
				Input: claimStep{kind: "use", sale: u.rec.Sale.Key}})
		}
		all[of] = append(all[of], s.endings(all[of])...)
	}
	return all
}

// endings are the voids and releases of sales that a history is about.
func (s *hubStore) endings(history []porcupine.Operation) (all []porcupine.Operation) {
	sales := map[string]bool{}
	for _, op := range history {
		sales[op.Input.(claimStep).sale] = true
	}
	for _, end := range s.ends {
		if sales[end.sale] {
			all = append(all, porcupine.Operation{Input: claimStep{kind: end.kind, sale: end.sale}, Call: end.call.order,
				Return: forever})
		}
	}
	return all
}

// recordedAt is the earliest moment at which a use can have been recorded: after the call began and its claim was
// granted.
func (s *hubStore) recordedAt(u *hubUse) (order int64) {
	for i := range s.sold {
		if s.sold[i].key == u.rec.Sale.Key {
			order = s.sold[i].call.order
		}
	}
	for i := range s.asked {
		if a := &s.asked[i]; u.rec.Claim != nil && a.lane == u.lane.number && a.answer.Claim == *u.rec.Claim {
			order = max(order, a.back.order+1)
		}
	}
	return order
}

// claimsFit checks the claims of each offer.
func (s *hubStore) claimsFit() (checked int, bad []offer.ID) {
	histories := s.claimHistories()
	for of, history := range histories {
		if porcupine.CheckOperationsTimeout(claimModel, history, time.Minute) != porcupine.Ok {
			bad = append(bad, of.offer)
		}
	}
	return len(histories), bad
}

// story is what is known of an offer, for whoever looks into a failure.
func (s *hubStore) story(id offer.ID) string {
	var lines []string
	for _, u := range s.uses()[id] {
		lines = append(lines, fmt.Sprintf("lane %d has %s in its journal: %s, claim %v, notes %v, override %v",
			u.lane.number, u.rec.Sale.Key, time.UnixMilli(u.rec.Time.Wall).Sub(simStart), u.rec.Claim, u.rec.Notes,
			u.rec.Override != nil))
	}
	for _, a := range s.asked {
		if a.request.Offer == id {
			lines = append(lines, fmt.Sprintf("%s to %s: lane %d asks for %s: %+v, ended %s", a.call.at, a.back.at, a.lane,
				a.request.SaleKey, a.answer, cmp.Or(a.ended.at, -1)))
		}
	}
	for _, c := range s.sold {
		if c.decision.Offer == id {
			lines = append(lines, fmt.Sprintf("%s to %s: lane %d comes to %s for %s", c.call.at, c.back.at, c.lane, &c.decision,
				c.key))
		}
	}
	return strings.Join(append(lines, s.events...), "\n")
}
