package format

import (
	"bytes"
	"testing"
)

// FuzzHeader and the name: what parses must be written the same again.
func FuzzHeader(f *testing.F) {
	h := Header{Major: Major, ID: [16]byte{1}, Journal: [16]byte{2}, Ordinal: 3, Epoch: 4, First: 5, Size: 16 << 10}
	f.Add(h.AppendTo(nil), h.Name())
	f.Fuzz(func(t *testing.T, b []byte, name string) {
		if h, ok := ParseName(name); ok && h.Name() != name {
			t.Fatal("a name is not what it was read from")
		}
		if h, ok := ParseHeader(b); ok && !bytes.Equal(h.AppendTo(nil)[:96], b[:96]) &&
			bytes.Equal(b[12:16], make([]byte, 4)) {
			t.Fatal("a header is not what it was read from")
		}
	})
}

// FuzzContent parses arbitrary contents; what parses must be written the same again.
func FuzzContent(f *testing.F) {
	r := Relocated{Seq: 1, Number: 2, Payload: []byte("p"), Verdict: []byte("v")}
	env := Envelope{ID: ID{1}, Hashes: [][16]byte{{2}}, Payload: r.AppendTo(nil)}
	f.Add(env.AppendTo(nil))
	env.Attachment = []byte("a")
	f.Add(env.AppendTo(nil))
	covering := Evidence{IDs: env.ID[:], Data: []byte("e")}
	f.Add((&Envelope{Payload: covering.AppendTo(nil)}).AppendTo(nil))
	f.Add((&Envelope{Payload: NotePayload("slot", []byte("value"))}).AppendTo(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		var e Envelope
		if e.Parse(b) == nil && !bytes.Equal(e.AppendTo(nil), b) {
			t.Fatal("an envelope is not what it was read from")
		}
		if covering, err := ParseEvidence(b); err == nil && !bytes.Equal(covering.AppendTo(nil), b) {
			t.Fatal("evidence is not what it was read from")
		}
		if r, err := ParseRelocated(b); err == nil && !bytes.Equal(r.AppendTo(nil), b) {
			t.Fatal("a relocated record is not what it was read from")
		}
		if slot, value, err := ParseNote(b); err == nil && !bytes.Equal(NotePayload(slot, value), b) {
			t.Fatal("a note is not what it was read from")
		}
	})
}
