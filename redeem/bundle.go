package redeem

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/clock"
	"github.com/offlane/offlane/redeem/internal/slot"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/trust"
)

// bundleFile holds the trust bundle as it was signed.
const bundleFile = "bundle.cbor"

// A trusted is the trust bundle in force with the issuer keys that it and the configuration name.
type trusted struct {
	bundle  *trust.Bundle // nil: none
	keys    offer.Keys
	refusal refusal // of a bundle that the backend hands out
}

// bundles keeps the trust bundle. What is in force is a snapshot that nobody changes: whoever decides takes it once.
type bundles struct {
	fs      vfs.FS
	dir     string
	keys    []offer.Key // issuer keys of the configuration
	backend Reporter
	timeout time.Duration
	journal *journal.Log
	clock   *clock.Clock
	ids     *identities
	lapses  *lapses
	events  *eventQueue
	log     *slog.Logger

	inForce  atomic.Pointer[trusted]
	changing sync.Mutex // one bundle at a time is verified, put on disk, in force; held across files and signatures
}

// now is what is trusted now. It must not be changed.
func (b *bundles) now() *trusted { return b.inForce.Load() }

// load takes the bundle on disk into use. One that is damaged or signed by nobody we know is set aside: the terminal
// opens without it, since it can still record, and the backend sends another.
func (b *bundles) load(ctx context.Context) error {
	raw, err := readFile(b.fs, filepath.Join(b.dir, bundleFile))
	if errors.Is(err, fs.ErrNotExist) {
		return b.use(nil, refusal{})
	}
	if err != nil {
		return fault.New(fault.Damaged, "redeem.Open", "reading %s: %w", bundleFile, err)
	}
	id := b.ids.now()
	bundle, err := trust.Accept(nil, raw, id.roots, id.stands.Merchant)
	if err == nil {
		err = b.notOlder(bundle)
	}
	if err != nil {
		b.log.WarnContext(ctx, "the trust bundle on disk is not used", errAttr(err))
		return b.use(nil, refusal{err, b.clock.Read().Wall})
	}
	if _, ok := b.journal.Note(slot.Time); !ok { // what it says of the time was heard when it came
		b.clock.HearBundle(ctx, bundle)
	}
	return b.use(bundle, refusal{})
}

// notOlder keeps a bundle from coming back whose successor was in force, also after the file was put back or taken
// away: the journal remembers the highest sequence.
func (b *bundles) notOlder(bundle *trust.Bundle) error {
	if highest := slot.Number(b.journal, slot.Bundle); bundle.Sequence < highest {
		return fault.New(fault.RolledBack, "redeem.InstallBundle", "bundle %d is older than %d, which was in force before",
			bundle.Sequence, highest)
	}
	return nil
}

// InstallBundle takes a trust bundle, or a delta of the one in force, into use that came another way than over the
// network, such as on a USB stick. Whatever is wrong with it, the one in force stays, and none that is older than one
// that was ever in force here comes back. The root keys that it names are trusted from now on, so that the backend can
// replace its own. Errors: those of trust.Accept, fault.DiskFull.
func (t *Terminal) InstallBundle(ctx context.Context, data []byte) error {
	err := t.bundles.install(ctx, data)
	if why, ok := errors.AsType[refusedBundle](err); ok {
		return why.error
	}
	return err
}

// install does the work of InstallBundle. Its error is a refusedBundle where the bundle itself is not taken.
func (b *bundles) install(ctx context.Context, data []byte) error {
	bundle, err := b.put(ctx, data)
	if err != nil || bundle == nil {
		return err
	}
	if err := b.lapses.look(ctx); err != nil {
		return err
	}
	b.log.InfoContext(ctx, "trust bundle in force", "sequence", bundle.Sequence)
	b.events.add(Event{Kind: EventBundle})
	return nil
}

// put verifies a bundle, puts it on disk and then in force. It returns nil where it is the one in force.
func (b *bundles) put(ctx context.Context, data []byte) (*trust.Bundle, error) {
	b.changing.Lock()
	defer b.changing.Unlock()
	id, have := b.ids.now(), b.now().bundle
	bundle, err := trust.Accept(have, data, id.roots, id.stands.Merchant)
	if err == nil && bundle != have {
		err = b.notOlder(bundle)
	}
	if err != nil {
		return nil, refusedBundle{err}
	}
	if bundle == have {
		return nil, nil
	}
	if err := b.ids.addRoots(bundle.Roots); err != nil {
		return nil, err
	}
	if err := writeFile(b.fs, filepath.Join(b.dir, bundleFile), bundle.Data()); err != nil {
		return nil, fault.New(fault.DiskFull, "redeem.InstallBundle", "writing %s: %w", bundleFile, err)
	}
	b.clock.HearBundle(ctx, bundle)
	notes := append(b.clock.Notes(b.journal), slot.NumberNote(slot.Bundle, bundle.Sequence))
	if err := b.journal.Settle(ctx, nil, nil, notes...); err != nil {
		return nil, err
	}
	return bundle, b.use(bundle, b.now().refusal)
}

// use puts a bundle, or none, in force.
func (b *bundles) use(bundle *trust.Bundle, r refusal) error {
	var fresh []offer.Key
	if bundle != nil {
		fresh = bundle.Keys
	}
	keys, err := mergeKeys(b.keys, fresh)
	if err != nil {
		return err
	}
	b.inForce.Store(&trusted{bundle, keys, r})
	return nil
}

// sequence is that of the bundle in force; 0: there is none.
func (t *trusted) sequence() uint64 {
	if t.bundle == nil {
		return 0
	}
	return t.bundle.Sequence
}

// namesKeys reports whether there is a bundle that names issuer keys.
func (t *trusted) namesKeys() bool { return t.bundle != nil && len(t.bundle.Keys) > 0 }

// fetch asks the backend for a newer bundle. A delta that does not fit what is at hand is no failure: the whole is
// asked for. Its error is a refusedBundle where the backend's bundle is not taken.
func (b *bundles) fetch(ctx context.Context) error {
	have := b.now().sequence()
	err := b.fetchAfter(ctx, have)
	if errors.Is(err, fault.NotFound) && have > 0 {
		err = b.fetchAfter(ctx, 0)
	}
	if now := b.now().sequence(); err == nil && now > have && b.lapses.now().public() != nil {
		err = b.fetchAfter(ctx, now) // what it has may be the base, and what is younger the delta to it
		if errors.Is(err, fault.NotFound) {
			err = nil // another process of the backend made it: that one has another base
		}
	}
	return err
}

func (b *bundles) fetchAfter(ctx context.Context, have uint64) error {
	ctx, cancel := context.WithTimeout(ctx, b.timeout)
	defer cancel()
	data, err := b.backend.Bundle(ctx, b.ids.now().Token, have)
	if err != nil || data == nil {
		return err
	}
	return b.install(ctx, data)
}

// mergeKeys puts the configured keys and those that came later into one set.
func mergeKeys(configured, later []offer.Key) (offer.Keys, error) {
	return offer.NewKeys(joinKeys(configured, later)...)
}

// joinKeys returns the later keys and those configured ones that they do not name: the later one counts, since it may
// have been given an end since.
func joinKeys(configured, later []offer.Key) []offer.Key {
	keys := slices.Clone(later)
	for _, k := range configured {
		same := func(other offer.Key) bool { return other.Issuer == k.Issuer && other.ID == k.ID }
		if !slices.ContainsFunc(later, same) {
			keys = append(keys, k)
		}
	}
	return keys
}
