package redeem_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
)

func TestRedemptionsAreReportedByThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := newShop(t)
		shop.cfg.Reporting = redeem.Reporting{}
		terminal := shop.open(t)
		time.Sleep(time.Second)
		synctest.Wait()
		require.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), "s").Outcome)
		time.Sleep(time.Second)
		synctest.Wait()
		assert.Equal(t, 1, shop.desk.redemptions())
		require.NoError(t, terminal.Close())
	})
}

// With full jitter the n-th wait lies below a bound that doubles up to the cap; the test counts tries in a fake day.
func TestABackendThatIsDownIsTriedLessAndLessOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := newShop(t)
		shop.cfg.Reporting = redeem.Reporting{MinWait: time.Second, MaxWait: 10 * time.Minute}
		shop.cfg.Keys, shop.cfg.Policy.MaxAlone = []offer.Key{issuer.Key()}, -1
		shop.cfg.Place.Merchant = "m-1"
		tries := 0
		shop.desk.refuse = func(string) error {
			tries++
			return fault.New(fault.Unavailable, "desk", "down")
		}
		terminal := shop.open(t)
		for i := range 24 {
			d := redeemed(t, terminal, pass(t, nil), fmt.Sprint(i)) // new redemptions do not cut the wait short
			require.Equal(t, redeem.Allow, d.Outcome, d.String())
			time.Sleep(time.Hour)
		}
		synctest.Wait()
		// The mean wait at the cap is five minutes: 288 a day.
		assert.Greater(t, tries, 144)
		assert.Less(t, tries, 576)
		shop.desk.refuse = nil
		require.NoError(t, terminal.ReportNow(t.Context()), "ReportNow does not wait")
		assert.Zero(t, terminal.Status().Pending)
		require.NoError(t, terminal.Close())
	})
}

// A backend that has no room asks many tills at once for the same wait: they obey, and do not all come back at once.
func TestARetryAfterIsObeyedWithJitter(t *testing.T) {
	for asked, most := range map[time.Duration]time.Duration{
		time.Minute: 90 * time.Second, 10 * time.Minute: 15 * time.Minute, 3 * time.Hour: 90 * time.Minute,
		time.Millisecond: time.Second + time.Millisecond,
	} {
		t.Run(asked.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				waits := map[time.Duration]bool{}
				shortest, longest := most, time.Duration(0)
				for range 30 {
					shop := newShop(t)
					shop.dir, shop.disk = "till", &vfs.Memory{}
					terminal := shop.online(t)
					shop.desk.refuse = func(string) error {
						return fault.WithRetryAfter(fault.New(fault.Unavailable, "desk", "no room"), asked)
					}
					redeemed(t, terminal, pass(t, nil), "s")
					require.ErrorIs(t, terminal.ReportNow(t.Context()), fault.Unavailable)
					wait := time.Until(terminal.Status().NextTry)
					waits[wait], shortest, longest = true, min(shortest, wait), max(longest, wait)
					require.NoError(t, terminal.Close())
				}
				least := min(asked, time.Hour)
				assert.GreaterOrEqual(t, shortest, least, "nobody comes before")
				assert.LessOrEqual(t, longest, most, "nobody stays away for long")
				assert.Greater(t, len(waits), 25, "they come one after another")
				assert.Greater(t, longest-shortest, (most-least)/2, "spread over the time that is left to them")
			})
		})
	}
}

// While a signed time waits for another one that confirms it, the till asks as soon as that may come, however seldom it
// reports.
func TestATimeIsConfirmedByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := newShop(t)
		shop.cfg.Reporting = redeem.Reporting{Every: 24 * time.Hour}
		shop.clock.reboot(time.Now(), "b1", time.Hour)
		require.NoError(t, shop.online(t).Close())
		shop.clock.reboot(time.Now().Add(30*day), "b2", time.Minute)
		terminal := shop.open(t)
		synctest.Wait()
		require.False(t, terminal.Status().ClockClaimed.IsZero(), "it was off for a month")
		require.False(t, terminal.Status().ClockTrusted, "the claim waits for a second statement")
		shop.clock.pass(time.Hour)
		time.Sleep(time.Hour)
		synctest.Wait()
		assert.Zero(t, terminal.Status().ClockClaimed)
		assert.True(t, terminal.Status().ClockTrusted, "the reporter asked again when the hour was up")
		require.NoError(t, terminal.Close())
	})
}
