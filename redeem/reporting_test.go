package redeem_test

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, data, 0o600))
}

func redeemSome(t *testing.T, terminal *redeem.Terminal, n int) []redeem.Decision {
	t.Helper()
	decisions := make([]redeem.Decision, n)
	for i := range decisions {
		decisions[i] = redeemed(t, terminal, pass(t, nil), fmt.Sprintf("sale %d of %s", i, t.Name()))
		require.Equal(t, redeem.Allow, decisions[i].Outcome, decisions[i].String())
	}
	return decisions
}

func TestWhatWasRedeemedIsReportedOnce(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Reporting.MaxRecords = 3
	terminal := shop.online(t)
	redeemSome(t, terminal, 8)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Zero(t, terminal.Status().Pending)
	assert.Equal(t, 8, shop.desk.redemptions())
	calls := shop.desk.calls
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, calls, shop.desk.calls, "nothing is left to report")
}

func TestNothingIsLostWhateverTheBackendAnswers(t *testing.T) {
	lose := func(err error) func(record.Answer) (record.Answer, error) {
		return func(record.Answer) (record.Answer, error) { return record.Answer{}, err }
	}
	items := func(change func([]record.Verdict) []record.Verdict) func(record.Answer) (record.Answer, error) {
		return func(a record.Answer) (record.Answer, error) {
			a.Items, a.Cursor = change(a.Items), 0
			return a, nil
		}
	}
	for name, spoil := range map[string]func(record.Answer) (record.Answer, error){
		"answer lost after commit": lose(fault.New(fault.Unreachable, "", "reset")),
		"unavailable":              lose(fault.New(fault.Unavailable, "", "503")),
		"no item answered":         items(func([]record.Verdict) []record.Verdict { return nil }),
		"items of somebody else": items(func(vs []record.Verdict) []record.Verdict {
			for i := range vs {
				vs[i].Record = record.NewID()
			}
			return vs
		}),
		"items with another hash": items(func(vs []record.Verdict) []record.Verdict {
			for i := range vs {
				vs[i].Hash[0] ^= 1
			}
			return vs
		}),
		"an unknown verdict": items(func(vs []record.Verdict) []record.Verdict {
			for i := range vs {
				vs[i].Status = "perhaps"
			}
			return vs
		}),
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			terminal := shop.online(t)
			redeemSome(t, terminal, 3)
			shop.desk.spoil = spoil
			assert.Error(t, terminal.ReportNow(t.Context()))
			assert.Equal(t, 3, terminal.Status().Pending)
			require.NoError(t, terminal.Close())
			terminal = shop.open(t)
			shop.desk.spoil = nil
			require.NoError(t, terminal.ReportNow(t.Context()))
			assert.Zero(t, terminal.Status().Pending)
			assert.Equal(t, 3, shop.desk.redemptions())
		})
	}
}

func TestWhatWasAnsweredOfABatchIsNotSentAgain(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	redeemSome(t, terminal, 5)
	var sizes []int
	shop.desk.spoil = func(a record.Answer) (record.Answer, error) {
		sizes = append(sizes, len(a.Items))
		a.Items, a.Later, a.Cursor = a.Items[:(len(a.Items)+1)/2], nil, 0
		return a, nil
	}
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, []int{5, 2, 1}, sizes)
	assert.Equal(t, 5, shop.desk.redemptions())
}

func TestAReportTellsHowManyRecordsWaitBehindIt(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Reporting.MaxRecords = 2
	terminal := shop.online(t)
	redeemSome(t, terminal, 5)
	require.NoError(t, terminal.ReportNow(t.Context()))
	var waiting []uint64
	for _, h := range shop.desk.headings {
		waiting = append(waiting, h.Waiting)
	}
	assert.Equal(t, []uint64{3, 1, 0}, waiting)
}

func TestADuplicateIsHandedOverUntilItIsAcknowledged(t *testing.T) {
	shop, other := newShop(t), newShop(t)
	other.desk, other.cfg.Reporter = shop.desk, shop.desk
	here, there := shop.online(t), other.online(t)
	scanned := pass(t, nil)
	first := redeemed(t, there, scanned, "there")
	second := redeemed(t, here, scanned, "here")
	require.NoError(t, there.ReportNow(t.Context()))
	require.NoError(t, here.ReportNow(t.Context()))
	for range 2 {
		verdicts := collect(t, here)
		require.Len(t, verdicts, 1)
		assert.Equal(t, record.Duplicate, verdicts[0].Status)
		assert.Equal(t, second.Redemption, verdicts[0].Record)
		assert.Equal(t, first.Redemption, verdicts[0].First.Record)
		require.NoError(t, here.Close())
		here = shop.open(t)
	}
	require.NoError(t, here.Acknowledge(t.Context(), second.Redemption))
	assert.Empty(t, collect(t, here))
	require.NoError(t, here.Close())
	assert.Empty(t, collect(t, shop.open(t)))
	assert.Empty(t, collect(t, there), "confirmed needs no word")
}

func collect(t *testing.T, terminal *redeem.Terminal) (list []record.Verdict) {
	t.Helper()
	for v, err := range terminal.Verdicts(t.Context()) {
		require.NoError(t, err)
		list = append(list, v)
	}
	return list
}

func TestAnExpiredTokenIsRenewedByTheKey(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	redeemSome(t, terminal, 1)
	expired := true
	shop.desk.refuse = func(string) error {
		if !expired {
			return nil
		}
		expired = false
		return fault.New(fault.Unauthorized, "desk", "the token has expired")
	}
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, 2, shop.desk.enrolled)
	assert.Equal(t, 1, shop.desk.redemptions())
}

func TestTroubleThatOnlyAPersonCanMendHoldsTheQueue(t *testing.T) {
	for _, code := range []fault.Code{fault.Unauthorized, fault.Forbidden, fault.TLS} {
		t.Run(string(code), func(t *testing.T) {
			shop := newShop(t)
			terminal := shop.online(t)
			redeemSome(t, terminal, 2)
			shop.desk.refuse = func(string) error { return fault.New(code, "desk", "no") }
			assert.ErrorIs(t, terminal.ReportNow(t.Context()), code)
			status := terminal.Status()
			assert.Equal(t, code, status.Held)
			assert.Equal(t, 2, status.Pending)
			shop.desk.refuse = nil
			require.NoError(t, terminal.ReportNow(t.Context()))
			assert.Empty(t, terminal.Status().Held)
			assert.Equal(t, 2, shop.desk.redemptions())
		})
	}
}

func TestABackendRestoredFromABackupGetsItsRecordsAgain(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	done := redeemSome(t, terminal, 4)
	require.NoError(t, terminal.ReportNow(t.Context()))
	// The backup knows only the first record.
	desk := shop.desk
	desk.forget(done[1:]...)
	desk.verdicts = desk.verdicts[:1]
	asked := false
	desk.spoil = func(a record.Answer) (record.Answer, error) {
		if !asked {
			a.Missing = []record.Range{{First: 2, Last: 4}, {First: 90, Last: 91}}
		}
		asked = true
		return a, nil
	}
	redeemSome(t, terminal, 1)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, 5, desk.redemptions())
	last := desk.headings[len(desk.headings)-1]
	assert.Equal(t, []record.Range{{First: 90, Last: 91}}, last.Lost, "what the journal does not have is declared")
}

// A restored backend may see what it lacks only once some of it came: one ReportNow brings all of it.
func TestABackendThatAsksInRoundsGetsEverythingAtOnce(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	done := redeemSome(t, terminal, 4)
	require.NoError(t, terminal.ReportNow(t.Context()))
	desk := shop.desk
	desk.forget(done...)
	desk.verdicts = nil
	has := func(i int) bool { _, ok := desk.booked[done[i].Redemption]; return ok }
	desk.spoil = func(a record.Answer) (record.Answer, error) {
		for i := 3; i >= 0; i-- { // the last first
			if number := uint64(i + 1); !has(i) {
				a.Missing = []record.Range{{First: number, Last: number}}
				break
			}
		}
		return a, nil
	}
	redeemSome(t, terminal, 1)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, 5, desk.redemptions())
	assert.Zero(t, terminal.Status().Pending)
}

// A backend that asks for the same for ever, and does not take what it gets, does not keep the reporter busy for ever.
func TestABackendThatAsksForEverIsLeftAlone(t *testing.T) {
	for name, missing := range map[string]func(n uint64) record.Range{
		"for the same":            func(uint64) record.Range { return record.Range{First: 1, Last: 2} },
		"for something else each": func(n uint64) record.Range { return record.Range{First: 1000 + n, Last: 1000 + n} },
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			terminal := shop.online(t)
			redeemSome(t, terminal, 2)
			asked := uint64(0)
			shop.desk.spoil = func(a record.Answer) (record.Answer, error) {
				asked++
				a.Missing = []record.Range{missing(asked)}
				return a, nil
			}
			require.NoError(t, terminal.ReportNow(t.Context()))
			assert.Less(t, asked, uint64(50))
		})
	}
}

func TestAForkedTerminalStartsANewChainThatNamesTheOldHead(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	before := redeemSome(t, terminal, 2)
	shop.desk.spoil = func(a record.Answer) (record.Answer, error) {
		a.Forked = true
		return a, nil
	}
	require.NoError(t, terminal.ReportNow(t.Context()))
	shop.desk.spoil = nil
	assert.True(t, redeemed(t, terminal, pass(t, nil), "asked").Because(fault.MayHaveForgotten),
		"the other half may have redeemed it")
	require.NoError(t, terminal.InstallBundle(t.Context(), bundleOf(t, bundleWith(t, 2, noon))))
	after := redeemSome(t, terminal, 1)
	require.NoError(t, terminal.ReportNow(t.Context()))
	old, fresh := shop.desk.booked[before[1].Redemption], shop.desk.booked[after[0].Redemption]
	assert.NotEqual(t, old.Chain, fresh.Chain)
	raw, err := old.Encode()
	require.NoError(t, err)
	assert.Equal(t, record.HashOf(raw), fresh.Prev)
}

func TestWithoutAReporterNothingIsReportedAndNothingLost(t *testing.T) {
	shop := newShop(t)
	shop.cfg.Reporter, shop.cfg.Keys, shop.cfg.Policy.MaxAlone = nil, nil, -1
	shop.cfg.Keys = append(shop.cfg.Keys, issuer.Key())
	shop.cfg.Place = record.Place{Merchant: "m-1", Store: "s-1", Lane: "1"}
	terminal := shop.open(t)
	redeemSome(t, terminal, 2)
	assert.ErrorIs(t, terminal.ReportNow(t.Context()), fault.InvalidRequest)
	assert.Equal(t, 2, terminal.Status().Pending)
}

// A narrow desk, or a proxy before it, takes no more than so many records at once.
type narrow struct {
	*desk
	most  int
	sizes []int
}

func (n *narrow) Report(ctx context.Context, token string, r record.Report) (record.Answer, error) {
	if n.sizes = append(n.sizes, len(r.Records)); len(r.Records) > n.most {
		return record.Answer{}, fault.New(fault.TooLarge, "desk", "at most %d", n.most)
	}
	return n.desk.Report(ctx, token, r)
}

func TestABackendThatTakesLessAtOnceGetsSmallerReports(t *testing.T) {
	shop := newShop(t)
	desk := &narrow{desk: shop.desk, most: 3}
	shop.cfg.Reporter = desk
	terminal := shop.online(t)
	redeemSome(t, terminal, 8)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, []int{8, 4, 2, 2, 2, 2}, desk.sizes)
	assert.Zero(t, terminal.Status().Pending)
	assert.Equal(t, 8, shop.desk.redemptions())

	desk.most, desk.sizes = 0, nil // not even one: it stays, and the reason is told
	redeemSome(t, terminal, 2)
	assert.ErrorIs(t, terminal.ReportNow(t.Context()), fault.TooLarge)
	assert.Equal(t, []int{2, 1}, desk.sizes)
	assert.Equal(t, 2, terminal.Status().Pending)
	assert.Equal(t, fault.TooLarge, terminal.Status().LastCode)
}
