package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// What one till allows and takes back, its backend confirms: no other till is there that could be first, the till's
// clock is right within seconds, and it is off for hours between its reports. In the end both come to the same sums.
func TestATillAloneAndItsBackendAgree(t *testing.T) {
	t.Parallel()
	for seed := range longOr(25, 2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			a := newAlone(t, seed)
			for i := range 150 {
				a.step(i)
			}
			a.time.pass(time.Minute)
			a.audit()
		})
	}
}

// A backend that is restored from a backup hears the till again in the order in which things happened: what was taken
// back after a correction is not booked before it.
func TestATillAloneAndItsRestoredBackendAgree(t *testing.T) {
	t.Parallel()
	for seed := range longOr(40, 2) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			a := newAlone(t, seed)
			backup, made := "", time.Time{}
			for i := range 150 {
				switch i {
				case 50:
					backup, made = a.backend.backUp(), a.time.Now()
				case 110:
					a.time.pass(2 * time.Minute)
					a.backend.restore(backup, backend.Period{From: made.Add(-time.Minute), Until: a.time.Now().Add(time.Minute)})
				}
				a.step(i)
			}
			a.time.pass(time.Minute)
			a.auditNet()
		})
	}
}

// A trueTime is that of the backend and the till, which counts it from its last start.
type trueTime struct {
	mu        sync.Mutex
	now, boot time.Time
	boots     int
	ahead     time.Duration // of the till's wall clock
}

func (c *trueTime) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *trueTime) Read() redeem.Reading {
	c.mu.Lock()
	defer c.mu.Unlock()
	return redeem.Reading{Wall: c.now.Add(c.ahead), SinceBoot: c.now.Sub(c.boot), Boot: fmt.Sprint(c.boots)}
}

func (c *trueTime) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// start has the till come up again after it was off.
func (c *trueTime) start() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.boot, c.boots = c.now, c.boots+1
}

// An alone is a till alone with its backend, and what it sold.
type alone struct {
	t        *testing.T
	random   *rand.Rand
	time     *trueTime
	backend  *restorable
	server   *transporttest.Server
	disk     *vfs.Memory
	cfg      redeem.Config
	terminal *redeem.Terminal

	passes []string
	held   []redeem.Request // reservations
	sold   []redeem.Decision
	sales  []string           // their keys
	waits  map[record.ID]bool // voids of what the till does not know
}

// goods are campaigns of every kind.
var goods = []wire.Campaign{
	{ID: "amount", Uses: 4, OfflineUses: 3,
		Terms: terms.Terms{Kind: terms.AmountOff, Amount: 100, Currency: "EUR", Combinable: true}},
	{ID: "percent", Uses: 2, OfflineUses: 2, Terms: terms.Terms{Kind: terms.PercentOff, Percent: 1250, Combinable: true}},
	{ID: "free", Terms: terms.Terms{Kind: terms.FreeItem, MinQuantity: terms.Items(2)}},
	{ID: "fixed", Uses: 3, AskBeyond: true, Terms: terms.Terms{Kind: terms.FixedPrice, Amount: 99, Currency: "CHF"}},
	{ID: "none", Uses: 3, OfflineUses: 2},
	{ID: "short", Uses: 3, OfflineUses: 3, ValidSeconds: 3 * 3600,
		Terms: terms.Terms{Kind: terms.AmountOff, Amount: 50, Currency: "USD", Combinable: true}},
}

func newAlone(t *testing.T, seed uint64) *alone {
	began := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC)
	a := &alone{t: t, random: rand.New(rand.NewPCG(seed, 7)), waits: map[record.ID]bool{}, disk: &vfs.Memory{},
		time: &trueTime{now: began, boot: began.Add(-time.Hour)}}
	a.time.ahead = time.Duration(a.random.IntN(40)-20) * time.Second
	a.backend = newRestorable(t, a.time.Now)
	a.server = transporttest.NewServer(t, transporttest.Options{Handler: a.backend, InMemory: true})
	for _, c := range goods {
		c.Title = c.ID
		a.server.Campaign(t, c)
	}
	client, err := transport.New(transport.Config{URL: a.server.URL, RoundTripper: a.server.RoundTripper()})
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	a.cfg = redeem.Config{Place: record.Place{Lane: "7"}, Reporter: client, EnrolmentCode: a.server.Code(t, "s", 1),
		Clock: a.time, Reporting: redeem.Reporting{Manual: true}}
	a.cfg.Journal.SegmentSize, a.cfg.Journal.KeepReported = 64<<10, 90*24*time.Hour
	a.open()
	t.Cleanup(func() { a.terminal.Close() })
	a.report()
	return a
}

func (a *alone) open() {
	var err error
	a.terminal, err = redeem.Open(vfs.WithFS(a.t.Context(), a.disk), "till", a.cfg)
	require.NoError(a.t, err)
}

func (a *alone) report() { require.NoError(a.t, a.terminal.ReportNow(a.t.Context())) }

func (a *alone) chance(percent int) bool { return a.random.IntN(100) < percent }

func oneOf[T any](a *alone, all []T) T { return all[a.random.IntN(len(all))] }

// step does one thing. What the till refuses is no matter.
func (a *alone) step(i int) {
	switch op := a.random.IntN(100); {
	case op < 8 || len(a.passes) == 0:
		a.passes = append(a.passes, a.server.Accept(a.t, oneOf(a, append(goods, goods[len(goods)-1])).ID, 1)...)
	case op < 50:
		a.redeem(i)
	case op < 70 && len(a.sold) > 0:
		a.void(i)
	case op < 80 && len(a.sold) > 0:
		a.correct()
	case op < 83 && len(a.sales) > 0:
		a.terminal.Release(a.t.Context(), oneOf(a, a.sales), "")
	case op < 90:
		a.time.pass(time.Duration(a.random.IntN(60)) * time.Minute)
	case op < 91:
		a.time.pass(time.Duration(a.random.IntN(30)) * time.Hour)
	case op < 95:
		require.NoError(a.t, a.terminal.Close())
		a.time.pass(time.Duration(a.random.IntN(600)) * time.Minute)
		a.time.start()
		a.open()
	default:
		a.report()
	}
}

func (a *alone) basket() terms.Sale {
	sale := terms.Sale{Currency: a.money().Currency}
	for range a.random.IntN(4) {
		line := terms.Line{Amount: a.random.Int64N(700) - 60, Quantity: terms.Items(a.random.IntN(4))}
		if a.chance(20) {
			line.Unit, line.Quantity = terms.Kilogram, terms.Quantity(1+a.random.IntN(2000))
		}
		sale.Lines = append(sale.Lines, line)
	}
	return sale
}

func (a *alone) money() record.Money {
	return record.Money{Amount: a.random.Int64N(120), Currency: oneOf(a, append(currencies, "EUR"))}
}

func (a *alone) date() string {
	if a.chance(50) {
		return ""
	}
	return a.time.Now().Format(time.DateOnly)
}

func (a *alone) word() *redeem.Override {
	if a.chance(70) {
		return nil
	}
	return &redeem.Override{Manager: "m", Why: "w"}
}

// redeem redeems one of the last passes or reserves it, in a sale of its own or in one that there was, or it completes
// a sale that reserved one.
func (a *alone) redeem(i int) {
	if a.chance(25) && len(a.held) > 0 {
		req := a.held[len(a.held)-1-a.random.IntN(min(len(a.held), 2))]
		req.Uses = a.random.IntN(3)
		a.ask(req, a.terminal.Redeem)
		return
	}
	recent := a.passes[max(0, len(a.passes)-6):]
	req := redeem.Request{Scanned: oneOf(a, recent), SaleKey: fmt.Sprint("sale ", i), Sale: a.basket(),
		BusinessDate: a.date(), Uses: a.random.IntN(4), Override: a.word()}
	if a.chance(30) && len(a.sales) > 0 {
		req.SaleKey = oneOf(a, a.sales)
	}
	if a.chance(25) {
		req.Given = a.money()
	}
	if a.chance(70) {
		a.ask(req, a.terminal.Redeem)
		return
	}
	req.Uses, req.Sale, req.Given = 0, terms.Sale{}, record.Money{}
	a.ask(req, func(ctx context.Context, req redeem.Request) (redeem.Decision, error) {
		return a.terminal.Reserve(ctx, req, time.Duration(1+a.random.IntN(200))*time.Minute)
	})
}

// ask notes what the till allows.
func (a *alone) ask(req redeem.Request, ask func(context.Context, redeem.Request) (redeem.Decision, error)) {
	d, err := ask(a.t.Context(), req)
	if err != nil || d.Outcome != redeem.Allow {
		return
	}
	a.sales = append(a.sales, req.SaleKey)
	if !d.Redemption.IsZero() {
		a.sold = append(a.sold, d)
	} else {
		a.held = append(a.held, req)
	}
}

// void takes something back, whole or in part, by one of its names.
func (a *alone) void(i int) {
	sold := oneOf(a, a.sold)
	req := redeem.VoidRequest{Partial: a.chance(50), BusinessDate: a.date()}
	if a.chance(50) {
		req.Returned = a.money()
	}
	if a.chance(50) {
		req.Key = fmt.Sprint("return ", a.random.IntN(i+1))
	}
	switch a.random.IntN(4) {
	case 0:
		req.Redemption = oneOf(a, sold.Redemptions)
	case 1:
		req.Receipt = oneOf(a, sold.Receipts)
	case 2:
		req.SaleKey = oneOf(a, a.sales)
	default:
		req.Scanned = oneOf(a, a.passes)
	}
	v, err := a.terminal.Void(a.t.Context(), req)
	if err == nil && v.Pending {
		for _, id := range v.Voids {
			a.waits[id] = true
		}
	}
}

func (a *alone) correct() {
	req := redeem.CorrectRequest{Redemption: oneOf(a, a.sold).Redemption, Sale: a.basket(), Override: a.word()}
	if a.chance(50) {
		req.Given = a.money()
	}
	a.terminal.Correct(a.t.Context(), req)
}

// audit has the till report everything, and compares what was given and what was taken back.
func (a *alone) audit() {
	till, books := a.sums()
	for _, currency := range currencies {
		assert.Equal(a.t, till[currency], books[currency], "%s: the till and its backend", currency)
	}
}

// auditNet compares what is left: after a restore a correction of what was taken back wholly may have no effect.
func (a *alone) auditNet() {
	till, books := a.sums()
	for _, currency := range currencies {
		assert.Equal(a.t, till[currency].net(), books[currency].net(), "%s: the till and its backend", currency)
	}
}

// bothSums are what was given and taken back.
type bothSums struct{ given, back int64 }

func (s bothSums) net() int64 { return s.given - s.back }

// sums has the till report everything, and returns what both come to by currency.
func (a *alone) sums() (till, books map[string]bothSums) {
	a.report()
	for v, err := range a.terminal.Verdicts(a.t.Context()) {
		require.NoError(a.t, err)
		assert.True(a.t, a.waits[v.Record], "record %s, which the till allowed, is %s: %s %s", v.Record, v.Status,
			v.Reason, v.Detail)
	}
	totals, err := a.terminal.Totals(a.t.Context(), redeem.Query{})
	require.NoError(a.t, err)
	till, books = map[string]bothSums{}, map[string]bothSums{}
	for _, x := range totals {
		till[x.Currency] = bothSums{till[x.Currency].given + x.Given, till[x.Currency].back + x.Returned}
	}
	for l, err := range a.terminal.Records(a.t.Context(), redeem.Query{}) {
		require.NoError(a.t, err)
		if m := l.Record.Given; a.waits[l.Record.ID] { // nothing was there to be taken back
			till[m.Currency] = bothSums{till[m.Currency].given, till[m.Currency].back - m.Amount}
		}
	}
	for _, f := range manage[wire.Figures](a.t, a.server, transporttest.ManagementKey, "GET", wire.PathFigures,
		nil).Figures {
		books[f.Currency] = bothSums{books[f.Currency].given + f.Given, books[f.Currency].back + f.TakenBack}
	}
	return till, books
}
