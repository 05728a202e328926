package limits

import (
	"slices"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/record"
)

// A void is one that counts: those of the last 24 hours do, by whoever made them.
type void struct {
	id       record.ID
	at       int64 // as in entry
	operator string
	given    record.Money // what it takes back, as far as it says
}

func newVoid(rec *record.Record, at int64) *void {
	return &void{id: rec.ID, at: at, operator: rec.Sale.Operator, given: rec.Given}
}

func (s *sums) addVoid(x *void) {
	s.follow(x.at)
	x.at = s.latest
	s.voids = append(s.voids, x)
}

// forgetVoids leaves voids out that are a day old.
func (s *sums) forgetVoids() {
	old := 0
	for old < len(s.voids) && s.voids[old].at <= s.latest-day {
		old++
	}
	s.voids = s.voids[old:]
}

// sumVoids sums the voids after a moment up to now: all of them, or where operator is not nil those of one.
func (s *sums) sumVoids(after int64, operator *string) (sum tally) {
	for _, x := range s.voids {
		if x.at > after && (operator == nil || x.operator == *operator) {
			sum.add(1, x.given)
		}
	}
	return sum
}

// operators are those who voided something within the last 24 hours, in order.
func (s *sums) operators() (names []string) {
	for _, x := range s.voids {
		if i, ok := slices.BinarySearch(names, x.operator); !ok {
			names = slices.Insert(names, i, x.operator)
		}
	}
	return names
}

// AddVoid counts a void that is about to be recorded, at a moment, and reports whether it did: before Load nothing is
// counted. Where it is not recorded after all, RemoveVoids takes it out.
func (c *Counters) AddVoid(rec *record.Record, at int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.counted {
		c.sums.addVoid(newVoid(rec, at))
	}
	if c.reading != nil {
		x := newVoid(rec, at)
		c.reading.note(x.id, func(s *sums) { s.addVoid(x) })
	}
	return c.counted || c.reading != nil
}

// RemoveVoids takes voids out that were not recorded after all.
func (c *Counters) RemoveVoids(ids []record.ID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sums.removeVoids(ids)
	if c.reading != nil {
		kept := slices.Clone(ids)
		c.reading.change(func(s *sums) { s.removeVoids(kept) })
	}
}

func (s *sums) removeVoids(ids []record.ID) {
	s.voids = slices.DeleteFunc(s.voids, func(x *void) bool { return slices.Contains(ids, x.id) })
}

// VoidBudgets says how far the limits of voids within a time are at a moment: of all and of one operator. Partial says
// that records could not be read, so that more was taken back than is counted.
func (c *Counters) VoidBudgets(policy *decision.Policy, now int64, operator string) (all []decision.Budget,
	partial bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sums.moveTo(now)
	return c.sums.voidBudgets(policy, operator), c.sums.partial
}

// EveryVoidBudget says how far the limits of voids within a time are at a moment, of all and of each operator, also
// where there is no limit. Before Load there are none.
func (c *Counters) EveryVoidBudget(policy *decision.Policy, now int64) []decision.Budget {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.counted {
		return nil
	}
	c.sums.moveTo(now)
	return c.sums.voidBudgets(policy, c.sums.operators()...)
}

func (s *sums) voidBudgets(policy *decision.Policy, operators ...string) []decision.Budget {
	perHour, perOperator := policy.VoidsPerHour, policy.VoidsPerOperator
	budgets := []decision.Budget{{Name: "voidsPerHour", Limit: perHour,
		Used: s.sumVoids(s.latest-hour, nil).allowance(perHour.Currency)}}
	for _, operator := range operators {
		budgets = append(budgets, decision.Budget{Name: "voidsPerOperator", Operator: operator, Limit: perOperator,
			Used: s.sumVoids(s.latest-day, &operator).allowance(perOperator.Currency)})
	}
	return budgets
}
