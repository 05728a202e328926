package redeem

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// Config says how a terminal works. The zero value decides offline with the machine's clock, asks a manager about
// everything (it knows no issuer) and never reports.
type Config struct {
	// Place is where the terminal stands. Merchant and Store count until it is enrolled, and then those of its
	// enrolment, by which the backend books; Lane is the terminal's name in its store.
	Place record.Place
	// Reporter carries reports to the backend; nil: nothing is ever reported, as for a till that exports its journal.
	Reporter Reporter
	// EnrolmentCode makes the terminal known to the backend at its first contact; it may stay here. Another one that
	// the merchant made for this terminal has it move to another store.
	EnrolmentCode string
	// KeyStore keeps the terminal's own private key; nil: it is in a file of the terminal's folder that only its owner can read.
	KeyStore KeyStore
	// Keys are issuer keys that the terminal trusts besides those of the trust bundle.
	Keys []offer.Key
	// Roots are keys that sign trust bundles and the backend's clock, besides those of the enrolment.
	Roots []offer.Key
	// Policy says what the terminal may do alone.
	Policy Policy
	// Reporting says how records are sent.
	Reporting Reporting
	// Journal says how the terminal keeps its journal.
	Journal JournalConfig
	// Mark is kept outside the terminal's folder and shows that the folder was restored from a copy; nil: only the
	// backend shows that, as far as it has more records.
	Mark MarkStore
	// Clock reads the machine's clocks; nil: the machine's own.
	Clock Clock
	// Logger gets structured logs, without secrets and without identifiers in full; nil: none.
	Logger *slog.Logger
	// OnEvent is called for every event, one at a time from the goroutine that caused it, so it must be quick and must not call
	// the terminal; nil: nobody listens.
	OnEvent func(Event)
	// Random is where the jitter of retries comes from; nil: a source of its own.
	Random rand.Source
}

// A Terminal redeems offers at one point of sale. Its methods may be called from several goroutines at once.
type Terminal struct {
	cfg     Config
	dir     string
	fs      vfs.FS
	log     *slog.Logger
	clock   Clock
	journal *journal.Log

	books  books
	aside  asides
	doubts doubts // of whoever has the turn to send, as the next
	again  again
	// toldForgot is what the backend heard of forgot; of whoever has the turn to send.
	toldForgot tellable

	forgot     atomic.Pointer[forgotten] // nil: nothing may be forgotten
	forgetting sync.Mutex                // one change of it at a time goes to disk and then to use
	losses     []uint64                  // damage that it has taken into account; guarded by forgetting
	opening    []lapse                   // Open's: what shows that records were forgotten
	bounded    *uint64                   // Open's: what the mark says of how far the journal had come; nil: there is none
	link       string                    // Open's: the name of the journal that the identity is to know; empty: it does
	shrunk     atomic.Uint64             // how often the journal lost records while it was open, as far as it was noticed
	marker     marker

	changing   sync.Mutex // one change of the identity at a time goes to disk and then to use
	installing sync.Mutex // one trust bundle at a time goes from check to disk to use

	mu       sync.Mutex // guards what follows; held for moments only, never across I/O
	id       identity
	elapsed  count
	known    knowledge // of the time
	noted    int64     // the count that the journal has, or will have with what is being written
	keys     offer.Keys
	roots    offer.Keys
	bundle   *trust.Bundle
	progress progress
	// notAllowed counts redemptions that were not allowed since the last record, by reason.
	notAllowed map[fault.Code]int
	random     *rand.Rand

	calls atomic.Uint64 // of Redeem; a drain gives way to them

	sending  chan struct{} // holds one token: whoever has it may send
	wake     chan struct{} // a nudge for the background reporter
	stop     context.CancelFunc
	done     <-chan struct{} // closed when Close begins
	stopped  chan struct{}   // closed when the background reporter has ended
	closing  sync.Once
	closeErr error
}

// Open opens the terminal whose folder is dir, making it at the first start, and begins to report in the background what an
// earlier process left. The context bounds opening only. Close the terminal when done.
//
// Errors: fault.InvalidRequest for a policy or a place that cannot be; fault.InUse where another process has it open;
// fault.Damaged, fault.Foreign, fault.UnsupportedVersion or fault.WrongKey for files that cannot be used, none of which is
// touched; fault.NetworkFileSystem; fault.DiskFull.
func Open(ctx context.Context, dir string, cfg Config) (*Terminal, error) {
	t, err := prepare(ctx, dir, cfg)
	if err != nil {
		return nil, err
	}
	if err := t.recall(ctx); err != nil {
		return nil, errors.Join(err, t.journal.Close())
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	t.stop, t.done = stop, background.Done()
	t.startMark(background)
	if cfg.Reporter == nil || cfg.Reporting.Manual {
		close(t.stopped)
	} else {
		go t.background(background)
	}
	return t, nil
}

// prepare opens the journal first, since its lock keeps a second process from the terminal's other files.
func prepare(ctx context.Context, dir string, cfg Config) (*Terminal, error) {
	if err := cmp.Or(cfg.Policy.Check(), invalid("redeem.Open", cfg.Place.Check()), checkMark(cfg.Mark, dir)); err != nil {
		return nil, err
	}
	cfg.Reporting = cfg.Reporting.withDefaults()
	t := &Terminal{
		cfg: cfg, dir: dir, fs: vfs.From(ctx), log: cfg.Logger, clock: cfg.Clock,
		sending: make(chan struct{}, 1), wake: make(chan struct{}, 1), stopped: make(chan struct{}),
	}
	t.sending <- struct{}{}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	if t.clock == nil {
		t.clock = newMachine()
	}
	if cfg.Random == nil {
		cfg.Random = rand.NewPCG(rand.Uint64(), rand.Uint64())
	}
	t.random = rand.New(cfg.Random)
	var err error
	t.journal, err = cfg.Journal.open(ctx, dir, t.now, t.log)
	return t, err
}

// recall reads what the terminal knew when it was last open.
func (t *Terminal) recall(ctx context.Context) error {
	id, err := t.loadIdentity(ctx)
	if err != nil {
		return err
	}
	t.id = id
	if t.roots, err = mergeKeys(t.cfg.Roots, id.Roots); err != nil {
		return err
	}
	if err := t.ownJournal(ctx); err != nil {
		return err
	}
	t.loadMark(ctx)
	if err := cmp.Or(t.recallForgotten(ctx), t.linkJournal()); err != nil {
		return err
	}
	t.progress.lost = holes(t.journal.Damage())
	t.recallAside()
	if raw, ok := t.journal.Note(slotAgain); ok {
		t.again.ranges = decodeNote[[]record.Range](raw)
	}
	t.recallTime()
	return t.loadBundle()
}

// now is the journal's clock: redeemed entries expire by the earliest moment that the evidence allows, never by a wall clock that
// somebody set forward.
func (t *Terminal) now() time.Time {
	e := t.readTime()
	if t.cfg.Policy.MaxAlone < 0 {
		return time.UnixMilli(e.Wall)
	}
	return time.UnixMilli(e.Earliest) // 1970 without evidence: then nothing expires
}

// Close stops reporting, waits for what is in flight to be given up, and closes the journal. Nothing that was acknowledged is
// lost by not calling it. Calling it again does nothing.
func (t *Terminal) Close() error {
	t.closing.Do(func() {
		t.stop()
		<-t.stopped
		<-t.sending // a ReportNow that is under way ends first, and no other begins
		t.closeErr = t.journal.Close()
		t.stopMark()
	})
	return t.closeErr
}
