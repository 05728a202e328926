package backend

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// Times of a bundle.
const (
	// bundleEvery is how long what the store said is believed.
	bundleEvery = 10 * time.Second
	// bundleWait is how long a terminal waits for a newer bundle where there is one already.
	bundleWait = 500 * time.Millisecond
	// gatherTime is how long one look at the store may take.
	gatherTime = 2 * time.Minute
)

// bundles are what this process knows of the merchants' bundles, which are in the store. All who ask for a merchant's
// at the same time wait for one look at the store. It ends with the server's context.
type bundles struct {
	looks singleflight.Group // by what is done, and the merchant

	mu   sync.Mutex // guards held, not what it leads to
	held map[string]*heldBundle
}

// A heldBundle is the newest bundle that the process knows of. It is never changed.
type heldBundle struct {
	row    store.Bundle
	bundle *trust.Bundle // without its delta
	base   []byte        // signed
	delta  []byte        // signed; nil: none
	// checked is when the store was asked last for what changed, and changes is Server.changes then.
	checked time.Time
	changes int64
}

func (b *bundles) get(merchant string) *heldBundle {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held[merchant]
}

// put keeps what is newer, or was checked later, than what was there.
func (b *bundles) put(merchant string, h *heldBundle) *heldBundle {
	b.mu.Lock()
	defer b.mu.Unlock()
	had := b.held[merchant]
	if had != nil && (h.row.Newest < had.row.Newest || h.row.Newest == had.row.Newest && h.checked.Before(had.checked)) {
		return had
	}
	if b.held == nil {
		b.held = map[string]*heldBundle{}
	}
	b.held[merchant] = h
	return h
}

// getBundle answers with the newest bundle and its delta, with the delta alone where the terminal has the bundle, or
// with 304.
func (s *Server) getBundle(c *call) (any, error) {
	// 0: none
	have, _ := strconv.ParseUint(strings.Trim(strings.TrimPrefix(c.Header.Get("If-None-Match"), "W/"), `"`), 10, 64)
	h, err := s.newestBundle(c.Context(), c.terminal.Place.Merchant, have)
	if err != nil {
		return nil, err
	}
	c.w.Header().Set("ETag", strconv.Quote(strconv.FormatUint(h.row.Newest, 10)))
	switch {
	case have == h.row.Newest:
		c.status = http.StatusNotModified
		return nil, nil
	case have >= h.row.Base && have < h.row.Newest: // all that were made since the bundle change it
		return file{wire.BundleType, h.delta}, nil
	}
	// A number above is one that the store forgot: the terminal is to see that.
	return file{wire.BundleType, slices.Concat(h.base, h.delta)}, nil
}

// newestBundle is the merchant's newest bundle in the store, of whichever process. Where it is time to look for what
// changed, it waits for that a moment, or until there is a first one. A terminal that has a newer one refuses what is
// stored, as after a restore that was declared: it waits for the next.
func (s *Server) newestBundle(ctx context.Context, merchant string, have uint64) (*heldBundle, error) {
	h, err := s.storedBundle(ctx, merchant)
	if err != nil {
		return nil, err
	}
	timer := time.NewTimer(bundleWait)
	defer timer.Stop()
	for h == nil || s.isDue(h) {
		wait := timer.C
		if h == nil || h.row.Newest < have {
			wait = nil
		}
		look := s.once("look "+merchant, func(ctx context.Context) (*heldBundle, error) { return s.lookFor(ctx, merchant) })
		select {
		case done := <-look:
			if done.Err != nil {
				return s.keepBundle(ctx, merchant, h, done.Err)
			}
			if next := done.Val.(*heldBundle); h == nil || next.row.Newest >= h.row.Newest {
				h = next
			}
		case <-wait:
			return h, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return h, nil
}

// keepBundle goes on with the bundle that there is where looking for a newer one failed.
func (s *Server) keepBundle(ctx context.Context, merchant string, h *heldBundle, err error) (*heldBundle, error) {
	if h == nil {
		return nil, err
	}
	s.log.ErrorContext(ctx, "the trust bundle could not be made anew: terminals get the one before", "merchant", merchant,
		"bundle", h.row.Newest, "error", err)
	return s.noteChecked(merchant, h, s.now(), s.changes.Load()), nil
}

// isDue reports whether it is time to ask the store what changed.
func (s *Server) isDue(h *heldBundle) bool {
	now := s.now()
	return h.changes != s.changes.Load() || now.Sub(h.checked) >= bundleEvery || now.Before(h.checked)
}

// noteChecked notes when the store was asked, and after how many changes.
func (s *Server) noteChecked(merchant string, h *heldBundle, at time.Time, changes int64) *heldBundle {
	again := *h
	again.checked, again.changes = at, changes
	return s.bundles.put(merchant, &again)
}

// storedBundle is the newest bundle in the store as far as this server's key signed it; nil: none.
func (s *Server) storedBundle(ctx context.Context, merchant string) (*heldBundle, error) {
	row, err := view(ctx, s, func(tx store.Tx) (*store.Bundle, error) { return tx.Bundle(merchant) })
	if err != nil || row == nil {
		return nil, err
	}
	if h := s.bundles.get(merchant); h != nil && h.row.Newest == row.Newest {
		return h, nil
	}
	loading := s.once("load "+merchant, func(ctx context.Context) (*heldBundle, error) {
		return s.loadBundle(ctx, merchant)
	})
	select {
	case done := <-loading:
		h, _ := done.Val.(*heldBundle)
		return h, done.Err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// loadBundle reads what the store has and this process has not; nil: there is none.
func (s *Server) loadBundle(ctx context.Context, merchant string) (*heldBundle, error) {
	h, err := view(ctx, s, func(tx store.Tx) (*heldBundle, error) {
		row, err := tx.Bundle(merchant)
		if err != nil || row == nil {
			return nil, err
		}
		h := &heldBundle{row: *row}
		if had := s.bundles.get(merchant); had != nil {
			h.checked, h.changes = had.checked, had.changes
			if had.row.Base == row.Base {
				h.base, h.bundle = had.base, had.bundle
			}
		}
		if h.base == nil {
			if h.base, err = tx.BundleData(merchant, false); err != nil {
				return nil, err
			}
		}
		h.delta, err = tx.BundleData(merchant, true)
		return h, err
	})
	if err != nil || h == nil {
		return nil, err
	}
	return s.verifyBundle(ctx, merchant, h)
}

// verifyBundle reads a bundle that the store had. One that another key signed, or that is damaged, is as good as none.
func (s *Server) verifyBundle(ctx context.Context, merchant string, h *heldBundle) (*heldBundle, error) {
	roots, err := offer.NewKeys(s.cfg.Root.Key())
	if err != nil {
		return nil, err
	}
	if h.bundle == nil {
		if h.bundle, err = trust.Verify(h.base, roots); err != nil {
			s.log.WarnContext(ctx, "the trust bundle in the store is made anew", "merchant", merchant, "error", err)
			return nil, nil
		}
	}
	return s.bundles.put(merchant, h), nil
}

// once has one goroutine do something for all who ask for it at the same time. It goes on when they have left, and
// ends with the server.
func (s *Server) once(what string, do func(context.Context) (*heldBundle, error)) <-chan singleflight.Result {
	return s.bundles.looks.DoChan(what, func() (h any, err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fault.New(fault.Internal, "", "a panic: %v", p)
			}
		}()
		ctx, cancel := context.WithTimeout(s.work, gatherTime)
		defer cancel()
		return do(ctx)
	})
}
