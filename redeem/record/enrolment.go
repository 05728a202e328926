package record

import (
	"crypto"
	"crypto/ed25519"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

const enrolmentContext = "offlane enrolment 1\x00"

// An Enrolment is how a terminal makes itself known to a backend: with a code that somebody typed in or that stands in
// a golden image, and the public half of the key that it made at its first start.
type Enrolment struct {
	Version  int               `cbor:"1,keyasint"`
	Code     string            `cbor:"2,keyasint"`
	Terminal TerminalID        `cbor:"3,keyasint"`
	Key      ed25519.PublicKey `cbor:"4,keyasint"`
	// Lane is the terminal's name in its store.
	Lane string `cbor:"5,keyasint"`
	// Rotations lead from keys that the terminal had before to Key, oldest first, at most MaxRotations.
	Rotations []Rotation `cbor:"6,keyasint,omitempty"`
	// Challenge is what the backend gave to be signed, at most 128 bytes. It is good for a few minutes and for
	// one enrolment, so that one that was overheard is worth nothing.
	Challenge string `cbor:"7,keyasint"`
	// Last is the chain number of the terminal's newest record; 0: there is none. A terminal that moves made its
	// records up to it in the store where it stood before.
	Last uint64 `cbor:"8,keyasint,omitempty"`
	// Proof is the terminal's signature over all the above: whoever enrols a key has it.
	Proof []byte `cbor:"-"`
}

// Enrolled is a backend's answer to an enrolment.
type Enrolled struct {
	// Token is the bearer token of the terminal's requests. The backend keeps only its hash.
	Token string
	// Expires is when the token ends, in milliseconds since 1970; 0: never.
	Expires int64
	// Place is where the code belongs: merchant, store and the lane as the terminal named it.
	Place Place
	// Zone is the store's time zone as an IANA name such as "Europe/Berlin", by which the day of a sale is reckoned;
	// empty: UTC.
	Zone string
	// Second is when the backend took the enrolment, in milliseconds since 1970, where the lane has another terminal that
	// works: this one asks about offers until a trust bundle made after that is in force. 0: it has none.
	Second int64
	// Roots are the keys with which the backend signs trust bundles and its clock.
	Roots []offer.Key
}

// Prove signs the enrolment with the terminal's key and sets Version, Key and Proof.
//
// Errors: fault.InvalidRequest for a key that is not Ed25519, fault.Internal for one that does not sign.
func (e Enrolment) Prove(key crypto.Signer) (Enrolment, error) {
	public, _ := key.Public().(ed25519.PublicKey)
	e.Version, e.Key = Version, public
	raw, err := e.message()
	if err != nil {
		return Enrolment{}, err
	}
	e.Proof, err = sign("record.Enrolment.Prove", key, raw)
	return e, err
}

// Verify returns nil if the enrolment is signed with the key that it names, else fault.Forged.
func (e Enrolment) Verify() error {
	raw, err := e.message()
	if err != nil {
		return err
	}
	if len(e.Key) != ed25519.PublicKeySize || !ed25519.Verify(e.Key, raw, e.Proof) {
		return fault.New(fault.Forged, "record.Enrolment.Verify", "terminal %s did not prove that it has its key", e.Terminal)
	}
	return nil
}

func (e Enrolment) message() ([]byte, error) {
	raw, err := encode(e)
	if err != nil {
		return nil, fault.New(fault.InvalidRequest, "record.Enrolment", "%w", err)
	}
	return append([]byte(enrolmentContext), raw...), nil
}
