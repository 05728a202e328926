package record

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"

	"github.com/offlane/offlane/redeem/fault"
)

// MaxRotations is the largest number of rotations in an enrolment.
const MaxRotations = 16

const rotationContext = "offlane key rotation 1\x00"

// A Rotation is how a terminal changes its key without anybody coming by: the old key vouches for the new one. A
// terminal keeps its last ones and shows them whenever it enrols, so that a backend that missed some, since it was
// restored from a backup say, can follow from the key that it knows to the one that is in use.
type Rotation struct {
	From ed25519.PublicKey `cbor:"1,keyasint"`
	To   ed25519.PublicKey `cbor:"2,keyasint"`
	// Last is the chain number of the newest record at that moment; 0: there was none. Reports with records up to it may
	// still come signed by the old key, in an exported file say; behind it the old key is worth nothing.
	Last uint64 `cbor:"3,keyasint,omitempty"`
	// Signature is the old key's over all the above and the terminal's id.
	Signature []byte `cbor:"4,keyasint,omitempty"`
}

// Rotate has a terminal's old key vouch for a new one. Errors: fault.Internal where the old key does not sign.
func Rotate(terminal TerminalID, from crypto.Signer, to ed25519.PublicKey, last uint64) (Rotation, error) {
	public, _ := from.Public().(ed25519.PublicKey)
	r := Rotation{From: public, To: to, Last: last}
	raw, err := r.message(terminal)
	if err != nil {
		return Rotation{}, err
	}
	r.Signature, err = sign("record.Rotate", from, raw)
	return r, err
}

// Verify returns nil if the rotation is of this terminal and signed by the old key, else fault.Forged.
func (r Rotation) Verify(terminal TerminalID) error {
	raw, err := r.message(terminal)
	if err != nil {
		return err
	}
	if len(r.From) != ed25519.PublicKeySize || len(r.To) != ed25519.PublicKeySize || !ed25519.Verify(r.From, raw,
		r.Signature) {
		return fault.New(fault.Forged, "record.Rotation.Verify",
			"the rotation of terminal %s's key is not signed by its old key", terminal)
	}
	return nil
}

func (r Rotation) message(terminal TerminalID) ([]byte, error) {
	r.Signature = nil
	raw, err := encode(r)
	if err != nil {
		return nil, fault.New(fault.InvalidRequest, "record.Rotation", "%w", err)
	}
	return append(append([]byte(rotationContext), terminal[:]...), raw...), nil
}

// sign signs with Ed25519, by a key in memory or one in a key store of the caller's.
func sign(op string, key crypto.Signer, message []byte) ([]byte, error) {
	if _, ok := key.Public().(ed25519.PublicKey); !ok {
		return nil, fault.New(fault.InvalidRequest, op, "the terminal's key is no Ed25519 key")
	}
	signature, err := key.Sign(rand.Reader, message, crypto.Hash(0))
	if err != nil {
		return nil, fault.New(fault.Internal, op, "the terminal's key does not sign: %w", err)
	}
	return signature, nil
}
