package redeem

import (
	"slices"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/evidence"
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
func (r *voider) weighVoids(v *journal.View, w *withdrawal, backs []takeBack) error {
	w.done.Budgets, w.done.Reasons = nil, nil
	if !limitsVoids(r.policy) {
		return nil
	}
	limits, err := r.voidsOfOffers(v, w, backs)
	if err != nil {
		return err
	}
	limits = append(limits, r.voidsInTime(w, backs)...)
	for i := range limits {
		w.done.Budgets = append(w.done.Budgets, limits[i].Budget)
	}
	reasons, outcome := decision.WeighVoids(limits, w.req.Override, r.policy.Unattended)
	w.done.Reasons = reasons
	switch {
	case outcome != Allow:
		return fault.New(fault.OverVoids, "redeem.Void", "%s", reasons[0].Detail)
	case len(reasons) > 0:
		word := w.req.Override
		w.override = &record.Override{Manager: word.Manager, Why: word.Why, Reasons: []fault.Code{fault.OverVoids}}
	}
	return nil
}

// voidsOfOffers are the limits of each offer's whole voids.
func (r *voider) voidsOfOffers(v *journal.View, w *withdrawal, backs []takeBack) (limits []decision.VoidLimit,
	err error) {
	most := r.policy.VoidsPerOffer
	if most == 0 || w.req.Partial {
		return nil, nil
	}
	takes := map[string]int{} // how many voids of an offer the call asks for, by the offer's first key
	keys := map[string][]string{}
	add := func(of []string) {
		if len(of) > 0 {
			takes[of[0]], keys[of[0]] = takes[of[0]]+1, of
		}
	}
	if backs == nil {
		add(offerKeys(w.presented))
	}
	for _, back := range backs {
		add(keysOf(back.of.rec.Offer, back.of.rec.Alias))
	}
	for first, n := range takes {
		used, err := voidsOf(v, keys[first])
		if err != nil {
			return nil, err
		}
		limits = append(limits, decision.VoidLimit{Budget: Budget{Name: "voidsPerOffer", Limit: trust.Allowance{Number: most},
			Used: trust.Allowance{Number: used}}, Takes: trust.Allowance{Number: n}})
	}
	return limits, nil
}

// voidsInTime are the limits of what one operator and all take back within a time.
func (r *voider) voidsInTime(w *withdrawal, backs []takeBack) (limits []decision.VoidLimit) {
	budgets, partial := r.limits.VoidBudgets(r.policy, evidence.Now(w.time), w.req.Operator)
	for _, budget := range budgets {
		if budget.Limit.IsZero() {
			continue
		}
		takes, other := w.takes(backs, budget.Limit.Currency)
		limits = append(limits, decision.VoidLimit{Budget: budget, Takes: takes, OtherCurrency: other, Partial: partial})
	}
	return limits
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

// countLimits counts the limits from the journal if the policy bounds voids and that was not done yet.
func (r *voider) countLimits(w *withdrawal) error {
	if !limitsVoids(r.policy) {
		return nil
	}
	return r.limits.Load(r.journal, evidence.Now(w.time))
}

// voidsNow are the budgets of voids for a support screen: those with a limit, and those of which something is used.
func (t *Terminal) voidsNow(now int64) []Budget {
	return slices.DeleteFunc(t.limits.EveryVoidBudget(&t.cfg.Policy, now),
		func(b Budget) bool { return b.Limit.IsZero() && b.Used.Number == 0 })
}

// countVoid counts a void that is about to be written. Should the journal ask again, or fail, dropVoids takes them
// back.
func (r *voider) countVoid(w *withdrawal, rec *record.Record) {
	if r.limits.AddVoid(rec, evidence.Now(w.time)) {
		w.counted = append(w.counted, rec.ID)
	}
}

func (r *voider) dropVoids(w *withdrawal) {
	if len(w.counted) > 0 {
		r.limits.RemoveVoids(w.counted)
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
