package redeem_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// A watch is a machine's clocks, set by the test.
type watch struct {
	mu  sync.Mutex
	now redeem.Reading
}

func (w *watch) Read() redeem.Reading {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *watch) wall() time.Time { return w.Read().Wall }

// pass lets time pass as it does: all clocks go on together.
func (w *watch) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now.Wall, w.now.SinceBoot = w.now.Wall.Add(d), w.now.SinceBoot+d
}

// set sets the wall clock alone, as a person does.
func (w *watch) set(t time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now.Wall = t
}

// A shop is what a test needs: a folder, a clock, a backend.
type shop struct {
	dir   string
	disk  vfs.FS // nil: the machine's
	ctx   context.Context
	clock *watch
	desk  *desk
	cfg   redeem.Config

	passed time.Duration // since noon, in tests of the clock
}

// newShop returns a shop whose till has its files in memory: a disk that flushes them takes as long again as the tests.
// With -long, and on all systems but Linux, they are on the disk.
func newShop(t *testing.T) *shop {
	if *isLong || runtime.GOOS != "linux" {
		return newShopOnDisk(t)
	}
	return newShopIn(t, "till", &vfs.Memory{})
}

// newShopOnDisk returns a shop whose till has its files on the machine's disk.
func newShopOnDisk(t *testing.T) *shop { return newShopIn(t, vfstest.Folder(t), nil) }

func newShopIn(t *testing.T, dir string, disk vfs.FS) *shop {
	s := &shop{dir: dir, disk: disk, ctx: t.Context(),
		clock: &watch{now: redeem.Reading{Wall: noon, SinceBoot: time.Hour, Boot: "b1"}}}
	s.desk = newDesk(s.clock.wall)
	s.desk.bundle = bundleOf(t, trust.Bundle{Sequence: 1, Merchant: "m-1", Made: noon, Keys: []offer.Key{issuer.Key()}})
	s.cfg = redeem.Config{
		Place: record.Place{Lane: "7"}, Reporter: s.desk, EnrolmentCode: "CODE", Clock: s.clock,
		// Tests report by hand: the background would do it at its own time.
		Reporting: redeem.Reporting{Manual: true},
	}
	s.cfg.Journal.SegmentSize = 16 << 10
	return s
}

func (s *shop) open(t *testing.T) *redeem.Terminal {
	t.Helper()
	ctx := t.Context()
	if s.disk != nil {
		ctx = vfs.WithFS(ctx, s.disk)
	}
	terminal, err := redeem.Open(ctx, s.dir, s.cfg)
	require.NoError(t, err)
	t.Cleanup(func() { terminal.Close() })
	return terminal
}

// online opens a terminal that is enrolled and has the trust bundle and the backend's time.
func (s *shop) online(t *testing.T) *redeem.Terminal {
	t.Helper()
	terminal := s.open(t)
	require.NoError(t, terminal.ReportNow(t.Context()))
	return terminal
}

// pass issues a pass, valid for a day around noon unless the test changes it.
func pass(t *testing.T, change func(*offer.Pass)) string {
	t.Helper()
	p := offer.Pass{ID: offer.NewID(), Audience: []string{"m-1"}, Campaign: "spring", IssuedAt: noon.Add(-time.Hour),
		NotAfter: noon.Add(24 * time.Hour)}
	if change != nil {
		change(&p)
	}
	text, err := issuer.Issue(p)
	require.NoError(t, err)
	return text
}

func redeemed(t *testing.T, terminal *redeem.Terminal, scanned, sale string) redeem.Decision {
	t.Helper()
	d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: scanned, SaleKey: sale})
	require.NoError(t, err)
	return d
}

func TestAnOfferIsRedeemedOnceAtATerminal(t *testing.T) {
	shop := newShopOnDisk(t)
	terminal := shop.online(t)
	scanned := pass(t, nil)
	first := redeemed(t, terminal, scanned, "sale-1")
	require.Equal(t, redeem.Allow, first.Outcome, first.String())
	assert.True(t, first.Proven, "a signature proves it")
	assert.NotEmpty(t, first.Receipt)

	again := redeemed(t, terminal, scanned, "sale-1")
	assert.Equal(t, redeem.Allow, again.Outcome, "the same sale is the same redemption")
	assert.Equal(t, first.Redemption, again.Redemption)
	assert.True(t, again.Again, "the same call again")

	for range 2 {
		second := redeemed(t, terminal, scanned, "sale-2")
		assert.Equal(t, redeem.Refuse, second.Outcome)
		require.True(t, second.Because(fault.AlreadyRedeemed), second.String())
		assert.Equal(t, noon, second.Reasons[0].At)
		assert.Equal(t, "7", second.Reasons[0].Where.Lane)
		require.NoError(t, terminal.Close())
		terminal = shop.open(t) // and after a restart too
	}
}

func TestAManagerMayAllowWhatWouldBeAskedButNothingElse(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	request := redeem.Request{Scanned: offer.NewID().Code(), SaleKey: "s", Override: &redeem.Override{Manager: "12",
		Why: "regular customer"}}
	d, err := terminal.Redeem(t.Context(), request)
	require.NoError(t, err)
	assert.Equal(t, redeem.Allow, d.Outcome)
	assert.True(t, d.Because(fault.Unproven), "the reasons stay to be seen")
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, []fault.Code{fault.Unproven}, shop.desk.booked[d.Redemption].Override.Reasons)

	request.Scanned, request.SaleKey = pass(t, func(p *offer.Pass) { p.Audience = []string{"m-2"} }), "s2"
	d, err = terminal.Redeem(t.Context(), request)
	require.NoError(t, err)
	assert.Equal(t, redeem.Refuse, d.Outcome)
}

func TestAnUnattendedTerminalRefusesWhatItWouldAsk(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy.Unattended = true
	terminal := shop.online(t)
	assert.Equal(t, redeem.Refuse, redeemed(t, terminal, offer.NewID().Code(), "s").Outcome)
}

func TestInvalidRequestsAreErrors(t *testing.T) {
	terminal := newShop(t).online(t)
	scanned := pass(t, nil)
	for name, spoil := range map[string]func(*redeem.Request){
		"no sale key":          func(r *redeem.Request) { r.SaleKey = "" },
		"long sale key":        func(r *redeem.Request) { r.SaleKey = strings.Repeat("s", 129) },
		"override without why": func(r *redeem.Request) { r.Override = &redeem.Override{Manager: "m"} },
		"override without end": func(r *redeem.Request) {
			r.Override = &redeem.Override{Manager: "m", Why: strings.Repeat("w", 513)}
		},
		"less than nothing": func(r *redeem.Request) { r.Given = record.Money{Amount: -1, Currency: "EUR"} },
		"more than can be": func(r *redeem.Request) {
			r.Given = record.Money{Amount: terms.MaxAmount + 1, Currency: "EUR"}
		},
		"amount of no currency": func(r *redeem.Request) { r.Given = record.Money{Amount: 1} },
		"lines of no currency":  func(r *redeem.Request) { r.Sale.Lines = []terms.Line{{Amount: 5}} },
		"line beyond limits": func(r *redeem.Request) {
			r.Sale = terms.Sale{Currency: "EUR", Lines: []terms.Line{{Amount: terms.MaxAmount + 1}}}
		},
		"long operator":      func(r *redeem.Request) { r.Operator = strings.Repeat("o", 65) },
		"business date":      func(r *redeem.Request) { r.BusinessDate = "23 November 2026" },
		"shift not in UTF-8": func(r *redeem.Request) { r.Shift = "\xff" },
	} {
		r := redeem.Request{Scanned: scanned, SaleKey: "s"}
		spoil(&r)
		_, err := terminal.Check(t.Context(), r)
		assert.ErrorIs(t, err, fault.InvalidRequest, name)
		_, err = terminal.Redeem(t.Context(), r)
		assert.ErrorIs(t, err, fault.InvalidRequest, name)
	}
	assert.Zero(t, terminal.Status().Pending)
	assert.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, "s").Outcome)
}

func TestAPlaceThatCannotBeRecordedIsRefusedAtOnce(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Place.Lane = strings.Repeat("7", 65)
	_, err := redeem.Open(t.Context(), shop.dir, shop.cfg)
	assert.ErrorIs(t, err, fault.InvalidRequest)
}

func TestTheClockIsBelievedOnlyWhereEvidenceAllows(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Keys = []offer.Key{issuer.Key()}
	terminal := shop.open(t)
	shop.desk.refuse = func(string) error { return fault.New(fault.Unreachable, "desk", "no network") }
	d := redeemed(t, terminal, pass(t, nil), "s0")
	assert.True(t, d.Because(fault.ClockUntrusted), "nobody ever vouched for the time")
	shop.desk.refuse = nil
	require.NoError(t, terminal.ReportNow(t.Context()))

	long := func(p *offer.Pass) { p.NotAfter = noon.Add(1000 * 24 * time.Hour) }
	for _, step := range []struct {
		name    string
		change  func()
		trusted bool
	}{
		{"at once", func() {}, true},
		{"after six days", func() { shop.clock.pass(6 * 24 * time.Hour) }, true},
		{"set back a year", func() { shop.clock.set(noon.AddDate(-1, 0, 0)) }, false},
		{"set right", func() { shop.clock.set(noon.Add(6 * 24 * time.Hour)) }, true},
		{"set forward a month", func() { shop.clock.set(noon.AddDate(0, 1, 0)) }, false},
	} {
		step.change()
		d := redeemed(t, terminal, pass(t, long), step.name)
		assert.Equal(t, !step.trusted, d.Because(fault.ClockUntrusted), step.name)
		assert.Equal(t, step.trusted, terminal.Status().ClockTrusted, step.name)
	}
}

func TestTheEvidenceOfTimeSurvivesARestart(t *testing.T) {
	shop := newShopOnDisk(t)
	terminal := shop.online(t)
	require.NoError(t, terminal.Close())
	shop.clock.now = redeem.Reading{Wall: noon.AddDate(-1, 0, 0), SinceBoot: time.Minute, Boot: "b2"}
	shop.desk.refuse = func(string) error { return fault.New(fault.Unreachable, "desk", "no network") }
	terminal = shop.open(t)
	assert.True(t, redeemed(t, terminal, pass(t, nil), "s").Because(fault.ClockUntrusted),
		"an empty battery set the clock back")
}

func TestVoidFreesTheUseUnlessOnlyAPartWasReturned(t *testing.T) {
	for _, partial := range []bool{false, true} {
		t.Run(fmt.Sprintf("partial %t", partial), func(t *testing.T) {
			shop := newShop(t)
			terminal := shop.online(t)
			scanned := pass(t, nil)
			first := redeemed(t, terminal, scanned, "sale-1")
			void, err := terminal.Void(t.Context(), redeem.VoidRequest{Redemption: first.Redemption, Partial: partial})
			require.NoError(t, err)
			require.Len(t, void.Voids, 1)
			want := redeem.Allow
			if partial {
				want = redeem.Refuse
			} else {
				again, err := terminal.Void(t.Context(), redeem.VoidRequest{SaleKey: "sale-1"})
				require.NoError(t, err)
				assert.True(t, again.Again, "the same call again")
				assert.Equal(t, void.Voids, again.Voids)
			}
			assert.Equal(t, want, redeemed(t, terminal, scanned, "sale-2").Outcome)
			require.NoError(t, terminal.ReportNow(t.Context()))
			assert.Equal(t, 1, shop.desk.redemptions())
			assert.Equal(t, record.Void, shop.desk.booked[void.Voids[0]].Kind)
		})
	}
}

func TestVoidOfNothingIsAnError(t *testing.T) {
	terminal := newShop(t).online(t)
	_, err := terminal.Void(t.Context(), redeem.VoidRequest{Redemption: record.NewID()})
	assert.ErrorIs(t, err, fault.NotFound)
	_, err = terminal.Void(t.Context(), redeem.VoidRequest{})
	assert.ErrorIs(t, err, fault.InvalidRequest)
}

func TestAVoidedSaleMayRedeemTheOfferAnew(t *testing.T) {
	terminal := newShop(t).online(t)
	scanned := pass(t, nil)
	first := redeemed(t, terminal, scanned, "sale-1")
	_, err := terminal.Void(t.Context(), redeem.VoidRequest{SaleKey: "sale-1"})
	require.NoError(t, err)
	second := redeemed(t, terminal, scanned, "sale-1")
	assert.Equal(t, redeem.Allow, second.Outcome)
	assert.NotEqual(t, first.Redemption, second.Redemption)
}

func TestAPassMayBeUsedAsOftenAsItSays(t *testing.T) {
	terminal := newShop(t).online(t)
	scanned := pass(t, func(p *offer.Pass) { p.Uses, p.OfflineUses = 5, 2 })
	for i, want := range []decision.Outcome{redeem.Allow, redeem.Allow, redeem.Refuse} {
		assert.Equal(t, want, redeemed(t, terminal, scanned, fmt.Sprint(i)).Outcome)
	}
}

func TestADiscountIsWorkedOutFromTheSale(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, func(p *offer.Pass) { p.Terms = terms.Terms{Kind: terms.PercentOff, Percent: 1000} })
	sale := terms.Sale{Currency: "EUR", Lines: []terms.Line{{ID: "1", Quantity: 1000, Amount: 1000},
		{ID: "2", Quantity: 1000, Amount: 500}}}
	d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "s", Sale: sale})
	require.NoError(t, err)
	require.Equal(t, redeem.Allow, d.Outcome, d.String())
	assert.Equal(t, record.Money{Amount: 150, Currency: "EUR"}, d.Given)
	assert.Equal(t, []int64{100, 50}, d.Discount.Lines)
}

func TestConcurrentScansOfOneOfferRedeemItOnce(t *testing.T) {
	assert.Equal(t, 1, allowedAtOnce(t, newShopOnDisk(t).online(t), slices.Repeat([]string{pass(t, nil)}, 16)...))
}

// allowedAtOnce redeems all that was scanned at the same time, each in a sale of its own, and counts what was allowed.
func allowedAtOnce(t *testing.T, terminal *redeem.Terminal, scanned ...string) int {
	t.Helper()
	var group sync.WaitGroup
	var allowed atomic.Int64
	for i, text := range scanned {
		group.Go(func() {
			d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: text, SaleKey: fmt.Sprint(i)})
			if assert.NoError(t, err) && d.Outcome == redeem.Allow {
				allowed.Add(1)
			}
		})
	}
	group.Wait()
	return int(allowed.Load())
}

func TestASecondProcessIsKeptOut(t *testing.T) {
	shop := newShopOnDisk(t)
	shop.open(t)
	_, err := redeem.Open(t.Context(), shop.dir, shop.cfg)
	assert.ErrorIs(t, err, fault.InUse)
}

func TestAJournalWithAnotherTerminalsKeyIsRefused(t *testing.T) {
	shop, other := newShopOnDisk(t), newShopOnDisk(t)
	require.NoError(t, shop.online(t).Close())
	require.NoError(t, other.online(t).Close())
	copyFile(t, filepath.Join(other.dir, "terminal.json"), filepath.Join(shop.dir, "terminal.json"))
	_, err := redeem.Open(t.Context(), shop.dir, shop.cfg)
	assert.ErrorIs(t, err, fault.Damaged)
}

func TestNothingWorksAfterClose(t *testing.T) {
	terminal := newShop(t).online(t)
	require.NoError(t, terminal.Close())
	require.NoError(t, terminal.Close())
	_, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: pass(t, nil), SaleKey: "s"})
	assert.ErrorIs(t, err, fault.Closed)
	assert.ErrorIs(t, terminal.ReportNow(t.Context()), fault.Closed)
}

func TestTheBetterBundleStays(t *testing.T) {
	shop := newShopOnDisk(t)
	terminal := shop.online(t)
	require.Equal(t, uint64(1), terminal.Status().Bundle)
	twice := trust.Bundle{Sequence: 1, Merchant: "m-1", Made: noon}
	assert.ErrorIs(t, terminal.InstallBundle(t.Context(), bundleOf(t, twice)), fault.Conflict)
	elsewhere := trust.Bundle{Sequence: 9, Merchant: "m-2", Made: noon}
	assert.ErrorIs(t, terminal.InstallBundle(t.Context(), bundleOf(t, elsewhere)), fault.OtherMerchant)
	altered := bundleOf(t, trust.Bundle{Sequence: 9, Merchant: "m-1", Made: noon})
	altered[len(altered)/2] ^= 1
	assert.Error(t, terminal.InstallBundle(t.Context(), altered))
	assert.Equal(t, uint64(1), terminal.Status().Bundle)
	require.NoError(t, terminal.InstallBundle(t.Context(), bundleOf(t, trust.Bundle{Sequence: 2, Merchant: "m-1",
		Made: noon})))
	assert.ErrorIs(t, terminal.InstallBundle(t.Context(), shop.desk.bundle), fault.RolledBack)
	require.NoError(t, terminal.Close())
	assert.Equal(t, uint64(2), shop.open(t).Status().Bundle)
}

func TestErrorsOfTheReporterAreTold(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	shop.desk.refuse = func(string) error { return errors.New("a plain error") }
	assert.Error(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, "a plain error", terminal.Status().LastError)
}
