package redeem_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// A saleStep is one call in the life of a sale. leaves is how many records the journal holds once it is done.
type saleStep struct {
	name   string
	call   func(*testing.T, *redeem.Terminal) error
	leaves int
}

// lifeOfASale is the script: what is checked, reserved, redeemed, taken back in part and then wholly.
func lifeOfASale(scanned string) []saleStep {
	request := redeem.Request{Scanned: scanned, SaleKey: "sale", Given: record.Money{Amount: 300, Currency: "EUR"}}
	allowed := func(t *testing.T, d redeem.Decision, err error) error {
		if err == nil {
			assert.Equal(t, redeem.Allow, d.Outcome, d.String())
		}
		return err
	}
	return []saleStep{
		{"check", func(t *testing.T, terminal *redeem.Terminal) error {
			d, err := terminal.Check(t.Context(), request)
			return allowed(t, d, err)
		}, 0},
		{"reserve", func(t *testing.T, terminal *redeem.Terminal) error {
			d, err := terminal.Reserve(t.Context(), request, time.Hour)
			return allowed(t, d, err)
		}, 1},
		{"redeem", func(t *testing.T, terminal *redeem.Terminal) error {
			d, err := terminal.Redeem(t.Context(), request)
			return allowed(t, d, err)
		}, 2},
		{"void a part", func(t *testing.T, terminal *redeem.Terminal) error {
			_, err := terminal.Void(t.Context(), redeem.VoidRequest{
				SaleKey: "sale", Key: "return", Partial: true, Returned: record.Money{Amount: 100, Currency: "EUR"},
			})
			return err
		}, 3},
		{"void", func(t *testing.T, terminal *redeem.Terminal) error {
			_, err := terminal.Void(t.Context(), redeem.VoidRequest{SaleKey: "sale"})
			return err
		}, 4},
	}
}

// A hook is what a disk asks before every operation. It is set while the journal may be using the disk.
type hook struct {
	mu  sync.Mutex
	ask func(vfs.Operation) error
}

func (h *hook) before(op vfs.Operation) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ask == nil {
		return nil
	}
	return h.ask(op)
}

func (h *hook) set(ask func(vfs.Operation) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ask = ask
}

// A cut is the disk as the power left it: during a step, with those before acknowledged.
type cut struct {
	disk *vfs.Memory
	step int
	at   string
}

func TestSaleIsInOneStateAfterEveryCrashAndRepeatingFinishesIt(t *testing.T) {
	shop := newShop(t)
	var power hook
	disk := &vfs.Memory{Before: power.before}
	shop.dir, shop.disk = "till", disk
	terminal := shop.online(t)
	scanned := pass(t, nil)
	script := lifeOfASale(scanned)
	var cuts []cut
	for step := range script {
		power.set(func(op vfs.Operation) error {
			for i, way := range disk.Crashes(16, uint64(len(cuts))) {
				cuts = append(cuts, cut{disk.Crash(way), step, fmt.Sprintf("%s, way %d before %v", script[step].name, i, op)})
			}
			return nil
		})
		require.NoError(t, script[step].call(t, terminal))
	}
	require.NoError(t, terminal.Close())
	require.GreaterOrEqual(t, len(cuts), 4*3, "each record is written and flushed, and the power may go before, between and half way")
	for _, c := range cuts {
		shop.finishes(t, c, script, scanned)
	}
}

// finishes opens what a crash left and goes on with the step that was under way.
func (s *shop) finishes(t *testing.T, c cut, script []saleStep, scanned string) {
	t.Helper()
	before := 0
	if c.step > 0 {
		before = script[c.step-1].leaves
	}
	after := *s
	after.disk, after.desk = c.disk, newDesk(s.clock.wall)
	after.desk.keys = s.desk.keys
	after.cfg.Reporter = after.desk
	terminal := after.open(t)
	defer terminal.Close()
	have := len(listed(t, terminal, redeem.Query{}))
	require.True(t, have == before || have == script[c.step].leaves, "%s: %d records", c.at, have)
	for i := c.step; i < len(script); i++ {
		require.NoError(t, script[i].call(t, terminal), c.at)
		require.Len(t, listed(t, terminal, redeem.Query{}), script[i].leaves, "%s, then %s", c.at, script[i].name)
	}
	totals, err := terminal.Totals(t.Context(), redeem.Query{})
	require.NoError(t, err)
	require.Len(t, totals, 1, c.at)
	assert.Equal(t, redeem.Total{Currency: "EUR", Campaign: "spring", Redemptions: 1, Given: 300, GivenByPOS: 300, Voids: 2, Returned: 300}, totals[0], c.at)
	assert.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, "another").Outcome, "%s: the use is free again", c.at)
	require.NoError(t, terminal.ReportNow(t.Context()), "%s: the chain holds", c.at)
	assert.Len(t, after.desk.booked, 5, c.at)
}

// The same with the disk that fails for good at every operation: the call errs or its record is there, and never both are
// wrong. After the till was started again the same call finishes the sale.
func TestSaleIsFinishedAfterTheDiskFailed(t *testing.T) {
	broken := fmt.Errorf("input/output error")
	for nth := 1; ; nth++ {
		shop := newShop(t)
		var power hook
		disk := &vfs.Memory{Before: power.before}
		shop.dir, shop.disk = "till", disk
		terminal := shop.online(t)
		failure := &vfs.Failure{Nth: nth, Err: broken}
		power.set(failure.Fail)
		script := lifeOfASale(pass(t, func(p *offer.Pass) { p.ID = offer.ID{7} }))
		done := 0
		for done < len(script) && script[done].call(t, terminal) == nil {
			done++
		}
		power.set(nil)
		_ = terminal.Close()
		if failure.Count() < nth {
			require.Equal(t, len(script), done)
			return
		}
		shop.disk = disk.Crash(func(int) bool { return true })
		terminal = shop.open(t)
		for i := done; i < len(script); i++ {
			require.NoError(t, script[i].call(t, terminal), "failure %d, then %s", nth, script[i].name)
			require.Len(t, listed(t, terminal, redeem.Query{}), script[i].leaves)
		}
		require.NoError(t, terminal.ReportNow(t.Context()), "failure %d: the chain holds", nth)
		assert.Len(t, shop.desk.booked, 4)
		require.NoError(t, terminal.Close())
	}
}
