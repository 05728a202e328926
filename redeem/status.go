package redeem

import (
	"cmp"
	"log/slog"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// A Status is how the terminal stands, for a support screen.
type Status struct {
	Terminal record.TerminalID `json:"terminal"`
	Place    record.Place      `json:"place"`
	Enrolled bool              `json:"enrolled"`
	// Rotating says that a new key of the terminal's waits for the backend to take it.
	Rotating bool `json:"rotating,omitempty"`
	// Pending counts the records that the backend has not answered, InFlight those that are being sent.
	Pending  int `json:"pending"`
	InFlight int `json:"inFlight,omitempty"`
	// Value is the discounts of the pending redemptions together, by currency. The first call reads the journal for it.
	Value []record.Money `json:"value,omitempty"`
	// Voids says how far each limit of voids within a time is: of all within 60 minutes, and of each operator within 24
	// hours; also without a limit, where there were any.
	Voids []Budget `json:"voids,omitempty"`
	// Oldest is when the oldest pending record was made, by the terminal's wall clock; zero if none is pending.
	Oldest time.Time `json:"oldest,omitzero"`
	// Quarantined counts the records that the backend could not read, Verdicts those that the POS has not acknowledged.
	Quarantined int `json:"quarantined,omitempty"`
	Verdicts    int `json:"verdicts,omitempty"`
	// Received counts the voids and corrections that the backend keeps until their redemption comes: they are pending no
	// more, and have no verdict yet.
	Received int `json:"received,omitempty"`
	// SetAside are the records that are pending and not sent with the others, since reports with them fail; by their
	// numbers.
	SetAside []SetAside `json:"setAside,omitempty"`
	// Blocked is when the merchant blocked this terminal, which then refuses everything and keeps its queue; zero: it
	// is not blocked.
	Blocked time.Time `json:"blocked,omitzero"`
	// Forgotten says what the terminal may have forgotten, because of which it asks; nil: nothing that it knows of.
	Forgotten *Forgotten `json:"forgotten,omitempty"`
	// Held says why nothing is sent until somebody acts; empty if reporting goes on by itself.
	Held fault.Code `json:"held,omitempty"`
	// LastError and LastCode say why the last exchange failed; empty if it did not.
	LastError string     `json:"lastError,omitempty"`
	LastCode  fault.Code `json:"lastCode,omitempty"`
	// Failures counts the exchanges that failed in a row.
	Failures int `json:"failures,omitempty"`
	// LastAnswer and NextTry are by the wall clock; zero if there was none or none is planned.
	LastAnswer time.Time `json:"lastAnswer,omitzero"`
	NextTry    time.Time `json:"nextTry,omitzero"`
	// ClockOffset is how far the wall clock was ahead of the backend's at the last answer.
	ClockOffset time.Duration `json:"clockOffset,omitempty"`
	// ClockTrusted says whether the wall clock is believed now.
	ClockTrusted bool `json:"clockTrusted"`
	// ClockClaimed is the present by a signed time that goes further ahead than the terminal's own count allows, and that
	// no second one has confirmed yet; zero: there is none. What depends on it asks.
	ClockClaimed time.Time `json:"clockClaimed,omitzero"`
	// Bundle is the sequence of the trust bundle in force; 0: none.
	Bundle uint64 `json:"bundle,omitempty"`
	// BundleRefused says why the trust bundle that the backend hands out, or that was on disk when the terminal was
	// opened, is not taken, BundleRefusal the same in words, and BundleRefusedSince since when, by the wall clock; empty
	// and zero: it is taken.
	BundleRefused      fault.Code `json:"bundleRefused,omitempty"`
	BundleRefusal      string     `json:"bundleRefusal,omitempty"`
	BundleRefusedSince time.Time  `json:"bundleRefusedSince,omitzero"`
	// Hub is how the terminal stands to the hub of its store; nil: it has none.
	Hub *record.HubStatus `json:"hub,omitempty"`
	// Damage lists what the journal found broken; support staff should see it.
	Damage []journal.Damage `json:"damage,omitempty"`
}

// Status tells how the terminal stands. It may be called as often as a screen likes.
func (t *Terminal) Status() Status {
	stats, id, trusted, report := t.journal.Stats(), t.ids.now(), t.bundles.now(), t.reporter.Status()
	at, claimed := t.clock.At(t.clock.Read())
	value, voids := t.unansweredWorth()
	s := Status{
		Terminal: id.Terminal, Place: id.stands, Enrolled: id.isEnrolled(), Rotating: id.Next != nil,
		Pending: stats.Pending, InFlight: report.InFlight, Value: value, Voids: voids,
		Oldest: oldestPending(t.journal, report.SetAside), Quarantined: stats.Quarantined, Verdicts: stats.Due,
		Received: report.Received, SetAside: report.SetAside, Blocked: id.Block.start(),
		Forgotten: t.lapses.now().public(), Held: report.Held, Failures: report.Failures,
		LastAnswer: report.LastAnswer, NextTry: report.NextTry, ClockOffset: report.Offset, ClockTrusted: at.Trusted,
		Bundle: trusted.sequence(), BundleRefusedSince: trusted.refusal.since, Damage: t.journal.Damage(),
	}
	if claimed != 0 {
		s.ClockClaimed = time.UnixMilli(claimed).UTC()
	}
	if err := report.LastErr; err != nil {
		s.LastError, s.LastCode = err.Error(), fault.CodeOf(err)
	}
	if err := trusted.refusal.err; err != nil {
		s.BundleRefused, s.BundleRefusal = fault.CodeOf(err), err.Error()
	}
	if t.cfg.Hub != nil {
		hub := t.cfg.Hub.Status()
		s.Hub = &hub
	}
	return s
}

// oldestPending is when the oldest pending record was made. One that cannot be read is in Damage. The journal may have
// moved those that were set aside.
func oldestPending(log *journal.Log, aside []SetAside) (oldest time.Time) {
	pending, _ := log.Pending(1, 1<<20)
	for _, a := range aside {
		if stored, ok, err := log.Get(journal.ID(a.Record)); err == nil && ok && stored.State == journal.Pending {
			pending = append(pending, stored)
		}
	}
	slices.SortFunc(pending, func(a, b journal.Stored) int { return cmp.Compare(a.Seq, b.Seq) })
	if len(pending) > 0 {
		if rec, err := record.Decode(pending[0].Payload); err == nil {
			oldest = time.UnixMilli(rec.Time.Wall).UTC()
		}
	}
	return oldest
}

// unansweredWorth is what pending redemptions are worth, and how far the limits of voids are; nil where the journal
// cannot be read: Damage says why.
func (t *Terminal) unansweredWorth() (value []record.Money, voids []Budget) {
	now := evidence.Now(t.clock.Now())
	if t.limits.Load(t.journal, now) != nil {
		return nil, nil
	}
	return t.limits.UnansweredWorth(), t.voidsNow(now)
}

func errAttr(err error) slog.Attr { return slog.String("error", err.Error()) }
