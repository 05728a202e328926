package redeem

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// A KeyStore keeps the terminal's private keys where the caller wants them, such as in the machine's TPM or its
// system's key store, instead of in a file of the terminal's folder. Its methods are called by one goroutine at a
// time, and may call the terminal, but not ReportNow, RotateKey or Close. An error of theirs stops what needed the
// key; nothing is lost by it.
type KeyStore interface {
	// NewKey makes an Ed25519 key that is there after a restart too. A key whose making was cut short by a crash may stay
	// behind unused.
	NewKey(ctx context.Context) (crypto.Signer, error)
	// Key returns the key with this public half.
	Key(ctx context.Context, public ed25519.PublicKey) (crypto.Signer, error)
	// Forget is told that a key gave way to another and is not asked for again.
	Forget(ctx context.Context, public ed25519.PublicKey) error
}

// An ownKey is a key of the terminal's as it stands in its file: the private half, or where it is in a key store the
// public one.
type ownKey struct {
	// Seed is the Ed25519 private key (RFC 8032 section 5.1.5).
	Seed   []byte            `json:"seed,omitempty"`
	Public ed25519.PublicKey `json:"key,omitempty"`
	signer crypto.Signer
}

func (k *ownKey) public() ed25519.PublicKey {
	public, _ := k.signer.Public().(ed25519.PublicKey)
	return public
}

// newOwnKey makes a key, in the store if there is one.
func newOwnKey(ctx context.Context, store KeyStore) (ownKey, error) {
	const op = "redeem.KeyStore"
	if store == nil {
		_, key, err := ed25519.GenerateKey(nil)
		if err != nil {
			return ownKey{}, fault.New(fault.Internal, op, "making the terminal's key: %w", err)
		}
		return ownKey{Seed: key.Seed(), signer: key}, nil
	}
	signer, err := store.NewKey(ctx)
	if err != nil {
		return ownKey{}, fault.New(fault.Internal, op, "the key store makes no key: %w", err)
	}
	key := ownKey{signer: signer}
	if key.Public = key.public(); len(key.Public) != ed25519.PublicKeySize {
		return ownKey{}, fault.New(fault.InvalidRequest, op, "the key store's new key is no Ed25519 key")
	}
	return key, nil
}

// load finds the private half.
func (k *ownKey) load(ctx context.Context, store KeyStore) error {
	const op = "redeem.Open"
	switch {
	case len(k.Seed) == ed25519.SeedSize:
		k.signer = ed25519.NewKeyFromSeed(k.Seed)
		return nil
	case len(k.Seed) != 0 || len(k.Public) != ed25519.PublicKeySize:
		return fault.New(fault.Damaged, op, "%s holds no key: restore it, or move the folder away and enrol anew",
			identityFile)
	case store == nil:
		return fault.New(fault.InvalidRequest, op, "the terminal's key is in a key store: give it in Config.KeyStore")
	}
	signer, err := store.Key(ctx, k.Public)
	if err != nil {
		return fault.New(fault.WrongKey, op, "the key store does not give the terminal's key: %w", err)
	}
	k.signer = signer
	if !k.Public.Equal(k.public()) {
		return fault.New(fault.WrongKey, op, "the key store gave another key than the terminal's")
	}
	return nil
}

// RotateKey changes the terminal's key for a new one and tells the backend, to which the old key vouches for the new
// one, so that nobody need come by. It returns when the backend has taken the new key. Where the answer is lost, or
// the program dies, the next exchange goes on with it by itself, and until then every report is signed with the key
// that the backend is known to have. Call it every few months, or when the machine was in other hands; with
// Config.KeyStore it also moves a key from the terminal's file into the store.
//
// Errors: those of the Reporter, after which the rotation goes on by itself; fault.UnsupportedVersion where the
// backend does not know rotations: the old key stays; fault.InvalidRequest without a Reporter; fault.DiskFull;
// fault.Closed.
func (t *Terminal) RotateKey(ctx context.Context) error {
	const op = "redeem.RotateKey"
	if t.cfg.Reporter == nil {
		return fault.New(fault.InvalidRequest, op, "the terminal was opened without a Reporter")
	}
	if err := t.reporter.Acquire(ctx); err != nil {
		return err
	}
	defer t.reporter.Release()
	return t.enroller.rotate(ctx)
}

// nextRotations are the enrolment's rotations with the one that is under way.
func (id *identity) nextRotations(last uint64) ([]record.Rotation, error) {
	rotation, err := record.Rotate(id.Terminal, id.signer, id.Next.public(), last)
	if err != nil {
		return nil, err
	}
	all := append(slices.Clone(id.Rotations), rotation)
	return all[max(0, len(all)-record.MaxRotations):], nil
}
