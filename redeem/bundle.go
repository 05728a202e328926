package redeem

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/trust"
)

// bundleFile holds the trust bundle as it was signed.
const bundleFile = "bundle.cbor"

// loadBundle takes the bundle on disk into use. One that is damaged or signed by nobody we know is set aside: the terminal
// opens without it, since it can still record, and the backend sends another.
func (t *Terminal) loadBundle() error {
	raw, err := readFile(t.fs, filepath.Join(t.dir, bundleFile))
	if errors.Is(err, fs.ErrNotExist) {
		return t.useBundle(nil)
	}
	if err != nil {
		return fault.New(fault.Damaged, "redeem.Open", "reading %s: %w", bundleFile, err)
	}
	bundle, err := trust.Accept(nil, raw, t.roots, t.place().Merchant)
	if err == nil {
		err = t.notOlder(bundle)
	}
	if err != nil {
		t.log.Warn("the trust bundle on disk is not used", "error", err)
		t.progress.refusal = refusal{err, t.clock.Read().Wall}
		bundle = nil
	} else if _, ok := t.journal.Note(slotTime); !ok { // what it says of the time was heard when it came
		t.hearBundle(context.Background(), bundle)
	}
	return t.useBundle(bundle)
}

// notOlder keeps a bundle from coming back whose successor was in force, also after the file was put back or taken away: the
// journal remembers the highest sequence.
func (t *Terminal) notOlder(bundle *trust.Bundle) error {
	if highest := t.number(slotBundle); bundle.Sequence < highest {
		return fault.New(fault.RolledBack, "redeem.InstallBundle", "bundle %d is older than %d, which was in force before", bundle.Sequence, highest)
	}
	return nil
}

// InstallBundle takes a trust bundle, or a delta of the one in force, into use that came another way than over the network,
// such as on a USB stick. Whatever is wrong with it, the one in force stays, and none that is older than one that was ever in
// force here comes back. The root keys that it names are trusted from now on, so that the backend can replace its own. Errors:
// those of trust.Accept, fault.DiskFull.
func (t *Terminal) InstallBundle(ctx context.Context, data []byte) error {
	if err := t.install(ctx, data); err != nil {
		if why, ok := errors.AsType[refused](err); ok {
			return why.error
		}
		return err
	}
	return nil
}

// install does the work of InstallBundle. Its error is a refused one where the bundle itself is not taken.
func (t *Terminal) install(ctx context.Context, data []byte) error {
	t.installing.Lock()
	defer t.installing.Unlock()
	roots, have := t.trusted()
	bundle, err := trust.Accept(have, data, roots, t.place().Merchant)
	if err == nil && bundle != have {
		err = t.notOlder(bundle)
	}
	if err != nil {
		return refused{err}
	}
	if bundle == have {
		return nil
	}
	if err := t.addRoots(bundle.Roots); err != nil {
		return err
	}
	if err := writeFile(t.fs, filepath.Join(t.dir, bundleFile), bundle.Data()); err != nil {
		return fault.New(fault.DiskFull, "redeem.InstallBundle", "writing %s: %w", bundleFile, err)
	}
	t.hearBundle(ctx, bundle)
	notes := append(t.timeNotes(), journal.Note{Slot: slotBundle, Value: encodeNumber(bundle.Sequence)})
	if err := t.journal.Settle(ctx, nil, nil, notes...); err != nil {
		return err
	}
	if err := t.useBundle(bundle); err != nil {
		return err
	}
	if err := t.remember(ctx); err != nil {
		return err
	}
	t.log.InfoContext(ctx, "trust bundle in force", "sequence", bundle.Sequence)
	t.tell(Event{Kind: EventBundle})
	return nil
}

// addRoots keeps the keys that sign bundles from now on. They are on disk before the bundle is, so that one signed with them can be
// read again.
func (t *Terminal) addRoots(fresh []offer.Key) error {
	known := t.identity().Roots
	if !slices.ContainsFunc(fresh, func(k offer.Key) bool { return !slices.ContainsFunc(known, k.Equal) }) {
		return nil
	}
	return t.changeIdentity(func(id *identity) { id.Roots = merged(id.Roots, fresh) })
}

// trusted returns the root keys and the bundle in force, nil if none.
func (t *Terminal) trusted() (offer.Keys, *trust.Bundle) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.roots, t.bundle
}

// useBundle puts a bundle, or none, in force.
func (t *Terminal) useBundle(bundle *trust.Bundle) error {
	var fresh []offer.Key
	if bundle != nil {
		fresh = bundle.Keys
	}
	set, err := mergeKeys(t.cfg.Keys, fresh)
	if err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.keys, t.bundle = set, bundle
	return nil
}

// fetchBundle asks the backend for a newer bundle. A delta that does not fit what is at hand is no failure: the whole is asked for.
// Its error is a refused one where the backend's bundle is not taken.
func (t *Terminal) fetchBundle(ctx context.Context) error {
	have := uint64(0)
	if _, bundle := t.trusted(); bundle != nil {
		have = bundle.Sequence
	}
	err := t.fetchAfter(ctx, have)
	if errors.Is(err, fault.NotFound) && have > 0 {
		err = t.fetchAfter(ctx, 0)
	}
	if _, bundle := t.trusted(); err == nil && bundle != nil && bundle.Sequence > have && t.forgot.Load().public() != nil {
		err = t.fetchAfter(ctx, bundle.Sequence) // what it has may be the base, and what is younger the delta to it
		if errors.Is(err, fault.NotFound) {
			err = nil // another process of the backend made it: that one has another base
		}
	}
	return err
}

func (t *Terminal) fetchAfter(ctx context.Context, have uint64) error {
	ctx, cancel := context.WithTimeout(ctx, t.cfg.Reporting.Timeout)
	defer cancel()
	data, err := t.cfg.Reporter.Bundle(ctx, t.identity().Token, have)
	if err != nil || data == nil {
		return err
	}
	return t.install(ctx, data)
}

// mergeKeys puts the configured keys and those that came later into one set.
func mergeKeys(configured, later []offer.Key) (offer.Keys, error) {
	return offer.NewKeys(merged(configured, later)...)
}

// merged returns the later keys and those configured ones that they do not name: the later one counts, since it may have been
// given an end since.
func merged(configured, later []offer.Key) []offer.Key {
	keys := slices.Clone(later)
	for _, k := range configured {
		same := func(other offer.Key) bool { return other.Issuer == k.Issuer && other.ID == k.ID }
		if !slices.ContainsFunc(later, same) {
			keys = append(keys, k)
		}
	}
	return keys
}
