package hub

import (
	"encoding/binary"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/hub/internal/arbiter"
)

// A state is what a record of the hub's journal holds: a claim or a lane.
//
//	version   1 byte, stateVersion
//	what      1 byte: 1 a claim, 2 a lane
//	epoch     in which it counts
//
// Numbers without a length are of variable length as in encoding/binary, times are signed ones. A claim:
//
//	lane, sale, offer         16 bytes each
//	version, attempt, allowed, pending
//	taken over                1 byte, 0 or 1
//	reservation, ended        16 bytes each, zeros: none
//	hold                      in nanoseconds
//	at, keepUntil             times in milliseconds since 1970
//	names                     their number, then 16 bytes each
//	uses                      their number, then of each record, group and void of 16 bytes, and parts
//
// A lane:
//
//	id                        16 bytes
//	version, session
//	chain                     16 bytes
//	told, last
//	announced                 1 byte, 0 or 1
//	notices                   their number, then of each its number, 1 byte for its kind, 16 bytes for the lane, the
//	                          time, and record and other of 16 bytes
type state struct {
	epoch uint64
	claim *arbiter.Claim // one of the two
	lane  *arbiter.Lane
}

// subject is whose state it is.
func (s *state) subject() subject {
	if s.claim == nil {
		return laneSubject(s.lane.ID)
	}
	return subject{claim: s.claim.Key}
}

// stateVersion is the version of states that this package writes. Those of version 1 were JSON.
const stateVersion = 2

// What a state is of.
const (
	stateOfClaim = 1
	stateOfLane  = 2
)

// noticeKinds are the kinds of notices by their numbers in a state, from 1.
var noticeKinds = [...]arbiter.NoticeKind{arbiter.NoticeConflict, arbiter.NoticeTakenOver, arbiter.NoticeVoided}

// appendTo appends the state as it is stored.
func (s *state) appendTo(b []byte) []byte {
	what := byte(stateOfClaim)
	if s.claim == nil {
		what = stateOfLane
	}
	b = binary.AppendUvarint(append(b, stateVersion, what), s.epoch)
	if s.claim == nil {
		return appendLane(b, s.lane)
	}
	return appendClaim(b, s.claim)
}

func appendClaim(b []byte, c *arbiter.Claim) []byte {
	b = append(append(append(b, c.Lane[:]...), c.Sale[:]...), c.Offer[:]...)
	for _, n := range [...]uint64{c.Version, c.Attempt, uint64(c.Allowed), uint64(c.Pending)} {
		b = binary.AppendUvarint(b, n)
	}
	b = appendBool(b, c.TakenOver)
	b = append(append(b, c.Reservation[:]...), c.Ended[:]...)
	b = binary.AppendUvarint(b, uint64(c.Hold))
	b = binary.AppendVarint(binary.AppendVarint(b, c.At), c.KeepUntil)
	b = binary.AppendUvarint(b, uint64(len(c.Names)))
	for _, name := range c.Names {
		b = append(b, name[:]...)
	}
	b = binary.AppendUvarint(b, uint64(len(c.Uses)))
	for _, use := range c.Uses {
		b = append(append(append(b, use.Record[:]...), use.Group[:]...), use.Void[:]...)
		b = binary.AppendUvarint(b, uint64(use.Parts))
	}
	return b
}

func appendLane(b []byte, l *arbiter.Lane) []byte {
	b = binary.AppendUvarint(binary.AppendUvarint(append(b, l.ID[:]...), l.Version), l.Session)
	b = binary.AppendUvarint(binary.AppendUvarint(append(b, l.Chain[:]...), l.Told), l.Last)
	b = binary.AppendUvarint(appendBool(b, l.Announced), uint64(len(l.Notices)))
	for _, n := range l.Notices {
		b = append(binary.AppendUvarint(b, n.Number), kindNumber(n.Kind))
		b = binary.AppendVarint(append(b, n.Lane[:]...), n.At)
		b = append(append(b, n.Record[:]...), n.Other[:]...)
	}
	return b
}

func appendBool(b []byte, is bool) []byte {
	if is {
		return append(b, 1)
	}
	return append(b, 0)
}

// kindNumber is the number of a kind of notices; 0: there is no such kind.
func kindNumber(kind arbiter.NoticeKind) byte {
	for i, k := range noticeKinds {
		if k == kind {
			return byte(i + 1)
		}
	}
	return 0
}

// readState reads what appendTo wrote. Errors: fault.UnsupportedVersion, fault.Malformed.
func readState(raw []byte) (s state, err error) {
	if len(raw) == 0 {
		return s, fault.New(fault.Malformed, "", "a state of the hub's journal is empty")
	}
	version := raw[0]
	if version == '{' {
		version = 1
	}
	if version != stateVersion {
		return s, fault.New(fault.UnsupportedVersion, "", "the hub's journal has states of version %d, this program knows "+
			"%d: start it on an empty folder, its lanes tell what they hold", version, stateVersion)
	}
	r := stateReader{rest: raw[1:]}
	what := r.byte()
	s.epoch = r.number()
	switch what {
	case stateOfClaim:
		s.claim = r.claim()
	case stateOfLane:
		s.lane = r.lane()
	default:
		r.fail()
	}
	if r.bad || len(r.rest) > 0 {
		return state{}, fault.New(fault.Malformed, "", "a state of the hub's journal cannot be read")
	}
	return s, nil
}
