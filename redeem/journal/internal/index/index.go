// Package index is what the frames of a journal amount to: which records there are, how they stand, under which keys
// they are found, what the notes hold. It is the same whether the frames were just appended or read from disk, and it
// is all that a snapshot stores. It reads no file: Index.IDAt is asked where an id has to be compared with the one on
// disk.
//
// Nothing in it is safe for several goroutines at once; the journal's lock guards it.
package index

import (
	"bytes"

	"github.com/offlane/offlane/redeem/journal/internal/format"
)

// An Index is what the frames of a journal amount to.
type Index struct {
	// Journal is the journal's id, the salt of its keys.
	Journal [16]byte
	// Segments are the files in use.
	Segments
	// Seq is the last sequence number, Number the last number in the chain.
	Seq, Number uint64
	// Head is the last record in the chain.
	Head Head
	// LogStart is where the log starts since segments were given back.
	LogStart format.LogStart
	// Counts are how many records are in each state.
	Counts [3]int
	// IDAt reads the id of the record at an address; ok is false where it cannot be read. It is asked where two records
	// have ids of one hash. Nil: the first one is taken.
	IDAt func(at uint32) (id format.ID, ok bool)

	table    hashTable
	records  recordTable
	notes    map[string]Note
	verdicts map[uint64]uint32 // address of the verdict of a record that is due or quarantined
	oldest   uint64            // no record before this one is pending
	env      format.Envelope   // used again by Apply
}

// A Note is the latest value of a slot, which must not be changed, and the address of its entry.
type Note struct {
	Value []byte
	At    uint32
}

// New returns the index of a journal without frames.
func New(journal [16]byte) *Index {
	return &Index{Journal: journal, notes: map[string]Note{}, verdicts: map[uint64]uint32{}}
}

// Apply adds a frame that stands at the address and whose content is decrypted. A settlement names records by their
// ids; whoever has just looked them up gives the records in about, otherwise nil. Its error is format.ErrContent.
func (x *Index) Apply(at uint32, f *format.Frame, about []uint64) error {
	x.Seq, x.Number = f.Seq, max(x.Number, f.Number)
	if !format.HasEnvelope(f.Kind) {
		return nil
	}
	e := &x.env
	if err := e.Parse(f.Content); err != nil {
		return err
	}
	switch f.Kind {
	case format.KindRecord:
		x.Head.Number, x.Head.At = f.Number, at
		x.addRecord(at, e)
	case format.KindNote:
		return x.setNote(at, e)
	case format.KindRelocated:
		return x.relocate(at, e)
	case format.KindLogStart:
		return x.LogStart.Advance(e.Payload)
	case format.KindSettled, format.KindQuarantined, format.KindHandedOver, format.KindRequeued:
		x.change(at, f.Kind, e, about)
	case format.KindSettledAll:
		return x.settleAll(at, e, about)
	case format.KindEvidence:
		_, err := format.ParseEvidence(e.Payload) // it changes nothing: whoever asks for it reads the log
		return err
	}
	return nil
}

func (x *Index) addRecord(at uint32, e *format.Envelope) {
	record := x.add(at, format.NewStatus(format.Pending, max(e.Uses, 0), format.FlagPayload), e)
	x.Counts[format.Pending]++
	if e.Uses < 0 {
		if voided, ok := x.Find(e.Ref); ok && voided != record {
			x.takeUses(voided, e.Uses)
		}
	}
}

// add puts a record behind the others and under its id and its keys.
func (x *Index) add(at uint32, s format.Status, e *format.Envelope) uint64 {
	record := x.records.push(at, s)
	eachHash(e, func(h uint64, r role) { x.table.insert(h, r, uint32(record&recordMask)) })
	return record
}

func eachHash(e *format.Envelope, do func(uint64, role)) {
	do(hashOfID(e.ID), roleID)
	for i, hash := range e.Hashes {
		if i < int(e.Counted) {
			do(hashOfKey(hash), roleCounted)
		} else {
			do(hashOfKey(hash), roleLookup)
		}
	}
}

// Remove takes a record out, which has the id and the keys of e. Its place in the table is kept until all before it are
// gone.
func (x *Index) Remove(record uint64, e *format.Envelope) {
	eachHash(e, func(h uint64, r role) { x.table.remove(h, r, uint32(record&recordMask)) })
	s := x.records.status(record)
	x.Counts[s.State()]--
	*s |= format.FlagGone
	delete(x.verdicts, record)
	x.records.trim()
	x.oldest = max(x.oldest, x.records.base)
}

func (x *Index) takeUses(record uint64, uses int8) {
	s := x.records.status(record)
	left := max(int(s.Uses())+int(uses), 0)
	*s = s.WithUses(int8(left))
	if left == 0 {
		*s |= format.FlagVoided
	}
}

func (x *Index) setNote(at uint32, e *format.Envelope) error {
	slot, value, err := format.ParseNote(e.Payload)
	if err != nil {
		return err
	}
	x.notes[slot] = Note{Value: bytes.Clone(value), At: at}
	return nil
}

// relocate replaces a record by its copy, which holds everything that happened to it until then.
func (x *Index) relocate(at uint32, e *format.Envelope) error {
	c, err := format.ParseRelocated(e.Payload)
	if err != nil {
		return err
	}
	flags := format.Status(e.Status)
	if c.Payload == nil {
		flags &^= format.FlagPayload
	}
	if old, ok := x.Find(e.ID); ok {
		x.Remove(old, e)
	}
	if flags.State() > format.Quarantined {
		return format.ErrContent
	}
	if c.Number >= x.Head.Number {
		x.Head.Number, x.Head.At = c.Number, at
	}
	record := x.add(at, format.NewStatus(0, max(e.Uses, 0), flags&^format.FlagGone), e)
	x.Counts[flags.State()]++
	x.noteSettled(at, c.Settled)
	if flags.Due() || flags.State() == format.Quarantined {
		x.verdicts[record] = at
	}
	return nil
}

// noteSettled notes when a record in the segment of the address was settled.
func (x *Index) noteSettled(at uint32, settled int64) {
	if seg, _ := x.Locate(at); seg != nil {
		seg.Settled = max(seg.Settled, settled)
	}
}

// change does to a record what an entry about it says.
func (x *Index) change(at uint32, kind format.Kind, e *format.Envelope, about []uint64) {
	record, ok := x.subject(about, 0, e.Ref)
	if !ok {
		return
	}
	s := x.records.status(record)
	switch kind {
	case format.KindHandedOver:
		*s |= format.FlagHandedOver
		if s.State() != format.Quarantined {
			delete(x.verdicts, record)
		}
	case format.KindRequeued:
		x.setState(record, format.Pending)
		*s &^= format.FlagDue | format.FlagHandedOver
		delete(x.verdicts, record)
		x.oldest = min(x.oldest, record)
	default:
		x.settle(at, record, kind, e)
	}
}

// subject returns the i-th record that an entry is about.
func (x *Index) subject(about []uint64, i int, id format.ID) (record uint64, ok bool) {
	if about != nil {
		return about[i], true
	}
	return x.Find(id)
}

func (x *Index) settleAll(at uint32, e *format.Envelope, about []uint64) error {
	const size = len(format.ID{})
	if len(e.Payload)%size != 0 {
		return format.ErrContent
	}
	for i := range len(e.Payload) / size {
		id := format.ID(e.Payload[i*size:][:size])
		if record, ok := x.subject(about, i, id); ok {
			x.settle(at, record, format.KindSettled, e)
		}
	}
	return nil
}

func (x *Index) settle(at uint32, record uint64, kind format.Kind, e *format.Envelope) {
	s := x.records.status(record)
	*s = *s&^(format.FlagDue|format.FlagHandedOver) | format.Status(e.Status)&format.FlagDue
	if kind == format.KindQuarantined {
		x.setState(record, format.Quarantined)
	} else {
		x.setState(record, format.Settled)
	}
	delete(x.verdicts, record)
	if s.Is(format.FlagDue) || kind == format.KindQuarantined {
		x.verdicts[record] = at
	}
	x.noteSettled(x.At(record), e.Written)
}

func (x *Index) setState(record uint64, to format.State) {
	s := x.records.status(record)
	x.Counts[s.State()]--
	*s = s.WithState(to)
	x.Counts[to]++
}
