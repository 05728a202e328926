package format

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
	nonceSize = 12
	// SealedExtra is how many bytes encryption adds.
	SealedExtra = nonceSize + 16
)

// A KeyID tells keys apart without giving anything of them away; zero is no key.
type KeyID [16]byte

// A Sealer encrypts contents with AES-256-GCM; a nil one leaves them as they are.
type Sealer struct {
	ID   KeyID
	aead cipher.AEAD
}

// NewSealer returns the sealer of a key. Its error is fault.InvalidRequest.
func NewSealer(key []byte) (*Sealer, error) {
	if len(key) != KeySize {
		return nil, fault.New(fault.InvalidRequest, "", "a key has %d bytes: give %d", len(key), KeySize)
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
	return &Sealer{ID: KeyID(sum[:16]), aead: aead}, nil
}

// additionalData is authenticated with a content, which therefore opens in its own place alone.
func additionalData(segment [16]byte, f *Frame) []byte {
	b := append(make([]byte, 0, 25), segment[:]...)
	b = binary.LittleEndian.AppendUint64(b, f.Seq)
	return append(b, byte(f.Kind))
}

// Seal replaces f's content by nonce, ciphertext and tag.
func (s *Sealer) Seal(segment [16]byte, f *Frame) {
	if s == nil {
		return
	}
	sealed := make([]byte, nonceSize, SealedExtra+len(f.Content))
	rand.Read(sealed)
	f.Content = s.aead.Seal(sealed, sealed, f.Content, additionalData(segment, f))
	f.Flags |= FlagSealed
}

// Open undoes Seal, in place. It reports false where this is not the key.
func (s *Sealer) Open(segment [16]byte, f *Frame) bool {
	if f.Flags&FlagSealed == 0 {
		return true
	}
	if s == nil || len(f.Content) < SealedExtra {
		return false
	}
	plain, err := s.aead.Open(f.Content[nonceSize:nonceSize], f.Content[:nonceSize], f.Content[nonceSize:],
		additionalData(segment, f))
	f.Content = plain
	return err == nil
}

// A Keyring holds the key that is written with, first, and those that are read with.
type Keyring []*Sealer

// NewKeyring returns the sealers of keys. Its error is fault.InvalidRequest.
func NewKeyring(keys ...[]byte) (Keyring, error) {
	sealers := make(Keyring, len(keys))
	for i, key := range keys {
		s, err := NewSealer(key)
		if err != nil {
			return nil, err
		}
		sealers[i] = s
	}
	return sealers, nil
}

// Find returns the sealer of that id; ok is false where it is none of ours.
func (r Keyring) Find(id KeyID) (s *Sealer, ok bool) {
	if id == (KeyID{}) {
		return nil, true
	}
	for _, s := range r {
		if s.ID == id {
			return s, true
		}
	}
	return nil, false
}
