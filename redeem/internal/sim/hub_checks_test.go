package sim

import (
	"context"
	"iter"
	"maps"
	"slices"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// A hubUse is a redemption that stands in a lane's journal.
type hubUse struct {
	lane *seat
	rec  record.Record
}

// isExplained reports whether the record itself says how it may be one too many.
func (u *hubUse) isExplained() bool { return len(u.rec.Notes) > 0 || u.rec.Override != nil }

// epoch is that of the claim under which it was written; 0: none, which no record may have that was not written alone.
func (u *hubUse) epoch() uint64 {
	if u.rec.Claim == nil {
		return 0
	}
	return u.rec.Claim.Epoch
}

// records are those of the lane's journal.
func (l *seat) records() iter.Seq[record.Record] {
	return func(yield func(record.Record) bool) {
		for listed, err := range l.terminal.Records(context.Background(), redeem.Query{}) {
			require.NoError(l.store.t, err)
			if !yield(listed.Record) {
				return
			}
		}
	}
}

// uses are the redemptions of all lanes by offer, those that were taken back included.
func (s *hubStore) uses() map[offer.ID][]hubUse {
	all := map[offer.ID][]hubUse{}
	for _, l := range s.seats {
		for rec := range l.records() {
			if rec.Kind == record.Redemption {
				all[rec.Offer] = append(all[rec.Offer], hubUse{l, rec})
			}
		}
	}
	return all
}

// standing are the redemptions that nobody took back.
func (s *hubStore) standing() map[offer.ID][]hubUse {
	all, own, others := s.uses(), s.voided(true), s.voided(false)
	for id, uses := range all {
		all[id] = slices.DeleteFunc(uses, func(u hubUse) bool {
			receipt := u.rec.ID.Receipt()
			return own[receipt] || others[receipt]
		})
	}
	return all
}

// unexplained are offers that two lanes used in one epoch, though both asked the hub and no manager decided.
func (s *hubStore) unexplained() (bad []offer.ID) {
	for id, uses := range s.standing() {
		epochs := map[uint64]int{}
		for i := range uses {
			if !uses[i].isExplained() {
				epochs[uses[i].epoch()]++
			}
		}
		for epoch, n := range epochs {
			if n > 1 || epoch == 0 {
				bad = append(bad, id)
			}
		}
	}
	return bad
}

// checkConflicts holds the lanes to having been told of every offer that was used twice.
func (s *hubStore) checkConflicts() (doubled int) {
	all := s.standing()
	s.mu.Lock()
	notices := maps.Clone(s.notices)
	s.mu.Unlock()
	for id, uses := range all {
		if len(uses) < 2 {
			continue
		}
		doubled++
		for _, u := range uses {
			heard := false
			for _, n := range notices[u.lane.id] {
				heard = heard || n.Record == u.rec.ID && n.Lane != ""
			}
			assert.True(s.t, heard, "lane %d was told that %s was used twice:\n%s", u.lane.number, id, s.story(id))
		}
	}
	return doubled
}

// offerModel is an offer of which the lanes that the hub answers take the one use: the input is the sale, the output
// what it came to. A void, whose output is nil, frees it when the hub hears of it.
var offerModel = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		has, sale := state.(string), input.(string)
		switch output {
		case nil:
			if has == sale {
				return true, ""
			}
		case redeem.Allow:
			return has == "" || has == sale, sale
		case redeem.Refuse:
			return has != "" && has != sale, state
		}
		return true, state
	},
}

// isLinearizable checks the calls about each offer of which no record says that it was written otherwise than by the
// hub's word, but for calls that asked or were refused for the time being.
func (s *hubStore) isLinearizable() (checked int, ok bool) {
	ok = true
	plain := map[offer.ID]bool{}
	for id, uses := range s.uses() {
		plain[id] = !slices.ContainsFunc(uses, func(u hubUse) bool {
			return u.isExplained() || u.epoch() != uses[0].epoch()
		})
	}
	calls := map[offer.ID][]porcupine.Operation{}
	for _, sale := range s.sold {
		d := &sale.decision
		if d.Outcome == redeem.Ask || d.Because(fault.Reserved) {
			continue
		}
		calls[d.Offer] = append(calls[d.Offer], porcupine.Operation{ClientId: sale.lane, Input: sale.key,
			Output: d.Outcome, Call: sale.call.order, Return: sale.back.order})
	}
	for _, sale := range s.sold {
		for _, end := range s.ends {
			if id := sale.decision.Offer; end.kind == "void" && end.sale == sale.key {
				calls[id] = append(calls[id], porcupine.Operation{ClientId: sale.lane, Input: sale.key, Call: end.call.order,
					Return: forever})
			}
		}
	}
	for id, history := range calls {
		if plain[id] {
			checked++
			ok = ok && porcupine.CheckOperations(offerModel, history)
		}
	}
	return checked, ok
}

// checkAll holds a store to all of it, and returns how many offers were used twice.
func (s *hubStore) checkAll(seed uint64) (doubled int) {
	for _, id := range s.unexplained() {
		s.t.Errorf("seed %d: %s was doubled by lanes that the hub answered:\n%s", seed, id, s.story(id))
	}
	_, ok := s.isLinearizable()
	assert.True(s.t, ok, "seed %d: what calls came to fits no order in which they can have happened", seed)
	_, bad := s.claimsFit()
	for _, id := range bad {
		s.t.Errorf("seed %d: what the hub said about %s fits no order in which it can have happened:\n%s", seed, id,
			s.story(id))
	}
	return s.checkConflicts()
}
