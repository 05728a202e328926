package journal

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"sort"

	"github.com/offlane/offlane/redeem/internal/vfs"
)

// A state is what the frames of a journal amount to. It is the same whether they were just appended or read from disk.
type state struct {
	fs      vfs.FS
	dir     string
	keys    keyring
	journal [16]byte

	segments []*segment // in order, the last one is written to
	top      uint64     // address behind the last segment

	index    index
	ring     ring
	notes    map[string]note
	verdicts map[uint64]uint32 // where the verdict stands of a record that is due or quarantined
	oldest   uint64            // no record before this one is pending

	seq, number uint64
	head        head   // of the last record in the chain
	headNumber  uint64 // that record's number, which is less than number after a loss
	headAt      uint32
	counts      [3]int
	given       given

	damage []Damage
	queue  []*group // not flushed yet, in order
	env    envelope // used again by read
}

type note struct {
	value []byte
	at    uint32
}

// A segment is a file in use. Addresses count 8 bytes, through all segments.
type segment struct {
	header
	base    uint32
	sum     uint32   // the CRC of its id
	end     int64    // behind the last frame
	file    vfs.File // open for writing, or nil
	settled int64    // when the last of its records was, Unix milliseconds
	sealer  *sealer
}

func (s *segment) address(off int64) uint32 { return s.base + uint32(off/8) }

// maxTop is how far addresses reach: 32 GiB. A state that comes near is read anew, which counts from zero again.
const maxTop = 1<<32 - 1

func (st *state) add(s *segment) {
	s.base, s.sum = uint32(st.top), s.seed()
	st.top += uint64(align(s.size) / 8)
	st.segments = append(st.segments, s)
}

// locate returns the segment that an address lies in.
func (st *state) locate(at uint32) (*segment, int64) {
	i := sort.Search(len(st.segments), func(i int) bool { return st.segments[i].base > at }) - 1
	if i < 0 {
		return nil, 0
	}
	s := st.segments[i]
	return s, int64(at-s.base) * 8
}

// apply adds a frame that stands at the address and whose content is decrypted.
func (st *state) apply(at uint32, f *frame) error {
	st.seq, st.number = f.seq, max(st.number, f.number)
	if f.kind == kindMark || f.kind > lastKind {
		return nil
	}
	e := &st.env
	if err := e.parse(f.content); err != nil {
		return err
	}
	switch f.kind {
	case KindRecord:
		st.headNumber, st.headAt = f.number, at
		st.record(at, e)
	case KindNote:
		return st.note(at, e)
	case kindCarried:
		return st.carried(at, e)
	case kindReturned:
		return st.given.parse(e.payload)
	case kindSettled, kindQuarantined, kindHandedOver, kindRequeued:
		st.live(at, f, e)
	case kindSettledAll:
		return st.settleAll(at, f, e)
	case kindEvidence:
		_, err := parseEvidence(e.payload) // it changes nothing: whoever asks for it reads the log
		return err
	}
	return nil
}

func (st *state) record(at uint32, e *envelope) {
	record := st.enter(at, newStatus(Pending, max(e.uses, 0), statusPayload), e)
	st.counts[Pending]++
	if e.uses < 0 {
		if voided, ok := st.find(e.ref); ok && voided != record {
			st.takeUses(voided, e.uses)
		}
	}
}

// enter puts a record at the end of the ring and into the index.
func (st *state) enter(at uint32, s status, e *envelope) uint64 {
	record := st.ring.push(at, s)
	st.eachName(e, func(h uint64, r role) { st.index.insert(h, r, uint32(record&recordMask)) })
	return record
}

func (st *state) eachName(e *envelope, do func(uint64, role)) {
	do(hashOfID(e.id), roleID)
	for i, hash := range e.hashes {
		if i < int(e.counted) {
			do(hashOfKey(hash), roleKey)
		} else {
			do(hashOfKey(hash), roleAlias)
		}
	}
}

// leave takes a record out of the index. Its place in the ring is kept until all before it are gone.
func (st *state) leave(record uint64, e *envelope) {
	st.eachName(e, func(h uint64, r role) { st.index.remove(h, r, uint32(record&recordMask)) })
	s := st.ring.status(record)
	st.counts[s.state()]--
	*s |= statusGone
	delete(st.verdicts, record)
	st.ring.trim()
	st.oldest = max(st.oldest, st.ring.base)
}

func (st *state) takeUses(record uint64, uses int8) {
	left := max(int(st.ring.uses(record))+int(uses), 0)
	st.ring.setUses(record, int8(left))
	if left == 0 {
		*st.ring.status(record) |= statusVoided
	}
}

func (st *state) note(at uint32, e *envelope) error {
	slot, value, err := parseNote(e.payload)
	if err != nil {
		return err
	}
	st.notes[slot] = note{value: bytes.Clone(value), at: at}
	return nil
}

// carried replaces a record by its copy, which holds everything that happened to it until then.
func (st *state) carried(at uint32, e *envelope) error {
	c, err := parseCarried(e.payload)
	if err != nil {
		return err
	}
	flags := status(e.status)
	if c.payload == nil {
		flags &^= statusPayload
	}
	if old, ok := st.find(e.id); ok {
		st.leave(old, e)
	}
	if flags.state() > Quarantined {
		return errEnvelope
	}
	if c.number >= st.headNumber {
		st.headNumber, st.headAt = c.number, at
	}
	record := st.enter(at, newStatus(0, max(e.uses, 0), flags&0xff&^statusGone), e)
	st.counts[flags.state()]++
	if s, _ := st.locate(at); s != nil {
		s.settled = max(s.settled, c.settled)
	}
	if flags.public().Due || flags.state() == Quarantined {
		st.verdicts[record] = at
	}
	return nil
}

// live changes the state of the record that e names; one that has left long ago is passed over.
func (st *state) live(at uint32, f *frame, e *envelope) {
	record, ok := f.named(st, 0, e.ref)
	if !ok {
		return
	}
	s := st.ring.status(record)
	switch f.kind {
	case kindHandedOver:
		*s |= statusHanded
		if s.state() != Quarantined {
			delete(st.verdicts, record)
		}
	case kindRequeued:
		st.move(record, Pending)
		*s &^= statusDue | statusHanded
		delete(st.verdicts, record)
		st.oldest = min(st.oldest, record)
	default:
		st.settle(at, record, f.kind, e)
	}
}

// named returns the record that stands as the i-th in the frame.
func (f *frame) named(st *state, i int, id ID) (record uint64, ok bool) {
	if f.about != nil {
		return f.about[i], true
	}
	return st.find(id)
}

func (st *state) settleAll(at uint32, f *frame, e *envelope) error {
	if len(e.payload)%len(ID{}) != 0 {
		return errEnvelope
	}
	for i := range len(e.payload) / len(ID{}) {
		if record, ok := f.named(st, i, ID(e.payload[i*len(ID{}):][:len(ID{})])); ok {
			st.settle(at, record, kindSettled, e)
		}
	}
	return nil
}

func (st *state) settle(at uint32, record uint64, kind Kind, e *envelope) {
	s := st.ring.status(record)
	*s = *s&^(statusDue|statusHanded) | status(e.status)&statusDue
	if kind == kindQuarantined {
		st.move(record, Quarantined)
	} else {
		st.move(record, Settled)
	}
	delete(st.verdicts, record)
	if s.is(statusDue) || kind == kindQuarantined {
		st.verdicts[record] = at
	}
	if seg, _ := st.locate(*st.ring.at(record)); seg != nil {
		seg.settled = max(seg.settled, e.written)
	}
}

func (st *state) move(record uint64, to State) {
	s := st.ring.status(record)
	st.counts[s.state()]--
	*s = s.with(to)
	st.counts[to]++
}

// find returns the record of that id. Where two could be meant the files decide.
func (st *state) find(id ID) (record uint64, ok bool) {
	short, ok, alone := st.index.first(hashOfID(id), roleID)
	if !ok {
		return 0, false
	}
	record = st.ring.full(short)
	if !alone {
		record = st.choose(record, id)
	}
	return record, true
}

// choose returns which of the records with the first one's hash has the id, or the first one where none has.
func (st *state) choose(first uint64, id ID) uint64 {
	st.index.find(hashOfID(id), roleID, func(_ role, short uint32) bool {
		record := st.ring.full(short)
		if st.isRecord(record, id) {
			first = record
			return false
		}
		return true
	})
	return first
}

func (st *state) isRecord(record uint64, id ID) bool {
	var r reader
	defer r.close()
	stored, err := r.read(st, *st.ring.at(record))
	return err == nil && stored.env.id == id
}

// uses adds up what the records with that key use.
func (st *state) uses(key string) int {
	sum := 0
	st.index.find(hashOfKey(keyHash(st.journal, key)), roleKey, func(r role, short uint32) bool {
		if r == roleKey {
			sum += int(st.ring.uses(st.ring.full(short)))
		}
		return true
	})
	return sum
}

// named returns the records that stand under the hash of a key, oldest first, as the index has them.
func (st *state) named(hash [16]byte) []uint64 {
	var found []uint64
	st.index.find(hashOfKey(hash), roleKey, func(_ role, short uint32) bool {
		found = append(found, st.ring.full(short))
		return true
	})
	ascending(found)
	return slices.Compact(found)
}

// ascending sorts. sort.Slice is there once in a program, the sorts of package slices once for every type: on a small till that
// counts.
func ascending(numbers []uint64) {
	sort.Slice(numbers, func(i, j int) bool { return numbers[i] < numbers[j] })
}

// A head is the hash of the last record in the chain, worked out when the next one asks for it.
type head struct {
	hash    Hash
	stale   bool // the hash is that of an older record
	payload []byte
}

func (h *head) set(payload []byte) { h.payload, h.stale = append(h.payload[:0], payload...), true }

func (h *head) get() Hash {
	if h.stale {
		h.hash, h.stale = hashOf(h.payload), false
	}
	return h.hash
}

func hashOf(payload []byte) Hash { return sha256.Sum256(payload) }
