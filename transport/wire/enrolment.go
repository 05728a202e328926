package wire

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// maxChallenge is the longest challenge in bytes.
const maxChallenge = 128

// An Enrolment is the body of POST /v1/terminals.
type Enrolment struct {
	// Version is the version of the signed bytes, record.Version.
	Version int `json:"version"`
	// Code is the enrolment code; empty where a terminal that is known by its key asks for a fresh token.
	Code     string            `json:"code,omitempty"`
	Terminal record.TerminalID `json:"terminal"`
	// Key is the terminal's Ed25519 public key, 32 bytes.
	Key  Bytes  `json:"key"`
	Lane string `json:"lane"`
	// Rotations lead from keys that the terminal had before to Key, oldest first.
	Rotations []Rotation `json:"rotations,omitempty"`
	// Challenge is what the backend gave to be signed.
	Challenge string `json:"challenge"`
	// Last is the chain number of the terminal's newest record; 0: there is none.
	Last uint64 `json:"last,omitempty"`
	// Proof is the terminal's signature over the enrolment.
	Proof Bytes `json:"proof"`
}

// UnmarshalJSON reads an enrolment as it stands, but of rotations no more than there can be, since each takes more
// memory than it has characters and anybody may send some.
func (e *Enrolment) UnmarshalJSON(data []byte) error {
	type plain Enrolment
	into := struct {
		*plain
		Rotations rotations `json:"rotations"`
	}{plain: (*plain)(e)}
	err := json.Unmarshal(data, &into)
	e.Rotations = into.Rotations
	return err
}

type rotations []Rotation

// UnmarshalJSON implements json.Unmarshaler. Error: fault.Malformed for more than record.MaxRotations.
func (r *rotations) UnmarshalJSON(data []byte) error {
	s := newStream(bytes.NewReader(data), int64(len(data)))
	return s.list("rotations", record.MaxRotations, func(int) error { return element(s, (*[]Rotation)(r), maxShort) })
}

// A Rotation says that the terminal's key From gave way to To, and is signed by From.
type Rotation struct {
	From Bytes `json:"from"`
	To   Bytes `json:"to"`
	// Last is the chain number of the newest record at that moment; From signs nothing behind it.
	Last      uint64 `json:"last"`
	Signature Bytes  `json:"signature"`
}

// maxCode and maxLane bound what a terminal may call itself, in bytes.
const (
	maxCode = 128
	maxLane = 64
)

// FromEnrolment returns the body that carries e.
func FromEnrolment(e record.Enrolment) Enrolment {
	var rotations []Rotation
	for _, r := range e.Rotations {
		rotations = append(rotations, Rotation{Bytes(r.From), Bytes(r.To), r.Last, r.Signature})
	}
	return Enrolment{e.Version, e.Code, e.Terminal, Bytes(e.Key), e.Lane, rotations, e.Challenge, e.Last, e.Proof}
}

// Record returns the enrolment that the body carries. It is not verified. Errors: fault.UnsupportedVersion,
// fault.Malformed.
func (e Enrolment) Record() (record.Enrolment, error) {
	const op = "wire.Enrolment"
	switch {
	case e.Version != record.Version:
		return record.Enrolment{}, fault.New(fault.UnsupportedVersion, op,
			"the enrolment is of version %d, this program knows version %d", e.Version, record.Version)
	case e.Terminal.IsZero() || len(e.Key) != ed25519.PublicKeySize || len(e.Proof) != ed25519.SignatureSize:
		return record.Enrolment{}, fault.New(fault.Malformed, op, "terminal, key and proof are required")
	case len(e.Code) > maxCode || len(e.Lane) > maxLane:
		return record.Enrolment{}, fault.New(fault.Malformed, op,
			"a code has at most %d bytes, a lane's name at most %d", maxCode, maxLane)
	case e.Challenge == "" || len(e.Challenge) > maxChallenge || e.Last > record.MaxNumber:
		return record.Enrolment{}, fault.New(fault.Malformed, op,
			"a challenge of 1 to %d bytes is required, and the last number is at most %d", maxChallenge,
			uint64(record.MaxNumber))
	case len(e.Rotations) > record.MaxRotations:
		return record.Enrolment{}, fault.New(fault.Malformed, op, "%d rotations, at most %d are allowed", len(e.Rotations),
			record.MaxRotations)
	}
	var rotations []record.Rotation
	for _, r := range e.Rotations {
		rotations = append(rotations, record.Rotation{From: ed25519.PublicKey(r.From), To: ed25519.PublicKey(r.To),
			Last: r.Last, Signature: r.Signature})
	}
	return record.Enrolment{Version: e.Version, Code: e.Code, Terminal: e.Terminal, Key: ed25519.PublicKey(e.Key),
		Lane: e.Lane, Rotations: rotations, Challenge: e.Challenge, Last: e.Last, Proof: e.Proof}, nil
}

// A Challenge is the answer to POST /v1/terminals/challenges: what an enrolment signs.
type Challenge struct {
	// Challenge has 1 to 128 bytes and is good for one enrolment.
	Challenge string `json:"challenge"`
	// Expires is when it ends, in milliseconds since 1970.
	Expires int64 `json:"expires"`
}

// Record returns the challenge. Error: fault.Malformed.
func (c Challenge) Record() (string, error) {
	if c.Challenge == "" || len(c.Challenge) > maxChallenge {
		return "", fault.New(fault.Malformed, "wire.Challenge", "a challenge has 1 to %d bytes, this one %d",
			maxChallenge, len(c.Challenge))
	}
	return c.Challenge, nil
}

// Enrolled is the answer to an enrolment.
type Enrolled struct {
	// Token is the bearer token of the terminal's requests.
	Token string `json:"token"`
	// Expires is when the token ends, in milliseconds since 1970; 0: never.
	Expires int64        `json:"expires,omitempty"`
	Place   record.Place `json:"place"`
	// Zone is the store's time zone, an IANA name; absent: UTC.
	Zone string `json:"zone,omitempty"`
	// Roots are the keys with which the backend signs trust bundles and its clock.
	Roots []Key `json:"roots"`
	// Second is when the backend took the enrolment, in milliseconds since 1970, where the lane has another terminal: this
	// one asks about offers until a trust bundle made after that is in force. Absent: it has none.
	Second int64 `json:"second,omitempty"`
}

// A Key is the public key of an issuer or of the backend.
type Key struct {
	ID     string `json:"id"`
	Issuer string `json:"issuer"`
	// Public is the Ed25519 public key, 32 bytes.
	Public Bytes `json:"public"`
	// NotBefore and NotAfter bound the moment of signing; absent: no bound.
	NotBefore time.Time `json:"notBefore,omitzero"`
	NotAfter  time.Time `json:"notAfter,omitzero"`
}

// FromEnrolled returns the answer that carries e.
func FromEnrolled(e record.Enrolled) Enrolled {
	roots := make([]Key, len(e.Roots))
	for i, k := range e.Roots {
		roots[i] = Key{k.ID, k.Issuer, Bytes(k.Public), k.NotBefore, k.NotAfter}
	}
	return Enrolled{e.Token, e.Expires, e.Place, e.Zone, roots, e.Second}
}

// Record returns what the answer carries. Errors: fault.Malformed without a token, a merchant or usable roots.
func (e Enrolled) Record() (record.Enrolled, error) {
	const op = "wire.Enrolled"
	if len(e.Zone) > maxLane {
		return record.Enrolled{}, fault.New(fault.Malformed, op, "a time zone's name has at most %d bytes", maxLane)
	}
	if e.Token == "" || e.Place.Merchant == "" || len(e.Roots) == 0 {
		return record.Enrolled{}, fault.New(fault.Malformed, op, "token, merchant and roots are required")
	}
	roots := make([]offer.Key, len(e.Roots))
	for i, k := range e.Roots {
		roots[i] = offer.Key{ID: k.ID, Issuer: k.Issuer, Public: ed25519.PublicKey(k.Public), NotBefore: k.NotBefore,
			NotAfter: k.NotAfter}
	}
	if _, err := offer.NewKeys(roots...); err != nil {
		return record.Enrolled{}, fault.New(fault.Malformed, op, "roots: %w", err)
	}
	return record.Enrolled{Token: e.Token, Expires: e.Expires, Place: e.Place, Zone: e.Zone, Roots: roots,
		Second: e.Second}, nil
}
