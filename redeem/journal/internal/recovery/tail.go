package recovery

import (
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

// A Tail is how a log ends.
type Tail struct {
	// Group is the last group, without its contents.
	Group []FrameAt
	// Durable is the last sequence number that a later frame names as flushed.
	Durable uint64
	// CleanShutdown says that the log was closed.
	CleanShutdown bool
	// Junk says that something that is no frame stands behind the end.
	Junk bool
}

// A FrameAt is a frame and where it stands.
type FrameAt struct {
	format.Frame
	Segment *index.Segment
	Offset  int64
}

// observe takes in the next frame that counts.
func (t *Tail) observe(seg *index.Segment, off int64, f *format.Frame) {
	if before := f.Seq - uint64(f.PosInGroup); before > t.Durable {
		t.Durable = before
		t.dropDurable()
	}
	at := FrameAt{Frame: *f, Segment: seg, Offset: off}
	at.Content = nil
	t.Group = append(t.Group, at)
	if t.CleanShutdown = f.Kind == format.KindCleanShutdown; t.CleanShutdown {
		// Everything before it was flushed; whether it was itself, nobody knows.
		t.Durable, t.Group = f.Seq-1, append(t.Group[:0], at)
	}
}

// dropDurable drops the frames that were flushed.
func (t *Tail) dropDurable() {
	open := t.Group[:0]
	for i := range t.Group {
		if t.Group[i].Seq > t.Durable {
			open = append(open, t.Group[i])
		}
	}
	t.Group = open
}

// Whole reports whether no sequence number is missing in the last group.
func (t *Tail) Whole() bool {
	n := len(t.Group)
	return n == 0 || t.Group[n-1].Seq == t.Durable+uint64(n)
}

// Countable returns the frames of the last group that count although not all of it is there: calls that are whole, and
// records, which stand for themselves.
func (t *Tail) Countable() []FrameAt {
	var keep, call []FrameAt
	endCall := func(whole bool) {
		for _, f := range call {
			if whole || f.Kind == format.KindRecord {
				keep = append(keep, f)
			}
		}
		call = nil
	}
	for i, f := range t.Group {
		if f.Flags&format.FlagFirst != 0 || i > 0 && t.Group[i-1].Seq+1 != f.Seq {
			endCall(false)
		}
		call = append(call, f)
		if f.Flags&format.FlagLast != 0 {
			endCall(call[0].Flags&format.FlagFirst != 0)
		}
	}
	endCall(false)
	return keep
}
