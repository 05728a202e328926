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

// bundles holds each merchant's last bundle, and the delta that follows it.
type bundles struct {
	mu     sync.Mutex
	byName map[string]*bundled
}

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
}

func (b *bundles) of(merchant string) *bundled {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.byName == nil {
		b.byName = map[string]*bundled{}
	}
	if b.byName[merchant] == nil {
		b.byName[merchant] = &bundled{}
	}
	return b.byName[merchant]
}

// forget has the next request look at the store, since somebody revoked something.
func (b *bundles) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, one := range b.byName {
		one.mu.Lock()
		one.checked = time.Time{}
		one.mu.Unlock()
	}
}

// getBundle answers GET /v1/bundle with the bundle, with the delta to it where the terminal has it, or with 304.
func (s *Server) getBundle(w http.ResponseWriter, r *http.Request) error {
	terminal, err := s.terminalOf(r)
	if err != nil {
		return err
	}
	b := s.bundles.of(terminal.Place.Merchant)
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := s.refresh(r.Context(), terminal.Place.Merchant, b); err != nil {
		return err
	}
	have := etag(r.Header.Get("If-None-Match"))
	w.Header().Set("ETag", `"`+strconv.FormatUint(b.sequence, 10)+`"`)
	if have >= b.sequence {
		w.WriteHeader(http.StatusNotModified)
		return nil
	}
	data := b.baseData
	if b.deltaData != nil && b.followed[have] {
		data = b.deltaData
	} else if b.deltaData != nil {
		w.Header().Set("ETag", `"`+strconv.FormatUint(b.base.Sequence, 10)+`"`)
	}
	w.Header().Set("Content-Type", wire.BundleType)
	_, err = w.Write(data)
	return err
}

// etag reads a bundle's version; 0 where there is none.
func etag(text string) uint64 {
	n, err := strconv.ParseUint(strings.Trim(strings.TrimPrefix(text, "W/"), `"`), 10, 64)
	if err != nil {
		return 0
	}
	return n
}

// refresh looks at the store from time to time, and makes a bundle or a delta where something changed.
func (s *Server) refresh(ctx context.Context, merchant string, b *bundled) error {
	now := s.now()
	if b.baseData != nil && now.Sub(b.checked) < bundleEvery && !now.Before(b.checked) {
		return nil
	}
	bundle, spent, err := s.gather(ctx, merchant, now)
	if err != nil {
		return err
	}
	digest, err := digestOf(bundle, spent)
	if err != nil {
		return err
	}
	b.checked = now
	if b.baseData != nil && digest == b.digest && now.Sub(b.base.Made) < bundleAge {
		return nil
	}
	bundle.Sequence = max(uint64(now.UnixMilli()), b.sequence+1)
	if err := s.renew(b, bundle, spent); err != nil {
		return err
	}
	b.digest, b.sequence = digest, bundle.Sequence
	return nil
}

// renew makes a delta to the base, or a new base where there is none, or it is old, or too much changed.
func (s *Server) renew(b *bundled, bundle trust.Bundle, spent trust.Offers) error {
	if b.baseData != nil && bundle.Made.Sub(b.base.Made) < bundleAge {
		delta := deltaOf(b, bundle, spent)
		if delta.Revoked.Len()+delta.Restored.Len()+delta.Spent.Len()+delta.GivenBack.Len() <= maxDelta {
			data, err := trust.SignDelta(delta, s.root)
			if err == nil {
				b.deltaData = data
				b.followed[bundle.Sequence] = true
			}
			return err
		}
	}
	filter, err := trust.NewFilter(spent)
	if err != nil {
		return err
	}
	bundle.Spent = filter
	data, err := trust.Sign(bundle, s.root)
	if err != nil {
		return err
	}
	b.base, b.spent, b.baseData, b.deltaData = bundle, spent, data, nil
	b.followed = map[uint64]bool{bundle.Sequence: true}
	return nil
}

func deltaOf(b *bundled, bundle trust.Bundle, spent trust.Offers) trust.Delta {
	return trust.Delta{
		Base: b.base.Sequence, Sequence: bundle.Sequence, Merchant: bundle.Merchant, Made: bundle.Made, Keys: bundle.Keys,
		Roots: bundle.Roots, RevokedCampaigns: bundle.RevokedCampaigns, Campaigns: bundle.Campaigns,
		Revoked: minus(bundle.Revoked, b.base.Revoked), Restored: minus(b.base.Revoked, bundle.Revoked),
		Spent: minus(spent, b.spent), GivenBack: minus(b.spent, spent),
	}
}

// minus is what stands in a and not in b.
func minus(a, b trust.Offers) (rest trust.Offers) {
	ids, aliases := make(map[offer.ID]bool, len(b.IDs)), make(map[string]bool, len(b.Aliases))
	for _, id := range b.IDs {
		ids[id] = true
	}
	for _, alias := range b.Aliases {
		aliases[alias] = true
	}
	for _, id := range a.IDs {
		if !ids[id] {
			rest.IDs = append(rest.IDs, id)
		}
	}
	for _, alias := range a.Aliases {
		if !aliases[alias] {
			rest.Aliases = append(rest.Aliases, alias)
		}
	}
	return rest
}

// gather reads what a merchant's terminals should know.
func (s *Server) gather(ctx context.Context, merchant string, now time.Time) (b trust.Bundle, spent trust.Offers, err error) {
	made := now.Truncate(time.Millisecond).UTC()
	err = s.store.View(ctx, func(tx Tx) error {
		b = trust.Bundle{Merchant: merchant, Made: made, Keys: append([]offer.Key{s.issuer.Key()}, s.issuers...), Roots: []offer.Key{s.root.Key()}}
		spent = trust.Offers{}
		campaigns, err := tx.Campaigns()
		if err != nil {
			return err
		}
		mine := map[string]bool{}
		for i := range campaigns {
			c := &campaigns[i]
			if slices.Contains(c.merchants(), merchant) {
				mine[c.ID] = true
				b.Campaigns = append(b.Campaigns, c.rules())
			}
			if mine[c.ID] && c.Revoked != 0 {
				b.RevokedCampaigns = append(b.RevokedCampaigns, c.ID)
			}
		}
		return tx.MarkedOffers(now.UnixMilli(), func(o Offer) error {
			switch {
			case !mine[o.Campaign]:
			case o.Revoked != 0:
				add(&b.Revoked, o)
			default:
				add(&spent, o)
			}
			return nil
		})
	})
	return b, spent, err
}

func add(to *trust.Offers, o Offer) {
	to.IDs = append(to.IDs, o.ID)
	if o.Alias != "" {
		to.Aliases = append(to.Aliases, o.Alias)
	}
}

// rules are what a terminal knows of the campaign.
func (c *Campaign) rules() trust.Campaign {
	rules := trust.Campaign{Name: c.ID, Stores: c.Stores, Terms: c.Terms, Unproven: c.Unproven, Offline: c.Offline}
	if c.NotAfter != 0 {
		rules.NotAfter = time.UnixMilli(c.NotAfter).UTC()
	}
	if c.Coupon != "" {
		rules.Prefixes = []string{couponPrefix + c.Coupon}
	}
	return rules
}

// digestOf tells whether two gatherings say the same. The order in which a store lists offers does not matter.
func digestOf(b trust.Bundle, spent trust.Offers) (digest [32]byte, err error) {
	rules, err := json.Marshal(struct {
		Keys, Roots []offer.Key
		Campaigns   []trust.Campaign
		Revoked     []string
	}{b.Keys, b.Roots, b.Campaigns, b.RevokedCampaigns})
	if err != nil {
		return digest, err
	}
	sum := sha256.New()
	sum.Write(rules)
	for _, set := range []trust.Offers{b.Revoked, spent} {
		slices.SortFunc(set.IDs, compareOfferIDs)
		slices.Sort(set.Aliases)
		sum.Write([]byte{0, byte(len(set.Aliases))})
		for _, id := range set.IDs {
			sum.Write(id[:])
		}
	}
	return [32]byte(sum.Sum(nil)), nil
}
