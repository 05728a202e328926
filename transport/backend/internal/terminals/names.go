package terminals

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"

	"github.com/offlane/offlane/transport/backend/store"
)

// KeyID names a terminal's key for people: the beginning of its hash.
func KeyID(key ed25519.PublicKey) string {
	sum := sha256.Sum256(key)
	return base64.RawURLEncoding.EncodeToString(sum[:6])
}

// SecretID names a secret for people, by the beginning of its hash: nobody finds the secret from it.
func SecretID(h store.Hash) string { return hex.EncodeToString(h[:6]) }
