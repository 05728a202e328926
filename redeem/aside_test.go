package redeem_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// pickyShop is a shop whose backend fails over some records, with a terminal that is enrolled.
func pickyShop(t *testing.T) (*shop, *picky, *redeem.Terminal) {
	t.Helper()
	shop := newShop(t)
	shop.dir, shop.disk = "till", &vfs.Memory{}
	desk := &picky{desk: shop.desk}
	shop.cfg.Reporter = desk
	return shop, desk, shop.online(t)
}

// asideOf are the numbers of the records that were set aside.
func asideOf(terminal *redeem.Terminal) (numbers []uint64) {
	for _, a := range terminal.Status().SetAside {
		numbers = append(numbers, a.Number)
	}
	return numbers
}

// numbersTo are the numbers from 1 to n without some.
func numbersTo(n uint64, without ...uint64) (numbers []uint64) {
	for i := uint64(1); i <= n; i++ {
		if !slices.Contains(without, i) {
			numbers = append(numbers, i)
		}
	}
	return numbers
}

func TestOneBadRecordOfNineDoesNotBlockTheOthers(t *testing.T) {
	for name, failure := range map[string]error{
		"500": problem(fault.Internal), "400": problem(fault.Malformed), "403": problem(fault.Forbidden),
		"413": problem(fault.TooLarge), "422": problem(fault.UnsupportedVersion),
		"a proxy's page":       problem(fault.NotTheContract),
		"a code of the future": problem("brand-new"), "no error of ours": errors.New("boom"), "no word of it": errAbsent,
	} {
		for _, bad := range []uint64{1, 2, 5, 9} {
			t.Run(fmt.Sprintf("%s for %d", name, bad), func(t *testing.T) {
				shop, desk, terminal := pickyShop(t)
				events := map[redeem.EventKind][]redeem.Event{}
				redeemSome(t, terminal, 9)
				require.NoError(t, terminal.Close())
				shop.cfg.OnEvent = func(e redeem.Event) { events[e.Kind] = append(events[e.Kind], e) }
				terminal = shop.open(t)
				desk.over = failing(failure, bad)
				for i := 0; len(asideOf(terminal)) == 0; i++ {
					require.Less(t, i, 6, "status: %+v", terminal.Status())
					require.Error(t, terminal.ReportNow(t.Context()))
				}
				assert.Equal(t, numbersTo(9, bad), desk.numbers())
				assert.Less(t, len(desk.sizes), 24, "%v", desk.sizes)
				status := terminal.Status()
				assert.Equal(t, 1, status.Pending)
				assert.Empty(t, status.Held)
				require.Len(t, status.SetAside, 1)
				assert.Equal(t, bad, status.SetAside[0].Number)
				assert.Equal(t, noon, status.SetAside[0].Since)
				redeem.AwaitCallbacks(terminal)
				require.Len(t, events[redeem.EventSetAside], 1)
				assert.Equal(t, status.SetAside[0], events[redeem.EventSetAside][0].SetAside)

				redeemSome(t, terminal, 3) // the others go on, and the heading says what is missing
				err := terminal.ReportNow(t.Context())
				assert.ErrorIs(t, err, fault.SetAside, "it was tried by hand, too")
				assert.Equal(t, numbersTo(12, bad), desk.numbers())
				last := desk.headingOf(12)
				assert.Equal(t, []record.Range{{First: bad, Last: bad}}, last.Aside)
				assert.Zero(t, last.Waiting)

				require.NoError(t, terminal.Close()) // also after a restart
				terminal = shop.open(t)
				assert.Equal(t, status.SetAside, terminal.Status().SetAside)
				sizes := len(desk.sizes)
				redeemSome(t, terminal, 2)
				assert.ErrorIs(t, terminal.ReportNow(t.Context()), fault.SetAside)
				assert.Equal(t, []int{2, 1}, desk.sizes[sizes:], "it is tried alone, after the others")
				assert.Equal(t, numbersTo(14, bad), desk.numbers())

				desk.over = nil
				require.NoError(t, terminal.ReportNow(t.Context()))
				assert.Equal(t, numbersTo(14), desk.numbers())
				assert.Empty(t, asideOf(terminal))
				assert.Zero(t, terminal.Status().Pending)
				require.NoError(t, terminal.Close())
				assert.Empty(t, asideOf(shop.open(t)))
			})
		}
	}
}

func TestTooManyBadRecordsHoldTheQueue(t *testing.T) {
	for name, c := range map[string]struct {
		records, bad int
		holds        bool
	}{
		"two of two":               {2, 2, false},
		"nine of nine":             {9, 9, false},
		"one of ten":               {10, 1, false},
		"two of ten":               {10, 2, true},
		"two of twenty":            {20, 2, false},
		"three of twenty":          {20, 3, true},
		"ten of a hundred":         {100, 10, false},
		"eleven of a hundred":      {100, 11, true},
		"eleven of three hundred":  {300, 11, true},
		"all of thirty":            {30, 30, true},
		"every third of a hundred": {100, 33, true},
	} {
		t.Run(name, func(t *testing.T) {
			shop, desk, terminal := pickyShop(t)
			var bad []uint64
			for i := range c.bad {
				bad = append(bad, uint64(1+i*c.records/c.bad))
			}
			desk.over = failing(problem(fault.Internal), bad...)
			var held []fault.Code
			require.NoError(t, terminal.Close())
			shop.cfg.OnEvent = func(e redeem.Event) {
				if e.Kind == redeem.EventHeld {
					held = append(held, e.Code)
				}
			}
			terminal = shop.open(t)
			redeemSome(t, terminal, c.records)
			var err error
			for range 12 {
				err = terminal.ReportNow(t.Context())
			}
			assert.ErrorIs(t, err, fault.SetAside)
			if !c.holds {
				assert.Empty(t, terminal.Status().Held)
				assert.Equal(t, bad, asideOf(terminal))
				assert.Equal(t, numbersTo(uint64(c.records), bad...), desk.numbers())
				return
			}
			redeem.AwaitCallbacks(terminal)
			assert.Equal(t, []fault.Code{fault.SetAside}, held, "it is told once")
			assert.Equal(t, fault.SetAside, terminal.Status().Held)
			aside := asideOf(terminal)
			assert.LessOrEqual(t, len(aside), 11)
			assert.Greater(t, 10*len(aside), min(c.records, 100))

			sizes := len(desk.sizes)
			redeemSome(t, terminal, 1)
			assert.ErrorIs(t, terminal.ReportNow(t.Context()), fault.SetAside)
			assert.NotContains(t, desk.numbers(), uint64(c.records+1), "nothing else is sent")
			assert.Equal(t, append(slices.Repeat([]int{1}, len(aside)), 0), desk.sizes[sizes:])
			headings := desk.desk.headings
			assert.Equal(t, aside, spread(headings[len(headings)-1].Aside), "the backend is told")

			require.NoError(t, terminal.Close())
			terminal = shop.open(t)
			assert.ErrorIs(t, terminal.ReportNow(t.Context()), fault.SetAside, "also after a restart")
			assert.Equal(t, aside, asideOf(terminal))
			desk.over = nil
			require.NoError(t, terminal.ReportNow(t.Context()))
			assert.Equal(t, numbersTo(uint64(c.records+1)), desk.numbers())
			assert.Empty(t, terminal.Status().Held)
		})
	}
}

// spread are the numbers of ranges.
func spread(ranges []record.Range) (numbers []uint64) {
	for _, r := range ranges {
		for n := r.First; n <= r.Last; n++ {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// Somebody brought the till's journal to the backend on a stick.
func TestAVerdictThatComesAnotherWayEndsTheSettingAside(t *testing.T) {
	shop, desk, terminal := pickyShop(t)
	desk.over = failing(problem(fault.Internal), 1)
	d := redeemSome(t, terminal, 2)[0]
	for range 5 {
		require.Error(t, terminal.ReportNow(t.Context()))
	}
	require.Equal(t, []uint64{1}, asideOf(terminal))
	var hash record.Hash
	for _, listed := range listed(t, terminal, redeem.Query{}) {
		if listed.Record.ID == d.Redemption {
			raw, err := listed.Record.Encode()
			require.NoError(t, err)
			hash = record.HashOf(raw)
		}
	}
	shop.desk.judgeLater(record.Verdict{Record: d.Redemption, Hash: hash, Judged: 1}, record.Confirmed)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Empty(t, asideOf(terminal))
	assert.Zero(t, terminal.Status().Pending)
	require.NoError(t, terminal.Close())
	assert.Empty(t, asideOf(shop.open(t)))
}

func TestWhatWasRevokedIsToldToATillWhoseRecordsAreHeld(t *testing.T) {
	shop, desk, terminal := pickyShop(t)
	desk.over = func(record.Record) error { return problem(fault.Internal) }
	redeemSome(t, terminal, 20)
	for range 6 {
		require.Error(t, terminal.ReportNow(t.Context()))
	}
	require.Equal(t, fault.SetAside, terminal.Status().Held)
	revoked := offer.NewID()
	scanned := pass(t, func(p *offer.Pass) { p.ID = revoked })
	shop.desk.bundle = bundleOf(t, trust.Bundle{Sequence: 2, Merchant: "m-1", Made: noon, Keys: []offer.Key{issuer.Key()},
		Revoked: trust.Offers{IDs: []offer.ID{revoked}}})
	fresh := &freshBundles{picky: desk}
	require.NoError(t, terminal.Close())
	shop.cfg.Reporter = fresh
	terminal = shop.open(t)
	require.ErrorIs(t, terminal.ReportNow(t.Context()), fault.SetAside)
	assert.True(t, redeemed(t, terminal, scanned, "revoked").Because(fault.Revoked), "the reason is that it was revoked")
}

// freshBundles has the whole bundle, whatever the terminal has.
type freshBundles struct{ *picky }

func (f *freshBundles) Bundle(ctx context.Context, token string, _ uint64) ([]byte, error) {
	return f.picky.Bundle(ctx, token, 0)
}

func TestABackendThatDoesNotKnowWhatSettingAsideIsDoesNotGetItAgainAndAgain(t *testing.T) {
	_, desk, terminal := pickyShop(t)
	desk.over = failing(problem(fault.Internal), 3)
	redeemSome(t, terminal, 9)
	var missing []record.Range
	desk.edit = func(a *record.Answer) { a.Missing, a.Last = missing, new(uint64(2)) }
	missing = []record.Range{{First: 3, Last: 3}}
	for range 6 {
		require.Error(t, terminal.ReportNow(t.Context()))
	}
	assert.Equal(t, []uint64{3}, asideOf(terminal))
	asked := desk.asked
	missing = []record.Range{{First: 1, Last: 4}, {First: 3, Last: 3}}
	require.ErrorIs(t, terminal.ReportNow(t.Context()), fault.SetAside)
	assert.Less(t, desk.asked-asked, 30)
	last := desk.desk.headings[len(desk.desk.headings)-1]
	assert.Empty(t, last.Lost, "what was set aside is not lost")
}

// The order in which a record is found out: three failures together, halves, alone; then a witness, alone again, a
// witness.
func TestARecordIsSetAsideOnlyBetweenTwoWitnesses(t *testing.T) {
	for name, c := range map[string]struct {
		records int
		bad     uint64
		failure fault.Code
		sizes   [][]int // of the reports of each exchange
	}{
		"alone in the queue": {1, 1, fault.Internal, [][]int{{1}, {1}, {1}, {0, 1, 0}}},
		"beside another":     {2, 1, fault.Internal, [][]int{{2}, {2}, {2, 1}, {1, 1, 0}}},
		"behind another":     {2, 2, fault.Internal, [][]int{{2}, {2}, {2, 1, 1}, {0, 1, 0}}},
		"within many": {40, 20, fault.Internal,
			[][]int{{40}, {40}, {40, 20, 10, 5, 2, 1, 1, 1, 20}, {0, 1, 0}}},
		"too large":                     {1, 1, fault.TooLarge, [][]int{{1}, {0, 1}, {0, 1, 0}}},
		"too large among others":        {4, 4, fault.TooLarge, [][]int{{4, 2, 2, 1, 1}, {0, 1, 0}}},
		"an outage, to all appearances": {2, 1, fault.Unreachable, [][]int{{2}, {2}, {2}, {2}, {2}, {2}}},
	} {
		t.Run(name, func(t *testing.T) {
			_, desk, terminal := pickyShop(t)
			redeemSome(t, terminal, c.records)
			desk.over = failing(problem(c.failure), c.bad)
			for i, want := range c.sizes {
				desk.sizes = nil
				require.Error(t, terminal.ReportNow(t.Context()))
				assert.Equal(t, want, desk.sizes, "exchange %d", i+1)
				assert.Equal(t, i == len(c.sizes)-1 && c.failure != fault.Unreachable, len(asideOf(terminal)) == 1, "exchange %d",
					i+1)
			}
		})
	}
}

func TestAnEmptyReportIsAWitnessOnlyWithTheBackendsSignature(t *testing.T) {
	_, desk, terminal := pickyShop(t)
	redeemSome(t, terminal, 1)
	desk.over = failing(problem(fault.Internal), 1)
	desk.edit = func(a *record.Answer) {
		var err error
		a.Time, err = record.SignTime(noon, 0, root.KeyID, key(9))
		require.NoError(t, err)
	}
	for range 8 {
		require.Error(t, terminal.ReportNow(t.Context()))
	}
	assert.Empty(t, asideOf(terminal))
	desk.edit = nil
	require.Error(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, []uint64{1}, asideOf(terminal))
}

// A record that fails for ever stays pending. The journal's files do not wait for it: it is copied forward, and comes
// through years later, byte for byte.
func TestARecordThatFailsForEverDoesNotKeepTheJournal(t *testing.T) {
	shop, desk, terminal := pickyShop(t)
	shop.cfg.Journal.KeepReported = time.Hour
	require.NoError(t, terminal.Close())
	terminal = shop.open(t)
	redeemSome(t, terminal, 9)
	desk.over = failing(problem(fault.Internal), 5)
	for len(asideOf(terminal)) == 0 {
		require.Error(t, terminal.ReportNow(t.Context()))
	}
	first := terminal.Status()
	var segments []int
	for month := range 6 {
		for n := range 120 {
			require.Equal(t, redeem.Allow, redeemed(t, terminal, shop.today(t), fmt.Sprint(month, n)).Outcome)
		}
		for range 6 { // a till's clock is believed for a week alone
			require.ErrorIs(t, terminal.ReportNow(t.Context()), fault.SetAside)
			shop.clock.pass(6 * 24 * time.Hour)
		}
		require.NoError(t, redeem.JournalOf(terminal).Tidy(t.Context()))
		segments = append(segments, redeem.JournalOf(terminal).Stats().Segments)
		if month == 3 { // also after a restart
			require.NoError(t, terminal.Close())
			terminal = shop.open(t)
			require.Equal(t, []uint64{5}, asideOf(terminal))
		}
	}
	assert.LessOrEqual(t, slices.Max(segments), 6, "a month and the record that waits: %v", segments)
	status := terminal.Status()
	assert.Equal(t, 1, status.Pending)
	assert.Equal(t, first.Oldest, status.Oldest, "it is the oldest still")
	assert.Equal(t, first.SetAside, status.SetAside)
	desk.over = nil
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Contains(t, desk.numbers(), uint64(5))
	assert.Zero(t, terminal.Status().Pending)
}
