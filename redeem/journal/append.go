package journal

import (
	"cmp"
	"context"
	"errors"

	"github.com/offlane/offlane/redeem/fault"
)

// A draft is an entry with its content made, before it has a place.
type draft struct {
	kind    Kind
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
// build is called under the log's lock, so that what it sees in the View stays true until its entries have their place. It
// must be quick and must not call the log; it may be called several times, and only what the last call returned counts.
// An error of build is returned as it is, nothing is written, and everything that build saw is on the medium by then.
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
		return l.drafts(v.st, entries)
	})
}

func (l *Log) commit(ctx context.Context, op string, plan func(*View) ([]draft, error)) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		g, refused := l.stage(plan)
		if refused == errAgain {
			continue
		}
		if g.group == nil {
			return named(op, refused)
		}
		err := l.await(g)
		if err == errRolledBack || err != nil && !g.ours {
			continue
		}
		return named(op, cmp.Or(err, refused))
	}
}

// A buildError is what the caller's callback returned.
type buildError struct{ error }

// named says in the error which operation failed; errors of callbacks stay as they are.
func named(op string, err error) error {
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

// staged is a group to wait for: one that holds what was planned, or the last one that the plan has seen.
type staged struct {
	*group
	ours  bool
	leads bool // nobody is writing: this call does
}

// stage runs the plan and gives what it planned a place.
func (l *Log) stage(plan func(*View) ([]draft, error)) (staged, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.usable(); err != nil {
		return staged{}, err
	}
	l.view.st = l.st
	drafts, err := plan(&l.view)
	if err != nil || len(drafts) == 0 {
		if n := len(l.st.queue); n > 0 {
			return staged{group: l.st.queue[n-1].awaited()}, err
		}
		return staged{}, err
	}
	g, err := l.place(drafts)
	if err != nil {
		return staged{}, err
	}
	g.callers++
	if l.writing {
		return staged{group: g.awaited(), ours: true}, nil
	}
	if l.writing = true; l.crowd <= 1 {
		l.seal(g) // nobody is about to come back
	}
	return staged{group: g, ours: true, leads: true}, nil
}

// usable says why nothing can be written, after it has tried to mend that.
func (l *Log) usable() error {
	switch {
	case l.cfg.ReadOnly:
		return fault.New(fault.Closed, "", "the journal was opened for reading only")
	case l.closing:
		return fault.New(fault.Closed, "", "the journal was closed")
	}
	return l.readable()
}

// readable says why nothing can be read, after it has tried to mend that.
func (l *Log) readable() error {
	if l.closed {
		return fault.New(fault.Closed, "", "the journal was closed")
	}
	if l.gone != nil {
		return l.gone
	}
	if l.broken != nil {
		l.readAgain(l.epoch + 1)
	}
	if l.broken != nil {
		return fault.New(fault.DiskFailed, "", "the journal cannot be read again after a failure: %w", l.broken)
	}
	return nil
}

// place gives drafts their sequence numbers and puts them into the group that is written next.
func (l *Log) place(drafts []draft) (*group, error) {
	need, plain := int64(0), false
	for i := range drafts {
		need += frameSize(len(drafts[i].content) + sealedExtra)
		plain = plain || drafts[i].plain
	}
	if need > MaxCall || len(drafts) > maxFrames {
		return nil, fault.New(fault.TooLarge, "", "%d entries with %d bytes in one call: give fewer", len(drafts), need)
	}
	if err := l.makeRoom(need, plain); err != nil {
		return nil, err
	}
	g := l.openGroup(len(drafts))
	for i := range drafts {
		l.put(g, &drafts[i], i == 0, i == len(drafts)-1)
	}
	return g, nil
}

// put appends one frame to the group and to the state.
func (l *Log) put(g *group, d *draft, first, last bool) {
	st, seg := l.st, g.seg
	f := frame{kind: d.kind, seq: st.seq + 1, number: st.number, content: d.content, about: d.about}
	if d.kind == KindRecord {
		f.number = max(st.number+1, d.number)
		st.head.set(d.payload)
	}
	if d.kind == kindSkipped {
		f.number = max(st.number, d.number)
	}
	if first {
		f.flags |= flagFirst
	}
	if last {
		f.flags |= flagLast
	}
	g.frames++
	f.place = uint16(g.frames)
	off := seg.end
	onDisk := &f
	if seg.sealer != nil {
		sealed := f
		seg.sealer.seal(seg.id, &sealed)
		onDisk = &sealed
	}
	g.buf = appendFrame(g.buf, seg.sum, off, onDisk)
	seg.end = g.off + int64(len(g.buf))
	g.last, g.number = f.seq, f.number
	// What was just encoded can be read: an error here would be one of a kind that is passed over.
	_ = st.apply(seg.address(off), &f)
}
