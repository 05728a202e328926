package backend

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

// Settings under which the server keeps the keys that it made.
const (
	settingIssuer = "issuer key 1"
	settingRoot   = "root key 1"
)

// loadKeys fills in the keys that the Config left out: those in the store, which are made at the first start.
func (s *Server) loadKeys(ctx context.Context) error {
	for _, k := range []struct {
		into          *offer.Issuer
		name, setting string
	}{{&s.issuer, "offlane", settingIssuer}, {&s.root, "offlane", settingRoot}} {
		if len(k.into.Private) != 0 {
			continue
		}
		seed, err := s.seed(ctx, k.setting)
		if err != nil {
			return err
		}
		*k.into = issuerOf(k.name, seed)
	}
	for _, key := range []offer.Issuer{s.issuer, s.root} {
		if _, err := offer.NewKeys(key.Key()); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) seed(ctx context.Context, setting string) (seed []byte, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		if seed, err = tx.Setting(setting); err != nil || seed != nil {
			return err
		}
		seed = make([]byte, ed25519.SeedSize)
		rand.Read(seed) // never fails (crypto/rand)
		return tx.PutSetting(setting, seed)
	})
	if err == nil && len(seed) != ed25519.SeedSize {
		err = fault.New(fault.Damaged, "backend.New", "the setting %q in the store is no key", setting)
	}
	return seed, err
}

// issuerOf names a key by the beginning of its public half's hash.
func issuerOf(name string, seed []byte) offer.Issuer {
	private := ed25519.NewKeyFromSeed(seed)
	sum := sha256.Sum256(private.Public().(ed25519.PublicKey))
	return offer.Issuer{Name: name, KeyID: base64.RawURLEncoding.EncodeToString(sum[:6]), Private: private}
}
