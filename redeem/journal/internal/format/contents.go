package format

import "errors"

// ErrSealed says that a content does not open with its segment's key.
var ErrSealed = errors.New("the record is damaged")

// Contents are a frame and what its content says, all parts of the bytes that the frame was read from.
type Contents struct {
	Frame
	Envelope  Envelope
	Relocated Relocated // of a record that was relocated
	// Own says that nobody else uses these bytes: parts of them may be given out.
	Own bool
}

// Decode decrypts and parses a frame of a segment with that id. The memory of the hashes is used again. Errors:
// ErrSealed and ErrContent.
func (c *Contents) Decode(segment [16]byte, sealer *Sealer, f Frame) error {
	if f.Flags&FlagSealed != 0 {
		f.Content = append([]byte(nil), f.Content...)
		if !sealer.Open(segment, &f) {
			return ErrSealed
		}
	}
	c.Frame, c.Relocated = f, Relocated{}
	if !HasEnvelope(f.Kind) {
		c.Envelope = Envelope{}
		return nil
	}
	if err := c.Envelope.Parse(f.Content); err != nil || f.Kind != KindRelocated {
		return err
	}
	r, err := ParseRelocated(c.Envelope.Payload)
	c.Relocated = r
	return err
}

// Origin is the sequence number with which the record was first written.
func (c *Contents) Origin() uint64 {
	if c.Kind == KindRelocated {
		return c.Relocated.Seq
	}
	return c.Seq
}

// Hash is the hash of a record's payload, also where only that is kept.
func (c *Contents) Hash() Hash {
	if c.Kind == KindRelocated {
		return c.Relocated.Hash
	}
	return HashOf(c.Envelope.Payload)
}

// Payload is the record's payload; nil: it is gone.
func (c *Contents) Payload() []byte {
	if c.Kind == KindRelocated {
		return c.Relocated.Payload
	}
	return c.Envelope.Payload
}
