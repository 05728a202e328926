package redeem_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// byItself has a terminal report in the background. Its wall clock is vouched for, and it is enrolled.
func byItself(t *testing.T, maxWait time.Duration) (*shop, *picky, *redeem.Terminal) {
	t.Helper()
	shop := newShop(t)
	shop.dir, shop.disk = "till", &vfs.Memory{}
	desk := &picky{desk: shop.desk}
	shop.cfg.Reporter, shop.cfg.Random = desk, rand.NewPCG(1, 2)
	shop.cfg.Reporting = redeem.Reporting{MinWait: time.Second, MaxWait: maxWait}
	shop.cfg.Keys, shop.cfg.Policy.MaxAlone = []offer.Key{issuer.Key()}, -1
	terminal := shop.open(t)
	time.Sleep(time.Second)
	synctest.Wait()
	require.True(t, terminal.Status().Enrolled, "the terminal is enrolled")
	return shop, desk, terminal
}

// What an outage looks like from the till: the backend away, or something between that answers for it, or the backend
// failing at all.
func TestAnOutageSetsNothingAsideHoweverLongItLasts(t *testing.T) {
	hours := 24
	if *isLong {
		hours = 3 * 24
	}
	for _, code := range []fault.Code{
		fault.Unreachable, fault.Unavailable, fault.TooManyRequests, fault.TLS, fault.Unauthorized, fault.ClockUntrusted,
		fault.Forbidden, fault.NotTheContract, fault.Internal, fault.Malformed, fault.TooLarge, fault.UnsupportedVersion,
		"brand-new",
	} {
		t.Run(string(code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, desk, terminal := byItself(t, 5*time.Minute)
				desk.set(func(p *picky) { p.away = func() error { return problem(code) } })
				before := desk.came()
				for i := range hours {
					require.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), fmt.Sprint("sale ", i)).Outcome)
					time.Sleep(time.Hour)
					synctest.Wait()
					require.Empty(t, asideOf(terminal))
				}
				status := terminal.Status()
				assert.Equal(t, hours, status.Pending)
				assert.Equal(t, code, status.LastCode)
				assert.Less(t, desk.came()-before, hours*30,
					"it is tried less and less often: the mean wait is two and a half minutes")
				desk.set(func(p *picky) { p.away = nil })
				time.Sleep(20 * time.Minute)
				synctest.Wait()
				assert.Zero(t, terminal.Status().Pending)
				assert.Equal(t, numbersTo(uint64(hours)), desk.numbers())
				require.NoError(t, terminal.Close())
			})
		})
	}
}

var isLong = flag.Bool("long", false, "have outages begin and end between any two requests, not at a sixth of them,"+
	" and last for three days, not one; have all tills' files on the disk, and more ways of a crash")

// The outage begins and ends between any two requests, for each of which it may look like anything.
func TestAnOutageAtAnyMomentSetsAsideOnlyWhatIsBad(t *testing.T) {
	for _, bad := range [][]uint64{nil, {3}, {1, 6}} {
		for from := range 30 {
			for i, during := range []int{1, 2, 5, 21} {
				if !*isLong && (from+i)%6 != 0 {
					continue
				}
				_, desk, terminal := pickyShop(t)
				redeemSome(t, terminal, 6)
				desk.over = failing(problem(fault.Internal), bad...)
				call := 0
				desk.away = func() error {
					if call++; call > from && call <= from+during {
						return problem(fault.Internal)
					}
					return nil
				}
				over := func() bool {
					return call > from+during && len(asideOf(terminal)) == len(bad) &&
						terminal.Status().Pending == len(bad)
				}
				for i := 0; i < 40 && !over(); i++ {
					terminal.ReportNow(t.Context())
					for _, number := range asideOf(terminal) {
						require.Contains(t, bad, number, "an outage from request %d on for %d", from, during)
					}
				}
				require.Equal(t, numbersTo(6, bad...), desk.numbers(), "an outage from request %d on for %d", from, during)
				require.Len(t, asideOf(terminal), len(bad))
				require.NoError(t, terminal.Close())
			}
		}
	}
}

func TestWhatWasSetAsideIsTriedMoreAndMoreSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, desk, terminal := byItself(t, 5*time.Minute)
		began := time.Now()
		var tries []time.Duration
		desk.set(func(p *picky) {
			p.over = func(r record.Record) error {
				if r.Number != 1 {
					return nil
				}
				tries = append(tries, time.Since(began))
				return problem(fault.Internal)
			}
		})
		redeemSome(t, terminal, 1)
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, []uint64{1}, asideOf(terminal))
		desk.set(func(*picky) {
			assert.Less(t, tries[3], 30*time.Second, "it is found out soon")
			tries = nil
		})
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		desk.set(func(*picky) { assert.InDelta(t, 24, len(tries), 2, "once an hour in the end: %v", tries) })
		assert.Empty(t, terminal.Status().LastCode, "the terminal is well")

		desk.set(func(p *picky) { p.over = nil })
		time.Sleep(time.Hour + time.Minute)
		synctest.Wait()
		assert.Zero(t, terminal.Status().Pending, "it comes through by itself")
		assert.Empty(t, asideOf(terminal))
		require.NoError(t, terminal.Close())
	})
}

func TestGoodRecordsDoNotWaitForABadOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, desk, terminal := byItself(t, 5*time.Minute)
		desk.set(func(p *picky) { p.over = failing(errAbsent, 1, 40) })
		for i := range 60 {
			redeemed(t, terminal, pass(t, nil), fmt.Sprint("sale ", i))
			time.Sleep(time.Minute)
			synctest.Wait()
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, numbersTo(60, 1, 40), desk.numbers())
		assert.Equal(t, []uint64{1, 40}, asideOf(terminal))
		require.NoError(t, terminal.Close())
	})
}

func TestAHeldTillFindsOutByItselfThatTheBackendWasMended(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, desk, terminal := byItself(t, 5*time.Minute)
		desk.set(func(p *picky) { p.over = func(record.Record) error { return problem(fault.Internal) } })
		redeemSome(t, terminal, 50)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		require.Equal(t, fault.SetAside, terminal.Status().Held)
		asked := desk.came()
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		assert.Less(t, desk.came()-asked, 24*12*2+24, "one record and an empty report every five minutes")
		desk.set(func(p *picky) { p.over = nil })
		time.Sleep(6 * time.Minute)
		synctest.Wait()
		assert.Equal(t, numbersTo(50), desk.numbers())
		assert.Empty(t, terminal.Status().Held)
		require.NoError(t, terminal.Close())
	})
}
