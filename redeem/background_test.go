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
