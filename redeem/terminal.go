package redeem

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"sync"

	"github.com/offlane/offlane/redeem/internal/clock"
	"github.com/offlane/offlane/redeem/internal/limits"
	"github.com/offlane/offlane/redeem/internal/reporter"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// Config says how a terminal works. The zero value decides offline with the machine's clock, asks a manager about
// everything (it knows no issuer) and never reports.
type Config struct {
	// Place is where the terminal stands. Merchant and Store count until it is enrolled, and then those of its
	// enrolment, by which the backend books; Lane is the terminal's name in its store.
	Place record.Place
	// Reporter carries reports to the backend; nil: nothing is ever reported, as for a till that exports its journal.
	Reporter Reporter
	// Hub is the arbiter of the store's lanes, asked with every redemption; nil: there is none, and the terminal decides
	// alone. It is for this terminal only, which starts and stops it.
	Hub Hub
	// EnrolmentCode makes the terminal known to the backend at its first contact; it may stay here. Another one that
	// the merchant made for this terminal has it move to another store.
	EnrolmentCode string
	// KeyStore keeps the terminal's own private key; nil: it is in a file of the terminal's folder that only its owner
	// can read.
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
	// Logger gets structured logs, without secrets and without identifiers in full; nil: none. Its handler may call the
	// terminal, but not ReportNow, RotateKey, InstallBundle or Close.
	Logger *slog.Logger
	// OnEvent is called for every event, one after another in the order in which they happened, by one goroutine that
	// nobody waits for but Close. It may call the terminal, but for Close. Events wait in memory while it runs, so it must
	// keep up with them; nil: nobody listens.
	OnEvent func(Event)
	// Random is where the jitter of retries comes from; nil: a source of its own.
	Random rand.Source
}

// A Terminal redeems offers at one point of sale. Its methods may be called from several goroutines at once.
type Terminal struct {
	cfg      Config
	fs       vfs.FS
	log      *slog.Logger // never called under a lock that a decision waits for
	queued   *slog.Logger // for what is logged under the journal's lock
	calls    *queue       // of the user's callbacks
	events   *eventQueue
	clock    *clock.Clock
	journal  *journal.Log
	ids      *identities
	bundles  *bundles
	lapses   *lapses
	marker   *marker
	enroller *enroller
	reporter *reporter.Reporter
	limits   limits.Counters

	redeemer  *redeemer
	voider    *voider
	corrector *corrector
	history   history

	stop     context.CancelFunc
	stopped  chan struct{} // closed when the reporter's loop has ended
	closing  sync.Once
	closeErr error
}

// Open opens the terminal whose folder is dir, making it at the first start, and begins to report in the background
// what an earlier process left. The context bounds opening only. Close the terminal when done.
//
// Errors: fault.InvalidRequest for a policy or a place that cannot be; fault.InUse where another process has it open;
// fault.Damaged, fault.Foreign, fault.UnsupportedVersion or fault.WrongKey for files that cannot be used, none of
// which is touched; fault.NetworkFileSystem; fault.DiskFull.
func Open(ctx context.Context, dir string, cfg Config) (*Terminal, error) {
	err := cmp.Or(cfg.Policy.Check(), invalid("redeem.Open", cfg.Place.Check()), checkMark(cfg.Mark, dir))
	if err != nil {
		return nil, err
	}
	t := newTerminal(ctx, cfg)
	if err := t.open(ctx, dir); err != nil {
		t.calls.wait()
		return nil, err
	}
	return t, nil
}

// newTerminal makes the parts that need no file.
func newTerminal(ctx context.Context, cfg Config) *Terminal {
	cfg.Reporting = Reporting(reporter.Limits(cfg.Reporting).WithDefaults())
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Clock == nil {
		cfg.Clock = clock.Machine()
	}
	if cfg.Random == nil {
		cfg.Random = rand.NewPCG(rand.Uint64(), rand.Uint64())
	}
	t := &Terminal{cfg: cfg, fs: vfs.FromContext(ctx), log: cfg.Logger, calls: &queue{}, stopped: make(chan struct{})}
	t.queued = queuedLogger(t.log, t.calls)
	t.events = newEventQueue(cfg.OnEvent, t.calls)
	t.clock = clock.New(cfg.Clock, cfg.Policy.MaxAlone, t.log)
	return t
}

// open opens the journal first, since its lock keeps a second process from the terminal's other files.
func (t *Terminal) open(ctx context.Context, dir string) (err error) {
	if t.journal, err = t.cfg.Journal.open(ctx, dir, t.clock.Expiry, t.queued); err != nil {
		return err
	}
	t.connect(dir)
	if err := t.recall(ctx); err != nil {
		return errors.Join(err, t.journal.Close())
	}
	t.newRecorder()
	if err := t.startHub(ctx); err != nil {
		return errors.Join(err, t.journal.Close())
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	t.stop = stop
	t.reporter = reporter.New(reporter.Config{
		Backend: t.cfg.Reporter, Host: t.host(), Journal: t.journal, Clock: t.clock,
		Limits: reporter.Limits(t.cfg.Reporting), Random: t.cfg.Random, Logger: t.log, Done: background.Done(),
	})
	t.marker.start(context.WithoutCancel(ctx), background.Done())
	if t.cfg.Reporter == nil || t.cfg.Reporting.Manual {
		close(t.stopped)
		return nil
	}
	go func() {
		defer close(t.stopped)
		t.reporter.Run(background)
	}()
	return nil
}

// connect makes the parts that keep what stands in the terminal's folder.
func (t *Terminal) connect(dir string) {
	t.ids = &identities{fs: t.fs, dir: dir, store: t.cfg.KeyStore, roots: t.cfg.Roots, place: t.cfg.Place}
	t.bundles = &bundles{
		fs: t.fs, dir: dir, keys: t.cfg.Keys, backend: t.cfg.Reporter, timeout: t.cfg.Reporting.Timeout,
		journal: t.journal, clock: t.clock, ids: t.ids, events: t.events, log: t.log,
	}
	t.lapses = &lapses{journal: t.journal, clock: t.clock, ids: t.ids, trust: t.bundles, events: t.events, log: t.log}
	t.bundles.lapses = t.lapses
	t.enroller = &enroller{
		backend: t.cfg.Reporter, code: t.cfg.EnrolmentCode, timeout: t.cfg.Reporting.Timeout, journal: t.journal,
		ids: t.ids, lapses: t.lapses, events: t.events, log: t.log,
	}
}

// host is the terminal as its reporter sees it.
func (t *Terminal) host() *host {
	return &host{
		ids: t.ids, enroller: t.enroller, bundles: t.bundles, lapses: t.lapses, events: t.events, marker: t.marker,
		notices: &notices{ids: t.ids, lapses: t.lapses, events: t.events, log: t.log},
		journal: t.journal, limits: &t.limits,
	}
}

// recall reads what the terminal knew when it was last open.
func (t *Terminal) recall(ctx context.Context) error {
	if err := checkIdentity(t.journal, t.ids); err != nil {
		return err
	}
	if err := t.ids.load(ctx); err != nil {
		return err
	}
	var o opening
	if err := o.ownJournal(ctx, t.journal, t.ids.now(), t.log); err != nil {
		return err
	}
	t.marker = o.loadMark(ctx, t.cfg.Mark, t.ids.now().Terminal, t.journal, t.log)
	if err := t.lapses.recall(ctx, o); err != nil {
		return err
	}
	if err := o.linkJournal(t.ids); err != nil {
		return err
	}
	t.clock.Recall(t.journal)
	return t.bundles.load(ctx)
}

// Close stops reporting, waits for what is in flight to be given up, and closes the journal. It returns when OnEvent
// has been called for every event of a call that had returned, so OnEvent must not call it. Nothing that was
// acknowledged is lost by not calling it. Calling it again does nothing.
func (t *Terminal) Close() error {
	t.closing.Do(func() {
		t.stop()
		<-t.stopped
		t.stopHub()
		t.reporter.End() // a ReportNow that is under way ends first, and no other begins
		t.keepCount()
		t.closeErr = t.journal.Close()
		t.marker.end(vfs.WithFS(context.Background(), t.fs))
		t.calls.wait()
	})
	return t.closeErr
}

// keepCount leaves in the journal what the machine's clocks say now. What is lost without it is only as much of the
// time as a crash would lose.
func (t *Terminal) keepCount() {
	notes := t.clock.CountNotes(t.clock.Read())
	if notes == nil {
		return
	}
	ctx := vfs.WithFS(context.Background(), t.fs)
	if err := t.journal.Settle(ctx, nil, nil, notes...); err != nil {
		t.log.WarnContext(ctx, "the count of time was not kept", slog.Any("error", err))
	}
}
