package index

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/journal/internal/format"
)

// A log applies entries to an index, each at the next address.
type log struct {
	t    *testing.T
	x    *Index
	at   uint32
	seq  uint64
	hold []format.ID // ids by address, for IDAt
}

func newLog(t *testing.T) *log {
	t.Helper()
	l := &log{t: t, x: New([16]byte{9}), at: format.BodyStart / 8, hold: make([]format.ID, 8<<10)}
	for n := range uint64(3) {
		l.x.Add(&Segment{Header: format.Header{ID: [16]byte{byte(n + 1)}, Size: segmentSize, Epoch: n % 2, Ordinal: n}})
	}
	l.x.IDAt = func(at uint32) (format.ID, bool) { return l.hold[at], l.hold[at] != format.ID{} }
	return l
}

func (l *log) apply(kind format.Kind, e format.Envelope, about ...uint64) error {
	l.seq++
	l.hold[l.at] = e.ID
	f := format.Frame{Kind: kind, PosInGroup: 1, Seq: l.seq, Number: l.x.Number, Content: e.AppendTo(nil)}
	if kind == format.KindRecord {
		f.Number++
	}
	err := l.x.Apply(l.at, &f, about)
	l.at += 16
	return err
}

// add applies an entry that can be read.
func (l *log) add(kind format.Kind, e format.Envelope) {
	l.t.Helper()
	require.NoError(l.t, l.apply(kind, e), "an entry of kind %d", kind)
}

func id(n byte) format.ID { return format.ID{15: n} }

func hash(n byte) [16]byte { return format.KeyHash([16]byte{}, string(rune(n))) }

// record has one counted key and one for look-ups.
func record(n byte, uses int8) format.Envelope {
	return format.Envelope{ID: id(n), Uses: uses, Counted: 1, Hashes: [][16]byte{hash(n), hash(n + 100)},
		Payload: []byte{n}}
}

func (l *log) status(n byte) format.Status {
	l.t.Helper()
	record, ok := l.x.Find(id(n))
	require.True(l.t, ok, "record %d is there", n)
	return l.x.Status(record)
}

func TestRecordsAreFoundByIDAndKeys(t *testing.T) {
	l := newLog(t)
	for n := byte(1); n <= 3; n++ {
		l.add(format.KindRecord, record(n, int8(n)))
	}
	second := record(4, 2)
	second.Hashes[0] = hash(1)
	l.add(format.KindRecord, second)
	assert.Equal(t, 1+2, l.x.Uses(hash(1)), "both records with the key")
	assert.Equal(t, 3, l.x.Uses(hash(3)))
	assert.Zero(t, l.x.Uses(hash(101)), "a key for look-ups counts nothing")
	assert.Equal(t, []uint64{0, 3}, l.x.WithKey(hash(1)), "oldest first")
	assert.Equal(t, []uint64{1}, l.x.WithKey(hash(102)))
	assert.Empty(t, l.x.WithKey(hash(50)))
	_, ok := l.x.Find(id(9))
	assert.False(t, ok, "an id that is not there")
	assert.Equal(t, [3]int{4, 0, 0}, l.x.Counts)
	assert.Equal(t, uint64(4), l.x.Number)
	assert.Equal(t, uint64(4), l.x.Seq)
	assert.Equal(t, uint64(4), l.x.Head.Number)
	assert.Equal(t, l.at-16, l.x.Head.At)
	same := format.Envelope{ID: id(5), Counted: 2, Uses: 1, Hashes: [][16]byte{hash(50), hash(50)}}
	l.add(format.KindRecord, same)
	assert.Equal(t, []uint64{4}, l.x.WithKey(hash(50)), "a record is listed once")
}

// TestIDsOfOneHashAreToldApart has two records whose ids have the same tag: the files say which one is meant.
func TestIDsOfOneHashAreToldApart(t *testing.T) {
	l := newLog(t)
	l.add(format.KindRecord, record(1, 1))
	l.add(format.KindRecord, record(2, 1))
	l.x.table.insert(hashOfID(id(2)), roleID, 0) // as if the first one had this hash as well
	for n, want := range map[byte]uint64{2: 1, 1: 0} {
		record, ok := l.x.Find(id(n))
		assert.True(t, ok, "record %d", n)
		assert.Equal(t, want, record, "record %d", n)
	}
	l.x.IDAt = nil
	record, ok := l.x.Find(id(2))
	assert.True(t, ok && record == 0, "without files the first one is taken")
	assert.False(t, l.x.HasID(1, id(2)), "without files nobody knows")
}

func TestVoidsTakeUsesAway(t *testing.T) {
	for _, c := range []struct {
		uses, void, left int8
		voided           bool
	}{{1, -1, 0, true}, {3, -1, 2, false}, {3, -3, 0, true}, {1, -5, 0, true}, {0, -1, 0, true}} {
		l := newLog(t)
		l.add(format.KindRecord, record(1, c.uses))
		l.add(format.KindRecord, format.Envelope{ID: id(2), Ref: id(1), Uses: c.void})
		assert.Equal(t, c.left, l.status(1).Uses(), "%d uses, void of %d", c.uses, c.void)
		assert.Equal(t, c.voided, l.status(1).Is(format.FlagVoided), "%d uses, void of %d", c.uses, c.void)
		assert.Equal(t, int(c.left), l.x.Uses(hash(1)))
		assert.Zero(t, l.status(2).Uses(), "a void adds nothing")
		assert.False(t, l.status(2).Is(format.FlagVoided), "it is not voided itself")
	}
	l := newLog(t)
	l.add(format.KindRecord, format.Envelope{ID: id(2), Ref: id(1), Uses: -1})
	l.add(format.KindRecord, format.Envelope{ID: id(3), Ref: id(3), Uses: -1})
	assert.False(t, l.status(2).Is(format.FlagVoided), "a void of what is not there")
	assert.False(t, l.status(3).Is(format.FlagVoided), "a void of itself")
	l.add(format.KindRecord, format.Envelope{ID: id(4), Ref: id(2), Uses: 0})
	assert.False(t, l.status(2).Is(format.FlagVoided), "a record about another one that takes nothing")
}

func TestSettlementsChangeTheState(t *testing.T) {
	due, handed := format.FlagDue, format.FlagHandedOver
	for name, c := range map[string]struct {
		kinds   []format.Kind
		status  uint8
		state   format.State
		flags   format.Status
		verdict bool
	}{
		"settled":         {[]format.Kind{format.KindSettled}, 0, format.Settled, 0, false},
		"settled and due": {[]format.Kind{format.KindSettled}, uint8(due), format.Settled, due, true},
		"handed over": {[]format.Kind{format.KindSettled, format.KindHandedOver}, uint8(due), format.Settled,
			due | handed, false},
		"quarantined": {[]format.Kind{format.KindQuarantined}, 0, format.Quarantined, 0, true},
		"quarantined and handed over": {[]format.Kind{format.KindQuarantined, format.KindHandedOver}, uint8(due),
			format.Quarantined, due | handed, true},
		"requeued": {[]format.Kind{format.KindSettled, format.KindHandedOver, format.KindRequeued}, uint8(due),
			format.Pending, 0, false},
		"requeued when due": {[]format.Kind{format.KindSettled, format.KindRequeued}, uint8(due), format.Pending, 0, false},
		"settled again": {[]format.Kind{format.KindQuarantined, format.KindHandedOver, format.KindSettled}, 0,
			format.Settled, 0, false},
	} {
		for _, looked := range []bool{false, true} {
			l := newLog(t)
			l.add(format.KindRecord, record(1, 1))
			l.add(format.KindRecord, record(2, 1))
			for _, kind := range c.kinds {
				e := format.Envelope{Ref: id(1), Status: c.status}
				about := []uint64(nil)
				if looked {
					e.Ref, about = id(77), []uint64{0}
				}
				require.NoError(t, l.apply(kind, e, about...), name)
			}
			s := l.status(1)
			assert.Equal(t, c.state, s.State(), name)
			assert.Equal(t, c.flags, s&(due|handed), name)
			_, ok := l.x.Verdict(0)
			assert.Equal(t, c.verdict, ok, name)
			want := [3]int{1, 0, 0}
			want[c.state]++
			assert.Equal(t, want, l.x.Counts, name)
			assert.Equal(t, format.Pending, l.status(2).State(), "%s: the other record", name)
		}
	}
	l := newLog(t)
	l.add(format.KindRecord, record(1, 1))
	l.add(format.KindSettled, format.Envelope{Ref: id(7)})
	assert.Equal(t, [3]int{1, 0, 0}, l.x.Counts, "a settlement of what is not there")
}

func TestOneEntrySettlesSeveralRecords(t *testing.T) {
	first, third, none := id(1), id(3), id(9)
	for name, about := range map[string][]uint64{"by id": nil, "by record": {0, 2}} {
		l := newLog(t)
		for n := byte(1); n <= 3; n++ {
			l.add(format.KindRecord, record(n, 1))
		}
		ids := append(append([]byte{}, first[:]...), third[:]...)
		if about == nil {
			ids = append(ids, none[:]...)
		}
		e := format.Envelope{Written: 70, Payload: ids, Status: uint8(format.FlagDue)}
		require.NoError(t, l.apply(format.KindSettledAll, e, about...), name)
		assert.Equal(t, [3]int{1, 2, 0}, l.x.Counts, name)
		assert.Equal(t, format.Pending, l.status(2).State(), name)
		assert.Equal(t, int64(70), l.x.All[0].Settled, "%s: when the last one was", name)
		assert.ErrorIs(t, l.apply(format.KindSettledAll, format.Envelope{Payload: ids[:17]}), format.ErrContent, name)
		l.add(format.KindSettled, format.Envelope{Ref: id(2), Written: 60})
		assert.Equal(t, int64(70), l.x.All[0].Settled, "%s: an earlier one changes nothing", name)
	}
}

func relocated(n byte, r format.Relocated, status format.Status) format.Envelope {
	e := record(n, 2)
	e.Status, e.Payload = uint8(status), r.AppendTo(nil)
	return e
}

func TestACopyReplacesItsRecord(t *testing.T) {
	quarantined := format.Status(format.Quarantined)
	for name, c := range map[string]struct {
		payload []byte
		status  format.Status
		want    format.Status // without its uses
		verdict bool
	}{
		"keys alone":       {nil, format.Status(format.Settled) | format.FlagPayload, format.Status(format.Settled), false},
		"with its payload": {[]byte("p"), format.FlagPayload, format.FlagPayload, false},
		"due": {[]byte("p"), format.Status(format.Settled) | format.FlagDue,
			format.Status(format.Settled) | format.FlagDue, true},
		"handed over": {nil, format.FlagDue | format.FlagHandedOver | 1, format.FlagDue | format.FlagHandedOver | 1, false},
		"quarantined": {[]byte("p"), quarantined, quarantined, true},
		"gone":        {nil, format.FlagGone | 1, 1, false},
	} {
		l := newLog(t)
		l.add(format.KindRecord, record(1, 1))
		l.add(format.KindRecord, record(2, 1))
		head := l.x.Head.At
		l.at = 3 * segmentSize / 8 / 2
		at := l.at
		l.add(format.KindRelocated, relocated(1, format.Relocated{Number: 1, Settled: 50, Payload: c.payload}, c.status))
		found, ok := l.x.Find(id(1))
		require.True(t, ok, name)
		assert.Equal(t, uint64(2), found, "%s: it stands behind the others", name)
		assert.Equal(t, at, l.x.At(found), name)
		assert.Equal(t, c.want, l.x.Status(found).WithUses(0), name)
		assert.Equal(t, 2, l.x.Uses(hash(1)), "%s: its uses are those of the copy", name)
		want := [3]int{1, 0, 0}
		want[c.want.State()]++
		assert.Equal(t, want, l.x.Counts, name)
		_, ok = l.x.Verdict(found)
		assert.Equal(t, c.verdict, ok, name)
		assert.Equal(t, int64(50), l.x.All[1].Settled, "%s: of its new segment", name)
		assert.Equal(t, head, l.x.Head.At, "%s: another one is the head", name)
		assert.Equal(t, uint64(1), l.x.Base(), "%s: the first one left", name)
	}
}

func TestACopyOfTheHeadIsTheHead(t *testing.T) {
	l := newLog(t)
	l.add(format.KindRecord, record(1, 1))
	l.add(format.KindRelocated, relocated(1, format.Relocated{Number: 1}, 1))
	assert.Equal(t, l.at-16, l.x.Head.At)
	l.add(format.KindRelocated, relocated(2, format.Relocated{Number: 5}, 1))
	assert.Equal(t, uint64(5), l.x.Head.Number, "a copy of a record that was not seen")
}

func TestEntriesThatCannotBeReadChangeNothing(t *testing.T) {
	l := newLog(t)
	for name, err := range map[string]error{
		"half an envelope": l.x.Apply(128, &format.Frame{Kind: format.KindRecord, Seq: 1, Content: []byte("x")}, nil),
		"half a note":      l.apply(format.KindNote, format.Envelope{}),
		"half a copy":      l.apply(format.KindRelocated, format.Envelope{}),
		"half a start":     l.apply(format.KindLogStart, format.Envelope{}),
		"half an evidence": l.apply(format.KindEvidence, format.Envelope{}),
		"no such state":    l.apply(format.KindRelocated, relocated(1, format.Relocated{}, 3)),
	} {
		assert.ErrorIs(t, err, format.ErrContent, name)
	}
	assert.Zero(t, l.x.Counts)
	assert.NoError(t, l.x.Apply(128, &format.Frame{Kind: format.LastKind + 1, Seq: 9, Number: 4, Content: []byte("x")},
		nil))
	assert.NoError(t, l.x.Apply(128, &format.Frame{Kind: format.KindCleanShutdown, Seq: 10, Number: 3}, nil))
	assert.Equal(t, uint64(10), l.x.Seq)
	assert.Equal(t, uint64(4), l.x.Number, "the chain does not go back")
}

func TestNotesHaveTheLatestValue(t *testing.T) {
	l := newLog(t)
	for _, value := range []string{"old", "new"} {
		l.add(format.KindNote, format.Envelope{Payload: format.NotePayload("slot", []byte(value))})
	}
	n, ok := l.x.Note("slot")
	assert.True(t, ok, "the slot has a value")
	assert.Equal(t, Note{[]byte("new"), l.at - 16}, n)
	_, ok = l.x.Note("other")
	assert.False(t, ok, "another slot has none")
	l.add(format.KindLogStart, format.Envelope{Payload: format.LogStart{First: 8, Number: 5}.Payload()})
	assert.Equal(t, format.LogStart{First: 8, Number: 5}, l.x.LogStart)
	l.add(format.KindEvidence, format.Envelope{Payload: (&format.Evidence{IDs: make([]byte, 16),
		Data: []byte("d")}).AppendTo(nil)})
}

func TestPendingRecordsAreFoundInTheirOrder(t *testing.T) {
	l := newLog(t)
	assert.Zero(t, l.x.OldestPending(), "there is none")
	for n := byte(1); n <= 4; n++ {
		l.add(format.KindRecord, record(n, 1))
	}
	assert.Equal(t, uint64(0), l.x.OldestPending())
	l.add(format.KindSettled, format.Envelope{Ref: id(1), Status: uint8(format.FlagDue)})
	l.add(format.KindSettled, format.Envelope{Ref: id(3), Status: uint8(format.FlagDue)})
	l.add(format.KindSettled, format.Envelope{Ref: id(2)})
	assert.Equal(t, uint64(3), l.x.OldestPending())
	assert.Equal(t, []uint64{0, 2}, l.x.WithVerdict(format.Status.Due), "oldest first")
	l.add(format.KindRequeued, format.Envelope{Ref: id(3)})
	assert.Equal(t, uint64(2), l.x.OldestPending(), "it is pending again")
	e := record(1, 1)
	l.x.Remove(0, &e)
	_, ok := l.x.Find(id(1))
	assert.False(t, ok, "it left")
	assert.Equal(t, [3]int{2, 1, 0}, l.x.Counts)
	assert.Equal(t, uint64(1), l.x.Base())
	e = record(3, 1)
	l.x.Remove(2, &e)
	assert.False(t, l.x.IsPending(2), "it left, and has older ones before it")
	assert.Equal(t, uint64(1), l.x.Base())
	assert.Equal(t, uint64(3), l.x.Len())
	assert.Equal(t, uint64(3), l.x.OldestPending())
	e = record(2, 1)
	l.x.Remove(1, &e)
	assert.Equal(t, uint64(3), l.x.Base(), "those behind it went with it")
	e = record(4, 1)
	l.x.Remove(3, &e)
	assert.Equal(t, uint64(4), l.x.OldestPending())
	assert.Zero(t, l.x.Len())
	assert.Equal(t, [3]int{0, 0, 0}, l.x.Counts)
}

func TestRecordsStandInSegments(t *testing.T) {
	l := newLog(t)
	x := l.x
	const chunk = segmentSize / 8
	for at, want := range map[uint32]int{0: 0, 1: 0, chunk - 1: 0, chunk: 1, 2*chunk - 1: 1, 2 * chunk: 2, 3 * chunk: 2} {
		seg, off := x.Locate(at)
		assert.Same(t, x.All[want], seg, "address %d", at)
		assert.Equal(t, at, seg.Address(off))
	}
	assert.Equal(t, uint64(1), x.LastEpoch())
	assert.Equal(t, int64(3*segmentSize), x.Size())
	assert.Same(t, x.All[2], x.Last())
	assert.Nil(t, New([16]byte{}).Last(), "there is none")
	seg, _ := New([16]byte{}).Locate(7)
	assert.Nil(t, seg, "there is none")
	for i, at := range []uint32{chunk - 8, chunk, 2 * chunk} {
		l.at = at
		l.add(format.KindRecord, record(byte(i+1), 1))
	}
	assert.True(t, x.IsInFirstSegment(0), "the first one")
	assert.False(t, x.IsInFirstSegment(1), "at the start of the second")
	assert.False(t, x.IsInFirstSegment(3), "a record that is not there")
	for at, want := range map[uint32]uint64{0: 0, chunk - 8: 0, chunk - 7: 1, chunk: 1, chunk + 1: 2, 2 * chunk: 2,
		2*chunk + 1: 3} {
		assert.Equal(t, want, x.FirstFrom(at), "address %d", at)
	}
}

func TestAddressesStartAgainAtZero(t *testing.T) {
	l := newLog(t)
	x := l.x
	New([16]byte{}).Rebase() // nothing is there to be rebased
	l.at = x.All[1].Base + 128
	l.add(format.KindRecord, record(1, 1))
	l.add(format.KindNote, format.Envelope{Payload: format.NotePayload("slot", []byte("value"))})
	l.add(format.KindQuarantined, format.Envelope{Ref: id(1)})
	last := &Segment{Header: format.Header{Size: segmentSize}}
	x.Top = MaxTop - segmentSize/8
	assert.True(t, x.Fits(last), "up to the last address")
	x.Top++
	assert.False(t, x.Fits(last), "one address too many")
	x.Top = 3 * segmentSize / 8
	x.All = x.All[1:]
	x.Rebase()
	assert.Equal(t, uint64(2*segmentSize/8), x.Top)
	assert.Equal(t, []uint32{0, segmentSize / 8}, []uint32{x.All[0].Base, x.All[1].Base})
	assert.Equal(t, uint32(128), x.At(0))
	assert.Equal(t, uint32(128), x.Head.At)
	n, _ := x.Note("slot")
	assert.Equal(t, Note{[]byte("value"), 144}, n)
	at, _ := x.Verdict(0)
	assert.Equal(t, uint32(160), at)
	empty := newLog(t).x
	empty.All = empty.All[1:]
	empty.Rebase()
	assert.Zero(t, empty.Head.At, "there is no head")
}

func TestManyRecordsComeAndGo(t *testing.T) {
	l := newLog(t)
	const most = 3*recordStep + 10
	for n := range uint64(most) {
		got := l.x.records.push(uint32(n), format.NewStatus(format.Pending, 1, 0))
		require.Equal(t, n, got)
	}
	for n := range uint64(most) {
		require.Equal(t, uint32(n), l.x.At(n))
		require.Equal(t, n, l.x.records.full(uint32(n&recordMask)))
		if n%2 == 1 {
			*l.x.records.status(n) |= format.FlagGone
			*l.x.records.status(n - 1) |= format.FlagGone
			l.x.records.trim()
			require.Equal(t, n+1, l.x.Base())
			require.Len(t, l.x.records.chunks, int((most-1)/recordStep-(n+1)/recordStep+1))
		}
	}
	assert.Zero(t, l.x.Len())
	l.x.records = recordTable{}
	for range recordStep {
		l.x.records.push(0, format.FlagGone)
	}
	l.x.records.trim()
	assert.Equal(t, uint64(recordStep), l.x.Base(), "a chunk in which all are gone")
	assert.Empty(t, l.x.records.chunks, "a chunk in which all are gone")
	l.x.records = recordTable{base: recordMask - 1, next: recordMask - 1}
	for range 4 {
		n := l.x.records.push(7, 0)
		assert.Equal(t, n, l.x.records.full(uint32(n&recordMask)), "beyond what the hash table knows")
	}
}

func TestTheHeadHasAHash(t *testing.T) {
	var h Head
	assert.Zero(t, h.Hash(), "of a chain without records")
	h.SetHash(format.Hash{1})
	assert.Equal(t, format.Hash{1}, h.Hash())
	for _, payload := range []string{"p", "q"} {
		h.Set([]byte(payload))
		assert.Equal(t, format.HashOf([]byte(payload)), h.Hash())
		assert.Equal(t, format.HashOf([]byte(payload)), h.Hash(), "asked for again")
	}
	h.SetHash(format.Hash{1})
	assert.Equal(t, format.Hash{1}, h.Hash())
}
