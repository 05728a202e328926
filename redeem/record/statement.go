package record

import (
	"crypto/ed25519"

	"github.com/offlane/offlane/redeem/fault"
)

const statementContext = "offlane statement 1\x00"

// MaxStatement is the largest statement in bytes.
const MaxStatement = 2 << 20

// A Statement is what a backend signs of an answer: its verdicts, so that a terminal can show them to a backend that
// forgot them.
type Statement struct {
	Version int `cbor:"1,keyasint"`
	// Terminal is whose records the verdicts are on.
	Terminal TerminalID `cbor:"2,keyasint"`
	// Made is when the backend signed it, in milliseconds since 1970.
	Made int64 `cbor:"3,keyasint"`
	// Verdicts are those of the answer that have a number.
	Verdicts []Verdict `cbor:"4,keyasint"`
}

func (s *Statement) version() int { return s.Version }

// A Signed is a statement or a notice as it travels and is kept: the bytes that were signed, verbatim. The zero Signed
// is none.
type Signed struct {
	// KeyID names the root key that signed.
	KeyID string `cbor:"1,keyasint"`
	// Content is the CBOR of a Statement or a Notice.
	Content []byte `cbor:"2,keyasint"`
	// Signature is Ed25519 (RFC 8032) over a context string and Content.
	Signature []byte `cbor:"3,keyasint"`
}

// IsZero reports whether there is none.
func (s Signed) IsZero() bool { return len(s.Content) == 0 }

// Sign returns the statement signed with a root key that terminals know under keyID. It sets Version and leaves out
// Received, which is no verdict. Errors: fault.InvalidRequest, fault.TooLarge.
func (s Statement) Sign(keyID string, key ed25519.PrivateKey) (Signed, error) {
	const op = "record.Statement.Sign"
	s.Version = Version
	verdicts := make([]Verdict, 0, len(s.Verdicts))
	for _, v := range s.Verdicts {
		if v.Status != Received {
			v.Version = Version
			verdicts = append(verdicts, v)
		}
	}
	s.Verdicts = verdicts
	content, err := encode(s)
	if err != nil {
		return Signed{}, fault.New(fault.InvalidRequest, op, "%w", err)
	}
	if len(content) > MaxStatement {
		return Signed{}, fault.New(fault.TooLarge, op, "the statement has %d bytes, at most %d are allowed", len(content),
			MaxStatement)
	}
	return Signed{keyID, content, ed25519.Sign(key, statementBytes(content))}, nil
}

// Open verifies a statement with the root key that it names and reads it. Errors: fault.Forged, and as Decode.
func (s Signed) Open(key ed25519.PublicKey) (Statement, error) {
	if len(s.Content) > MaxStatement {
		return Statement{}, fault.New(fault.TooLarge, "record.Signed.Open",
			"the statement has %d bytes, at most %d are allowed",
			len(s.Content), MaxStatement)
	}
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, statementBytes(s.Content), s.Signature) {
		return Statement{}, fault.New(fault.Forged, "record.Signed.Open", "the statement is not signed with key %q", s.KeyID)
	}
	var statement Statement
	if err := decode("statement", s.Content, MaxStatement, &statement); err != nil {
		return Statement{}, err
	}
	for _, v := range statement.Verdicts {
		if err := v.Check(); err != nil {
			return Statement{}, err
		}
	}
	return statement, nil
}

func statementBytes(content []byte) []byte { return append([]byte(statementContext), content...) }
