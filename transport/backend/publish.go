package backend

import (
	"context"
	"crypto/rand"
	"errors"
	"math"
	"reflect"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/backend/store"
)

const (
	// bundleAge is when a delta of which nothing changed is made anew, so that terminals see that it is not old.
	bundleAge = 6 * time.Hour
	// baseAge is when the whole bundle is made anew, without the offers that ended.
	baseAge = 24 * time.Hour
	// restTimes is how long the rest after reading a part takes, as a multiple of the reading, and longestRest the
	// longest.
	restTimes, longestRest = 4, 50 * time.Millisecond
	// clockSkew is how far processes' clocks may be apart: a bundle from further ahead was made while a clock was wrong.
	clockSkew = time.Minute
	// bundleTries is how often a bundle is made again where another process was first.
	bundleTries = 5
)

// errBundle says that another process stored a bundle since the store was read.
var errBundle = errors.New("backend: another process was first")

// lookFor reads what changed and has the store keep a newer bundle where something did. Where all that changed is too
// much for a delta, it makes the whole bundle anew.
func (s *Server) lookFor(ctx context.Context, merchant string) (*heldBundle, error) {
	for range bundleTries {
		checked, changes := s.now(), s.changes.Load()
		h, err := s.tryBundle(ctx, merchant)
		if errors.Is(err, errBundle) {
			continue
		}
		if err != nil {
			return nil, err
		}
		return s.noteChecked(merchant, h, checked, changes), nil
	}
	return nil, fault.New(fault.Unavailable, "", "other processes were always first: try again")
}

func (s *Server) tryBundle(ctx context.Context, merchant string) (*heldBundle, error) {
	h, err := s.loadBundle(ctx, merchant)
	if err != nil {
		return nil, err
	}
	if h == nil {
		return s.publishOnce(ctx, merchant)
	}
	f, err := s.find(ctx, merchant, h.bundle, h.row.Mark, max(minDelta, h.bundle.Spent.Len()/deltaShare))
	if err != nil {
		return nil, err
	}
	age := f.bundle.Made.Sub(time.UnixMilli(h.row.Made))
	if f.tooMany || age < -clockSkew || f.bundle.Correction != h.bundle.Correction {
		return s.publishOnce(ctx, merchant)
	}
	if h, err = s.extend(ctx, h, f); err != nil {
		return nil, err
	}
	if f.enters(&h.row) {
		return s.publishOnce(ctx, merchant)
	}
	if age >= baseAge {
		s.startPublish(merchant)
	}
	return h, nil
}

// startPublish has the whole bundle made anew; whoever asks for that meanwhile gets the same.
func (s *Server) startPublish(merchant string) <-chan singleflight.Result {
	return s.once("anew "+merchant, func(ctx context.Context) (*heldBundle, error) { return s.publish(ctx, merchant) })
}

func (s *Server) publishOnce(ctx context.Context, merchant string) (*heldBundle, error) {
	select {
	case done := <-s.startPublish(merchant):
		h, _ := done.Val.(*heldBundle)
		return h, done.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// extend makes a delta to the bundle where something changed, or where the newest is old.
func (s *Server) extend(ctx context.Context, h *heldBundle, f *finding) (*heldBundle, error) {
	digest, err := f.digest()
	if err != nil {
		return nil, err
	}
	age := f.bundle.Made.Sub(time.UnixMilli(h.row.Renewed))
	if f.newest == h.row.Newest && digest == h.row.Digest && age > -clockSkew && age < bundleAge {
		return h, nil
	}
	row, err := update(ctx, s, func(tx store.Tx) (*store.Bundle, error) {
		row, err := tx.Bundle(h.row.Merchant)
		if err != nil {
			return nil, err
		}
		if row == nil || row.Newest != h.row.Newest || row.Newest != f.newest {
			return nil, errBundle
		}
		row.Digest, row.Renewed = digest, f.bundle.Made.UnixMilli()
		if err := s.signDelta(tx, row, f, h.bundle); err != nil {
			return nil, err
		}
		return row, tx.PutBundle(*row)
	})
	if err != nil {
		return nil, err
	}
	next := &heldBundle{row: *row, bundle: h.bundle, base: h.base, delta: row.DeltaData}
	next.row.DeltaData = nil
	return next, nil
}

// signDelta gives the row a delta of its base with the next number.
func (s *Server) signDelta(tx store.Tx, row *store.Bundle, f *finding, base *trust.Bundle) (err error) {
	if row.Newest, err = nextSequence(tx, row.Merchant); err != nil {
		return err
	}
	b := &f.bundle
	changed, keeps := b.Lanes, reflect.DeepEqual(b.Lanes, base.Lanes)
	if keeps {
		changed = nil
	}
	row.DeltaData, err = trust.SignDelta(trust.Delta{
		Base: row.Base, Sequence: row.Newest, Merchant: row.Merchant, Made: b.Made, Keys: b.Keys, Roots: b.Roots,
		RevokedCampaigns: b.RevokedCampaigns, Campaigns: b.Campaigns, Agreements: b.Agreements, Salt: base.Salt,
		Correction: b.Correction, Withdrawals: b.Withdrawals, Lanes: changed, KeepsLanes: keeps,
		Revoked: f.changed.Revoked, Restored: f.changed.Restored, Spent: f.changed.Spent, GivenBack: f.changed.GivenBack,
	}, s.cfg.Root)
	return err
}

// publish makes the whole bundle anew, with a delta of what changed meanwhile, and has the store keep both.
func (s *Server) publish(ctx context.Context, merchant string) (*heldBundle, error) {
	first, err := s.find(ctx, merchant, nil, 0, 0)
	if err != nil {
		return nil, err
	}
	all, err := s.collect(ctx, first)
	if err != nil {
		return nil, err
	}
	for range bundleTries {
		f, err := s.find(ctx, merchant, all, first.mark, math.MaxInt)
		if err != nil {
			return nil, err
		}
		if f.base != first.base {
			return nil, errBundle
		}
		h, err := s.putWhole(ctx, first, f, all)
		if !errors.Is(err, errBundle) {
			return h, err
		}
	}
	return nil, errBundle
}

// putWhole stores the bundle with the first finding's offers, unless somebody was first.
func (s *Server) putWhole(ctx context.Context, first, f *finding, all *markedOffers) (*heldBundle, error) {
	digest, err := f.digest()
	if err != nil {
		return nil, err
	}
	b := f.bundle
	b.Revoked, b.Spent = all.revoked, all.filter
	rand.Read(b.Salt[:]) // the delta below has it as well
	b.Sequence, err = update(ctx, s, func(tx store.Tx) (uint64, error) { return nextSequence(tx, b.Merchant) })
	if err != nil {
		return nil, err
	}
	whole, err := trust.Sign(b, s.cfg.Root) // in no transaction: reports of other terminals would wait for it
	if err != nil {
		return nil, err
	}
	row, err := update(ctx, s, func(tx store.Tx) (*store.Bundle, error) {
		stored, err := tx.Bundle(b.Merchant)
		if err != nil {
			return nil, err
		}
		e, err := setting[epoch](tx, settingEpoch)
		if err != nil {
			return nil, err
		}
		if stored != nil && stored.Newest != f.newest || stored == nil && f.newest != 0 || e.Epoch != f.epoch {
			return nil, errBundle
		}
		row := &store.Bundle{Merchant: b.Merchant, Made: b.Made.UnixMilli(), Renewed: b.Made.UnixMilli(), Mark: first.mark,
			Base: b.Sequence, Newest: b.Sequence, Digest: digest, Others: first.others, BaseData: whole}
		if f.changed.len() > 0 {
			if err := s.signDelta(tx, row, f, &b); err != nil {
				return nil, err
			}
		}
		return row, tx.PutBundle(*row)
	})
	if err != nil {
		return nil, err
	}
	h := &heldBundle{row: *row, base: row.BaseData, delta: row.DeltaData}
	h.row.BaseData, h.row.DeltaData = nil, nil
	return s.verifyBundle(ctx, b.Merchant, h)
}

// markedOffers are all marked offers that have not ended.
type markedOffers struct {
	revoked, spent trust.Offers
	filter         trust.Filter
	byName         map[string]bool // of those revoked: identifiers as bytes, and aliases
}

// collect reads all marks in small transactions, with a rest after each, so that who reports meanwhile hardly waits.
// What changes meanwhile is found afterwards. Marks of offers that have ended are removed.
func (s *Server) collect(ctx context.Context, first *finding) (*markedOffers, error) {
	all, behind := &markedOffers{byName: map[string]bool{}}, store.Mark{}
	now := s.now().UnixMilli()
	for {
		start := time.Now()
		marks, err := view(ctx, s, func(tx store.Tx) ([]store.Mark, error) { return tx.Marks(behind, marksAtOnce) })
		if err != nil {
			return nil, err
		}
		var ended []offer.ID
		for i := range marks {
			switch m := &marks[i]; {
			case m.NotAfter <= now:
				ended = append(ended, m.ID)
			case first.mine[m.Campaign]:
				all.add(m)
			}
		}
		if err := s.dropMarks(ctx, ended); err != nil {
			return nil, err
		}
		if len(marks) < marksAtOnce {
			break
		}
		behind = marks[len(marks)-1]
		if err := rest(ctx, min(restTimes*time.Since(start), longestRest)); err != nil {
			return nil, err
		}
	}
	filter, err := trust.NewFilter(all.spent)
	all.filter = filter
	return all, err
}

func (s *Server) dropMarks(ctx context.Context, ended []offer.ID) error {
	if len(ended) == 0 {
		return nil
	}
	return s.store.Update(ctx, func(tx store.Tx) error { return tx.DropMarks(ended) })
}

func rest(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (c *markedOffers) add(m *store.Mark) {
	set := &c.spent
	switch m.Kind {
	case store.Unmarked:
		return
	case store.MarkedRevoked:
		set = &c.revoked
		c.byName[string(m.ID[:])] = true
		if m.Alias != "" {
			c.byName[m.Alias] = true
		}
	}
	set.IDs = append(set.IDs, m.ID)
	if m.Alias != "" {
		set.Aliases = append(set.Aliases, m.Alias)
	}
}

// IsRevoked is as trust.Bundle's, of single offers.
func (c *markedOffers) IsRevoked(id offer.ID, alias, _ string) bool {
	return c.byName[string(id[:])] || c.byName[alias]
}

// MaySpent is as trust.Bundle's.
func (c *markedOffers) MaySpent(id offer.ID, alias string) bool { return c.filter.Has(id, alias) }
