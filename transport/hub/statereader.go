package hub

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/offlane/offlane/transport/hub/internal/arbiter"
)

// A stateReader reads the parts of a state. After what cannot be read, everything is zero.
type stateReader struct {
	rest []byte
	bad  bool
}

func (r *stateReader) fail() { r.rest, r.bad = nil, true }

func (r *stateReader) byte() byte {
	if len(r.rest) == 0 {
		r.fail()
		return 0
	}
	b := r.rest[0]
	r.rest = r.rest[1:]
	return b
}

func (r *stateReader) bool() bool {
	b := r.byte()
	if b > 1 {
		r.fail()
	}
	return b == 1
}

func (r *stateReader) number() uint64 {
	n, width := binary.Uvarint(r.rest) // 0 where it cannot be read
	r.advance(width)
	return n
}

func (r *stateReader) time() int64 {
	n, width := binary.Varint(r.rest)
	r.advance(width)
	return n
}

// advance passes over a number of so many bytes; none or less: it could not be read.
func (r *stateReader) advance(width int) {
	if width <= 0 {
		r.fail()
		return
	}
	r.rest = r.rest[width:]
}

// count is a number that fits into an int everywhere.
func (r *stateReader) count() int {
	n := r.number()
	if n > math.MaxInt32 {
		r.fail()
		return 0
	}
	return int(n)
}

// length is the number of parts that follow, each of at least so many bytes.
func (r *stateReader) length(least int) int {
	n := r.count()
	if n > len(r.rest)/least {
		r.fail()
		return 0
	}
	return n
}

// id reads 16 bytes.
func (r *stateReader) id() (id [16]byte) {
	if len(r.rest) < len(id) {
		r.fail()
		return id
	}
	r.rest = r.rest[copy(id[:], r.rest):]
	return id
}

func (r *stateReader) claim() *arbiter.Claim {
	c := &arbiter.Claim{Key: arbiter.Key{Lane: r.id(), Sale: r.id(), Offer: r.id()}}
	c.Version, c.Attempt, c.Allowed, c.Pending = r.number(), r.number(), r.count(), r.count()
	c.TakenOver = r.bool()
	c.Reservation, c.Ended = r.id(), r.id()
	if c.Hold = time.Duration(r.number()); c.Hold < 0 {
		r.fail()
	}
	c.At, c.KeepUntil = r.time(), r.time()
	for range r.length(len(arbiter.Name{})) {
		c.Names = append(c.Names, r.id())
	}
	for range r.length(3 * len(arbiter.Name{})) {
		c.Uses = append(c.Uses, arbiter.Use{Record: r.id(), Group: r.id(), Void: r.id(), Parts: r.count()})
	}
	return c
}

func (r *stateReader) lane() *arbiter.Lane {
	l := &arbiter.Lane{ID: r.id(), Version: r.number(), Session: r.number(), Chain: r.id(), Told: r.number()}
	l.Last, l.Announced = r.number(), r.bool()
	for range r.length(3 * len(arbiter.Name{})) {
		n := arbiter.Notice{Number: r.number(), Kind: r.kind(), Lane: r.id(), At: r.time(), Record: r.id(), Other: r.id()}
		l.Notices = append(l.Notices, n)
	}
	return l
}

func (r *stateReader) kind() arbiter.NoticeKind {
	n := int(r.byte())
	if n == 0 || n > len(noticeKinds) {
		r.fail()
		return ""
	}
	return noticeKinds[n-1]
}
