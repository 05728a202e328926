package recovery

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/journal/internal/format"
)

const both = format.FlagFirst | format.FlagLast

// A verdict is what a judge says of segments.
type verdict struct {
	damage  []string
	seq     uint64 // last one
	number  uint64
	pending int
	durable uint64
	group   int // frames in the last group
	clean   bool
	junk    bool
	next    uint64 // ordinal
}

func TestTheJudgeTellsWhatWasLost(t *testing.T) {
	record, shutdown := format.KindRecord, format.KindCleanShutdown
	for name, c := range map[string]struct {
		segments []*segment
		change   func(*Survey)
		want     verdict
	}{
		"nothing": {nil, nil, verdict{}},
		"groups of one": {[]*segment{newSegment(0, 0, 1).records(1, 4)}, nil,
			verdict{seq: 4, number: 4, pending: 4, durable: 3, group: 1, next: 1}},
		"a group of three": {[]*segment{newSegment(0, 0, 1).records(1, 2).
			frame(record, 3, 1, 3, both).frame(record, 4, 2, 4, both).frame(record, 5, 3, 5, both)}, nil,
			verdict{seq: 5, number: 5, pending: 5, durable: 2, group: 3, next: 1}},
		"a clean end": {[]*segment{newSegment(0, 0, 1).records(1, 3).frame(shutdown, 4, 1, 3, both)}, nil,
			verdict{seq: 4, number: 3, pending: 3, durable: 3, group: 1, clean: true, next: 1}},
		"a clean end, and more": {[]*segment{newSegment(0, 0, 1).records(1, 3).frame(shutdown, 4, 1, 3, both).
			frame(record, 5, 1, 4, both)}, nil,
			verdict{seq: 5, number: 4, pending: 4, durable: 4, group: 1, next: 1}},
		"a record in the middle is spoilt": {[]*segment{newSegment(0, 0, 1).records(1, 4).spoil(frameSize)}, nil,
			verdict{damage: []string{"lost 0:1112+85 bytes that are no record, 2-2, chain 2-2"},
				seq: 4, number: 4, pending: 3, durable: 3, group: 1, next: 1}},
		"two in the middle are spoilt": {
			[]*segment{newSegment(0, 0, 1).records(1, 5).spoil(frameSize).spoil(2 * frameSize)}, nil,
			verdict{damage: []string{"lost 0:1112+173 bytes that are no record, 2-3, chain 2-3"},
				seq: 5, number: 5, pending: 3, durable: 4, group: 1, next: 1}},
		"two apart are spoilt": {
			[]*segment{newSegment(0, 0, 1).records(1, 6).spoil(frameSize).spoil(3 * frameSize)}, nil,
			verdict{damage: []string{"lost 0:1112+85 bytes that are no record, 2-2, chain 2-2",
				"lost 0:1288+85 bytes that are no record, 4-4, chain 4-4"},
				seq: 6, number: 6, pending: 4, durable: 5, group: 1, next: 1}},
		"the first is spoilt": {[]*segment{newSegment(0, 0, 1).records(1, 3).spoil(0)}, nil,
			verdict{damage: []string{"lost 0:1024+85 bytes that are no record, 1-1, chain 1-1"},
				seq: 3, number: 3, pending: 2, durable: 2, group: 1, next: 1}},
		"the first is zeros": {[]*segment{newSegment(0, 0, 1).records(1, 3).wipe(0, frameSize)}, nil,
			verdict{damage: []string{"lost 0:1112+0 records that are missing, 1-1, chain 1-1"},
				seq: 3, number: 3, pending: 2, durable: 2, group: 1, next: 1}},
		"the first is zeros, and junk comes later": {
			[]*segment{newSegment(0, 0, 1).records(1, 2).junk(16).records(3, 3).wipe(0, frameSize)}, nil,
			verdict{damage: []string{"lost 0:1112+0 records that are missing, 1-1, chain 1-1",
				"harmless 0:1200+16 bytes that are no record"},
				seq: 3, number: 3, pending: 2, durable: 2, group: 1, next: 1}},
		"the last but one is spoilt, in the last group": {[]*segment{newSegment(0, 0, 1).records(1, 2).
			frame(record, 3, 1, 3, both).frame(record, 4, 2, 4, both).spoil(2 * frameSize)}, nil,
			verdict{damage: []string{"possibly 0:1200+85 bytes that are no record, 3-3, chain 3-3"},
				seq: 4, number: 4, pending: 3, durable: 2, group: 1, next: 1}},
		"the last is spoilt": {[]*segment{newSegment(0, 0, 1).records(1, 3).spoil(2 * frameSize)}, nil,
			verdict{damage: []string{"possibly 0:1200+85 bytes that are no record"},
				seq: 2, number: 2, pending: 2, durable: 1, group: 1, junk: true, next: 1}},
		"the last is spoilt before a clean end": {[]*segment{newSegment(0, 0, 1).records(1, 3).
			frame(shutdown, 4, 1, 3, both).spoil(2 * frameSize)}, nil,
			verdict{damage: []string{"lost 0:1200+85 bytes that are no record, 3-3, chain 3-3"},
				seq: 4, number: 3, pending: 2, durable: 3, group: 1, clean: true, next: 1}},
		"one in the middle is zeros": {[]*segment{newSegment(0, 0, 1).records(1, 4).wipe(frameSize, 2*frameSize)}, nil,
			verdict{damage: []string{"lost 0:1200+0 records that are missing, 2-2, chain 2-2"},
				seq: 4, number: 4, pending: 3, durable: 3, group: 1, next: 1}},
		"junk at the end": {[]*segment{newSegment(0, 0, 1).records(1, 2).junk(9)}, nil,
			verdict{damage: []string{"possibly 0:1200+9 bytes that are no record"},
				seq: 2, number: 2, pending: 2, durable: 1, group: 1, junk: true, next: 1}},
		"junk behind a clean end": {[]*segment{newSegment(0, 0, 1).records(1, 2).
			frame(shutdown, 3, 1, 2, both).junk(9)}, nil,
			verdict{damage: []string{"harmless 0:1288+9 bytes that are no record"},
				seq: 3, number: 2, pending: 2, durable: 2, group: 1, clean: true, junk: true, next: 1}},
		"junk between records": {[]*segment{newSegment(0, 0, 1).records(1, 2).junk(16).records(3, 3)}, nil,
			verdict{damage: []string{"harmless 0:1200+16 bytes that are no record"},
				seq: 3, number: 3, pending: 3, durable: 2, group: 1, next: 1}},
		"bytes behind a record": {[]*segment{func() *segment {
			s := newSegment(0, 0, 1).records(1, 2)
			s.b[format.BodyStart+frameSize-1] = 1
			return s
		}()}, nil, verdict{damage: []string{"harmless 0:1024+88 the bytes behind a record"},
			seq: 2, number: 2, pending: 2, durable: 1, group: 1, next: 1}},
		"an unknown kind": {
			[]*segment{newSegment(0, 0, 1).records(1, 1).frame(99, 2, 1, 1, both).frame(record, 3, 1, 2, both)}, nil,
			verdict{seq: 3, number: 2, pending: 2, durable: 2, group: 1, next: 1}},
		"a record that cannot be read": {[]*segment{newSegment(0, 0, 1).records(1, 1).
			frame(format.KindRelocated, 2, 1, 1, both).frame(record, 3, 1, 2, both)}, nil,
			verdict{damage: []string{"lost 0:1112+85 a record that cannot be read, 2-2"},
				seq: 3, number: 2, pending: 2, durable: 2, group: 1, next: 1}},
		"a sequence that comes twice": {[]*segment{newSegment(0, 0, 1).records(1, 2).records(2, 3)}, nil,
			verdict{seq: 3, number: 3, pending: 3, durable: 2, group: 1, next: 1}},
		"a hole in the chain": {[]*segment{newSegment(0, 0, 1).records(1, 2).frame(record, 3, 1, 6, both)}, nil,
			verdict{damage: []string{"possibly 0:0+0 a hole in the chain, chain 3-5"},
				seq: 3, number: 6, pending: 3, durable: 2, group: 1, next: 1}},
		"numbers that were skipped": {[]*segment{newSegment(0, 0, 1).records(1, 2).
			frame(format.KindSkipped, 3, 1, 8, both).frame(record, 4, 1, 9, both)}, nil,
			verdict{seq: 4, number: 9, pending: 3, durable: 3, group: 1, next: 1}},
		"a note before a hole": {[]*segment{newSegment(0, 0, 1).records(1, 2).frame(format.KindNote, 3, 1, 2, both).
			frame(record, 4, 1, 4, both)}, nil,
			verdict{damage: []string{"possibly 0:0+0 a hole in the chain, chain 3-3"},
				seq: 4, number: 4, pending: 3, durable: 3, group: 1, next: 1}},
		"a sequence far away": {[]*segment{newSegment(0, 0, 1).records(1, 2).frame(record, 3+1<<32, 1, 3, both)}, nil,
			verdict{seq: 3 + 1<<32, number: 3, pending: 3, durable: 2 + 1<<32, group: 1, next: 1}},
		"a sequence less far away": {
			[]*segment{newSegment(0, 0, 1).records(1, 2).frame(record, 2+1<<32, 1, 3, both)}, nil,
			verdict{damage: []string{"lost 0:1200+0 records that are missing, 3-4294967297"},
				seq: 2 + 1<<32, number: 3, pending: 3, durable: 1 + 1<<32, group: 1, next: 1}},
		"two segments": {[]*segment{newSegment(0, 0, 1).records(1, 3), newSegment(1, 0, 4).records(4, 5)}, nil,
			verdict{seq: 5, number: 5, pending: 5, durable: 4, group: 1, next: 2}},
		"a later epoch": {[]*segment{newSegment(0, 0, 1).records(1, 4), newSegment(1, 1, 3).records(3, 3)}, nil,
			verdict{seq: 3, number: 3, pending: 3, durable: 2, group: 1, next: 2}},
		"a later epoch, and its next segment": {[]*segment{newSegment(0, 0, 1).records(1, 4),
			newSegment(1, 1, 3).records(3, 3),
			newSegment(2, 1, 4).records(4, 5)}, nil,
			verdict{seq: 5, number: 5, pending: 5, durable: 4, group: 1, next: 3}},
		"two later epochs": {[]*segment{newSegment(0, 0, 1).records(1, 6), newSegment(1, 1, 5).records(5, 6),
			newSegment(2, 2, 3).records(3, 4)}, nil,
			verdict{seq: 4, number: 4, pending: 4, durable: 3, group: 1, next: 3}},
		"two later epochs, the last one least": {[]*segment{newSegment(0, 0, 1).records(1, 6),
			newSegment(1, 1, 3).records(3, 6),
			newSegment(2, 2, 5).records(5, 5)}, nil,
			verdict{seq: 5, number: 5, pending: 5, durable: 4, group: 1, next: 3}},
		"junk that the next segment explains": {[]*segment{newSegment(0, 0, 1).records(1, 3).junk(9),
			newSegment(1, 0, 4).records(4, 4)}, nil,
			verdict{damage: []string{"harmless 0:1288+9 bytes that are no record"},
				seq: 4, number: 4, pending: 4, durable: 3, group: 1, next: 2}},
		"junk before a later epoch": {[]*segment{newSegment(0, 0, 1).records(1, 3).junk(9),
			newSegment(1, 1, 4).records(4, 4)}, nil,
			verdict{damage: []string{"possibly 0:1288+9 bytes that are no record"},
				seq: 4, number: 4, pending: 4, durable: 3, group: 1, next: 2}},
		"the last of a segment is spoilt": {[]*segment{newSegment(0, 0, 1).records(1, 3).spoil(2 * frameSize),
			newSegment(1, 0, 4).records(4, 4)}, nil,
			verdict{damage: []string{"lost 0:1200+85 bytes that are no record, 3-3, chain 3-3"},
				seq: 4, number: 4, pending: 3, durable: 3, group: 1, next: 2}},
		"the last of a segment is zeros": {[]*segment{newSegment(0, 0, 1).records(1, 3).wipe(2*frameSize, 3*frameSize),
			newSegment(1, 0, 4).records(4, 4)}, nil,
			verdict{damage: []string{"lost 1:0+0 records that are missing, 3-3, chain 3-3"},
				seq: 4, number: 4, pending: 3, durable: 3, group: 1, next: 2}},
		"the first of a segment is spoilt": {[]*segment{newSegment(0, 0, 1).records(1, 3),
			newSegment(1, 0, 4).records(4, 5).spoil(0)}, nil,
			verdict{damage: []string{"lost 1:1024+85 bytes that are no record, 4-4, chain 4-4"},
				seq: 5, number: 5, pending: 4, durable: 4, group: 1, next: 2}},
		"a segment between is missing": {[]*segment{newSegment(0, 0, 1).records(1, 3),
			newSegment(2, 0, 6).records(6, 7)}, nil,
			verdict{damage: []string{"lost 2:0+0 records that are missing, 4-5, chain 4-5"},
				seq: 7, number: 7, pending: 5, durable: 6, group: 1, next: 3}},
		"one that nobody can count is missing": {[]*segment{newSegment(0, 0, 1).records(1, 3),
			newSegment(2, 0, 4).records(4, 5)}, nil,
			verdict{damage: []string{"lost 2:0+0 a segment before this one is missing, chain 4-?"},
				seq: 5, number: 5, pending: 5, durable: 4, group: 1, next: 3}},
		"an unreadable one between": {[]*segment{newSegment(0, 0, 1).records(1, 3),
			newSegment(2, 0, 4).records(4, 5)},
			func(s *Survey) { s.empty = []uint64{1} },
			verdict{seq: 5, number: 5, pending: 5, durable: 4, group: 1, next: 3}},
		"unreadable ones elsewhere": {[]*segment{newSegment(1, 0, 1).records(1, 3),
			newSegment(3, 0, 4).records(4, 5)},
			func(s *Survey) { s.empty = []uint64{0, 1, 3, 4} },
			verdict{damage: []string{"lost 3:0+0 a segment before this one is missing, chain 4-?"},
				seq: 5, number: 5, pending: 5, durable: 4, group: 1, next: 4}},
		"the start is missing": {[]*segment{newSegment(1, 0, 4).records(4, 5)}, nil,
			verdict{damage: []string{"lost 1:0+0 a segment before this one is missing, 1-3, chain 1-3"},
				seq: 5, number: 5, pending: 2, durable: 4, group: 1, next: 2}},
		"the start is missing, and no record with it": {
			[]*segment{newSegment(1, 0, 4).frame(record, 4, 1, 1, both).frame(record, 5, 1, 2, both)}, nil,
			verdict{damage: []string{"lost 1:0+0 a segment before this one is missing, 1-3"},
				seq: 5, number: 2, pending: 2, durable: 4, group: 1, next: 2}},
		"the start was given back": {[]*segment{newSegment(1, 0, 4).records(4, 5).start(6, 4, 3)}, nil,
			verdict{seq: 6, number: 5, pending: 2, durable: 5, group: 1, next: 2}},
		"less was given back": {[]*segment{newSegment(1, 0, 4).records(4, 5).start(6, 3, 2)}, nil,
			verdict{damage: []string{"lost 1:0+0 a segment before this one is missing, 3-3, chain 3-3"},
				seq: 6, number: 5, pending: 2, durable: 5, group: 1, next: 2}},
		"more was given back": {[]*segment{newSegment(1, 0, 4).records(4, 5).start(6, 5, 4)}, nil,
			verdict{seq: 6, number: 5, pending: 2, durable: 5, group: 1, next: 2}},
		"the start of what is left is spoilt": {
			[]*segment{newSegment(1, 0, 4).records(4, 6).start(7, 4, 3).spoil(0)}, nil,
			verdict{damage: []string{"lost 1:1024+85 bytes that are no record, 4-4, chain 4-4"},
				seq: 7, number: 6, pending: 2, durable: 6, group: 1, next: 2}},
		"the start of what is left is zeros": {[]*segment{newSegment(1, 0, 4).records(4, 6).start(7, 4, 3).
			wipe(0, frameSize)}, nil,
			verdict{damage: []string{"lost 1:1112+0 records that are missing, 4-4, chain 4-4"},
				seq: 7, number: 6, pending: 2, durable: 6, group: 1, next: 2}},
		"the start of what is left is zeros, of another chain": {
			[]*segment{newSegment(1, 0, 4).records(4, 6).start(7, 4, 4).
				wipe(0, frameSize)}, nil,
			verdict{damage: []string{"lost 1:1112+0 records that are missing, 4-4"},
				seq: 7, number: 6, pending: 2, durable: 6, group: 1, next: 2}},
		"the next one stands ready": {[]*segment{newSegment(0, 0, 1).records(1, 3)},
			func(s *Survey) { s.Preallocated = []format.Header{{Ordinal: 1}} },
			verdict{seq: 3, number: 3, pending: 3, durable: 2, group: 1, next: 1}},
		"the last one is missing": {[]*segment{newSegment(0, 0, 1).records(1, 3)},
			func(s *Survey) { s.Preallocated = []format.Header{{Ordinal: 2}} },
			verdict{damage: []string{"lost 2:0+0 a segment before this one is missing, chain 4-?"},
				seq: 3, number: 3, pending: 3, durable: 2, group: 1, junk: true, next: 3}},
		"two of the last are missing": {[]*segment{newSegment(0, 0, 1).records(1, 3)},
			func(s *Survey) { s.Preallocated = []format.Header{{Ordinal: 2}, {Ordinal: 3}, {Ordinal: 5}} },
			verdict{damage: []string{"lost 2:0+0 a segment before this one is missing, chain 4-?",
				"lost 5:0+0 a segment before this one is missing, chain 4-?"},
				seq: 3, number: 3, pending: 3, durable: 2, group: 1, junk: true, next: 6}},
		"the last one is unreadable": {[]*segment{newSegment(0, 0, 1).records(1, 3)},
			func(s *Survey) { s.Preallocated, s.empty, s.dead = []format.Header{{Ordinal: 2}}, []uint64{1, 2}, 2 },
			verdict{seq: 3, number: 3, pending: 3, durable: 2, group: 1, next: 2}},
		"all are missing": {nil, func(s *Survey) { s.Preallocated = []format.Header{{Ordinal: 1}} },
			verdict{damage: []string{
				"lost 1:0+0 a segment before this one is missing, chain 1-?"}, junk: true, next: 2}},
		"cut off behind the records": {[]*segment{newSegment(0, 0, 1).records(1, 3).cut(segmentSize - 1)}, nil,
			verdict{damage: []string{"possibly 0:16383+1 the end of the file is cut off"},
				seq: 3, number: 3, pending: 3, durable: 2, group: 1, junk: true, next: 1}},
		"cut off in a record": {
			[]*segment{newSegment(0, 0, 1).records(1, 3).cut(format.BodyStart + 2*frameSize + 10)}, nil,
			verdict{damage: []string{"harmless 0:1200+9 bytes that are no record",
				"possibly 0:1210+15174 the end of the file is cut off"},
				seq: 2, number: 2, pending: 2, durable: 1, group: 1, junk: true, next: 1}},
		"cut off between records": {
			[]*segment{newSegment(0, 0, 1).records(1, 3).cut(format.BodyStart + 2*frameSize)}, nil,
			verdict{damage: []string{"possibly 0:1200+15184 the end of the file is cut off"},
				seq: 2, number: 2, pending: 2, durable: 1, group: 1, junk: true, next: 1}},
		"cut off before the last one": {
			[]*segment{newSegment(0, 0, 1).records(1, 3).cut(format.BodyStart + 2*frameSize),
				newSegment(1, 0, 4).records(4, 4)}, nil,
			verdict{damage: []string{"lost 0:1200+15184 the end of the file is cut off, 3-3, chain 3-3"},
				seq: 4, number: 4, pending: 3, durable: 3, group: 1, next: 2}},
		"longer than its header says": {[]*segment{newSegment(0, 0, 1).records(1, 3).cut(segmentSize + 8)}, nil,
			verdict{seq: 3, number: 3, pending: 3, durable: 2, group: 1, next: 1}},
	} {
		s := surveyOf(c.segments...)
		if c.change != nil {
			c.change(s)
		}
		r := judged(s, NoLimit, nil, c.segments...)
		if c.want.damage == nil {
			c.want.damage = []string{}
		}
		got := verdict{lines(r.Damage), r.Index.Seq, r.Index.Number, r.Index.Counts[format.Pending], r.Tail.Durable,
			len(r.Tail.Group), r.Tail.CleanShutdown, r.Tail.Junk, r.NextOrdinal}
		assert.Equal(t, c.want, got, name)
	}
}
