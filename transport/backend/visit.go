package backend

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/offlane/offlane/transport/wire"
)

// The rules that choose an answer; see wire.Why.
const (
	ruleRedeemed = "redeemed"
	ruleNew      = "new"
	maxAnswers   = 12
)

// getVisit answers GET /v1/device/visit: the device's identifiers are matched with the redemptions, and ads and offers follow.
func (s *Server) getVisit(w http.ResponseWriter, r *http.Request) error {
	d, now := deviceOf(r), s.now().UnixMilli()
	var visit choice
	err := s.store.View(r.Context(), func(tx Tx) error {
		campaigns, err := tx.Campaigns()
		if err != nil {
			return err
		}
		held, err := d.held(tx)
		visit = choose(campaigns, held, now)
		return err
	})
	if err != nil {
		return err
	}
	if err := s.countShown(r.Context(), visit, dayOf(now)); err != nil {
		return err
	}
	return s.answer(w, http.StatusOK, wire.Visit{Matches: visit.matches, Answers: visit.answers})
}

// A choice is what a device is shown.
type choice struct {
	matches []wire.Match
	answers []wire.Shown
	from    []string // the campaign whose follow-up, or which itself, is shown
}

// A candidate is something that could be shown.
type candidate struct {
	shown    wire.Shown
	from     string
	priority int
}

// choose matches the offers that a device holds and picks answers: what follows from its redemptions, the higher priority first,
// then what is new to it. Only offers whose customer agreed to personal answers are matched; the others choose nothing.
func choose(campaigns []Campaign, held []Offer, now int64) choice {
	byID := make(map[string]*Campaign, len(campaigns))
	for i := range campaigns {
		byID[campaigns[i].ID] = &campaigns[i]
	}
	result := choice{matches: []wire.Match{}, answers: []wire.Shown{}}
	has, seen := map[string]bool{}, map[string]bool{}
	var found []candidate
	for i := range held {
		has[held[i].Campaign] = true
	}
	for i := range held {
		o := &held[i]
		if o.Personal == 0 || len(o.Uses) == 0 || byID[o.Campaign] == nil {
			continue
		}
		result.matches = append(result.matches, matchesOf(o)...)
		found = append(found, followUps(campaigns, byID, o, now)...)
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(b.priority, a.priority) })
	for _, c := range append(found, fresh(campaigns, has, now)...) {
		if c.shown.Kind == "offer" && has[c.shown.ID] {
			continue // it was accepted already
		}
		if key := c.shown.Kind + " " + c.shown.ID; !seen[key] && len(result.answers) < maxAnswers {
			seen[key] = true
			result.answers, result.from = append(result.answers, c.shown), append(result.from, c.from)
		}
	}
	return result
}

func matchesOf(o *Offer) (matches []wire.Match) {
	for _, u := range o.Uses {
		matches = append(matches, wire.Match{Offer: publicName(o.ID), Campaign: o.Campaign, Place: u.Place, Redeemed: u.Redeemed, Given: u.Given})
	}
	return matches
}

// followUps are the answers to a redeemed offer.
func followUps(campaigns []Campaign, byID map[string]*Campaign, o *Offer, now int64) (found []candidate) {
	redeemed := byID[o.Campaign]
	why := wire.Why{Rule: ruleRedeemed, Offer: publicName(o.ID), Campaign: o.Campaign, Text: "Because you redeemed “" + redeemed.Title + "”"}
	if store := o.Uses[len(o.Uses)-1].Place.Store; store != "" {
		why.Text += " at " + store
	}
	for i := range campaigns {
		c := &campaigns[i]
		for j := range c.FollowUps {
			f := &c.FollowUps[j]
			if !f.answers(c, redeemed, now) {
				continue
			}
			if shown, ok := f.shown(byID, now); ok {
				shown.Why = why
				found = append(found, candidate{shown, c.ID, f.Priority})
			}
		}
	}
	return found
}

// shown is the follow-up's ad, or its offer if that can be accepted now.
func (f *FollowUp) shown(byID map[string]*Campaign, now int64) (wire.Shown, bool) {
	if f.Ad != nil {
		return wire.Shown{Kind: "ad", ID: f.Ad.ID, Title: f.Ad.Title, Text: f.Ad.Text, Link: f.Ad.Link}, true
	}
	c := byID[f.Offer]
	if c == nil || c.mayAccept(now) != nil {
		return wire.Shown{}, false
	}
	return wire.Shown{Kind: "offer", ID: c.ID, Title: c.Title, Text: c.Text}, true
}

// fresh are the campaigns that the device holds no offer of, the newest first. They are the same for everybody.
func fresh(campaigns []Campaign, has map[string]bool, now int64) (found []candidate) {
	for i := range campaigns {
		c := &campaigns[i]
		if !has[c.ID] && c.mayAccept(now) == nil {
			found = append(found, candidate{
				shown: wire.Shown{Kind: "offer", ID: c.ID, Title: c.Title, Text: c.Text, Why: wire.Why{Rule: ruleNew, Text: "New"}},
				from:  c.ID, priority: int(min(c.Created/1000, 1<<40)),
			})
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(b.priority, a.priority) })
	return found
}

// countShown adds what was chosen because of a redemption to the tallies.
func (s *Server) countShown(ctx context.Context, visit choice, day string) error {
	times := map[string]int64{}
	for i, from := range visit.from {
		if visit.answers[i].Why.Rule == ruleRedeemed {
			times[from]++
		}
	}
	if len(times) == 0 {
		return nil
	}
	names := make([]string, 0, len(times))
	for name := range times {
		names = append(names, name)
	}
	slices.Sort(names)
	return s.store.Update(ctx, func(tx Tx) error {
		for _, name := range names {
			if err := tx.AddShown(name, day, times[name]); err != nil {
				return err
			}
		}
		return nil
	})
}

// getOpenCampaigns lists what can be accepted, as the page shows it to a new customer.
func (s *Server) getOpenCampaigns(w http.ResponseWriter, r *http.Request) error {
	var campaigns []Campaign
	err := s.store.View(r.Context(), func(tx Tx) (err error) {
		campaigns, err = tx.Campaigns()
		return err
	})
	if err != nil {
		return err
	}
	answer := wire.Visit{Matches: []wire.Match{}, Answers: []wire.Shown{}}
	for _, c := range fresh(campaigns, nil, s.now().UnixMilli()) {
		answer.Answers = append(answer.Answers, c.shown)
	}
	return s.answer(w, http.StatusOK, answer)
}
