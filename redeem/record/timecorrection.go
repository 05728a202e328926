package record

import (
	"crypto/ed25519"

	"github.com/offlane/offlane/redeem/fault"
)

const timeCorrectionContext = "offlane time correction 1\x00"

// MaxWithdrawals is how many withdrawals a correction has at most.
const MaxWithdrawals = 32

// A Withdrawal names statements of time that were wrong: those that say a moment from From, included, until Until, in
// milliseconds since 1970, and were signed before the correction with the number.
type Withdrawal struct {
	Number uint64 `cbor:"1,keyasint"`
	From   int64  `cbor:"2,keyasint"`
	Until  int64  `cbor:"3,keyasint"`
}

// Names reports whether the statement that says a moment, signed under a correction, is withdrawn.
func (w Withdrawal) Names(millis int64, correction uint64) bool {
	return correction < w.Number && millis >= w.From && millis < w.Until
}

// A TimeCorrection is the backend's word that its clock was wrong: it withdraws statements of time and sets no time. It
// is signed and numbered, so that one that was kept does nothing when it comes again, and it is the same for all
// terminals.
type TimeCorrection struct {
	Version int `cbor:"1,keyasint"`
	// Number grows from correction to correction. A terminal heeds one with a number above that of the last it heeded.
	Number uint64 `cbor:"2,keyasint"`
	// Withdrawals are those of this correction and of the ones before it, 1 to MaxWithdrawals. None has a greater number.
	Withdrawals []Withdrawal `cbor:"3,keyasint"`
}

func (c *TimeCorrection) version() int { return c.Version }

// check returns nil, or fault.InvalidRequest for a correction that cannot be.
func (c TimeCorrection) check() error {
	const op = "record.TimeCorrection"
	if n := len(c.Withdrawals); n == 0 || n > MaxWithdrawals {
		return fault.New(fault.InvalidRequest, op, "it has %d withdrawals, from 1 to %d are allowed", n, MaxWithdrawals)
	}
	for _, w := range c.Withdrawals {
		if w.Number == 0 || w.Number > c.Number || w.From < 0 || w.From >= w.Until {
			return fault.New(fault.InvalidRequest, op, "withdrawal %d of correction %d, from %d until %d, cannot be", w.Number,
				c.Number, w.From, w.Until)
		}
	}
	return nil
}

// Sign returns the correction signed with a root key that terminals know under keyID. It sets Version. Error:
// fault.InvalidRequest.
func (c TimeCorrection) Sign(keyID string, key ed25519.PrivateKey) (Signed, error) {
	if err := c.check(); err != nil {
		return Signed{}, err
	}
	c.Version = Version
	content, err := encode(c)
	if err != nil {
		return Signed{}, fault.New(fault.InvalidRequest, "record.TimeCorrection.Sign", "%w", err)
	}
	return Signed{keyID, content, ed25519.Sign(key, append([]byte(timeCorrectionContext), content...))}, nil
}

// maxTimeCorrection bounds a correction in bytes.
const maxTimeCorrection = 4 << 10

// OpenTimeCorrection verifies a correction with the root key that it names and reads it. Errors: fault.Forged,
// fault.Malformed, and as Decode.
func (s Signed) OpenTimeCorrection(key ed25519.PublicKey) (TimeCorrection, error) {
	const op = "record.Signed.OpenTimeCorrection"
	if len(s.Content) > maxTimeCorrection {
		return TimeCorrection{}, fault.New(fault.TooLarge, op, "the correction has %d bytes, at most %d are allowed",
			len(s.Content), maxTimeCorrection)
	}
	signed := append([]byte(timeCorrectionContext), s.Content...)
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, signed, s.Signature) {
		return TimeCorrection{}, fault.New(fault.Forged, op, "the correction is not signed with key %q", s.KeyID)
	}
	var c TimeCorrection
	if err := decode("time correction", s.Content, maxTimeCorrection, &c); err != nil {
		return TimeCorrection{}, err
	}
	if err := c.check(); err != nil {
		return TimeCorrection{}, fault.New(fault.Malformed, op, "%w", err)
	}
	return c, nil
}
