package index

import (
	"slices"

	"github.com/offlane/offlane/redeem/journal/internal/format"
)

// Write writes the index in the order in which Read reads it: numbers, segments, records, the hash table, notes,
// verdicts.
func (x *Index) Write(w *format.BlockWriter) {
	for _, n := range []uint64{x.Seq, x.Number, x.Head.Number, uint64(x.Head.At), x.oldest, x.LogStart.First,
		x.LogStart.Number,
		x.Top, uint64(len(x.All))} {
		w.Uint64(n)
	}
	for _, s := range x.All {
		w.Bytes(s.ID[:])
		w.Uint64(uint64(s.Base))
		w.Uint64(uint64(s.End))
		w.Uint64(uint64(s.Settled))
	}
	x.records.write(w)
	x.table.write(w)
	w.Uint64(uint64(len(x.notes)))
	for slot, n := range x.notes {
		w.Uint64(uint64(n.At))
		w.Uint64(uint64(len(slot)))
		w.Bytes([]byte(slot))
		w.Uint64(uint64(len(n.Value)))
		w.Bytes(n.Value)
	}
	w.Uint64(uint64(len(x.verdicts)))
	for record, at := range x.verdicts {
		w.Uint64(record)
		w.Uint64(uint64(at))
	}
}

func (r *recordTable) write(w *format.BlockWriter) {
	w.Uint64(r.base)
	w.Uint64(r.next)
	for record := r.base; record < r.next; record++ {
		w.Uint64(uint64(*r.at(record))<<16 | uint64(*r.status(record)))
	}
}

// write writes each shard's slots in their order.
func (x *hashTable) write(w *format.BlockWriter) {
	for shard := range shards {
		if x.shards[shard].count == 0 {
			continue
		}
		w.Uint64(uint64(shard)<<32 | uint64(x.shards[shard].count))
		for i := range x.slots(shard) {
			if slot := *x.at(shard, i); slot != 0 {
				w.Uint64(slot)
			}
		}
	}
	w.Uint64(0)
}

// Read reads what Write wrote. segments are those of the folder, in order, as their headers tell; the snapshot covers
// the first ones of them. It returns the index, with copies of all segments, and how many it covers; 0 where it does
// not fit them or leads out of itself: a snapshot that was made to fit its checksums could otherwise stop a program.
func Read(r *format.BlockReader, journal [16]byte, segments []*Segment) (x *Index, covered int) {
	x = New(journal)
	covered = x.readSegments(r, segments)
	if covered == 0 {
		return nil, 0
	}
	x.records.read(r)
	if !x.table.read(r, &x.records) {
		return nil, 0
	}
	x.readNotes(r)
	x.readVerdicts(r)
	if r.End() != nil || !x.count() {
		return nil, 0
	}
	return x, covered
}

// readSegments reads the numbers and the segments, adds those that the snapshot does not know, and returns how many it
// covers.
func (x *Index) readSegments(r *format.BlockReader, segments []*Segment) int {
	x.Seq, x.Number, x.Head.Number, x.Head.At = r.Uint64(), r.Uint64(), r.Uint64(), uint32(r.Uint64())
	x.oldest, x.LogStart = r.Uint64(), format.LogStart{First: r.Uint64(), Number: r.Uint64()}
	top, covered := r.Uint64(), r.Uint64()
	if r.Err() != nil || covered == 0 || covered > uint64(len(segments)) {
		return 0
	}
	for _, s := range segments[:covered] {
		copied := *s
		if !x.readSegment(r, &copied, top) {
			return 0
		}
	}
	x.Top = top
	for _, s := range segments[covered:] {
		copied := *s
		x.Add(&copied)
	}
	if x.Top > MaxTop {
		return 0
	}
	return int(covered)
}

// readSegment reads where a segment stands and how far it is used.
func (x *Index) readSegment(r *format.BlockReader, s *Segment, top uint64) bool {
	id := r.Bytes(16)
	if id == nil || [16]byte(id) != s.ID {
		return false
	}
	base, end := r.Uint64(), int64(r.Uint64())
	s.Settled = int64(r.Uint64())
	if r.Err() != nil || end < format.BodyStart || end > s.Size || base+uint64(s.Size/8) > top {
		return false
	}
	if last := x.Last(); last != nil && base < uint64(last.Base)+uint64(last.Size/8) {
		return false
	}
	s.Base, s.Sum, s.End = uint32(base), s.Seed(), end
	x.All = append(x.All, s)
	return true
}

func (r *recordTable) read(from *format.BlockReader) {
	r.base = from.Uint64()
	r.next = r.base
	for next := from.Uint64(); r.next < next && from.Err() == nil && r.next-r.base < MaxRecords; {
		n := from.Uint64()
		r.push(uint32(n>>16), format.Status(n))
	}
}

// read puts each shard's slots where they would stand had they been inserted, and reports false where they are not in
// order or name a record that is not there.
func (x *hashTable) read(from *format.BlockReader, records *recordTable) bool {
	sound := true
	for head := from.Uint64(); head != 0 && from.Err() == nil; head = from.Uint64() {
		shard, count := int(head>>32%shards), uint32(head)
		x.moved = x.moved[:0]
		last := uint64(0)
		for ; count > 0 && from.Err() == nil; count-- {
			slot := from.Uint64()
			sound = sound && slot > last && records.full(uint32(slot&recordMask)) < records.next
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
func (x *hashTable) fill(shard int) {
	x.shards[shard].count = uint32(len(x.moved))
	x.extend(shard, uint32(len(x.moved)*8/7/chunkSlots+1))
	x.spread(shard)
}

func (x *Index) readNotes(r *format.BlockReader) {
	for n := r.Uint64(); n > 0 && r.Err() == nil; n-- {
		at := uint32(r.Uint64())
		slot := string(r.Bytes(int(min(r.Uint64(), format.MaxKey))))
		value := slices.Clone(r.Bytes(int(min(r.Uint64(), format.MaxPayload))))
		x.notes[slot] = Note{Value: value, At: at}
	}
}

func (x *Index) readVerdicts(r *format.BlockReader) {
	for n := r.Uint64(); n > 0 && r.Err() == nil; n-- {
		record := r.Uint64()
		x.verdicts[record] = uint32(r.Uint64())
	}
}

// count counts the records, and reports false where something leads out of the index.
func (x *Index) count() bool {
	for record := x.records.base; record < x.records.next; record++ {
		s := x.Status(record)
		if s.Is(format.FlagGone) {
			continue
		}
		if s.State() > format.Quarantined || uint64(x.At(record)) >= x.Top {
			return false
		}
		x.Counts[s.State()]++
	}
	for record := range x.verdicts {
		if record < x.records.base || record >= x.records.next {
			return false
		}
	}
	return uint64(x.Head.At) <= x.Top
}
