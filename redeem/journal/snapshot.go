package journal

import (
	"path/filepath"
	"slices"

	"github.com/offlane/offlane/redeem/internal/vfs"
)

// A snapshot is the index as it stood after some frame, so that Open need not read everything before. It saves time and
// does nothing else: where it is missing, damaged, or does not fit the segments, all of them are read. What was not read is
// checked afterwards, in the background.
//
//	magic 8 │ journal id 16 │ encrypted 8 │ blocks: segments, ring, index, notes, verdicts, counts
const (
	snapshotName  = "index.snapshot"
	snapshotMagic = "OLJSNAP2"
	snapshotHead  = 32
	// A snapshot is worth its writing from so many segments on.
	snapshotSegments = 8
)

// saveSnapshot writes a snapshot of a state of which everything is on the medium.
func (l *Log) saveSnapshot() error {
	name := filepath.Join(l.dir, snapshotName)
	_ = l.fs.Remove(name + ".new") // what a crash left; if it stays, the next line fails
	f, err := l.fs.Open(name+".new", vfs.Create)
	if err != nil {
		return err
	}
	err = l.writeSnapshot(f)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = l.fs.Rename(name+".new", name)
	}
	if err != nil {
		_ = l.fs.Remove(name + ".new")
		return err
	}
	return l.fs.SyncDir(l.dir)
}

func (l *Log) writeSnapshot(f vfs.File) error {
	head := append([]byte(snapshotMagic), l.st.journal[:]...)
	sealed := uint64(0)
	w := &blockWriter{to: f, off: snapshotHead, id: l.st.journal}
	if l.cfg.Key != nil {
		sealed, w.sealer = 1, l.keys[0]
	}
	head = append(head, byte(sealed), 0, 0, 0, 0, 0, 0, 0)
	if _, err := f.WriteAt(head, 0); err != nil {
		return err
	}
	l.st.write(w)
	return w.close()
}

func (st *state) write(w *blockWriter) {
	for _, x := range []uint64{st.seq, st.number, st.headNumber, uint64(st.headAt), st.oldest, st.given.first, st.given.number, st.top,
		uint64(len(st.segments))} {
		w.uint64(x)
	}
	for _, s := range st.segments {
		w.bytes(s.id[:])
		w.uint64(uint64(s.base))
		w.uint64(uint64(s.end))
		w.uint64(uint64(s.settled))
	}
	st.ring.write(w)
	st.index.write(w)
	w.uint64(uint64(len(st.notes)))
	for slot, n := range st.notes {
		w.uint64(uint64(n.at))
		w.uint64(uint64(len(slot)))
		w.bytes([]byte(slot))
		w.uint64(uint64(len(n.value)))
		w.bytes(n.value)
	}
	w.uint64(uint64(len(st.verdicts)))
	for record, at := range st.verdicts {
		w.uint64(record)
		w.uint64(uint64(at))
	}
}

func (r *ring) write(w *blockWriter) {
	w.uint64(r.base)
	w.uint64(r.next)
	for record := r.base; record < r.next; record++ {
		w.slots([]uint64{uint64(*r.at(record))<<16 | uint64(*r.status(record))})
	}
}

// write writes each shard's slots in their order.
func (x *index) write(w *blockWriter) {
	for shard := range shards {
		if x.shards[shard].count == 0 {
			continue
		}
		w.uint64(uint64(shard)<<32 | uint64(x.shards[shard].count))
		for i := range x.slots(shard) {
			if slot := *x.at(shard, i); slot != 0 {
				w.uint64(slot)
			}
		}
	}
	w.uint64(0)
}

// loadSnapshot puts a snapshot that fits into the loader's state and reports whether it did.
func (l *loader) loadSnapshot() bool {
	f, err := l.fs.Open(filepath.Join(l.dir, snapshotName), vfs.Read)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, snapshotHead)
	if _, err := f.ReadAt(head, 0); err != nil || string(head[:8]) != snapshotMagic || [16]byte(head[8:24]) != l.journal {
		return false
	}
	fresh := *l.state
	fresh.index, fresh.notes, fresh.verdicts = index{}, map[string]note{}, map[uint64]uint32{}
	fresh.segments = nil
	for _, s := range l.segments {
		copied := *s
		fresh.segments = append(fresh.segments, &copied)
	}
	r := &blockReader{from: f, off: snapshotHead, keys: l.keys, id: l.journal, sealed: head[24] != 0}
	covered := fresh.read(r)
	if r.end() != nil || covered == 0 || fresh.seq > l.limit || !fresh.sound() || l.overrides(covered, fresh.seq) {
		return false
	}
	if fresh.findHead() != nil {
		return false // what the next record would name is damaged: another record is the last one
	}
	for i, s := range fresh.segments {
		l.first[s] = l.first[l.segments[i]]
	}
	*l.state = fresh
	l.covered = covered
	return true
}

// coveredTo is the ordinal behind the last segment that a snapshot covers; 0: there is none.
func (l *loader) coveredTo() uint64 {
	if l.covered == 0 {
		return 0
	}
	return l.segments[l.covered-1].ordinal + 1
}

// overrides reports whether a later segment takes back what the snapshot covers.
func (l *loader) overrides(covered int, seq uint64) bool {
	for _, s := range l.segments[covered:] {
		if l.first[s] <= seq {
			return true
		}
	}
	return false
}

// read reads what write wrote and returns how many segments it covers; 0 where it does not fit them.
func (st *state) read(r *blockReader) int {
	st.seq, st.number, st.headNumber, st.headAt = r.uint64(), r.uint64(), r.uint64(), uint32(r.uint64())
	st.oldest, st.given = r.uint64(), given{r.uint64(), r.uint64()}
	top, covered := r.uint64(), r.uint64()
	if r.err != nil || covered == 0 || covered > uint64(len(st.segments)) {
		return 0
	}
	for i, s := range st.segments[:covered] {
		id := r.bytes(16)
		if id == nil || [16]byte(id) != s.id {
			return 0
		}
		base, end := r.uint64(), int64(r.uint64())
		s.settled = int64(r.uint64())
		if r.err != nil || end < bodyStart || end > s.size || base+uint64(s.size/8) > top {
			return 0
		}
		if i > 0 && base < uint64(st.segments[i-1].base)+uint64(st.segments[i-1].size/8) {
			return 0
		}
		s.base, s.sum, s.end = uint32(base), s.seed(), end
	}
	if st.top = top; !st.addFrom(int(covered)) {
		return 0
	}
	st.ring.read(r)
	if !st.index.read(r, &st.ring) {
		return 0
	}
	st.readNotes(r)
	return int(covered)
}

// addFrom gives the segments that a snapshot does not know their addresses.
func (st *state) addFrom(covered int) bool {
	rest := st.segments[covered:]
	st.segments = st.segments[:covered]
	for _, s := range rest {
		st.add(s)
	}
	return st.top <= maxTop
}

func (r *ring) read(from *blockReader) {
	r.base = from.uint64()
	r.next = r.base
	for next := from.uint64(); r.next < next && from.err == nil && r.next-r.base < maxRecords; {
		x := from.uint64()
		r.push(uint32(x>>16), status(x))
	}
}

// read puts each shard's slots where they would stand had they been inserted, and reports false where they are not in order
// or name a record that is not in the ring.
func (x *index) read(from *blockReader, r *ring) bool {
	sound := true
	for head := from.uint64(); head != 0 && from.err == nil; head = from.uint64() {
		shard, count := int(head>>32%shards), uint32(head)
		x.moved = x.moved[:0]
		last := uint64(0)
		for ; count > 0 && from.err == nil; count-- {
			slot := from.uint64()
			sound = sound && slot > last && r.full(uint32(slot&recordMask)) < r.next
			x.moved, last = append(x.moved, slot), slot
		}
		if !sound || x.shards[shard].count != 0 {
			return false
		}
		x.fill(shard)
	}
	return true
}

// fill puts what is in moved into an empty shard.
func (x *index) fill(shard int) {
	x.shards[shard].count = uint32(len(x.moved))
	x.extend(shard, uint32(len(x.moved)*8/7/chunkSlots+1))
	x.spread(shard)
}

func (st *state) readNotes(r *blockReader) {
	for n := r.uint64(); n > 0 && r.err == nil; n-- {
		at := uint32(r.uint64())
		slot := string(r.bytes(int(min(r.uint64(), MaxKey))))
		value := slices.Clone(r.bytes(int(min(r.uint64(), MaxPayload))))
		st.notes[slot] = note{value: value, at: at}
	}
	for n := r.uint64(); n > 0 && r.err == nil; n-- {
		record := r.uint64()
		st.verdicts[record] = uint32(r.uint64())
	}
}

// sound reports whether nothing in the state leads out of it, and counts the records. A snapshot that was made to fit its
// checksums could otherwise stop a program.
func (st *state) sound() bool {
	st.counts = [3]int{}
	for record := st.ring.base; record < st.ring.next; record++ {
		s := *st.ring.status(record)
		if s.is(statusGone) {
			continue
		}
		if s.state() > Quarantined || uint64(*st.ring.at(record)) >= st.top {
			return false
		}
		st.counts[s.state()]++
	}
	for record := range st.verdicts {
		if record < st.ring.base || record >= st.ring.next {
			return false
		}
	}
	return uint64(st.headAt) <= st.top
}
