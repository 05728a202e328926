package redeem

import (
	"errors"
	"fmt"
	"slices"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// limitsVoids reports whether a policy bounds voids.
func limitsVoids(p *Policy) bool {
	return p.VoidsPerOffer > 0 || !p.VoidsPerOperator.IsZero() || !p.VoidsPerHour.IsZero()
}

// weighVoids looks at the limits that the voids of a call would exceed; backs is nil where another terminal made the
// redemption. It runs under the journal's lock, so that two calls at once cannot both take the last of a limit. Its
// error is fault.OverVoids, unless a manager allows it.
func (t *Terminal) weighVoids(v *journal.View, w *withdrawal, backs []takeBack) error {
	w.done.Budgets, w.done.Reasons = nil, nil
	if !limitsVoids(&t.cfg.Policy) {
		return nil
	}
	if err := t.weighVoidsOfOffers(v, w, backs); err != nil {
		return err
	}
	t.weighVoidsInTime(w, backs)
	return t.overVoids(w)
}

// overVoids comes to what the reasons against a void lead to.
func (t *Terminal) overVoids(w *withdrawal) error {
	reasons := w.done.Reasons
	if len(reasons) == 0 {
		return nil
	}
	word := w.req.Override
	if word != nil && !t.cfg.Policy.Unattended {
		w.override = &record.Override{Manager: word.Manager, Why: word.Why, Reasons: []fault.Code{fault.OverVoids}}
		return nil
	}
	for i := range reasons {
		if t.cfg.Policy.Unattended {
			reasons[i].Outcome = Refuse
		}
	}
	return fault.New(fault.OverVoids, "redeem.Void", "%s", reasons[0].Detail)
}

// weighVoidsOfOffers looks at the limit of each offer's whole voids.
func (t *Terminal) weighVoidsOfOffers(v *journal.View, w *withdrawal, backs []takeBack) error {
	most := t.cfg.Policy.VoidsPerOffer
	if most == 0 || w.req.Partial {
		return nil
	}
	takes := map[string]int{} // how many voids of an offer the call asks for, by the offer's first key
	keys := map[string][]string{}
	note := func(of []string) {
		if len(of) > 0 {
			takes[of[0]], keys[of[0]] = takes[of[0]]+1, of
		}
	}
	if backs == nil {
		note(offerKeys(w.presented))
	}
	for _, back := range backs {
		note(keysOf(back.of.rec.Offer, back.of.rec.Alias))
	}
	for first, n := range takes {
		used, err := voidsOf(v, keys[first])
		if err != nil {
			return err
		}
		w.weigh(Budget{Name: "voidsPerOffer", Limit: trust.Allowance{Number: most}, Used: trust.Allowance{Number: used}},
			trust.Allowance{Number: n})
	}
	return nil
}

// weighVoidsInTime looks at the limits of what one operator and all take back within a time.
func (t *Terminal) weighVoidsInTime(w *withdrawal, backs []takeBack) {
	budgets, partial := t.limits.VoidBudgets(&t.cfg.Policy, decision.Now(w.time), w.req.Operator)
	for _, budget := range budgets {
		if budget.Limit.IsZero() {
			continue
		}
		if partial {
			w.done.Budgets = append(w.done.Budgets, budget)
			w.against(budget, "the journal cannot be read whole, so that the limit "+budget.Name+" counts too little: ask a manager")
			continue
		}
		takes, other := w.takes(backs, budget.Limit.Currency)
		if budget.Limit.Value > 0 && other != "" {
			w.done.Budgets = append(w.done.Budgets, budget)
			w.against(budget, fmt.Sprintf("the limit %s counts %s and cannot bound %s: ask a manager", budget.Name,
				budget.Limit.Currency, other))
			continue
		}
		w.weigh(budget, takes)
	}
}

// takes is how many voids a call asks for and what they take back in a currency; other is another currency in which
// they take something back, if there is one.
func (w *withdrawal) takes(backs []takeBack, currency string) (sum trust.Allowance, other string) {
	sum.Number = len(backs)
	given := make([]record.Money, 0, len(backs)+1)
	for _, back := range backs {
		given = append(given, back.given)
	}
	if backs == nil {
		sum.Number, given = 1, append(given, w.req.Returned)
	}
	for _, money := range given {
		switch {
		case money.Currency == currency:
			sum.Value += money.Amount
		case money.Amount > 0:
			other = money.Currency
		}
	}
	return sum, other
}

// weigh enters a budget and adds a reason where the call would exceed it.
func (w *withdrawal) weigh(budget Budget, takes trust.Allowance) {
	w.done.Budgets = append(w.done.Budgets, budget)
	limit, used := budget.Limit, budget.Used
	switch {
	case limit.Number > 0 && used.Number+takes.Number > limit.Number:
		w.against(budget, fmt.Sprintf("%d of the %d voids that the limit %s allows are used, and this takes %d: ask a manager",
			used.Number, limit.Number, budget.Name, takes.Number))
	case limit.Value > 0 && used.Value+takes.Value > limit.Value:
		budget.Limit.Number = 0
		w.against(budget, fmt.Sprintf("%d of the %d %s that the limit %s allows are taken back, and this takes %d: ask a manager",
			used.Value, limit.Value, limit.Currency, budget.Name, takes.Value))
	}
}

// against adds a reason with the limit that it comes from: in number where the limit has one, else in value.
func (w *withdrawal) against(budget Budget, detail string) {
	reason := Reason{Code: fault.OverVoids, Outcome: Ask, Detail: detail,
		Limit: budget.Limit.Value, Used: budget.Used.Value}
	if budget.Limit.Number > 0 {
		reason.Limit, reason.Used = int64(budget.Limit.Number), int64(budget.Used.Number)
	}
	w.done.Reasons = append(w.done.Reasons, reason)
}

// countStopped counts a void that a limit stopped, as countNotAllowed does redemptions.
func (t *Terminal) countStopped(err error) {
	if errors.Is(err, fault.OverVoids) {
		t.addNotAllowed([]record.Turned{{Reason: fault.OverVoids, Times: 1}})
	}
}

// loadLimitsForVoids reads the limits' counters if the policy bounds voids.
func (t *Terminal) loadLimitsForVoids(w *withdrawal) error {
	if !limitsVoids(&t.cfg.Policy) {
		return nil
	}
	return t.limits.Load(t.journal, decision.Now(w.time))
}

// voidsNow are the budgets of voids for a support screen: those with a limit, and those of which something is used.
func (t *Terminal) voidsNow(now int64) []Budget {
	return slices.DeleteFunc(t.limits.EveryVoidBudget(&t.cfg.Policy, now),
		func(b Budget) bool { return b.Limit.IsZero() && b.Used.Number == 0 })
}

// countVoids counts voids that are about to be written. Should the journal ask again, or fail, dropVoids takes them back.
func (t *Terminal) countVoids(w *withdrawal, all ...*record.Record) {
	for _, rec := range all {
		if t.limits.AddVoid(rec, decision.Now(w.time)) {
			w.counted = append(w.counted, rec.ID)
		}
	}
}

func (t *Terminal) dropVoids(w *withdrawal) {
	if len(w.counted) > 0 {
		t.limits.RemoveVoids(w.counted)
		w.counted = nil
	}
}

// elsewhereKey is what the whole voids of an offer are found by of which another terminal made the redemption.
func elsewhereKey(offerKey string) string { return "elsewhere:" + offerKey }

// voidsOf counts how often redemptions of an offer were taken back wholly at this terminal, as far back as the journal
// has their keys: by the name of the offer that has more.
func voidsOf(v *journal.View, keys []string) (most int, err error) {
	for _, key := range keys {
		ids, err := v.Find(key)
		if err != nil {
			return 0, err
		}
		elsewhere, err := v.Find(elsewhereKey(key))
		if err != nil {
			return 0, err
		}
		n := len(elsewhere)
		for _, id := range ids {
			if s, ok := v.State(id); ok && s.Voided {
				n++
			}
		}
		most = max(most, n)
	}
	return most, nil
}
