package redeem_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// Records that fail each in its own way, outages that look like anything, lost answers and restarts: what is good gets
// through, and only what is bad is set aside. An outage that looks like a record's failure lasts two requests at least:
// one of a single request between two that are answered is told from a bad record by nothing but further tries, which
// follow.
func TestAllGoodRecordsGetThroughAndOnlyBadOnesAreSetAside(t *testing.T) {
	failures := []error{problem(fault.Internal), problem(fault.Malformed), problem(fault.Forbidden),
		problem(fault.TooLarge),
		problem(fault.NotTheContract), errors.New("boom"), errAbsent}
	outages := []fault.Code{fault.Unreachable, fault.Unavailable, fault.Internal, fault.NotTheContract, fault.Forbidden}
	most := 15
	if *isLong {
		most = 60
	}
	rapid.Check(t, func(r *rapid.T) {
		shop, desk, terminal := pickyShop(t)
		records := rapid.IntRange(1, most).Draw(r, "records")
		shop.cfg.Reporting.MaxRecords = rapid.SampledFrom([]int{1, 3, 10, 100}).Draw(r, "most")
		reopen := func() {
			require.NoError(t, terminal.Close())
			terminal = shop.open(t)
		}
		reopen()
		bad := map[uint64]error{}
		for range rapid.IntRange(0, 6).Draw(r, "bad") {
			bad[rapid.Uint64Range(1, uint64(records)).Draw(r, "number")] = rapid.SampledFrom(failures).Draw(r, "failure")
		}
		desk.over = func(rec record.Record) error { return bad[rec.Number] }
		var outage error
		left, healthy := 0, 0
		desk.away = func() error {
			if left == 0 && healthy == 0 {
				healthy = rapid.IntRange(1, 25).Draw(r, "healthy")
				left = rapid.IntRange(2, 9).Draw(r, "away")
				outage = problem(rapid.SampledFrom(outages).Draw(r, "outage"))
			}
			if healthy > 0 {
				healthy--
				return nil
			}
			left--
			return outage
		}
		desk.after = func(int) error {
			if rapid.IntRange(0, 9).Draw(r, "lost") == 0 {
				return problem(fault.Unreachable)
			}
			return nil
		}
		for sold := 0; sold < records; {
			n := min(records-sold, rapid.IntRange(1, 30).Draw(r, "sales"))
			for range n {
				sold++
				require.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), fmt.Sprint("sale ", sold)).Outcome)
			}
			terminal.ReportNow(t.Context())
			if rapid.IntRange(0, 4).Draw(r, "restart") == 0 {
				reopen()
			}
		}
		desk.onlyBadAside(t, terminal, bad)
		desk.away, desk.after = nil, nil
		for range 15 {
			terminal.ReportNow(t.Context())
			desk.onlyBadAside(t, terminal, bad)
		}
		var numbers []uint64
		for n := range bad {
			numbers = append(numbers, n)
		}
		slices.Sort(numbers)
		if terminal.Status().Held == "" { // more than a tenth of a queue may have been bad
			require.Equal(t, numbers, append([]uint64(nil), asideOf(terminal)...))
			require.Equal(t, numbersTo(uint64(records), numbers...), desk.numbers())
		}
		bad = nil
		require.NoError(t, terminal.ReportNow(t.Context()))
		require.Equal(t, numbersTo(uint64(records)), desk.numbers())
		require.NoError(t, terminal.Close())
	})
}

func (p *picky) onlyBadAside(t *testing.T, terminal *redeem.Terminal, bad map[uint64]error) {
	t.Helper()
	for _, number := range asideOf(terminal) {
		require.Contains(t, bad, number)
	}
}
