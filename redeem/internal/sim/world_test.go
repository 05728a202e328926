package sim

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/transporttest"
)

// A plan is what happens in one run. Everything random in it follows from the seed, but not the schedule of the
// goroutines.
type plan struct {
	seed  uint64
	lanes int
	days  int
	// sales is how many redemptions a lane tries on a day, in rushes of a few.
	sales int
	// secure is whether the backend is reached over TLS.
	secure bool
	// rude is the share of requests that meet a fault.
	rude float64
	// crash is the chance of a power cut at a sale, crashAtStart that of another one while the till recovers.
	crash, crashAtStart float64
	// outages is how often the backend goes away in a run, and comes back as a new process on its old store, or every
	// other time on a backup of it that was made before.
	outages int
}

// A world is one run.
type world struct {
	plan
	server *transporttest.Server
	store  store.Store
	client *transport.Client
	shared sharedBundle
	code   string
	keys   []offer.Key
	passes []string // to be redeemed once; lanes compete for some
	next   atomic.Int64
	lanes  []*lane

	mu       sync.Mutex
	receipts []printed // of all lanes

	redemptions    atomic.Int64
	went, restores int // outages that came, and those that ended on a backup
}

// run lets the lanes trade for some days, heals everything, and audits the books.
func (w *world) run(ctx context.Context) error {
	random := rand.New(rand.NewPCG(w.seed, 0))
	for i := range w.plan.lanes {
		l := newLane(w, fmt.Sprintf("lane-%d", i), random.Uint64())
		l.dialled = i%3 > 0
		w.lanes = append(w.lanes, l)
	}
	if err := w.all(func(l *lane) error { return l.openShop(ctx) }); err != nil {
		return err
	}
	w.server.Rude(w.seed, w.rude)
	weather, stop := context.WithCancel(ctx)
	var outside sync.WaitGroup
	outside.Go(func() { w.weather(weather, random) })
	err := w.all(func(l *lane) error { return l.trade(ctx) })
	stop()
	outside.Wait()
	w.server.Clear()
	if err != nil {
		return err
	}
	for range 4 { // what one lane reports may give a verdict on what another one reported before
		if err := w.all(func(l *lane) error { return l.settle(ctx) }); err != nil {
			return err
		}
	}
	defer w.all(func(l *lane) error { return l.terminal.Close() })
	return w.audit(ctx)
}

// all does something with all lanes at once.
func (w *world) all(do func(*lane) error) error {
	errs := make([]error, len(w.lanes))
	var group sync.WaitGroup
	for i, l := range w.lanes {
		group.Go(func() { errs[i] = do(l) })
	}
	group.Wait()
	return errors.Join(errs...)
}

// weather takes the backend away now and then, and has connections refused.
func (w *world) weather(ctx context.Context, random *rand.Rand) {
	for i := range w.outages {
		var backup *backupCopy
		if i%2 == 1 {
			backup = w.backUp()
		}
		sleep(ctx, time.Duration(random.Int64N(int64(2*w.span())/int64(w.outages+1))))
		if ctx.Err() != nil {
			return
		}
		w.server.Stop()
		sleep(ctx, time.Duration(random.Int64N(int64(6*time.Hour))))
		if err := w.comeBack(backup); err != nil {
			panic(err) // a store in memory opens
		}
		for _, f := range []transporttest.Fault{transporttest.Refused, transporttest.BadCertificate} {
			if f == transporttest.Refused || w.secure {
				w.server.Inject(transporttest.Injection{Fault: f, Times: 1 + random.IntN(5)})
			}
		}
	}
}

// A backupCopy is the backend's store as it was at a time.
type backupCopy struct {
	store store.Store
	at    time.Time
}

func (w *world) backUp() *backupCopy { return &backupCopy{memstore.Copy(w.store), time.Now()} }

func (w *world) comeBack(backup *backupCopy) error {
	w.went++
	if backup == nil {
		return w.server.Restart(transporttest.Change{})
	}
	w.restores++
	w.store = backup.store
	const margin = time.Minute // as the operators' guide asks
	return w.server.Restart(transporttest.Change{Store: w.store,
		Restored: backend.Period{From: backup.at.Add(-margin), Until: time.Now().Add(margin)}})
}

func (w *world) span() time.Duration { return time.Duration(w.days) * 24 * time.Hour }

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-time.After(d):
	case <-ctx.Done():
	}
}

// openShop enrols the till on a quiet morning: a till that never heard the time allows nothing.
func (l *lane) openShop(ctx context.Context) error {
	if err := l.start(ctx); err != nil {
		return err
	}
	for range 20 {
		err := l.terminal.ReportNow(l.cable.into(ctx))
		if l.power.failed() {
			if err := l.restart(ctx); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: enrolling: %w", l.name, err)
		}
		return nil
	}
	return fmt.Errorf("%s: the power never came back", l.name)
}

// rush is how many customers come one after another, on the average.
const rush = 16

// trade is the till's life: sales in rushes, voids, power cuts, a cable that is out for hours.
func (l *lane) trade(ctx context.Context) error {
	all := l.world.days * l.world.sales
	pause := 2 * l.world.span() * rush / time.Duration(all)
	for left := all; left > 0; {
		time.Sleep(time.Duration(l.random.Int64N(int64(pause))))
		if err := l.mishap(ctx); err != nil {
			return err
		}
		for range min(left, 1+l.random.IntN(2*rush-1)) {
			left--
			if err := l.moment(ctx); err != nil {
				return err
			}
		}
		if l.dialled && l.random.IntN(2) == 0 {
			l.terminal.ReportNow(l.cable.into(ctx)) // what fails waits for the next rush
		}
	}
	l.cable.out.Store(false)
	for l.power.arm(0); l.power.failed(); l.power.arm(0) { // the world is well from here on
		if err := l.restart(ctx); err != nil {
			return err
		}
	}
	return nil
}

// mishap is what happens before a rush: the power failed while nobody looked, or fails now, or is about to; somebody
// trips over the cable; the cashier looks through the verdicts.
func (l *lane) mishap(ctx context.Context) error {
	if l.power.failed() {
		if err := l.restart(ctx); err != nil {
			return err
		}
	}
	if l.random.IntN(8) == 0 {
		l.cable.out.Store(!l.cable.out.Load())
	}
	switch chance := l.random.Float64(); {
	case chance < l.world.crash/2:
		l.crash()
		if err := l.start(ctx); err != nil {
			return err
		}
	case chance < l.world.crash:
		l.power.arm(1 + l.random.IntN(40)) // somewhere in what comes
	}
	if l.random.IntN(30) == 0 {
		if err := l.turnKey(ctx); err != nil {
			return err
		}
	}
	if l.random.IntN(2) == 0 {
		return l.listen(ctx, false)
	}
	return nil
}

func (l *lane) moment(ctx context.Context) error {
	if came, err := l.giveBack(ctx); came || err != nil {
		return err
	}
	return l.redeem(ctx, l.choose())
}

// choose takes a fresh pass mostly, and now and then one that somebody may have redeemed before.
func (l *lane) choose() string {
	passes := l.world.passes
	if n := int(l.world.next.Load()); l.random.IntN(6) == 0 && n > 0 {
		return passes[l.random.IntN(min(n, len(passes)))]
	}
	return passes[int(l.world.next.Add(1)-1)%len(passes)]
}

// anySale names a redemption of this till that its cashier knows of.
func (l *lane) anySale() (record.ID, bool) {
	if len(l.sold) == 0 {
		return record.ID{}, false
	}
	return l.sold[l.random.IntN(len(l.sold))], true
}

// audit compares what the cashiers were told with the backend's books, record by record.
func (w *world) audit(ctx context.Context) error {
	var wrong []error
	taken := map[string]int{} // pass: uses in the books
	all := map[record.ID]record.Verdict{}
	for _, l := range w.lanes {
		books, err := l.books(ctx)
		if err != nil {
			return err
		}
		maps.Copy(all, books)
		wrong = append(wrong, l.auditVerdicts(books)...)
	}
	for _, l := range w.lanes {
		wrong = append(wrong, l.auditRecords(all, taken)...)
	}
	for pass, uses := range taken {
		// What the backend had signed before it was restored stands beside what it confirmed since, when it did not know of
		// that.
		if uses > 1+w.restores {
			wrong = append(wrong, fmt.Errorf("an offer has %d uses in the books: %.40s", uses, pass))
		}
	}
	return errors.Join(append(wrong, w.auditMoney(ctx, all)...)...)
}

// auditRecords wants every acknowledged record in the books, and counts what it does to its offer's uses.
func (l *lane) auditRecords(books map[record.ID]record.Verdict, taken map[string]int) (wrong []error) {
	for id, what := range l.acknowledged {
		v, ok := books[id]
		switch {
		case !ok && what.elsewhere: // it may wait for a redemption that there is not
		case !ok:
			wrong = append(wrong, fmt.Errorf("%s: record %s was acknowledged and is not in the books", l.name, id))
		case v.Status == record.Rejected && what.kind != record.Redemption && nothingLeft(v.Reason):
		case v.Status == record.Quarantined || v.Status == record.Rejected:
			wrong = append(wrong, fmt.Errorf("%s: record %s is %s: %s %s", l.name, id, v.Status, v.Reason, v.Detail))
		case v.Status != record.Confirmed || what.part || what.kind == record.Correction:
		case what.kind == record.Redemption:
			taken[what.pass]++
		case what.of.IsZero():
			taken[what.pass]--
		case books[what.of].Status == record.Confirmed:
			taken[l.world.passOf(what.of)]--
		}
	}
	return wrong
}

// nothingLeft are the reasons of a void or a correction that came when there was nothing left to take back.
func nothingLeft(reason fault.Code) bool {
	return reason == fault.AlreadyVoided || reason == fault.OverReturn
}

// passOf is what was shown for a redemption.
func (w *world) passOf(redemption record.ID) string {
	for _, l := range w.lanes {
		if what, ok := l.acknowledged[redemption]; ok {
			return what.pass
		}
	}
	return ""
}

// auditVerdicts wants every verdict that is not confirmed to have reached the POS.
func (l *lane) auditVerdicts(books map[record.ID]record.Verdict) (wrong []error) {
	for id, v := range books {
		if v.Status == record.Confirmed {
			continue
		}
		if got, ok := l.handed[id]; !ok || got.Status != v.Status || got.Hash != v.Hash {
			wrong = append(wrong, fmt.Errorf("%s: the verdict %d %s (%s) on record %s never reached the POS (%v)", l.name,
				v.Number, v.Status, v.Reason, id, got.Status))
		}
	}
	return wrong
}

// crashes counts the power cuts of all lanes.
func (w *world) crashes() (n int) {
	for _, l := range w.lanes {
		n += l.crashes
	}
	return n
}
