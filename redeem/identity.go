package redeem

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// identityFile holds the terminal's key: only its owner can read it.
const identityFile = "terminal.json"

const identityVersion = 1

// identity is who the terminal is. It is made at the first start and written whole, beside the old file and renamed over it.
type identity struct {
	Version  int               `json:"version"`
	Terminal record.TerminalID `json:"terminal"`
	// Seed is the Ed25519 private key (RFC 8032 section 5.1.5).
	Seed  []byte             `json:"seed"`
	Key   ed25519.PrivateKey `json:"-"`
	Token string             `json:"token,omitempty"`
	Place record.Place       `json:"place,omitzero"`
	Roots []offer.Key        `json:"roots,omitempty"`
}

func newIdentity() (identity, error) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return identity{}, fault.New(fault.Internal, "redeem.Open", "making the terminal's key: %w", err)
	}
	return identity{Version: identityVersion, Terminal: record.NewTerminalID(), Seed: key.Seed(), Key: key}, nil
}

// loadIdentity reads the identity, or makes one at the first start.
func loadIdentity(fsys vfs.FS, dir string) (identity, error) {
	raw, err := readFile(fsys, filepath.Join(dir, identityFile))
	if errors.Is(err, fs.ErrNotExist) {
		id, err := newIdentity()
		if err != nil {
			return identity{}, err
		}
		return id, id.save(fsys, dir)
	}
	if err != nil {
		return identity{}, fault.New(fault.Damaged, "redeem.Open", "reading %s: %w", identityFile, err)
	}
	return parseIdentity(raw)
}

func parseIdentity(raw []byte) (identity, error) {
	const op = "redeem.Open"
	var id identity
	if err := json.Unmarshal(raw, &id); err != nil {
		return identity{}, fault.New(fault.Damaged, op, "%s cannot be read: restore it, or move the folder away and enrol anew: %w", identityFile, err)
	}
	if id.Version != identityVersion {
		return identity{}, fault.New(fault.UnsupportedVersion, op, "%s is of version %d, this program knows %d", identityFile, id.Version, identityVersion)
	}
	if id.Terminal.IsZero() || len(id.Seed) != ed25519.SeedSize {
		return identity{}, fault.New(fault.Damaged, op, "%s holds no key: restore it, or move the folder away and enrol anew", identityFile)
	}
	id.Key = ed25519.NewKeyFromSeed(id.Seed)
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

// enrolled makes sure that there is a token before it calls do, and gets a fresh one when the backend takes it no longer: the
// terminal proves who it is with its key, so nobody need come by.
func (t *Terminal) enrolled(ctx context.Context, do func(context.Context) error) error {
	if t.identity().Token == "" {
		if err := t.enrol(ctx); err != nil {
			return err
		}
		return do(ctx)
	}
	err := do(ctx)
	if !errors.Is(err, fault.Unauthorized) {
		return err
	}
	if failed := t.enrol(ctx); failed != nil {
		return errors.Join(err, failed)
	}
	return do(ctx)
}

func (t *Terminal) enrol(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.cfg.Reporting.Timeout)
	defer cancel()
	id := t.identity()
	proof, err := record.Enrolment{Code: t.cfg.EnrolmentCode, Terminal: id.Terminal, Lane: t.place().Lane}.Prove(id.Key)
	if err != nil {
		return err
	}
	answer, err := t.cfg.Reporter.Enrol(ctx, proof)
	if err != nil {
		return err
	}
	err = t.changeIdentity(func(id *identity) { id.Token, id.Place, id.Roots = answer.Token, answer.Place, answer.Roots })
	if err != nil {
		return err
	}
	t.log.InfoContext(ctx, "enrolled", "terminal", id.Terminal, "store", answer.Place.Store)
	return nil
}

// changeIdentity writes the identity anew and then uses it, one change at a time.
func (t *Terminal) changeIdentity(change func(*identity)) error {
	t.changing.Lock()
	defer t.changing.Unlock()
	id := t.identity()
	change(&id)
	roots, err := mergeKeys(t.cfg.Roots, id.Roots)
	if err != nil {
		return fault.New(fault.NotTheContract, "redeem.Enrol", "the backend's root keys: %w", err)
	}
	if err := id.save(t.fs, t.dir); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.id, t.roots = id, roots
	return nil
}
