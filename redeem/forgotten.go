package redeem

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// A terminal's folder can be restored from a copy, its journal deleted, its files damaged. Then offers may have been
// redeemed here of which the journal knows nothing, and the terminal asks about all that were issued before:
//
//	notices ─► asks about everything ─► hears the backend ─► asks about what was issued until then
//	        ─► a bundle made after the backend took the last record is in force: it goes on by itself
//	        ─► records are missing that the backend does not have either: a manager or the merchant ends it
//
// It notices by its identity, which knows the journal's id; by the mark outside its folder; by damage; and by the
// backend, which knows more records of it, or another record under one of its numbers.

// A Forgotten is what a terminal may have forgotten.
type Forgotten struct {
	// Noticed is when the terminal noticed it, by its wall clock, and Causes are how.
	Noticed time.Time      `json:"noticed"`
	Causes  []record.Cause `json:"causes"`
	// Above is the last record that the journal knew then, and Through is up to where there were more at least; 0: that is
	// not known.
	Above   uint64 `json:"above"`
	Through uint64 `json:"through,omitempty"`
	// Manager says that records are missing, or may be, that the backend does not have either: a manager
	// (Terminal.EndForgotten) or the merchant ends it. Otherwise the next trust bundle does.
	Manager bool `json:"manager,omitempty"`
}

// A lapse is one sign that records were forgotten.
type lapse struct {
	cause          record.Cause
	above, through uint64
	unknown        bool // through is no bound
}

// A forgotten is what the terminal may have forgotten, as the journal keeps it. It is not changed once it is in use.
type forgotten struct {
	Noticed int64          `cbor:"1,keyasint"` // by the wall clock, in milliseconds since 1970, as all moments
	Causes  []record.Cause `cbor:"2,keyasint"`
	Above   uint64         `cbor:"3,keyasint"`
	Through uint64         `cbor:"4,keyasint,omitempty"`
	Unknown bool           `cbor:"5,keyasint,omitempty"`
	// Heard is the backend's time of the first answer since; 0: there was none. Taken is when the backend had taken the
	// last record by then; 0: it did not say.
	Heard int64 `cbor:"6,keyasint,omitempty"`
	Taken int64 `cbor:"7,keyasint,omitempty"`
	// Manager says that no bundle ends it.
	Manager bool `cbor:"8,keyasint,omitempty"`
	// Ended is the manager's word, which the backend has not heard yet.
	Ended *record.Override `cbor:"9,keyasint,omitempty"`
}

// A keptForgotten is the journal's note.
type keptForgotten struct {
	Version int        `cbor:"1,keyasint"`
	Now     *forgotten `cbor:"2,keyasint,omitempty"`
	// Losses are the damage that was taken into account, by the numbers where it begins.
	Losses []uint64 `cbor:"3,keyasint,omitempty"`
}

const (
	forgottenVersion = 1
	maxLosses        = 1000
)

func decodeForgotten(raw []byte) keptForgotten {
	if k := decodeNote[keptForgotten](raw); k.Version == forgottenVersion {
		return k
	}
	return keptForgotten{}
}

func (k keptForgotten) note() journal.Note {
	k.Version = forgottenVersion
	return journal.Note{Slot: slotForgotten, Value: encodeNote(k)}
}

// with returns what may be forgotten after one more sign of it. What the backend said before does not count any more.
func (f *forgotten) with(l lapse, wall int64) *forgotten {
	made := forgotten{Above: l.above}
	if f != nil && f.Ended == nil {
		made = *f
		made.Above, wall = min(f.Above, l.above), max(wall, f.Noticed+1)
	}
	made.Noticed = wall
	made.Through, made.Unknown = max(made.Through, l.through), made.Unknown || l.unknown
	made.Heard, made.Taken = 0, 0
	if made.Causes = slices.Clone(made.Causes); !slices.Contains(made.Causes, l.cause) {
		made.Causes = append(made.Causes, l.cause)
	}
	return &made
}

// heard returns what may be forgotten after an answer of the backend, with the moment that its root signed.
func (f *forgotten) heard(at int64, answer *record.Answer) *forgotten {
	made := *f
	if f.Heard == 0 {
		made.Heard, made.Taken = at, answer.Taken
	}
	among := record.Range{First: f.Above + 1, Last: f.Through}
	missing := slices.ContainsFunc(answer.Missing, func(r record.Range) bool {
		return r.First <= among.Last && among.First <= r.Last
	})
	unheard := f.Through > 0 && (answer.Last == nil || *answer.Last < f.Through)
	made.Manager = f.Manager || f.Unknown || missing || unheard
	return &made
}

// takenMargin is how much later than the backend took the last record a bundle must have been made to tell of it: it
// reads the books at a moment, and records that come meanwhile are booked a little later than they came.
const takenMargin = time.Minute

// endsWith reports whether a bundle tells all that may have been forgotten. One that was fetched after the answer may be
// made in the same millisecond.
func (f *forgotten) endsWith(b *trust.Bundle, fetched bool) bool {
	if f == nil || b == nil || f.Heard == 0 || f.Manager || f.Ended != nil {
		return false
	}
	made := b.Made.UnixMilli()
	return made > f.Heard || fetched && made == f.Heard || f.Taken != 0 && made > f.Taken+takenMargin.Milliseconds()
}

// wasEnded reports whether the merchant ended it at a moment, by the backend's clock: what it had heard of by then.
func (f *forgotten) wasEnded(at int64) bool {
	return f != nil && f.Heard != 0 && f.Ended == nil && at >= f.Heard
}

// told is what a report says of it; nil where there is nothing.
func (f *forgotten) told() *record.Forgotten {
	if f == nil {
		return nil
	}
	return &record.Forgotten{Noticed: f.Noticed, Causes: f.Causes, Above: f.Above, Through: f.Through, Ended: f.Ended}
}

func (f *forgotten) public() *Forgotten {
	if f == nil || f.Ended != nil {
		return nil
	}
	return &Forgotten{Noticed: time.UnixMilli(f.Noticed).UTC(), Causes: slices.Clone(f.Causes), Above: f.Above,
		Through: f.Through, Manager: f.Manager || f.Unknown}
}

// mayHaveForgotten says what a decision goes by.
func (t *Terminal) mayHaveForgotten() (now decision.Forgotten) {
	now.Shrunk = t.journal.Shrunk() != t.shrunk.Load()
	f := t.forgot.Load()
	if f == nil {
		return now
	}
	now.Heard, now.Manager = f.Heard, f.Manager
	if f.Ended == nil {
		now.Cause = f.Causes[0]
	}
	return now
}

// recallForgotten takes up what was known when the terminal was last open, and the signs that came up since.
func (t *Terminal) recallForgotten(ctx context.Context) error {
	raw, _ := t.journal.Note(slotForgotten)
	kept := decodeForgotten(raw)
	t.losses = kept.Losses
	t.forgot.Store(kept.Now)
	signs := append(t.opening, t.newLosses()...)
	for i := range signs {
		if most := t.bounded; most != nil && signs[i].unknown {
			signs[i].through, signs[i].unknown = max(*most, signs[i].through), false
		}
	}
	var notes []journal.Note
	if t.marker.store != nil {
		notes = append(notes, journal.Note{Slot: slotOpened, Value: encodeNumber(t.marker.mark.Opened)})
	}
	return t.notice(ctx, signs, notes...)
}

// newLosses returns the damage that was not taken into account yet as signs, and takes it into account.
func (t *Terminal) newLosses() (signs []lapse) {
	t.forgetting.Lock()
	defer t.forgetting.Unlock()
	var losses []uint64
	for _, d := range t.journal.Damage() {
		if d.Certainty != journal.Lost || d.FirstNumber == 0 {
			continue
		}
		losses = append(losses, d.FirstNumber)
		if !slices.Contains(t.losses, d.FirstNumber) {
			signs = append(signs, lapse{cause: record.CauseDamage, above: d.FirstNumber - 1, through: d.LastNumber,
				unknown: d.Unknown})
		}
	}
	t.losses = losses[:min(len(losses), maxLosses)]
	return signs
}

// noticeLosses takes damage into account that came up while the terminal was open, and declares it.
func (t *Terminal) noticeLosses(ctx context.Context) error {
	seen := t.journal.Shrunk()
	signs := t.newLosses()
	if len(signs) > 0 {
		t.setLost(holes(t.journal.Damage()))
		if err := t.notice(ctx, signs); err != nil {
			return err
		}
	}
	t.shrunk.Store(seen)
	return nil
}

// notice keeps signs that records were forgotten, and notes, on disk first. Where nobody knows the numbers of the records
// for certain, the terminal goes on behind all that it knows of, with another chain.
func (t *Terminal) notice(ctx context.Context, signs []lapse, notes ...journal.Note) error {
	t.forgetting.Lock()
	defer t.forgetting.Unlock()
	if len(signs)+len(notes) == 0 {
		return nil
	}
	f, number := t.forgot.Load(), uint64(0)
	if len(signs) > 0 {
		f, number = f.after(signs, t.clock.Read().Wall.UnixMilli())
		notes = append(notes, keptForgotten{Now: f, Losses: t.losses}.note())
		t.log.WarnContext(ctx, "records may have been forgotten: the terminal asks", "causes", f.Causes, "above", f.Above,
			"through", f.Through)
	}
	if slices.ContainsFunc(signs, lapse.breaksChain) {
		chain := record.NewChainID()
		notes = append(notes, journal.Note{Slot: slotChain, Value: chain[:]})
		t.log.WarnContext(ctx, "starting a new chain of records", "chain", chain)
	}
	if err := t.journal.Skip(ctx, number, notes...); err != nil {
		return err
	}
	t.forgot.Store(f)
	if len(signs) > 0 {
		t.tell(Event{Kind: EventForgotten})
	}
	return nil
}

// breaksChain reports whether records may be elsewhere under numbers that the journal would give again.
func (l lapse) breaksChain() bool {
	return l.unknown || l.cause != record.CauseLane && l.cause != record.CauseDamage
}

// after returns what may be forgotten after some more signs of it, and the highest number that they name.
func (f *forgotten) after(signs []lapse, wall int64) (after *forgotten, number uint64) {
	for _, l := range signs {
		f, number = f.with(l, wall), max(number, l.through)
	}
	return f, number
}

// mostSkipped is how far a chain goes on behind its last number at most, by the backend's word: nobody makes more records
// than that unseen.
const mostSkipped = 1 << 32

// listen compares what the backend has of this terminal with the journal, and hears when it had what.
func (t *Terminal) listen(ctx context.Context, l load, answer *record.Answer) error {
	last := t.journal.Stats().LastNumber
	behind := answer.Last != nil && *answer.Last > last && *answer.Last-last <= mostSkipped
	forked := answer.Forked && len(l.records) > 0 && record.ChainOf(l.records[0].Payload) == t.chainNow()
	if behind || forked {
		sign := lapse{cause: record.CauseBackend, above: last}
		if answer.Last != nil {
			sign.through = *answer.Last
		}
		if err := t.notice(ctx, []lapse{sign}); err != nil {
			return err
		}
	}
	if t.isStrange() {
		return nil
	}
	return t.changeForgotten(ctx, func(f *forgotten) *forgotten { return f.heard(answer.Time.Millis, answer) })
}

// changeForgotten changes what may be forgotten, if anything is, on disk first. Nil ends it, and so does a bundle in
// force that tells everything.
func (t *Terminal) changeForgotten(ctx context.Context, change func(*forgotten) *forgotten) error {
	t.forgetting.Lock()
	defer t.forgetting.Unlock()
	return t.changeForgottenLocked(ctx, change, false)
}

// remember looks whether what may be forgotten has ended, by a bundle that was just fetched or by the merchant's word.
func (t *Terminal) remember(ctx context.Context) error {
	t.forgetting.Lock()
	defer t.forgetting.Unlock()
	return t.changeForgottenLocked(ctx, func(f *forgotten) *forgotten { return f }, true)
}

func (t *Terminal) changeForgottenLocked(
	ctx context.Context, change func(*forgotten) *forgotten, fetched bool,
) error {
	before := t.forgot.Load()
	if before == nil {
		return nil
	}
	after := change(before)
	if _, bundle := t.trusted(); after.endsWith(bundle, fetched) || after.wasEnded(t.identity().Block.Remembers) {
		after = nil
	}
	if after == before || after != nil && after.same(before) {
		return nil
	}
	note := keptForgotten{Now: after, Losses: t.losses}.note()
	if err := t.journal.PutNote(ctx, note.Slot, note.Value); err != nil {
		return err
	}
	t.forgot.Store(after)
	if after.public() == nil && before.public() != nil {
		t.log.InfoContext(ctx, "nothing may be forgotten any more", "noticed", before.Noticed)
		t.tell(Event{Kind: EventRemembered})
	}
	return nil
}

func (f *forgotten) same(g *forgotten) bool {
	return f.Heard == g.Heard && f.Taken == g.Taken && f.Manager == g.Manager && f.Ended == g.Ended
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
	if t.forgot.Load().public() == nil {
		return fault.New(fault.NotFound, op, "this terminal has forgotten nothing that it knows of")
	}
	err := t.changeForgotten(ctx, func(f *forgotten) *forgotten {
		made := *f
		made.Ended = cmp.Or(f.Ended, &word)
		return &made
	})
	t.wakeUp()
	return err
}

// untold reports whether the backend has not heard of what may be forgotten, or of its end.
func (t *Terminal) untold() bool {
	f := t.forgot.Load()
	return f != nil && t.toldForgot != tellable{f.Noticed, f.Ended != nil}
}

// tellable names what a report says of it.
type tellable struct {
	noticed int64
	ended   bool
}

// toldOfForgotten notes that the backend answered a report that said so. What a manager ended is over then.
func (t *Terminal) toldOfForgotten(ctx context.Context, said *record.Forgotten) error {
	if said == nil {
		return nil
	}
	t.toldForgot = tellable{said.Noticed, said.Ended != nil}
	if said.Ended == nil {
		return nil
	}
	return t.changeForgotten(ctx, func(f *forgotten) *forgotten {
		if f.Noticed != said.Noticed || f.Ended == nil {
			return f
		}
		return nil
	})
}
