package backend

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// The rules that choose an answer; see wire.Why.
const (
	ruleRedeemed = "redeemed"
	ruleNew      = "new"
	maxAnswers   = 12
)

// getVisit matches the device's identifiers with the redemptions; ads and offers follow, and those that do are counted.
func (s *Server) getVisit(c *call) (any, error) {
	d, now := s.deviceOf(c), s.now().UnixMilli()
	visit, err := view(c.Context(), s, func(tx store.Tx) (choice, error) {
		campaigns, err := tx.Campaigns()
		if err != nil {
			return choice{}, err
		}
		held, err := d.held(tx)
		if err != nil || len(held) == 0 {
			return choose(campaigns, nil, nil, false, now), err
		}
		agreements, err := tx.Agreements("")
		if err != nil {
			return choice{}, err
		}
		row, err := tx.Device(store.HashOf(d.secret))
		return choose(campaigns, agreements, held, row != nil && row.Personal != 0, now), err
	})
	if err != nil || len(visit.times) == 0 {
		return visit.Visit, err
	}
	var posting store.Posting
	for name, times := range visit.times {
		posting.Add(store.Tally{Campaign: name, Day: store.DayOf(now), Shown: times}, 1)
	}
	return visit.Visit, s.store.Update(c.Context(), func(tx store.Tx) error { return tx.Post(&posting) })
}

// A choice is what a device is shown; times counts by campaign what is shown because of a redemption.
type choice struct {
	wire.Visit
	times map[string]int64
}

// A candidate is something that could be shown, by the campaign from whose follow-up it comes.
type candidate struct {
	wire.Shown
	from     string
	priority int
}

// choose matches the offers that a device holds and picks answers: what follows from its redemptions, the higher
// priority first, then what is new to it. Without the customer's word that answers may be personal nothing is matched.
func choose(campaigns []store.Campaign, agreements []store.Agreement, held []store.Offer, personal bool,
	now int64) choice {
	in := newSelection(campaigns, agreements, now)
	result := choice{wire.Visit{Matches: []wire.Match{}, Answers: []wire.Shown{}}, map[string]int64{}}
	seen := map[string]bool{}
	var found []candidate
	for i := range held {
		o := &held[i]
		seen["offer "+o.Campaign] = true
		if personal && len(o.Uses) > 0 && in.byID[o.Campaign] != nil {
			for _, u := range o.Uses {
				result.Matches = append(result.Matches, wire.Match{Offer: publicName(o.ID), Campaign: o.Campaign, Place: u.Place,
					Redeemed: u.Redeemed, Given: u.Given})
			}
			found = append(found, in.followUps(o)...)
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(b.priority, a.priority) })
	for _, c := range append(found, fresh(campaigns, now)...) {
		key := c.Kind + " " + c.ID
		if seen[key] || len(result.Answers) == maxAnswers {
			continue // it was accepted already, or stands there, or there is no room
		}
		seen[key] = true
		result.Answers = append(result.Answers, c.Shown)
		if c.Why.Rule == ruleRedeemed {
			result.times[c.from]++
		}
	}
	return result
}

// A selection is what answers are chosen from.
type selection struct {
	campaigns  []store.Campaign
	byID       map[string]*store.Campaign
	agreements []store.Agreement
	now        int64
}

func newSelection(campaigns []store.Campaign, agreements []store.Agreement, now int64) *selection {
	s := &selection{campaigns, make(map[string]*store.Campaign, len(campaigns)), agreements, now}
	for i := range campaigns {
		s.byID[campaigns[i].ID] = &campaigns[i]
	}
	return s
}

// followUps are the answers to a redeemed offer.
func (s *selection) followUps(o *store.Offer) (found []candidate) {
	redeemed := s.byID[o.Campaign]
	why := wire.Why{Rule: ruleRedeemed, Offer: publicName(o.ID), Campaign: o.Campaign, Text: "Because you redeemed “" +
		redeemed.Title + "”"}
	if name := o.Uses[len(o.Uses)-1].Place.Store; name != "" {
		why.Text += " at " + name
	}
	for i := range s.campaigns {
		c := &s.campaigns[i]
		for j := range c.FollowUps {
			f := &c.FollowUps[j]
			switch offered := s.byID[f.Offer]; {
			case !rules.Answers(f, c, redeemed, s.now) || !s.mayShow(c, f, redeemed):
			case f.Ad != nil:
				found = append(found, candidate{wire.Shown{Kind: "ad", ID: f.Ad.ID, Title: f.Ad.Title, Text: f.Ad.Text,
					Link: f.Ad.Link, Why: why}, c.ID, f.Priority})
			case offered != nil && s.mayOffer(c, offered):
				found = append(found, candidate{offering(offered, why), c.ID, f.Priority})
			}
		}
	}
	return found
}

// mayShow reports whether a follow-up of campaign c may answer a redemption of another campaign: one of its own
// merchant, or of one that agreed to that.
func (s *selection) mayShow(c *store.Campaign, f *store.FollowUp, redeemed *store.Campaign) bool {
	named := cmp.Or(f.Merchant, c.Merchant)
	return rules.MayFollow(c, redeemed.Merchant, s.agreements) && rules.MayFollow(c, named, s.agreements)
}

// mayOffer reports whether a follow-up of campaign c may offer another campaign, likewise.
func (s *selection) mayOffer(c, offered *store.Campaign) bool {
	return rules.MayAccept(offered, s.now) == nil && rules.MayFollow(c, offered.Merchant, s.agreements)
}

func offering(c *store.Campaign, why wire.Why) wire.Shown {
	return wire.Shown{Kind: "offer", ID: c.ID, Title: c.Title, Text: c.Text, Why: why}
}

// fresh are the campaigns of which an offer can be accepted, the newest first. They are the same for everybody.
func fresh(campaigns []store.Campaign, now int64) (found []candidate) {
	newest := func(a, b store.Campaign) int { return cmp.Compare(b.Created, a.Created) }
	for _, c := range slices.SortedStableFunc(slices.Values(campaigns), newest) {
		if rules.MayAccept(&c, now) == nil {
			found = append(found, candidate{Shown: offering(&c, wire.Why{Rule: ruleNew, Text: "New"})})
		}
	}
	return found
}
