package redeem

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// identityFile holds the terminal's key: only its owner can read it.
const identityFile = "terminal.json"

const identityVersion = 1

// identity is who the terminal is. It is made at the first start and written whole, beside the old file and renamed
// over it.
type identity struct {
	Version  int               `json:"version"`
	Terminal record.TerminalID `json:"terminal"`
	ownKey
	// Next is the key that it is changing to: it was made, and the backend has not been heard to know it.
	Next *ownKey `json:"next,omitempty"`
	// Rotations are the last ones, oldest first; the backend may have missed some.
	Rotations []record.Rotation `json:"rotations,omitempty"`
	Token     string            `json:"token,omitempty"`
	Place     record.Place      `json:"place,omitzero"`
	// Zone is the store's time zone, an IANA name; absent in an enrolment before there were zones.
	Zone  string      `json:"zone,omitempty"`
	Roots []offer.Key `json:"roots,omitempty"`
	// Code is the beginning of the hash of the enrolment code that it was given last.
	Code string `json:"code,omitempty"`
	// Journal names the journal that belongs to it; empty: it was not made yet.
	Journal string `json:"journal,omitempty"`
	// Block is what the backend said last of whether it is blocked.
	Block blockState `json:"block,omitzero"`

	// What follows from it and the configuration.
	location *time.Location // of Zone; nil: not enrolled, or the machine does not know the zone
	roots    offer.Keys     // all root keys
	stands   record.Place   // where it stands
}

// identities keeps who the terminal is. What is in use is a snapshot that nobody changes: whoever decides takes it
// once.
type identities struct {
	fs    vfs.FS
	dir   string
	store KeyStore
	roots []offer.Key  // of the configuration
	place record.Place // of the configuration

	inUse    atomic.Pointer[identity]
	changing sync.Mutex // one change at a time goes to disk and then to use; held across files
}

// now is who the terminal is now. It must not be changed.
func (s *identities) now() *identity { return s.inUse.Load() }

// change writes the identity anew and then uses it, one change at a time.
func (s *identities) change(change func(*identity)) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	id := *s.now()
	change(&id)
	if err := s.complete(&id); err != nil {
		return fault.New(fault.NotTheContract, "redeem.Enrol", "the backend's root keys: %w", err)
	}
	if err := id.save(s.fs, s.dir); err != nil {
		return err
	}
	s.inUse.Store(&id)
	return nil
}

// changeUnsaved uses a change that could not be saved, until the next start.
func (s *identities) changeUnsaved(change func(*identity)) {
	s.changing.Lock()
	defer s.changing.Unlock()
	id := *s.now()
	change(&id)
	s.inUse.Store(&id)
}

// complete works out what follows from an identity and the configuration. The terminal stands where it was enrolled,
// since the backend books it there, and before that as configured; its name in the store is its own.
func (s *identities) complete(id *identity) (err error) {
	id.locate()
	id.stands = record.Place{
		Merchant: cmp.Or(id.Place.Merchant, s.place.Merchant), Store: cmp.Or(id.Place.Store, s.place.Store),
		Lane: cmp.Or(s.place.Lane, id.Place.Lane),
	}
	id.roots, err = mergeKeys(s.roots, id.Roots)
	return err
}

// load reads the identity, or makes one at the first start.
func (s *identities) load(ctx context.Context) error {
	id, err := s.read(ctx)
	if err == nil {
		err = s.complete(&id)
	}
	s.inUse.Store(&id)
	return err
}

func (s *identities) read(ctx context.Context) (identity, error) {
	raw, err := readFile(s.fs, filepath.Join(s.dir, identityFile))
	if errors.Is(err, fs.ErrNotExist) {
		key, err := newOwnKey(ctx, s.store)
		if err != nil {
			return identity{}, err
		}
		id := identity{Version: identityVersion, Terminal: record.NewTerminalID(), ownKey: key}
		return id, id.save(s.fs, s.dir)
	}
	if err != nil {
		return identity{}, fault.New(fault.Damaged, "redeem.Open", "reading %s: %w", identityFile, err)
	}
	id, err := parseIdentity(raw)
	if err == nil {
		err = id.load(ctx, s.store)
	}
	if err == nil && id.Next != nil {
		err = id.Next.load(ctx, s.store)
	}
	return id, err
}

// addRoots keeps the keys that sign bundles from now on. They are on disk before the bundle is, so that one signed with
// them can be read again.
func (s *identities) addRoots(fresh []offer.Key) error {
	known := s.now().Roots
	if !slices.ContainsFunc(fresh, func(k offer.Key) bool { return !hasKey(known, &k) }) {
		return nil
	}
	return s.change(func(id *identity) { id.Roots = joinKeys(id.Roots, fresh) })
}

// hasKey reports whether a key is among others, for the same time.
func hasKey(keys []offer.Key, key *offer.Key) bool {
	return slices.ContainsFunc(keys, func(k offer.Key) bool {
		return k.ID == key.ID && k.Issuer == key.Issuer && k.Public.Equal(key.Public) &&
			k.NotBefore.Equal(key.NotBefore) && k.NotAfter.Equal(key.NotAfter)
	})
}

func parseIdentity(raw []byte) (identity, error) {
	const op = "redeem.Open"
	var id identity
	if err := json.Unmarshal(raw, &id); err != nil {
		return identity{}, fault.New(fault.Damaged, op,
			"%s cannot be read: restore it, or move the folder away and enrol anew: %w", identityFile, err)
	}
	if id.Version != identityVersion {
		return identity{}, fault.New(fault.UnsupportedVersion, op, "%s is of version %d, this program knows %d",
			identityFile, id.Version, identityVersion)
	}
	if id.Terminal.IsZero() {
		return identity{}, fault.New(fault.Damaged, op,
			"%s names no terminal: restore it, or move the folder away and enrol anew", identityFile)
	}
	id.locate()
	return id, nil
}

func (id identity) save(fsys vfs.FS, dir string) error {
	raw, err := json.MarshalIndent(id, "", "\t")
	if err != nil {
		return fault.New(fault.Internal, "redeem.Open", "%w", err)
	}
	if err := writeFile(fsys, filepath.Join(dir, identityFile), append(raw, '\n')); err != nil {
		return fault.New(fault.DiskFull, "redeem.Open", "writing %s: %w", identityFile, err)
	}
	return nil
}

// isEnrolled reports whether a backend knows the terminal.
func (id *identity) isEnrolled() bool { return id.Token != "" }
