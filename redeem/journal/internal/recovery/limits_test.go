package recovery

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

func TestWhatWasNotFlushedDoesNotCount(t *testing.T) {
	make3 := func() []*segment { return []*segment{newSegment(0, 0, 1).records(1, 5).junk(9)} }
	for limit, want := range map[uint64]uint64{0: 0, 1: 1, 4: 4, 5: 5, 6: 5} {
		segments := make3()
		r := judged(surveyOf(segments...), limit, nil, segments...)
		assert.Equal(t, want, r.Index.Seq, "flushed up to %d", limit)
		assert.Empty(t, r.Damage, "what stands behind is no damage, flushed up to %d", limit)
		end := format.BodyStart + frameSize*int64(want)
		assert.Equal(t, end, r.Index.All[0].End, "flushed up to %d", limit)
	}
	segments := make3()
	r := judged(surveyOf(segments...), 2, map[uint64]bool{4: true}, segments...)
	assert.Equal(t, 3, r.Index.Counts[format.Pending], "the first two, and one that is kept")
	segments = []*segment{newSegment(0, 0, 1).records(1, 3).spoil(frameSize).cut(segmentSize - 1)}
	r = judged(surveyOf(segments...), 3, nil, segments...)
	assert.Equal(t, []string{"lost 0:1200+0 records that are missing, 2-2, chain 2-2"}, lines(r.Damage),
		"what is missing is damage")
	segments = []*segment{newSegment(1, 0, 4).records(4, 4)}
	assert.Empty(t, judged(surveyOf(segments...), 4, nil, segments...).Damage, "what was there before is known")
}

func TestARecordOfAnotherKeyIsDamage(t *testing.T) {
	keys, err := format.NewKeyring(bytes.Repeat([]byte{1}, 32), bytes.Repeat([]byte{2}, 32))
	require.NoError(t, err, "the keys have their size")
	s := newSegment(0, 0, 1)
	s.sealer = keys[0]
	s.records(1, 1)
	s.sealer = keys[1]
	s.records(2, 2)
	s.sealer = keys[0]
	s.records(3, 3)
	r := judged(surveyOf(s), NoLimit, nil, s)
	assert.Equal(t, []string{"lost 0:1144+32 a record that cannot be read, 2-2",
		"possibly 0:0+0 a hole in the chain, chain 2-2"}, lines(r.Damage))
	assert.Equal(t, 2, r.Index.Counts[format.Pending], "the others")
}

// checked looks at the segments as Check does, which a snapshot covers up to their ends.
func checked(ends []int64, start format.LogStart, segments ...*segment) []string {
	s := surveyOf(segments...)
	for i, end := range ends {
		s.Segments[i].End = end
	}
	j := newJudge(s, NoLimit)
	for i, seg := range segments {
		j.read(i, seg.file())
	}
	j.tail.Durable = j.expect - 1
	j.finish(start)
	return lines(j.damage)
}

func TestWhatASnapshotCoversIsChecked(t *testing.T) {
	end := func(n int) int64 { return int64(format.BodyStart + n*frameSize) }
	none := format.LogStart{}
	good := func() []*segment {
		return []*segment{newSegment(0, 0, 1).records(1, 3), newSegment(1, 0, 4).records(4, 6)}
	}
	both := []int64{end(3), end(2)}
	assert.Empty(t, checked(both, none, good()...), "nothing is wrong, and what is younger is not looked at")
	two := good()
	two[1].spoil(2 * frameSize)
	assert.Empty(t, checked(both, none, two...), "a younger record is spoilt")
	two = good()
	two[1].spoil(frameSize)
	assert.Equal(t, []string{"possibly 1:1112+85 bytes that are no record"}, checked(both, none, two...), "the last one")
	two = good()
	two[1].spoil(0)
	assert.Equal(t, []string{"lost 1:1024+85 bytes that are no record, 4-4, chain 4-4"}, checked(both, none, two...))
	two = good()
	two[0].cut(int(end(3)))
	assert.Empty(t, checked(both, none, two...), "the zeros behind the end are not there")
	two = good()
	two[0].cut(int(end(3)) + 1)
	assert.Equal(t, []string{"harmless 0:1289+15095 the end of the file is cut off"}, checked(both, none, two...))
	two = good()
	two[1].cut(int(end(1)))
	assert.Equal(t, []string{"possibly 1:1112+15272 the end of the file is cut off"}, checked(both, none, two...))
	assert.Empty(t, checked([]int64{end(2)}, format.LogStart{First: 4, Number: 3}, newSegment(1, 0, 4).records(4, 5)))
	assert.Equal(t, []string{"lost 1:0+0 a segment before this one is missing, 1-3, chain 1-3"},
		checked([]int64{end(2)}, none, newSegment(1, 0, 4).records(4, 5)))
}

func TestTheJudgeGoesOnBehindASnapshot(t *testing.T) {
	segments := []*segment{newSegment(1, 0, 4).records(4, 5), newSegment(2, 0, 6).records(6, 7).records(8,
		9).spoil(2 * frameSize),
		newSegment(3, 0, 10).records(10, 10)}
	s := surveyOf(segments...)
	x := index.New(s.Journal)
	for _, seg := range s.Segments {
		x.Add(seg)
	}
	x.Seq, x.Number = 7, 7
	s.Segments[1].End = format.BodyStart + 2*frameSize
	j := newJudge(s, NoLimit)
	j.resume(x, 2)
	j.take = builder{x}.take
	for i := 1; i < 3; i++ {
		j.read(i, segments[i].file())
	}
	j.finish(x.LogStart)
	r := j.result(x)
	assert.Equal(t, []string{"lost 2:1200+85 bytes that are no record, 8-8, chain 8-8"}, lines(r.Damage),
		"what is missing before the snapshot is known")
	assert.Equal(t, 2, r.Index.Counts[format.Pending])
	assert.Equal(t, uint64(3), r.Covered, "the ordinal behind the last segment that is covered")
	assert.Equal(t, uint64(10), r.Index.Seq)

	j = newJudge(surveyOf(segments...), NoLimit)
	j.resume(x, 3)
	assert.True(t, j.tail.CleanShutdown, "a snapshot is written by Close")
	assert.Equal(t, uint64(10), j.tail.Durable)
	assert.Equal(t, uint64(11), j.expect)
}

func TestCallsThatAreNotWholeDoNotCount(t *testing.T) {
	const first, last = format.FlagFirst, format.FlagLast
	record, note := format.KindRecord, format.KindNote
	type part struct {
		seq   uint64
		kind  format.Kind
		flags uint8
	}
	for name, c := range map[string]struct {
		group []part
		want  []uint64
		whole bool
	}{
		"nothing": {nil, nil, true},
		"a whole call": {[]part{{3, record, first}, {4, note, 0}, {5, note, last}}, []uint64{3, 4, 5},
			true},
		"two whole calls":           {[]part{{3, note, both}, {4, record, both}}, []uint64{3, 4}, true},
		"a call without its end":    {[]part{{3, record, first}, {4, note, 0}}, []uint64{3}, true},
		"a call without its start":  {[]part{{4, note, 0}, {5, record, last}}, []uint64{5}, false},
		"a call with a hole":        {[]part{{3, record, first}, {5, note, last}}, []uint64{3}, false},
		"a note with a hole before": {[]part{{3, note, first}, {5, note, last}}, nil, false},
		"a whole call behind half a one": {[]part{{3, note, first}, {5, note, first}, {6, note, last}}, []uint64{5, 6},
			false},
		"half a call, and another starts": {[]part{{3, note, first}, {4, note, both}}, []uint64{4}, true},
	} {
		tail := Tail{Durable: 2}
		for _, p := range c.group {
			tail.Group = append(tail.Group, FrameAt{Frame: format.Frame{Seq: p.seq, Kind: p.kind, Flags: p.flags}})
		}
		var got []uint64
		for _, f := range tail.Countable() {
			got = append(got, f.Seq)
		}
		assert.Equal(t, c.want, got, name)
		assert.Equal(t, c.whole, tail.Whole(), name)
	}
}

func TestTheTailIsTheLastGroup(t *testing.T) {
	var tail Tail
	add := func(seq uint64, pos uint16) []uint64 {
		tail.observe(nil, 0, &format.Frame{Kind: format.KindRecord, Seq: seq, PosInGroup: pos, Content: []byte("c")})
		var seqs []uint64
		for _, f := range tail.Group {
			assert.Nil(t, f.Content, "contents are not kept")
			seqs = append(seqs, f.Seq)
		}
		return seqs
	}
	assert.Equal(t, []uint64{1}, add(1, 1))
	assert.Equal(t, []uint64{1, 2}, add(2, 2))
	assert.Equal(t, []uint64{3}, add(3, 1), "the group before was flushed")
	assert.Equal(t, uint64(2), tail.Durable)
	assert.Equal(t, []uint64{3, 5}, add(5, 3), "one is missing")
	assert.Equal(t, uint64(2), tail.Durable)
	assert.Equal(t, []uint64{5, 9}, add(9, 5), "five before was not, and four was flushed")
	assert.Equal(t, uint64(4), tail.Durable)
}

func TestLossesSinceTheLogWasOpened(t *testing.T) {
	known := []Damage{{First: 3, Last: 5, File: "a"}, {File: "b"}}
	for name, c := range map[string]struct {
		now  Damage
		lost bool
	}{
		"the same":             {Damage{First: 3, Last: 5}, false},
		"a part":               {Damage{First: 4, Last: 4}, false},
		"before it":            {Damage{First: 2, Last: 5}, true},
		"behind it":            {Damage{First: 3, Last: 6}, true},
		"up to the last one":   {Damage{First: 7, Last: 9}, true},
		"not all was flushed":  {Damage{First: 7, Last: 10}, false},
		"no sequence is known": {Damage{}, false},
	} {
		c.now.Certainty = PossiblyAcknowledged
		got := AddLost(known, []Damage{c.now}, 9)
		want := known
		if c.lost {
			lost := c.now
			lost.Certainty = Lost
			want = append(known[:2:2], lost)
		}
		assert.Equal(t, want, got, name)
	}
}

func TestDamageIsDescribed(t *testing.T) {
	for want, d := range map[string]Damage{
		"lost: x in f at 1, 2 bytes": {},
		"lost: x in f at 1, 2 bytes, sequence 3 to 4, records 5 to 6 of the chain": {First: 3, Last: 4,
			FirstNumber: 5, LastNumber: 6},
		"harmless: x in f at 1, 2 bytes": {Certainty: Harmless},
		"unknown: x in f at 1, 2 bytes, an unknown number of records from 5 of the chain on": {Certainty: 3, Unknown: true,
			FirstNumber: 5},
		"possibly acknowledged: x in f at 1, 2 bytes, records 5 to 6 of the chain": {Certainty: PossiblyAcknowledged,
			FirstNumber: 5, LastNumber: 6},
	} {
		d.File, d.What, d.Offset, d.Length = "f", "x", 1, 2
		assert.Equal(t, want, d.String())
	}
}
