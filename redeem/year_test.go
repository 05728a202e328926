package redeem_test

import (
	"context"
	"flag"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

var (
	yearDays  = flag.Int("days", 150, "how many days a till works; a year has 365")
	yearSales = flag.Int("sales", 8, "how many redemptions a day it makes; a busy one makes 300")
)

// A clerk is a desk that confirms everything and remembers nothing, however long a till works.
type clerk struct {
	*desk
	verdicts uint64
}

// Report confirms all records.
func (c *clerk) Report(_ context.Context, _ string, r record.Report) (record.Answer, error) {
	h, err := r.Peek()
	if err != nil {
		return record.Answer{}, err
	}
	_, items, err := r.Open(c.keys[h.Terminal])
	if err != nil {
		return record.Answer{}, err
	}
	answer := c.answer(0)
	for _, item := range items {
		c.verdicts++
		answer.Items = append(answer.Items, record.Verdict{Number: c.verdicts, Record: item.Record.ID, Hash: item.Hash,
			Status: record.Confirmed, Judged: c.now().UnixMilli()})
	}
	answer.Cursor = c.verdicts
	return answer, nil
}

// Verdicts has none.
func (c *clerk) Verdicts(context.Context, string, uint64) (record.Answer, error) {
	answer := c.answer(0)
	answer.Cursor = c.verdicts
	return answer, nil
}

// A month is what a till costs at the end of one.
type month struct {
	day, files int
	disk, heap uint64
	open       time.Duration
	goroutines int
}

// measure closes the terminal and opens it anew.
func (s *shop) measure(t *testing.T, terminal *redeem.Terminal, day int) (*redeem.Terminal, month) {
	t.Helper()
	stats := redeem.JournalOf(terminal).Stats()
	m := month{day: day, files: stats.Segments, disk: uint64(stats.Bytes), open: time.Hour}
	for range 4 {
		require.NoError(t, terminal.Close())
		var err error
		begin := time.Now()
		terminal, err = redeem.Open(s.ctx, s.dir, s.cfg) // a clean-up would keep it on the heap
		require.NoError(t, err)
		m.open = min(m.open, time.Since(begin))
	}
	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	m.heap, m.goroutines = memory.HeapAlloc, runtime.NumGoroutine()
	return terminal, m
}

// A till works day after day, reports twice a day and is opened anew each month. Once what it keeps is as old as it
// gets (keys 32 days after a pass ended, reported records 14 days), its folder, its memory and its start cost the same.
//
// The year of a busy till: go test ./redeem -run TestATillWorksForAYear -v -args -days 365 -sales 300
func TestATillWorksForAYear(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Policy = redeem.Policy{VoidsPerOffer: 2, VoidsPerOperator: trust.Allowance{Number: 100},
		VoidsPerHour: trust.Allowance{Number: 100}, PerHour: trust.Allowance{Number: 1000}}
	shop.ctx = t.Context()
	if *yearSales < 100 {
		shop.ctx, shop.dir = vfs.WithFS(t.Context(), &vfs.Memory{}), "till"
	} else {
		shop.dir, shop.cfg.Journal.SegmentSize = vfstest.Folder(t), 0 // as it is, on the machine's disk
	}
	shop.cfg.Reporter = &clerk{desk: shop.desk}
	terminal, err := redeem.Open(shop.ctx, shop.dir, shop.cfg)
	require.NoError(t, err)
	require.NoError(t, terminal.ReportNow(t.Context()))
	var months []month
	for day := range *yearDays {
		shop.day(t, terminal, day)
		if day%30 == 29 || day == *yearDays-1 {
			var m month
			terminal, m = shop.measure(t, terminal, day+1)
			months = append(months, m)
			t.Logf("day %3d: %6d kB in %d segments, opened in %v, %d goroutines, %d kB on the heap", m.day, m.disk>>10, m.files,
				m.open.Round(100*time.Microsecond), m.goroutines, m.heap>>10)
		}
	}
	require.NoError(t, terminal.Close())
	steady := slices.DeleteFunc(months, func(m month) bool { return m.day < 90 })
	require.GreaterOrEqual(t, len(steady), 2, "it takes 90 days until what is kept is as much as it gets")
	first, last := steady[0], steady[len(steady)-1]
	segments := 2 * uint64(shop.cfg.Journal.SegmentSize) // by which a folder of few of them goes up and down
	assert.LessOrEqual(t, last.disk, first.disk*6/5+segments, "the folder does not grow")
	assert.LessOrEqual(t, last.heap, first.heap+first.heap/5+1<<20, "nor does the heap")
	assert.LessOrEqual(t, last.goroutines, first.goroutines+3, "nor are there more goroutines, but those that just end")
	assert.LessOrEqual(t, last.open, 3*first.open+100*time.Millisecond, "nor does opening take longer")
}

// today issues a pass that is good for a day from now.
func (s *shop) today(t *testing.T) string {
	t.Helper()
	now := s.clock.wall()
	return pass(t, func(p *offer.Pass) { p.IssuedAt, p.NotAfter = now.Add(-time.Hour), now.Add(24*time.Hour) })
}

// day is one of a till's days: sales over ten hours, some of them taken back, and two reports.
func (s *shop) day(t *testing.T, terminal *redeem.Terminal, day int) {
	t.Helper()
	for n := range *yearSales {
		s.clock.pass(10 * time.Hour / time.Duration(*yearSales))
		d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: s.today(t), SaleKey: fmt.Sprint(day, "/", n),
			Operator: fmt.Sprint(n % 3), Given: record.Money{Amount: 250, Currency: "EUR"}})
		require.NoError(t, err)
		require.Equal(t, redeem.Allow, d.Outcome, "day %d, sale %d: %s", day, n, d)
		if n%30 == 7 {
			voided(t, terminal, redeem.VoidRequest{Redemption: d.Redemption, Operator: "1"})
		}
		if n == *yearSales/2 {
			require.NoError(t, terminal.ReportNow(t.Context()))
		}
	}
	s.clock.pass(14 * time.Hour)
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.Zero(t, terminal.Status().Pending, "all was answered")
}
