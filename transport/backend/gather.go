package backend

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/store"
)

// How marks are read.
const (
	// marksAtOnce is how many are read in one transaction.
	marksAtOnce = 10_000
	// minDelta is how many names a delta may hold at least before the whole bundle is made anew; of large bundles it is
	// one for each deltaShare offers.
	minDelta, deltaShare = 2000, 100
)

// A finding is what a merchant's terminals should know, as the store says at one moment.
type finding struct {
	// bundle is all of it but offers.
	bundle trust.Bundle
	// mine are the campaigns that the terminals redeem, others the rest.
	mine   map[string]bool
	others []string
	// base and newest are the sequences of the bundle in the store and of its delta, epoch is what the next one begins
	// with.
	base, newest, epoch uint64
	// wanted is how often a bundle was wanted that is younger than the one before.
	wanted uint64
	// mark is the number from which on marks change later.
	mark uint64
	// changed are the offers of which a bundle says something else; it is cut off where there are tooMany.
	changed offerChanges
	tooMany bool
}

// offerChanges are the offers of a delta.
type offerChanges struct{ Revoked, Restored, Spent, GivenBack trust.Offers }

func (c *offerChanges) len() int {
	return c.Revoked.Len() + c.Restored.Len() + c.Spent.Len() + c.GivenBack.Len()
}

// A sayer says what terminals think of an offer, such as a bundle.
type sayer interface {
	IsRevoked(id offer.ID, alias, campaign string) bool
	MaySpent(id offer.ID, alias string) bool
}

// find reads the store. Of the offers it reads those whose marks changed since a number, and compares them with what
// is said; nil: none.
func (s *Server) find(ctx context.Context, merchant string, said sayer, since uint64, most int) (*finding, error) {
	clock, err := s.clockState(ctx)
	if err != nil {
		return nil, err
	}
	return view(ctx, s, func(tx store.Tx) (*finding, error) {
		f := &finding{mine: map[string]bool{}}
		if err := s.findRules(tx, merchant, f); err != nil {
			return nil, err
		}
		clock.addTo(&f.bundle)
		row, err := tx.Bundle(merchant)
		if err != nil {
			return nil, err
		}
		if row != nil {
			f.base, f.newest = row.Base, row.Newest
		}
		e, err := setting[epoch](tx, settingEpoch)
		if err != nil {
			return nil, err
		}
		f.epoch = e.Epoch
		if f.wanted, err = setting[uint64](tx, settingWanted+merchant); err != nil {
			return nil, err
		}
		if f.mark, err = tx.NextMark(); err != nil || said == nil {
			return f, err
		}
		return f, f.compare(tx, said, since, most)
	})
}

// settingWanted is how often a merchant's bundle was to be made anew, whether or not something changed.
const settingWanted = "bundle wanted 1 "

// renewBundle has the merchant's bundle made anew when it is next asked for, by whichever process: a terminal waits
// for one that is younger than what it may have forgotten.
func (s *Server) renewBundle(ctx context.Context, merchant string) {
	defer s.changes.Add(1)
	err := s.store.Update(ctx, func(tx store.Tx) error {
		n, err := setting[uint64](tx, settingWanted+merchant)
		if err != nil {
			return err
		}
		return putSetting(tx, settingWanted+merchant, n+1)
	})
	if err != nil {
		s.log.ErrorContext(ctx, "a younger bundle could not be asked for", "merchant", merchant, "error", err)
	}
}

// findRules reads what is no offer.
func (s *Server) findRules(tx store.Tx, merchant string, f *finding) error {
	now := s.now()
	f.bundle = trust.Bundle{
		Merchant: merchant, Made: now.Truncate(time.Millisecond).UTC(),
		Keys: append([]offer.Key{s.cfg.Issuer.Key()}, s.cfg.Issuers...), Roots: []offer.Key{s.cfg.Root.Key()},
	}
	campaigns, err := tx.Campaigns()
	if err != nil {
		return err
	}
	agreements, err := tx.Agreements(merchant)
	if err != nil {
		return err
	}
	in := partnership{merchant, agreements, now.UnixMilli()}
	f.bundle.Agreements = in.knownAgreements(campaigns)
	if f.bundle.Lanes, err = s.findLanes(tx, merchant); err != nil {
		return err
	}
	for _, c := range campaigns {
		if !in.redeems(&c) {
			f.others = append(f.others, c.ID)
			continue
		}
		f.mine[c.ID] = true
		f.bundle.Campaigns = append(f.bundle.Campaigns, rules.RulesFor(&c, merchant))
		if c.Revoked != 0 {
			f.bundle.RevokedCampaigns = append(f.bundle.RevokedCampaigns, c.ID)
		}
	}
	return nil
}

// compare looks at the marks that changed since a number, until so many names differ.
func (f *finding) compare(tx store.Tx, said sayer, since uint64, most int) error {
	behind := store.Mark{Changed: since}
	for {
		marks, err := tx.Marks(behind, marksAtOnce)
		if err != nil {
			return err
		}
		for i := range marks {
			if f.mine[marks[i].Campaign] {
				f.changed.add(said, &marks[i])
			}
		}
		f.tooMany = f.changed.len() > most
		if f.tooMany || len(marks) < marksAtOnce {
			return nil
		}
		behind = marks[len(marks)-1]
	}
}

// add notes an offer where a bundle says something else of it. Each of its names has to be right, since a terminal may
// know it by one alone.
func (c *offerChanges) add(said sayer, m *store.Mark) {
	ids, aliases := []offer.ID{m.ID}, []string(nil)
	revoked, spent := said.IsRevoked(m.ID, "", ""), said.MaySpent(m.ID, "")
	allRevoked, allSpent := revoked, spent
	if m.Alias != "" {
		aliases = []string{m.Alias}
		too, also := said.IsRevoked(offer.ID{}, m.Alias, ""), said.MaySpent(offer.ID{}, m.Alias)
		revoked, allRevoked, spent, allSpent = revoked || too, allRevoked && too, spent || also, allSpent && also
	}
	put := func(set *trust.Offers) {
		set.IDs, set.Aliases = append(set.IDs, ids...), append(set.Aliases, aliases...)
	}
	switch {
	case m.Kind == store.MarkedRevoked && !allRevoked:
		put(&c.Revoked)
	case m.Kind != store.MarkedRevoked && revoked:
		put(&c.Restored)
	}
	switch {
	case m.Kind == store.MarkedSpent && !allSpent:
		put(&c.Spent)
	case m.Kind == store.Unmarked && spent:
		put(&c.GivenBack)
	}
}

// enters reports whether the terminals redeem a campaign of which the bundle says nothing, though it was there.
func (f *finding) enters(row *store.Bundle) bool {
	for _, id := range row.Others {
		if f.mine[id] {
			return true
		}
	}
	return false
}

// digest tells whether two findings say the same beside one bundle.
func (f *finding) digest() (store.Hash, error) {
	sum := sha256.New()
	b := &f.bundle
	err := json.NewEncoder(sum).Encode([]any{f.epoch, f.wanted, b.Correction, b.Keys, b.Roots, b.Campaigns, b.Agreements,
		b.RevokedCampaigns, f.changed, b.Lanes})
	return store.Hash(sum.Sum(nil)), err
}
