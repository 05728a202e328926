package backend

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/wire"
)

// Times of a bundle.
const (
	// bundleEvery is how long what the store said of marked offers is believed.
	bundleEvery = 10 * time.Second
	// bundleAge is when a bundle of which nothing changed is made anew, so that terminals see that it is not old.
	bundleAge = 6 * time.Hour
	// maxDelta is how many changes a delta holds before the whole bundle is made anew.
	maxDelta = 2000
)

// A bundled is a merchant's signed bundle and, once something changed, the delta to it.
type bundled struct {
	mu        sync.Mutex
	base      trust.Bundle
	spent     trust.Offers
	digest    [32]byte // of what the newest of both says
	sequence  uint64   // of the newest
	baseData  []byte
	deltaData []byte // nil: none
	followed  map[uint64]bool
	checked   time.Time
	changes   int64       // Server.changes when it was checked
	stale     atomic.Bool // it is to be made anew, whether or not something changed
}

// renewBundle has the merchant's bundle made anew when it is next asked for: a terminal waits for one that is younger
// than what it may have forgotten.
func (s *Server) renewBundle(merchant string) {
	kept, _ := s.bundles.LoadOrStore(merchant, &bundled{})
	kept.(*bundled).stale.Store(true)
}

// getBundle answers with the bundle, with the delta to it where the terminal has it, or with 304.
func (s *Server) getBundle(c *call) (any, error) {
	kept, _ := s.bundles.LoadOrStore(c.terminal.Place.Merchant, &bundled{})
	b := kept.(*bundled)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := s.refresh(c.Context(), c.terminal.Place.Merchant, b); err != nil {
		return nil, err
	}
	have, _ := strconv.ParseUint(strings.Trim(strings.TrimPrefix(c.Header.Get("If-None-Match"), "W/"), `"`), 10, 64) // 0: none
	if err := s.catchUp(c.Context(), c.terminal.Place.Merchant, b, have); err != nil {
		return nil, err
	}
	data, sequence := b.baseData, b.base.Sequence
	if b.deltaData != nil && (b.followed[have] || have == b.sequence) {
		data, sequence = b.deltaData, b.sequence
	}
	c.w.Header().Set("ETag", strconv.Quote(strconv.FormatUint(sequence, 10)))
	if have == b.sequence { // one that is above is one that the store forgot: the terminal is to see that
		c.status = http.StatusNotModified
		return nil, nil
	}
	return file{wire.BundleType, data}, nil
}

// catchUp makes the bundle anew where another process, on the same store, has made a newer one, which the terminal has. A
// number that the store does not know of has nobody make anything.
func (s *Server) catchUp(ctx context.Context, merchant string, b *bundled, have uint64) error {
	if have <= b.sequence {
		return nil
	}
	last, err := view(ctx, s, func(tx Tx) (uint64, error) { return lastSequence(tx, merchant) })
	if err != nil || have > last {
		return err
	}
	b.baseData = nil // the terminal has another base
	return s.refresh(ctx, merchant, b)
}

// refresh looks at the store from time to time, and makes a bundle or a delta where something changed.
func (s *Server) refresh(ctx context.Context, merchant string, b *bundled) error {
	now, changes := s.now(), s.changes.Load()
	stale := b.stale.Swap(false)
	if !stale && b.baseData != nil && b.changes == changes && now.Sub(b.checked) < bundleEvery && !now.Before(b.checked) {
		return nil
	}
	made, err := s.remake(ctx, merchant, b, now, changes, stale)
	if err != nil || !made {
		b.stale.Store(b.stale.Load() || stale)
	}
	return err
}

// remake reports whether it made a bundle or a delta: stale says that it does so although nothing changed.
func (s *Server) remake(
	ctx context.Context, merchant string, b *bundled, now time.Time, changes int64, stale bool,
) (made bool, err error) {
	bundle, spent, err := s.gather(ctx, merchant, now)
	if err != nil {
		return false, err
	}
	s.clockState(ctx).into(&bundle)
	digest, err := digestOf(bundle, spent)
	if err != nil {
		return false, err
	}
	b.checked, b.changes = now, changes
	if !stale && b.baseData != nil && digest == b.digest && b.isYoung(now) {
		return false, nil
	}
	next := func(tx Tx) (uint64, error) { return nextSequence(tx, merchant) }
	if bundle.Sequence, err = update(ctx, s, next); err != nil {
		return false, err
	}
	if err := s.renew(b, bundle, spent); err != nil {
		return false, err
	}
	b.digest, b.sequence = digest, bundle.Sequence
	return true, nil
}

// isYoung reports whether the base need not be made anew for its age. One from the future was made while the clock was
// ahead.
func (b *bundled) isYoung(now time.Time) bool {
	age := now.Sub(b.base.Made)
	return age > -time.Minute && age < bundleAge
}

// renew makes a delta to the base, or a new base where there is none, or it is old, or too much changed.
func (s *Server) renew(b *bundled, bundle trust.Bundle, spent trust.Offers) (err error) {
	if b.baseData != nil && b.isYoung(bundle.Made) && b.base.Correction == bundle.Correction {
		d := trust.Delta{
			Base: b.base.Sequence, Sequence: bundle.Sequence, Merchant: bundle.Merchant, Made: bundle.Made, Keys: bundle.Keys,
			Roots: bundle.Roots, RevokedCampaigns: bundle.RevokedCampaigns, Campaigns: bundle.Campaigns,
			Agreements: bundle.Agreements, Correction: bundle.Correction, Withdrawals: bundle.Withdrawals,
			Salt: b.base.Salt, Revoked: bundle.Revoked.Without(b.base.Revoked), Restored: b.base.Revoked.Without(bundle.Revoked),
			Spent: spent.Without(b.spent), GivenBack: b.spent.Without(spent),
		}
		if d.Revoked.Len()+d.Restored.Len()+d.Spent.Len()+d.GivenBack.Len() <= maxDelta {
			b.followed[bundle.Sequence] = true
			b.deltaData, err = trust.SignDelta(d, s.cfg.Root)
			return err
		}
	}
	bundle.Salt = trust.NewSalt()
	if bundle.Spent, err = trust.NewFilter(spent); err != nil {
		return err
	}
	b.base, b.spent, b.deltaData, b.followed = bundle, spent, nil, map[uint64]bool{bundle.Sequence: true}
	b.baseData, err = trust.Sign(bundle, s.cfg.Root)
	return err
}

// gather reads what a merchant's terminals should know.
func (s *Server) gather(ctx context.Context, merchant string, now time.Time) (b trust.Bundle, spent trust.Offers, err error) {
	b = trust.Bundle{
		Merchant: merchant, Made: now.Truncate(time.Millisecond).UTC(),
		Keys: append([]offer.Key{s.cfg.Issuer.Key()}, s.cfg.Issuers...), Roots: []offer.Key{s.cfg.Root.Key()},
	}
	err = s.store.View(ctx, func(tx Tx) error {
		campaigns, err := tx.Campaigns()
		if err != nil {
			return err
		}
		agreements, err := tx.Agreements(merchant)
		if err != nil {
			return err
		}
		in := partnership{merchant, agreements, now.UnixMilli()}
		b.Agreements = in.known(campaigns)
		mine := map[string]bool{}
		for _, c := range campaigns {
			if !in.redeems(&c) {
				continue
			}
			mine[c.ID] = true
			b.Campaigns = append(b.Campaigns, c.RulesFor(merchant))
			if c.Revoked != 0 {
				b.RevokedCampaigns = append(b.RevokedCampaigns, c.ID)
			}
		}
		return tx.MarkedOffers(now.UnixMilli(), func(o Offer) error {
			set := &spent
			if o.Revoked != 0 {
				set = &b.Revoked
			}
			if mine[o.Campaign] {
				set.IDs = append(set.IDs, o.ID)
			}
			if mine[o.Campaign] && o.Alias != "" {
				set.Aliases = append(set.Aliases, o.Alias)
			}
			return nil
		})
	})
	return b, spent, err
}

// digestOf tells whether two gatherings say the same.
func digestOf(b trust.Bundle, spent trust.Offers) (digest [32]byte, err error) {
	sum := sha256.New()
	err = json.NewEncoder(sum).Encode([]any{b.Correction, b.Keys, b.Roots, b.Campaigns, b.Agreements, b.RevokedCampaigns,
		b.Revoked.Aliases, spent.Aliases, len(spent.IDs)})
	for _, id := range append(slices.Clone(b.Revoked.IDs), spent.IDs...) {
		sum.Write(id[:])
	}
	return [32]byte(sum.Sum(nil)), err
}
