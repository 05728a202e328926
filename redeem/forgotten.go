package redeem

import (
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/internal/slot"
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
	if k := slot.Decode[keptForgotten](raw); k.Version == forgottenVersion {
		return k
	}
	return keptForgotten{}
}

func (k keptForgotten) note() journal.Note {
	k.Version = forgottenVersion
	return journal.Note{Slot: slot.Forgotten, Value: slot.Encode(k)}
}

// addSign returns what may be forgotten after one more sign of it. What the backend said before does not count any
// more.
func (f *forgotten) addSign(l lapse, wall int64) *forgotten {
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

// addAnswer returns what may be forgotten after an answer of the backend, with the moment that its root signed.
func (f *forgotten) addAnswer(at int64, answer *record.Answer) *forgotten {
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

// endsWith reports whether a bundle tells all that may have been forgotten. One that was fetched after the answer may
// be made in the same millisecond.
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

// report is what a report says of it; nil where there is nothing.
func (f *forgotten) report() *record.Forgotten {
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

// breaksChain reports whether records may be elsewhere under numbers that the journal would give again.
func (l lapse) breaksChain() bool {
	return l.unknown || l.cause != record.CauseLane && l.cause != record.CauseDamage
}

// addSigns returns what may be forgotten after some more signs of it, and the highest number that they name.
func (f *forgotten) addSigns(signs []lapse, wall int64) (after *forgotten, number uint64) {
	for _, l := range signs {
		f, number = f.addSign(l, wall), max(number, l.through)
	}
	return f, number
}

func (f *forgotten) same(g *forgotten) bool {
	return f.Heard == g.Heard && f.Taken == g.Taken && f.Manager == g.Manager && f.Ended == g.Ended
}
