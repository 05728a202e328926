package journal

import (
	"context"
	"errors"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal/internal/format"
)

// A draft is an entry with its content made, before it has a place.
type draft struct {
	kind    format.Kind
	content []byte
	number  uint64   // of a record that is written again, or up to which numbers are skipped; 0: the next one
	payload []byte   // of a record
	about   []uint64 // the records that a settlement names; nil: to be looked up
	plain   bool     // a record that must not use the reserve
}

var (
	// errAgain: the log changed while room was made; what was planned may not hold any more.
	errAgain = errors.New("the log changed meanwhile")
	// errRolledBack: an earlier group failed and this one, which builds on it, was not written.
	errRolledBack = errors.New("an earlier group failed")
)

// Append writes entries in one group and returns when they are on the medium.
//
// build is called under the log's lock, so that what it sees in the View stays true until its entries have their place.
// It must be quick and must not call the log; it may be called several times, and only what the last call returned
// counts. An error of build is returned as it is, nothing is written, and everything that build saw is on the medium by
// then.
//
// A context that ends stops the call only before the write begins. Errors: fault.InvalidRequest, fault.TooLarge and
// fault.Conflict (the ID was used before) for entries that cannot be taken; fault.DiskFull (nothing was written);
// fault.DiskFailed (nothing was written); fault.OutcomeUnknown (the write began and failed: the entries may or may not
// be there after reopening, and are not there in this log); fault.FolderGone, which the first call comes to with
// fault.OutcomeUnknown; fault.Closed.
func (l *Log) Append(ctx context.Context, build func(v *View) ([]Entry, error)) error {
	return l.commit(ctx, "journal.Append", func(v *View) ([]draft, error) {
		entries, err := build(v)
		if err != nil {
			return nil, buildError{err}
		}
		return l.draftsLocked(entries)
	})
}

// commit plans drafts, under the lock, and returns when they are on the medium, or what the plan saw is where it gives
// none.
func (l *Log) commit(ctx context.Context, op string, plan func(*View) ([]draft, error)) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		g, refused := l.begin(plan)
		if refused == errAgain {
			continue
		}
		if g.group == nil {
			return withOp(op, refused)
		}
		err := l.await(g)
		if err == errRolledBack || err != nil && !g.ours {
			continue
		}
		if err == nil {
			err = refused
		}
		return withOp(op, err)
	}
}

// A buildError is what the caller's callback returned.
type buildError struct{ error }

// withOp says in the error which operation failed; errors of callbacks stay as they are.
func withOp(op string, err error) error {
	if build, ok := err.(buildError); ok {
		return build.error
	}
	e, ok := err.(*fault.Error)
	if !ok || e.Op != "" {
		return err
	}
	with := *e
	with.Op = op
	return &with
}

// A wait is a group to wait for: one that holds what was planned, or the last one that the plan has seen.
type wait struct {
	*group
	ours  bool
	leads bool // nobody is writing: this call does
}

// begin runs the plan and puts what it planned into a group.
func (l *Log) begin(plan func(*View) ([]draft, error)) (wait, error) {
	l.mu.Lock()
	defer l.unlock()
	if err := l.ensureWritableLocked(); err != nil {
		return wait{}, err
	}
	drafts, err := plan(&l.view)
	if err != nil || len(drafts) == 0 {
		if n := len(l.queue); n > 0 {
			return wait{group: l.queue[n-1].shareLocked()}, err
		}
		return wait{}, err
	}
	g, err := l.enqueueLocked(drafts)
	if err != nil {
		return wait{}, err
	}
	g.callers++
	if l.writing {
		return wait{group: g.shareLocked(), ours: true}, nil
	}
	if l.writing = true; l.lastGroupCallers <= 1 {
		l.closeGroupLocked(g) // nobody is about to come back
	}
	return wait{group: g, ours: true, leads: true}, nil
}

// ensureWritableLocked says why nothing can be written, after it has tried to recover from an earlier failure.
func (l *Log) ensureWritableLocked() error {
	switch {
	case l.cfg.ReadOnly:
		return fault.New(fault.Closed, "", "the journal was opened for reading only")
	case l.closing:
		return fault.New(fault.Closed, "", "the journal was closed")
	}
	return l.ensureReadableLocked()
}

// ensureReadableLocked says why nothing can be read, after it has tried to recover from an earlier failure.
func (l *Log) ensureReadableLocked() error {
	if l.closed {
		return fault.New(fault.Closed, "", "the journal was closed")
	}
	if l.gone != nil {
		return l.gone
	}
	if l.broken != nil {
		l.recoverLocked(l.epoch + 1)
	}
	if l.broken != nil {
		return fault.New(fault.DiskFailed, "", "the journal cannot be read again after a failure: %w", l.broken)
	}
	return nil
}

// enqueueLocked gives drafts their sequence numbers and puts them into the group that is written next.
func (l *Log) enqueueLocked(drafts []draft) (*group, error) {
	need, plain := int64(0), false
	for i := range drafts {
		need += format.FrameSize(len(drafts[i].content) + format.SealedExtra)
		plain = plain || drafts[i].plain
	}
	if need > MaxCall || len(drafts) > maxFrames {
		return nil, fault.New(fault.TooLarge, "", "%d entries with %d bytes in one call: give fewer", len(drafts), need)
	}
	if err := l.makeRoomLocked(need, plain); err != nil {
		return nil, err
	}
	g := l.openGroupLocked(len(drafts))
	for i := range drafts {
		l.putLocked(g, &drafts[i], i == 0, i == len(drafts)-1)
	}
	return g, nil
}

// putLocked appends one frame to the group and to the index.
func (l *Log) putLocked(g *group, d *draft, first, last bool) {
	x, seg := l.index, g.seg
	f := format.Frame{Kind: d.kind, Seq: x.Seq + 1, Number: x.Number, Content: d.content}
	switch d.kind {
	case format.KindRecord:
		f.Number = max(x.Number+1, d.number)
		x.Head.Set(d.payload)
	case format.KindSkipped:
		f.Number = max(x.Number, d.number)
	}
	if first {
		f.Flags |= format.FlagFirst
	}
	if last {
		f.Flags |= format.FlagLast
	}
	g.frames++
	f.PosInGroup = uint16(g.frames)
	onDisk := f
	seg.Sealer.Seal(seg.ID, &onDisk)
	off := seg.End
	g.buf = format.AppendFrame(g.buf, seg.Sum, off, &onDisk)
	seg.End = g.off + int64(len(g.buf))
	g.last, g.number = f.Seq, f.Number
	// What was just encoded can be read: an error here would be one of a kind that is passed over.
	_ = x.Apply(seg.Address(off), &f, d.about)
}
