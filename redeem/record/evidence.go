package record

import (
	"crypto/ed25519"
	"time"

	"github.com/offlane/offlane/redeem/fault"
)

// Evidence is what a terminal knew of the time when it wrote a record. All times are in milliseconds.
type Evidence struct {
	// Wall is what the wall clock said, since 1970-01-01T00:00Z.
	Wall int64 `cbor:"1,keyasint"`
	// SinceBoot counts from the machine's start, suspend included.
	SinceBoot int64 `cbor:"2,keyasint"`
	// Boot names the machine's run; two equal names are the same run.
	Boot string `cbor:"3,keyasint,omitempty"`
	// Server is the signed server time that Earliest rests on, since 1970; 0: none.
	Server int64 `cbor:"4,keyasint,omitempty"`
	// Earliest and Latest bound the true moment, since 1970. Latest 0: no bound is known.
	Earliest int64 `cbor:"5,keyasint,omitempty"`
	Latest   int64 `cbor:"6,keyasint,omitempty"`
	// Trusted says that the wall clock lay where the evidence allows it.
	Trusted bool `cbor:"7,keyasint,omitempty"`
	// Correction is that of the server time; see ServerTime.
	Correction uint64 `cbor:"8,keyasint,omitempty"`
	// Off is how far the wall clock is known to be ahead of the true time, or behind it where it is negative; 0: nothing
	// worth mentioning is known.
	Off int64 `cbor:"9,keyasint,omitempty"`
}

// A ServerTime is the backend's clock, signed, so that no till need believe the network. It is a lower bound of the
// true time from the moment it is received; an old one held back does no harm but that.
type ServerTime struct {
	// Millis since 1970-01-01T00:00Z.
	Millis int64
	// Correction is the number of the newest correction of the backend's clock when this was signed; 0: there was none.
	// See TimeCorrection.
	Correction uint64
	// KeyID names the key that signed it.
	KeyID string
	// Signature is Ed25519 (RFC 8032) over the context string and the CBOR of an array of the milliseconds and the
	// correction.
	Signature []byte
}

const timeContext = "offlane server time 1\x00"

// SignTime returns the moment signed with a key that terminals know under keyID. The correction is the number of the
// newest one; 0: the clock was never corrected.
func SignTime(now time.Time, correction uint64, keyID string, key ed25519.PrivateKey) (ServerTime, error) {
	t := ServerTime{Millis: now.UnixMilli(), Correction: correction, KeyID: keyID}
	signed, err := t.message()
	if err != nil {
		return ServerTime{}, fault.New(fault.Internal, "record.SignTime", "%w", err)
	}
	t.Signature = ed25519.Sign(key, signed)
	return t, nil
}

// message is the bytes that are signed.
func (t ServerTime) message() ([]byte, error) {
	raw, err := encode([]uint64{uint64(max(t.Millis, 0)), t.Correction})
	return append([]byte(timeContext), raw...), err
}

// Verify returns nil if key signed the moment, else fault.Forged.
func (t ServerTime) Verify(key ed25519.PublicKey) error {
	signed, err := t.message()
	if err != nil || t.Millis < 0 || len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, signed, t.Signature) {
		return fault.New(fault.Forged, "record.ServerTime.Verify", "the server time is not signed with key %q", t.KeyID)
	}
	return nil
}
