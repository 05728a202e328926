package journal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"

	"github.com/offlane/offlane/redeem/fault"
)

// KeySize is the number of bytes of a key for encryption at rest.
const KeySize = 32

const (
	nonceSize   = 12
	sealedExtra = nonceSize + 16
)

// A keyID tells keys apart without giving anything of them away; zero is no key.
type keyID [16]byte

// A sealer encrypts contents with AES-256-GCM; a nil one leaves them as they are.
type sealer struct {
	id   keyID
	aead cipher.AEAD
}

func newSealer(key []byte) (*sealer, error) {
	if len(key) != KeySize {
		return nil, fault.New(fault.InvalidRequest, "journal.Open", "a key has %d bytes: give %d", len(key), KeySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(append([]byte("offlane journal key id\x00"), key...))
	return &sealer{id: keyID(sum[:16]), aead: aead}, nil
}

// bound is what a content cannot be moved away from.
func bound(segment [16]byte, f *frame) []byte {
	b := append(make([]byte, 0, 25), segment[:]...)
	b = binary.LittleEndian.AppendUint64(b, f.seq)
	return append(b, byte(f.kind))
}

// seal replaces f's content by nonce, ciphertext and tag.
func (s *sealer) seal(segment [16]byte, f *frame) {
	if s == nil {
		return
	}
	room := make([]byte, nonceSize, sealedExtra+len(f.content))
	rand.Read(room)
	f.content = s.aead.Seal(room, room, f.content, bound(segment, f))
	f.flags |= flagSealed
}

// open undoes seal, in place. It reports false where this is not the key.
func (s *sealer) open(segment [16]byte, f *frame) bool {
	if f.flags&flagSealed == 0 {
		return true
	}
	if s == nil || len(f.content) < sealedExtra {
		return false
	}
	plain, err := s.aead.Open(f.content[nonceSize:nonceSize], f.content[:nonceSize], f.content[nonceSize:], bound(segment, f))
	f.content = plain
	return err == nil
}

// A keyring holds the key that is written with, first, and those that are read with.
type keyring []*sealer

func newKeyring(cfg *Config) (keyring, error) {
	var ring keyring
	keys := cfg.OldKeys
	if cfg.Key != nil {
		keys = append([][]byte{cfg.Key}, keys...)
	}
	for _, key := range keys {
		s, err := newSealer(key)
		if err != nil {
			return nil, err
		}
		ring = append(ring, s)
	}
	return ring, nil
}

// find returns the sealer of that id; ok is false where it is none of ours.
func (r keyring) find(id keyID) (s *sealer, ok bool) {
	if id == (keyID{}) {
		return nil, true
	}
	for _, s := range r {
		if s.id == id {
			return s, true
		}
	}
	return nil, false
}
