package journal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
)

// A witness knows what was acknowledged, what the call under way would make of it, what calls of unknown outcome would
// have made of it, and what the time is.
type witness struct {
	acked, next *model
	maybe       []*model
	now         time.Time
}

func (w *witness) config() journal.Config {
	return journal.Config{SegmentSize: 16 << 10, KeepReported: keepReported, Now: func() time.Time { return w.now }}
}

// check opens a journal that was left in some state and holds it against what was acknowledged; then it writes into it,
// and looks again.
func (w *witness) check(fs *vfs.Memory) error {
	ctx := vfs.WithFS(context.Background(), fs)
	extra := redemption(1 << 30)
	for round := range 2 {
		l, err := journal.Open(ctx, "j", w.config())
		if err != nil {
			return fmt.Errorf("open %d: %w", round, err)
		}
		err = w.compare(l, extra.ID, round > 0)
		if err == nil && round == 0 {
			err = l.Append(ctx, func(*journal.View) ([]journal.Entry, error) { return []journal.Entry{extra}, nil })
		}
		if err = errors.Join(err, l.Close()); err != nil {
			return fmt.Errorf("round %d: %w", round, err)
		}
	}
	return nil
}

// compare holds the records of an open log against both models.
func (w *witness) compare(l *journal.Log, extra journal.ID, withExtra bool) error {
	for _, d := range l.Damage() {
		if d.Certainty == journal.Lost {
			return fmt.Errorf("damage where there is none: %v", d)
		}
	}
	// What has its payload afterwards had it before, and with it its evidence.
	evidence, err := w.evidence(l)
	if err != nil {
		return err
	}
	seen := map[journal.ID]journal.Stored{}
	for s, err := range l.History() {
		if err != nil {
			return err
		}
		if _, twice := seen[s.ID]; twice {
			return fmt.Errorf("record %x is there twice", s.ID)
		}
		seen[s.ID] = s
	}
	if _, ok := seen[extra]; ok != withExtra {
		return fmt.Errorf("the record that was written after the crash: there %v, expected %v", ok, withExtra)
	}
	delete(seen, extra)
	err = w.fits(l, seen, evidence)
	for _, m := range w.maybe {
		if err != nil {
			other := &witness{acked: w.acked, next: m, now: w.now}
			if other.fits(l, seen, evidence) == nil {
				return nil
			}
		}
	}
	return err
}

// evidence returns what the log has as evidence of all records that may be there.
func (w *witness) evidence(l *journal.Log) (map[journal.ID]string, error) {
	var ids []journal.ID
	for _, m := range append(w.maybe[:len(w.maybe):len(w.maybe)], w.acked, w.next) {
		ids = slices.AppendSeq(ids, maps.Keys(m.records))
	}
	got := map[journal.ID]string{}
	for e, err := range l.Evidence(ids...) {
		if err != nil {
			return nil, err
		}
		for _, id := range e.IDs {
			got[id] = string(e.Data)
		}
	}
	return got, nil
}

func (w *witness) fits(l *journal.Log, seen map[journal.ID]journal.Stored, evidence map[journal.ID]string) error {
	if err := errors.Join(w.holds(seen), w.holdsBeside(seen, evidence)); err != nil {
		return err
	}
	if cursor, _ := l.Note("cursor"); string(cursor) != w.acked.cursor && string(cursor) != w.next.cursor {
		return fmt.Errorf("the note is %q", cursor)
	}
	return w.looksUp(l, seen)
}

// settleOn finds out which of the models holds after reopening.
func (w *witness) settleOn(l *journal.Log) error {
	var err error
	for _, m := range append(w.maybe, w.next, w.acked) {
		exact := &witness{acked: m, next: m, now: w.now}
		if err = exact.compare(l, journal.ID{1}, false); err == nil {
			w.acked, w.next, w.maybe = m, m, nil
			return nil
		}
	}
	return err
}

func (w *witness) holds(seen map[journal.ID]journal.Stored) error {
	for id, k := range w.acked.records {
		s, ok := seen[id]
		if !ok && w.mayBeGone(id) {
			continue
		}
		if !ok {
			return fmt.Errorf("acknowledged record %d is lost (%+v)", k.n, k)
		}
		if s.Status != k.Status && s.Status != w.next.records[id].Status {
			return fmt.Errorf("record %d is %+v, acknowledged %+v, under way %+v", k.n, s.Status, k.Status,
				w.next.records[id].Status)
		}
		if s.Payload == nil && (s.State != journal.Settled || s.Due) {
			return fmt.Errorf("record %d (%v) has lost its payload", k.n, s.State)
		}
		if s.Due && string(s.Verdict) != k.verdict && string(s.Verdict) != w.next.records[id].verdict {
			return fmt.Errorf("the verdict of record %d is %q, not %q", k.n, s.Verdict, k.verdict)
		}
	}
	for id := range seen {
		if _, ok := w.next.records[id]; !ok {
			return fmt.Errorf("a record that nobody wrote: %x", id)
		}
	}
	return nil
}

// holdsBeside looks at what is kept beside the payloads: it goes when they go.
func (w *witness) holdsBeside(seen map[journal.ID]journal.Stored, evidence map[journal.ID]string) error {
	for id, s := range seen {
		k, acked := w.acked.records[id]
		if !acked {
			k = w.next.records[id]
		}
		if s.Payload == nil {
			if s.Attachment != nil {
				return fmt.Errorf("record %d has an attachment and no payload", k.n)
			}
			continue
		}
		if !bytes.Equal(s.Attachment, attachmentOf(k.n)) {
			return fmt.Errorf("the attachment of record %d is %q", k.n, s.Attachment)
		}
		if e := evidence[id]; e != k.evidence && e != w.next.records[id].evidence {
			return fmt.Errorf("the evidence of record %d is %q, not %q", k.n, e, k.evidence)
		}
	}
	return nil
}

// mayBeGone reports whether the record may be given back, also when the call under way is on the medium by now.
func (w *witness) mayBeGone(id journal.ID) bool {
	gone := func(k known) bool { return k.State == journal.Settled && !k.Due && !k.keep.After(w.now) }
	return gone(w.acked.records[id]) || gone(w.next.records[id])
}

func (w *witness) looksUp(l *journal.Log, seen map[journal.ID]journal.Stored) error {
	var wrong error
	err := l.Append(context.Background(), func(v *journal.View) ([]journal.Entry, error) {
		for id, s := range seen {
			k, ok := w.acked.records[id]
			if !ok {
				k = w.next.records[id]
			}
			if _, there := v.State(id); !there && w.mayBeGone(id) {
				continue // given back since it was seen
			}
			uses := v.Uses(fmt.Sprint("offer ", k.n))
			if !k.void && uses != s.Uses {
				wrong = fmt.Errorf("offer %d is used %d times, not %d", k.n, uses, s.Uses)
			}
			if ids, err := v.Find(fmt.Sprint("sale ", k.n)); err != nil || len(ids) != 1 || ids[0] != id {
				wrong = fmt.Errorf("sale %d finds %x (%v)", k.n, ids, err)
			}
		}
		return nil, nil
	})
	return errors.Join(wrong, err)
}
