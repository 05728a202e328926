package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport"
)

// A lane is one terminal of a simulation with the machine around it: a disk that can lose its power, a clock, a
// network cable, and what its cashier was told.
type lane struct {
	world  *world
	name   string
	random *rand.Rand

	disk     *vfs.Memory
	power    *power
	cable    *cable
	reporter *tap
	terminal *redeem.Terminal
	booted   time.Time
	boots    int

	// dialled lanes report after a rush, as on a line that is dialled; the others at once.
	dialled bool

	// What the cashier was told, which must not be lost.
	acknowledged map[record.ID]told
	sold         []record.ID // the redemptions among them
	given        map[record.ID]record.Money
	handed       map[record.ID]record.Verdict
	crashes      int
}

// told is one record that was acknowledged.
type told struct {
	kind record.Kind
	// pass is what was redeemed, or what a void by offer named.
	pass string
	of   record.ID // the redemption that a void or a correction is about, zero where a void named the offer alone
	part bool      // of a void: no use is free
	// elsewhere says that the backend alone can tell what a void is about, so that its verdict may wait for ever.
	elsewhere bool
}

func newLane(w *world, name string, seed uint64) *lane {
	return &lane{
		world: w, name: name, random: rand.New(rand.NewPCG(seed, 1)), disk: &vfs.Memory{}, cable: &cable{},
		reporter: &tap{Client: w.client, shared: &w.shared}, acknowledged: map[record.ID]told{},
		given:  map[record.ID]record.Money{},
		handed: map[record.ID]record.Verdict{},
	}
}

// Read is the machine's clock.
func (l *lane) Read() redeem.Reading {
	return redeem.Reading{Wall: time.Now(), SinceBoot: time.Since(l.booted), Boot: fmt.Sprint(l.boots)}
}

// start switches the machine on and opens the terminal; while it does so the power may fail again.
func (l *lane) start(ctx context.Context) error {
	for {
		l.boots, l.booted = l.boots+1, time.Now()
		l.power = newPower(l.disk, l.random)
		if l.random.Float64() < l.world.crashAtStart {
			l.power.arm(1 + l.random.IntN(20))
		}
		err := l.open(ctx)
		if err == nil && !l.power.failed() {
			return nil
		}
		if !l.power.failed() {
			return fmt.Errorf("%s: opening: %w", l.name, err)
		}
		if err == nil {
			l.terminal.Close() // what it cannot write is lost with the power
		}
		l.replace()
	}
}

func (l *lane) open(ctx context.Context) error {
	terminal, err := redeem.Open(vfs.WithFS(l.cable.into(ctx), l.disk), "till", redeem.Config{
		Place: record.Place{Lane: l.name}, Reporter: l.reporter, EnrolmentCode: l.world.code, Keys: l.world.keys, Clock: l,
		Random:    rand.NewPCG(l.random.Uint64(), 2),
		Policy:    redeem.Policy{UnprovenPerDay: trust.Allowance{Number: 1 << 20}},
		Reporting: redeem.Reporting{Manual: l.dialled, MaxRecords: 20, Every: 8 * time.Hour, MaxWait: time.Hour},
		Journal:   redeem.JournalConfig{SegmentSize: 16 << 10},
	})
	if err == nil {
		l.terminal = terminal
	}
	return err
}

// crash cuts the power now.
func (l *lane) crash() {
	l.power.cut()
	l.terminal.Close() // what it cannot write is lost with the power
	l.replace()
}

// replace puts what the power cut left of the disk in the place of the disk.
func (l *lane) replace() {
	l.crashes++
	l.disk = l.power.left()
}

// redeem redeems a pass as a cashier does: after an outcome that is not known, again with the same sale key.
func (l *lane) redeem(ctx context.Context, pass string) error {
	sale, price := l.key(), l.price()
	for {
		d, err := l.terminal.Redeem(ctx, redeem.Request{Scanned: pass, SaleKey: sale, Given: price})
		if l.power.failed() { // the machine died before the cashier saw the answer
			if err := l.restart(ctx); err != nil {
				return err
			}
			continue
		}
		if err != nil {
			return fmt.Errorf("%s: redeeming: %w", l.name, err)
		}
		if d.Outcome == redeem.Allow {
			l.acknowledged[d.Redemption] = told{kind: record.Redemption, pass: pass}
			l.sold, l.given[d.Redemption] = append(l.sold, d.Redemption), d.Given
			l.world.print(d.Redemption, pass)
			l.world.redemptions.Add(1)
		}
		return nil
	}
}

func (l *lane) restart(ctx context.Context) error {
	l.terminal.Close() // the power is gone: its writes fail
	l.replace()
	return l.start(ctx)
}

// listen takes the verdicts that the terminal hands over and acknowledges most of them.
func (l *lane) listen(ctx context.Context, all bool) error {
	var ids []record.ID
	for v, err := range l.terminal.Verdicts(ctx) {
		if l.power.failed() {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: verdicts: %w", l.name, err)
		}
		l.handed[v.Record] = v
		if all || l.random.IntN(3) > 0 {
			ids = append(ids, v.Record)
		}
	}
	if err := l.terminal.Acknowledge(ctx, ids...); err != nil && !l.power.failed() {
		return fmt.Errorf("%s: acknowledging: %w", l.name, err)
	}
	return nil
}

// settle reports until nothing is pending; the world is well by then.
func (l *lane) settle(ctx context.Context) error {
	var err error
	for range 50 {
		if err = l.terminal.ReportNow(l.cable.into(ctx)); err == nil && l.terminal.Status().Pending == 0 {
			return l.listen(ctx, true)
		}
		time.Sleep(time.Hour)
	}
	return fmt.Errorf("%s: %d records were never answered: %w", l.name, l.terminal.Status().Pending, err)
}

// A power is the electricity of a machine: when it fails, every write after it fails, and the disk is left in one of
// the states that a disk can be left in.
type power struct {
	disk   *vfs.Memory
	random *rand.Rand

	mu    sync.Mutex
	after int // operations until it fails; 0: it does not
	gone  atomic.Bool
	full  atomic.Bool // the disk takes no more
	flush func()      // called before each flush, without locks held; nil: nothing is
	state *vfs.Memory
}

func newPower(disk *vfs.Memory, random *rand.Rand) *power {
	p := &power{disk: disk, random: rand.New(rand.NewPCG(random.Uint64(), 3))}
	disk.Before = p.before
	return p
}

var errPower = errors.New("the power is gone")

func (p *power) before(op vfs.Operation) error {
	if p.flush != nil && op.Kind == "sync" && !p.failed() {
		p.flush()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state != nil {
		return errPower
	}
	if p.full.Load() && (op.Kind == "create" || op.Kind == "write") {
		return syscall.ENOSPC
	}
	if p.after == 0 {
		return nil
	}
	if p.after--; p.after > 0 {
		return nil
	}
	p.fail()
	return errPower
}

// fail takes the picture. The caller holds the lock.
func (p *power) fail() {
	p.gone.Store(true)
	ways := p.disk.Crashes(4, p.random.Uint64())
	p.state = p.disk.Crash(ways[p.random.IntN(len(ways))])
}

// arm makes the power fail at the n-th operation from now.
func (p *power) arm(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.after = n
}

func (p *power) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state == nil {
		p.fail()
	}
}

func (p *power) failed() bool { return p.gone.Load() }

func (p *power) left() *vfs.Memory {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// A cable is the till's own network, which somebody pulls out now and then. It stands in the context of the till's
// requests.
type cable struct{ out atomic.Bool }

type cableKey struct{}

func (c *cable) into(ctx context.Context) context.Context {
	return context.WithValue(ctx, cableKey{}, c)
}

// cables is the network behind all tills.
type cables struct{ http.RoundTripper }

func (c cables) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Context().Value(cableKey{}).(*cable).out.Load() {
		return nil, fmt.Errorf("the cable is out: %w", syscall.ENETUNREACH)
	}
	return c.RoundTripper.RoundTrip(r)
}

// A tap remembers the token that a terminal reports with, for the audit, and lets it have the trust bundle once a day
// only: a backend that gathers a bundle at each sale of three days is not what a run is about.
type tap struct {
	*transport.Client
	shared *sharedBundle
	token  atomic.Pointer[string]
	bundle time.Time
	direct atomic.Bool // it asks the backend each time
}

func (t *tap) Bundle(ctx context.Context, token string, have uint64) ([]byte, error) {
	t.token.Store(&token)
	if t.direct.Load() {
		return t.Client.Bundle(ctx, token, have)
	}
	if !t.bundle.IsZero() && time.Since(t.bundle) < 24*time.Hour {
		return nil, nil
	}
	data, err := t.shared.get(ctx, t.Client, token)
	if err == nil {
		t.bundle = time.Now()
	}
	return data, err
}

// A sharedBundle is a store's cache of the trust bundle, which is the same for all tills and signed.
type sharedBundle struct {
	mu   sync.Mutex
	data []byte
	at   time.Time
}

func (s *sharedBundle) get(ctx context.Context, client *transport.Client, token string) ([]byte, error) {
	s.mu.Lock()
	data, at := s.data, s.at
	s.mu.Unlock()
	if data != nil && time.Since(at) < 12*time.Hour {
		return data, nil
	}
	data, err := client.Bundle(ctx, token, 0)
	if err == nil {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.data, s.at = data, time.Now()
	}
	return data, err
}

// books asks the backend for every verdict that it ever gave this terminal.
func (l *lane) books(ctx context.Context) (map[record.ID]record.Verdict, error) {
	all := map[record.ID]record.Verdict{}
	for after := uint64(0); ; {
		answer, err := l.reporter.Client.Verdicts(l.cable.into(ctx), *l.reporter.token.Load(), after)
		if err != nil {
			return nil, err
		}
		for _, v := range answer.Later {
			// after a restore numbers go on behind the till's
			if v.Number <= after || v.Number > after+1 && l.world.restores == 0 {
				return nil, fault.New(fault.NotTheContract, "", "%s: verdict %d comes after %d", l.name, v.Number, after)
			}
			after = v.Number
			if _, twice := all[v.Record]; twice {
				return nil, fault.New(fault.NotTheContract, "", "%s: record %s was judged twice", l.name, v.Record)
			}
			all[v.Record] = v
		}
		if !answer.More {
			return all, nil
		}
	}
}
