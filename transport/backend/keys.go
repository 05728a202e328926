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
	for setting, key := range map[string]*offer.Issuer{settingIssuer: &s.issuer, settingRoot: &s.root} {
		if len(key.Private) == 0 {
			seed, err := s.seed(ctx, setting)
			if err != nil {
				return err
			}
			*key = issuerOf(seed)
		}
		if _, err := offer.NewKeys(key.Key()); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) seed(ctx context.Context, setting string) (seed []byte, err error) {
	seed, err = update(ctx, s, func(tx Tx) ([]byte, error) {
		seed, err := tx.Setting(setting)
		if err != nil || seed != nil {
			return seed, err
		}
		seed = make([]byte, ed25519.SeedSize)
		rand.Read(seed) // never fails (crypto/rand)
		return seed, tx.PutSetting(setting, seed)
	})
	if err == nil && len(seed) != ed25519.SeedSize {
		err = fault.New(fault.Damaged, "backend.New", "the setting %q in the store is no key", setting)
	}
	return seed, err
}

// issuerOf names a key by the beginning of its public half's hash.
func issuerOf(seed []byte) offer.Issuer {
	private := ed25519.NewKeyFromSeed(seed)
	sum := sha256.Sum256(private.Public().(ed25519.PublicKey))
	return offer.Issuer{Name: "offlane", KeyID: base64.RawURLEncoding.EncodeToString(sum[:6]), Private: private}
}
