package index

import (
	"slices"
	"sort"

	"github.com/offlane/offlane/redeem/journal/internal/format"
)

// Records are numbered from zero in the order in which they stand in the log. The number of one that stays changes when
// the index is built anew.

// Find returns the record of that id. Where two could be meant the files decide.
func (x *Index) Find(id format.ID) (record uint64, ok bool) {
	short, ok, alone := x.table.first(hashOfID(id), roleID)
	if !ok {
		return 0, false
	}
	record = x.records.full(short)
	if !alone {
		record = x.choose(record, id)
	}
	return record, true
}

// choose returns which of the records with the first one's hash has the id, or the first one where none has.
func (x *Index) choose(first uint64, id format.ID) uint64 {
	x.table.find(hashOfID(id), roleID, func(_ role, short uint32) bool {
		record := x.records.full(short)
		if x.HasID(record, id) {
			first = record
			return false
		}
		return true
	})
	return first
}

// HasID reports whether the record has that id in its file.
func (x *Index) HasID(record uint64, id format.ID) bool {
	if x.IDAt == nil {
		return false
	}
	stored, ok := x.IDAt(x.At(record))
	return ok && stored == id
}

// Uses adds up what the records use that have a counted key with that hash.
func (x *Index) Uses(key [16]byte) int {
	sum := 0
	x.table.find(hashOfKey(key), roleCounted, func(r role, short uint32) bool {
		if r == roleCounted {
			sum += int(x.Status(x.records.full(short)).Uses())
		}
		return true
	})
	return sum
}

// WithKey returns the records that have a key with that hash, oldest first. One of another key may be among them:
// whoever must know reads it.
func (x *Index) WithKey(key [16]byte) []uint64 {
	var records []uint64
	x.table.find(hashOfKey(key), roleCounted, func(_ role, short uint32) bool {
		records = append(records, x.records.full(short))
		return true
	})
	slices.Sort(records)
	return slices.Compact(records)
}

// At is the record's address.
func (x *Index) At(record uint64) uint32 { return *x.records.at(record) }

// Status is the record's status.
func (x *Index) Status(record uint64) format.Status { return *x.records.status(record) }

// Next is the number of the next record.
func (x *Index) Next() uint64 { return x.records.next }

// Base is the number of the oldest record.
func (x *Index) Base() uint64 { return x.records.base }

// Len is how many records there are, with those that left and have older ones before them.
func (x *Index) Len() uint64 { return x.records.next - x.records.base }

// Note returns the slot's latest value.
func (x *Index) Note(slot string) (Note, bool) {
	n, ok := x.notes[slot]
	return n, ok
}

// Verdict returns the address of the verdict of a record that is due or quarantined.
func (x *Index) Verdict(record uint64) (at uint32, ok bool) {
	at, ok = x.verdicts[record]
	return at, ok
}

// WithVerdict returns the records that have a verdict and such a status, oldest first.
func (x *Index) WithVerdict(wanted func(format.Status) bool) []uint64 {
	var records []uint64
	for record := range x.verdicts {
		if wanted(x.Status(record)) {
			records = append(records, record)
		}
	}
	slices.Sort(records)
	return records
}

// FirstFrom returns the first record that stands at the address or behind it.
func (x *Index) FirstFrom(at uint32) uint64 {
	n := int(x.Len())
	return x.records.base + uint64(sort.Search(n, func(i int) bool { return x.At(x.records.base+uint64(i)) >= at }))
}

// IsPending reports whether a record is there and to be reported.
func (x *Index) IsPending(record uint64) bool {
	s := x.Status(record)
	return !s.Is(format.FlagGone) && s.State() == format.Pending
}

// OldestPending returns the first record that is pending, or Next.
func (x *Index) OldestPending() uint64 {
	for x.oldest = max(x.oldest, x.records.base); x.oldest < x.records.next; x.oldest++ {
		if x.IsPending(x.oldest) {
			break
		}
	}
	return x.oldest
}

// IsInFirstSegment reports whether the record stands in the oldest of several segments.
func (x *Index) IsInFirstSegment(record uint64) bool {
	return record < x.records.next && x.At(record) < x.All[1].Base
}
