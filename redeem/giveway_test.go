package redeem_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/record"
)

// drainFor queues n redemptions and drains them one by one to a backend that takes took for each. sell is called while
// the backend is at work. It returns how long the drain took.
func drainFor(t *testing.T, n int, took time.Duration, sell func(terminal *redeem.Terminal, call int)) time.Duration {
	shop := newShop(t)
	shop.cfg.Reporting.MaxRecords = 1
	terminal := shop.online(t)
	redeemSome(t, terminal, n)
	call := 0
	shop.desk.spoil = func(a record.Answer) (record.Answer, error) {
		call++
		sell(terminal, call)
		time.Sleep(took)
		return a, nil
	}
	begin := time.Now()
	require.NoError(t, terminal.ReportNow(t.Context()))
	took = time.Since(begin)
	assert.Zero(t, terminal.Status().Pending)
	assert.Equal(t, call, shop.desk.redemptions())
	require.NoError(t, terminal.Close())
	return took
}

func TestADrainGivesWayToThoseWhoRedeemBesideIt(t *testing.T) {
	for name, c := range map[string]struct {
		took, want time.Duration
		sales      int // of the first reports, during each of which one is made and waits to be reported, too
	}{
		"nobody":               {took: 10 * time.Millisecond, want: 100 * time.Millisecond},
		"once":                 {took: 10 * time.Millisecond, sales: 1, want: 110*time.Millisecond + 40*time.Millisecond},
		"again and again":      {took: 10 * time.Millisecond, sales: 10, want: 200*time.Millisecond + 10*40*time.Millisecond},
		"with a slow backend":  {took: time.Second, sales: 1, want: 11*time.Second + 50*time.Millisecond},
		"with a quick backend": {took: time.Millisecond, sales: 2, want: 12*time.Millisecond + 2*4*time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				got := drainFor(t, 10, c.took, func(terminal *redeem.Terminal, call int) {
					if call <= c.sales {
						assert.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), fmt.Sprint("beside ", call)).Outcome)
					}
				})
				assert.Equal(t, c.want, got)
			})
		})
	}
}

func TestATerminalIsClosedWhileItsDrainGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := newShop(t)
		shop.cfg.Reporting.MaxRecords = 1
		terminal := shop.online(t)
		redeemSome(t, terminal, 3)
		shop.desk.spoil = func(a record.Answer) (record.Answer, error) {
			redeemed(t, terminal, pass(t, nil), fmt.Sprint("beside ", shop.desk.calls))
			time.Sleep(time.Hour)
			return a, nil
		}
		ended := make(chan error)
		go func() { ended <- terminal.ReportNow(t.Context()) }()
		time.Sleep(time.Hour + time.Millisecond) // within the break after the first report
		begin := time.Now()
		go func() { assert.NoError(t, terminal.Close()) }()
		assert.Error(t, <-ended)
		assert.Zero(t, time.Since(begin), "the break ends at once")
		synctest.Wait()
	})
}
