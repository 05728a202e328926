package redeem

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/clock"
	"github.com/offlane/offlane/redeem/internal/slot"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// lapses keeps what the terminal may have forgotten. What is in use is a snapshot that nobody changes.
type lapses struct {
	journal *journal.Log
	clock   *clock.Clock
	ids     *identities
	trust   *bundles
	events  *eventQueue
	log     *slog.Logger

	inUse    atomic.Pointer[forgotten] // nil: nothing may be forgotten
	shrunk   atomic.Uint64             // how often the journal lost records while it was open, as far as it was noticed
	changing sync.Mutex                // one change at a time goes to disk and then to use; held across files
	losses   []uint64                  // damage that was taken into account; guarded by changing
	reported lapseName                 // what the backend heard of it; of whoever has the turn to send
}

// A lapseName names what a report says of it.
type lapseName struct {
	noticed int64
	ended   bool
}

// now is what may be forgotten now; nil: nothing.
func (l *lapses) now() *forgotten { return l.inUse.Load() }

// snapshot is what a decision goes by.
func (l *lapses) snapshot() (now decision.Forgotten) {
	now.Shrunk = l.journal.Shrunk() != l.shrunk.Load()
	f := l.now()
	if f == nil {
		return now
	}
	now.Heard, now.Manager = f.Heard, f.Manager
	if f.Ended == nil {
		now.Cause = f.Causes[0]
	}
	return now
}

// recall takes up what was known when the terminal was last open, and the signs of an opening. Notes are kept with
// them.
func (l *lapses) recall(ctx context.Context, o opening) error {
	raw, _ := l.journal.Note(slot.Forgotten)
	kept := decodeForgotten(raw)
	l.losses = kept.Losses
	l.inUse.Store(kept.Now)
	signs := append(o.signs, l.newLosses()...)
	for i := range signs {
		if most := o.bounded; most != nil && signs[i].unknown {
			signs[i].through, signs[i].unknown = max(*most, signs[i].through), false
		}
	}
	return l.notice(ctx, signs, o.notes...)
}

// newLosses returns the damage that was not taken into account yet as signs, and takes it into account.
func (l *lapses) newLosses() (signs []lapse) {
	l.changing.Lock()
	defer l.changing.Unlock()
	var losses []uint64
	for _, d := range l.journal.Damage() {
		if d.Certainty != journal.Lost || d.FirstNumber == 0 {
			continue
		}
		losses = append(losses, d.FirstNumber)
		if !slices.Contains(l.losses, d.FirstNumber) {
			signs = append(signs, lapse{cause: record.CauseDamage, above: d.FirstNumber - 1, through: d.LastNumber,
				unknown: d.Unknown})
		}
	}
	l.losses = losses[:min(len(losses), maxLosses)]
	return signs
}

// noticeLosses takes damage into account that came up while the terminal was open, and reports whether there is any:
// then it is to be declared.
func (l *lapses) noticeLosses(ctx context.Context) (some bool, err error) {
	seen := l.journal.Shrunk()
	signs := l.newLosses()
	if len(signs) > 0 {
		if err := l.notice(ctx, signs); err != nil {
			return true, err
		}
	}
	l.shrunk.Store(seen)
	return len(signs) > 0, nil
}

// notice keeps signs that records were forgotten, and notes, on disk first.
func (l *lapses) notice(ctx context.Context, signs []lapse, notes ...journal.Note) error {
	if len(signs)+len(notes) == 0 {
		return nil
	}
	f, chain, err := l.keepSigns(ctx, signs, notes)
	if len(signs) == 0 {
		return err
	}
	l.log.WarnContext(ctx, "records may have been forgotten: the terminal asks", "causes", f.Causes, "above", f.Above,
		"through", f.Through)
	if !chain.IsZero() {
		l.log.WarnContext(ctx, "starting a new chain of records", "chain", chain)
	}
	if err == nil {
		l.events.add(Event{Kind: EventForgotten})
	}
	return err
}

// keepSigns puts signs and notes on disk and then into use. Where nobody knows the numbers of the records for certain,
// the terminal goes on behind all that it knows of, with another chain.
func (l *lapses) keepSigns(
	ctx context.Context, signs []lapse, notes []journal.Note,
) (f *forgotten, chain record.ChainID, err error) {
	wall := l.clock.Read().Wall.UnixMilli()
	l.changing.Lock()
	defer l.changing.Unlock()
	f, number := l.now(), uint64(0)
	if len(signs) > 0 {
		f, number = f.addSigns(signs, wall)
		notes = append(notes, keptForgotten{Now: f, Losses: l.losses}.note())
	}
	if slices.ContainsFunc(signs, lapse.breaksChain) {
		chain = record.NewChainID()
		notes = append(notes, journal.Note{Slot: slot.Chain, Value: chain[:]})
	}
	if err := l.journal.Skip(ctx, number, notes...); err != nil {
		return f, chain, err
	}
	l.inUse.Store(f)
	return f, chain, nil
}

// noticeSecond has the terminal ask where its lane had another one when it was enrolled, at a moment of the backend's
// clock; 0: it had none. What that one redeemed stands in the next trust bundle, as far as it reported.
func (l *lapses) noticeSecond(ctx context.Context, at int64) error {
	if at <= 0 {
		return nil
	}
	if err := l.notice(ctx, []lapse{{cause: record.CauseLane, above: l.journal.Flushed()}}); err != nil {
		return err
	}
	return l.change(ctx, func(f *forgotten) *forgotten {
		return f.addAnswer(at, &record.Answer{Last: new(f.Through)})
	})
}

// mostSkipped is how far a chain goes on behind its last number at most, by the backend's word: nobody makes more
// records than that unseen.
const mostSkipped = 1 << 32

// hear compares what the backend has of this terminal with the journal, and hears when it had what. chain is that of
// the report which it answered; zero: of none. An answer counts where a root that is known signed its clock.
func (l *lapses) hear(ctx context.Context, chain record.ChainID, answer *record.Answer, signed bool) error {
	last := l.journal.Stats().LastNumber
	behind := answer.Last != nil && *answer.Last > last && *answer.Last-last <= mostSkipped
	forked := answer.Forked && !chain.IsZero() && chain == slot.ChainOf(l.journal)
	if behind || forked {
		sign := lapse{cause: record.CauseBackend, above: last}
		if answer.Last != nil {
			sign.through = *answer.Last
		}
		if err := l.notice(ctx, []lapse{sign}); err != nil {
			return err
		}
	}
	if !signed {
		return nil
	}
	return l.change(ctx, func(f *forgotten) *forgotten { return f.addAnswer(answer.Time.Millis, answer) })
}

// change changes what may be forgotten, if anything is, on disk first. Nil ends it, and so does a bundle in force that
// tells everything.
func (l *lapses) change(ctx context.Context, change func(*forgotten) *forgotten) error {
	return l.changeAfter(ctx, change, false)
}

// look looks whether what may be forgotten has ended, by a bundle that was just fetched or by the merchant's word.
func (l *lapses) look(ctx context.Context) error {
	return l.changeAfter(ctx, func(f *forgotten) *forgotten { return f }, true)
}

func (l *lapses) changeAfter(ctx context.Context, change func(*forgotten) *forgotten, fetched bool) error {
	before, after, err := l.keepChange(ctx, change, fetched)
	if err != nil || after.public() != nil || before.public() == nil {
		return err
	}
	l.log.InfoContext(ctx, "nothing may be forgotten any more", "noticed", before.Noticed)
	l.events.add(Event{Kind: EventRemembered})
	return nil
}

// keepChange puts a change on disk and then into use.
func (l *lapses) keepChange(
	ctx context.Context, change func(*forgotten) *forgotten, fetched bool,
) (before, after *forgotten, err error) {
	l.changing.Lock()
	defer l.changing.Unlock()
	before = l.now()
	if before == nil {
		return nil, nil, nil
	}
	after = change(before)
	if after.endsWith(l.trust.now().bundle, fetched) || after.wasEnded(l.ids.now().Block.Remembers) {
		after = nil
	}
	if after == before || after != nil && after.same(before) {
		return before, before, nil
	}
	note := keptForgotten{Now: after, Losses: l.losses}.note()
	if err := l.journal.PutNote(ctx, note.Slot, note.Value); err != nil {
		return before, before, err
	}
	l.inUse.Store(after)
	return before, after, nil
}

// hasUnreported reports whether the backend has not heard of what may be forgotten, or of its end.
func (l *lapses) hasUnreported() bool {
	f := l.now()
	return f != nil && l.reported != lapseName{f.Noticed, f.Ended != nil}
}

// markReported notes that the backend answered a report that said so; nil: it said nothing. What a manager ended is
// over then.
func (l *lapses) markReported(ctx context.Context, what *record.Forgotten) error {
	if what == nil {
		return nil
	}
	l.reported = lapseName{what.Noticed, what.Ended != nil}
	if what.Ended == nil {
		return nil
	}
	return l.change(ctx, func(f *forgotten) *forgotten {
		if f.Noticed != what.Noticed || f.Ended == nil {
			return f
		}
		return nil
	})
}

// EndForgotten ends, by a manager's word, that the terminal asks because of what it may have forgotten
// (Status.Forgotten): offers that were redeemed here and not reported may be redeemed once more from then on, which the
// backend sees only as far as it hears of both. It is kept in the journal and reported.
//
// Errors: fault.InvalidRequest for a word without a manager or a reason, and at an unattended terminal, which has no
// manager; fault.NotFound where nothing may be forgotten; and those of the journal.
func (t *Terminal) EndForgotten(ctx context.Context, by Override) error {
	const op = "redeem.EndForgotten"
	word := record.Override{Manager: by.Manager, Why: by.Why, Reasons: []fault.Code{fault.MayHaveForgotten}}
	if err := invalid(op, word.Check()); err != nil {
		return err
	}
	if t.cfg.Policy.Unattended {
		return fault.New(fault.InvalidRequest, op, "an unattended terminal has no manager: its merchant ends it")
	}
	if t.lapses.now().public() == nil {
		return fault.New(fault.NotFound, op, "this terminal has forgotten nothing that it knows of")
	}
	err := t.lapses.change(ctx, func(f *forgotten) *forgotten {
		made := *f
		made.Ended = cmp.Or(f.Ended, &word)
		return &made
	})
	t.reporter.Wake()
	return err
}
