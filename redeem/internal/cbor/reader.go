package cbor

import "unicode/utf8"

// A Reader takes items in the core deterministic encoding off the front of its data. Once something is not what was
// asked for it has failed for good, and what it returns means nothing. Its texts share the memory of the data. It is
// for one goroutine.
type Reader struct {
	rest   string
	failed bool
}

// NewReader returns a reader of these bytes.
func NewReader(data string) Reader { return Reader{rest: data} }

// HasFailed reports whether something was not what was asked for.
func (r *Reader) HasFailed() bool { return r.failed }

// IsDone reports whether nothing is left and nothing failed.
func (r *Reader) IsDone() bool { return !r.failed && r.rest == "" }

// Expect has the reader fail unless ok.
func (r *Reader) Expect(ok bool) { r.failed = r.failed || !ok }

// Next returns the major type of the next item; ok is false where there is none.
func (r *Reader) Next() (major Major, ok bool) {
	if r.failed || r.rest == "" {
		return 0, false
	}
	return Major(r.rest[0] >> 5), true
}

// Head takes the head of an item of this major type and returns its argument.
func (r *Reader) Head(major Major) uint64 {
	if r.failed || len(r.rest) > 0 && r.rest[0]>>5 != byte(major) {
		r.failed = true
		return 0
	}
	_, n, rest, ok := cutHead(r.rest)
	r.rest = rest
	r.Expect(ok)
	return n
}

// Content takes a text or a byte string and returns what it holds.
func (r *Reader) Content(major Major) string {
	n := r.Head(major)
	if r.failed || n > uint64(len(r.rest)) {
		r.failed = true
		return ""
	}
	content := r.rest[:n]
	r.rest = r.rest[n:]
	r.Expect(major != Text || utf8.ValidString(content))
	return content
}

// Raw takes a text or a byte string and returns it with its head.
func (r *Reader) Raw(major Major) string {
	start := r.rest
	r.Content(major)
	return start[:len(start)-len(r.rest)]
}

// Fields calls field for each of n pairs, whose keys are unsigned and ascend. The field takes the value.
func (r *Reader) Fields(n uint64, field func(key uint64)) {
	before := uint64(0)
	for i := uint64(0); i < n && !r.failed; i++ {
		key := r.Head(Unsigned)
		r.Expect(i == 0 || key > before)
		before = key
		field(key)
	}
}

// Positive takes a number from 1 to most, for a field that is left out where it is 0.
func (r *Reader) Positive(most int64) int64 {
	n := r.Head(Unsigned)
	r.Expect(0 < n && n <= uint64(most))
	return int64(n)
}

// True takes the value true, for a field that is left out where it is false.
func (r *Reader) True() bool {
	r.Expect(r.Head(Simple) == True)
	return true
}

// Texts takes n texts, at least one: an empty array is left out.
func (r *Reader) Texts(n uint64) []string {
	r.Expect(0 < n && n <= uint64(len(r.rest)))
	if r.failed {
		return nil
	}
	all := make([]string, n)
	for i := range all {
		all[i] = r.Content(Text)
	}
	return all
}
