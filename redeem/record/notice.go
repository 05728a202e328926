package record

import (
	"crypto/ed25519"
	"errors"

	"github.com/offlane/offlane/redeem/fault"
)

const noticeContext = "offlane notice 1\x00"

// A Notice is the backend's word on what its merchant decided of a terminal: whether it is blocked, and that it need
// not ask any more because of what it may have forgotten. It is signed, so that nothing between the two can
// block a terminal, and numbered, so that an older one that was kept cannot lift a block.
type Notice struct {
	Version int `cbor:"1,keyasint"`
	// Terminal is whom it is about.
	Terminal TerminalID `cbor:"2,keyasint"`
	// Number grows from notice to notice of a terminal. A terminal heeds one with a number above that of the last it
	// heeded.
	Number uint64 `cbor:"3,keyasint"`
	// Blocked says that the terminal refuses everything from now on; false: that it works again.
	Blocked bool `cbor:"4,keyasint,omitempty"`
	// Made is when it was decided, in milliseconds since 1970.
	Made int64 `cbor:"5,keyasint"`
	// Remembers is when the merchant ended what the terminal may have forgotten before, in milliseconds since 1970; 0:
	// never.
	Remembers int64 `cbor:"6,keyasint,omitempty"`
}

func (n *Notice) version() int { return n.Version }

// Sign returns the notice signed with a root key that terminals know under keyID. It sets Version. Error:
// fault.InvalidRequest.
func (n Notice) Sign(keyID string, key ed25519.PrivateKey) (Signed, error) {
	n.Version = Version
	content, err := encode(n)
	if err != nil {
		return Signed{}, fault.New(fault.InvalidRequest, "record.Notice.Sign", "%w", err)
	}
	return Signed{keyID, content, ed25519.Sign(key, append([]byte(noticeContext), content...))}, nil
}

// maxNotice bounds a notice in bytes.
const maxNotice = 1 << 10

// OpenNotice verifies a notice about a terminal with the root key that it names and reads it. Errors: fault.Forged,
// also where it is about another terminal, and as Decode.
func (s Signed) OpenNotice(terminal TerminalID, key ed25519.PublicKey) (Notice, error) {
	const op = "record.Signed.OpenNotice"
	if len(s.Content) > maxNotice {
		return Notice{}, fault.New(fault.TooLarge, op, "the notice has %d bytes, at most %d are allowed",
			len(s.Content), maxNotice)
	}
	signed := append([]byte(noticeContext), s.Content...)
	if len(key) != ed25519.PublicKeySize || !ed25519.Verify(key, signed, s.Signature) {
		return Notice{}, fault.New(fault.Forged, op, "the notice is not signed with key %q", s.KeyID)
	}
	var n Notice
	if err := decode("notice", s.Content, maxNotice, &n); err != nil {
		return Notice{}, err
	}
	if n.Terminal != terminal {
		return Notice{}, fault.New(fault.Forged, op, "the notice is about terminal %s, not %s", n.Terminal, terminal)
	}
	return n, nil
}

// noticed is an error with the notice that came with it.
type noticed struct {
	error
	notice Signed
}

func (n *noticed) Unwrap() error { return n.error }

// WithNotice returns err with a notice, such as the one because of which a backend refuses a terminal. Without a
// notice, or without an error, err is returned as it is.
func WithNotice(err error, notice Signed) error {
	if err == nil || notice.IsZero() {
		return err
	}
	return &noticed{err, notice}
}

// NoticeOf returns the notice that err carries, or the zero Signed. It is not verified.
func NoticeOf(err error) Signed {
	if n, ok := errors.AsType[*noticed](err); ok {
		return n.notice
	}
	return Signed{}
}
