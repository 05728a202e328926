package redeem_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// A world is a till and everything around it that chance may change. It knows the truth: what time it is, what each offer is.
type world struct {
	shop     *shop
	terminal *redeem.Terminal
	passes   []offer.Pass
	texts    []string
	truth    time.Time // what time it is
	sequence uint64
	revoked  []offer.ID
	spent    []offer.ID
	sales    int
	boots    int
}

func newWorld(t *testing.T, rt *rapid.T) *world {
	w := &world{shop: newShop(t), truth: noon, sequence: 1}
	w.shop.dir, w.shop.disk = "till", &vfs.Memory{}
	w.shop.cfg.Policy = redeem.Policy{
		PerHour:       trust.Allowance{Number: rapid.IntRange(0, 3).Draw(rt, "per hour")},
		Unreported:    trust.Allowance{Value: rapid.Int64Range(1, 2000).Draw(rt, "unreported"), Currency: "EUR"},
		MaxUnreported: time.Duration(rapid.IntRange(0, 48).Draw(rt, "silence")) * time.Hour,
	}
	w.shop.desk.now = func() time.Time { return w.truth }
	for range rapid.IntRange(2, 5).Draw(rt, "offers") {
		uses := rapid.IntRange(1, 3).Draw(rt, "uses")
		from := noon.Add(time.Duration(rapid.IntRange(-48, 48).Draw(rt, "from")) * time.Hour)
		p := offer.Pass{
			ID: offer.NewID(), IssuedAt: noon.Add(-72 * time.Hour), NotBefore: from,
			NotAfter: from.Add(time.Duration(rapid.IntRange(1, 96).Draw(rt, "for")) * time.Hour),
			Uses:     uses, OfflineUses: rapid.IntRange(1, uses).Draw(rt, "alone"),
		}
		text, err := issuer.Issue(p)
		require.NoError(t, err)
		w.passes, w.texts = append(w.passes, p), append(w.texts, text)
	}
	w.reopen(t)
	require.NoError(t, w.terminal.ReportNow(t.Context()))
	return w
}

func (w *world) reopen(t require.TestingT) {
	var err error
	w.terminal, err = redeem.Open(vfs.Into(w.shop.ctx, w.shop.disk), w.shop.dir, w.shop.cfg)
	require.NoError(t, err)
}

func (w *world) pass(d time.Duration) {
	w.truth = w.truth.Add(d)
	w.shop.clock.pass(d)
}

// redeem asks, and holds the answer to all that is promised.
func (w *world) redeem(rt *rapid.T) {
	i := rapid.IntRange(0, len(w.passes)-1).Draw(rt, "offer")
	if rapid.IntRange(0, 3).Draw(rt, "new sale") > 0 {
		w.sales++
	}
	sale := fmt.Sprint(w.sales)
	live := w.redemptions(rt)
	d, err := w.terminal.Redeem(w.shop.ctx, redeem.Request{
		Scanned: w.texts[i], SaleKey: sale, Given: record.Money{Amount: rapid.Int64Range(0, 600).Draw(rt, "given"), Currency: "EUR"},
	})
	require.NoError(rt, err)
	p := w.passes[i]
	if d.Outcome != redeem.Allow {
		w.explained(rt, d, p)
		return
	}
	if d.Again {
		require.True(rt, slices.ContainsFunc(live, func(l redeem.Listed) bool { return l.Record.ID == d.Redemption && l.Record.Sale.Key == sale }))
		return
	}
	require.True(rt, w.terminal.Status().ClockTrusted, "allowed by a clock that is not believed")
	wall := w.shop.clock.wall()
	wrong := wall.Sub(w.truth).Abs() + time.Second
	require.True(rt, w.truth.After(p.NotBefore.Add(-wrong)) && w.truth.Before(p.NotAfter.Add(wrong)),
		"allowed at %s by a clock %s wrong, valid %s to %s", w.truth, wrong, p.NotBefore, p.NotAfter)
	require.NotContains(rt, w.revoked, p.ID)
	if !w.tookBack(rt, p.ID) {
		require.NotContains(rt, w.spent, p.ID)
	}
	w.bounded(rt, p)
}

// tookBack reports whether the till has voided a redemption of the offer, which may outrank the filter.
func (w *world) tookBack(rt *rapid.T, id offer.ID) bool {
	for l, err := range w.terminal.Records(w.shop.ctx, redeem.Query{}) {
		require.NoError(rt, err)
		if l.Record.Offer == id && l.Voided {
			return true
		}
	}
	return false
}

// explained asks that whatever is not allowed says why, truly, and that the reason alone would do.
func (w *world) explained(rt *rapid.T, d redeem.Decision, p offer.Pass) {
	require.NotEmpty(rt, d.Reasons)
	require.Zero(rt, d.Redemption)
	trusted := w.terminal.Status().ClockTrusted
	for _, r := range d.Reasons {
		require.NotEmpty(rt, r.Detail)
		require.Contains(rt, []redeem.Outcome{redeem.Ask, redeem.Refuse}, r.Outcome)
		switch r.Code {
		case fault.ClockUntrusted:
			require.False(rt, trusted)
		case fault.Revoked:
			require.Contains(rt, w.revoked, p.ID)
		case fault.RedeemedElsewhere:
			require.Contains(rt, w.spent, p.ID) // but for 1 in 65536
		case fault.AlreadyRedeemed, fault.OverLimit, fault.Reserved:
			require.Positive(rt, r.Limit)
			require.GreaterOrEqual(rt, r.Used, int64(0))
		case fault.Expired, fault.NotYetValid:
		default:
			rt.Fatalf("%s is no reason here", r.Code)
		}
	}
}

// bounded asks that no budget is exceeded and no offer granted more often than it may.
func (w *world) bounded(rt *rapid.T, p offer.Pass) {
	policy := w.shop.cfg.Policy
	live := w.redemptions(rt)
	last := live[len(live)-1].Record.Time.Earliest
	perHour, uses, alone, unreported := 0, 0, 0, int64(0)
	for _, l := range live {
		if l.Record.Time.Earliest > last-time.Hour.Milliseconds() {
			perHour++
		}
		if !l.Reported {
			unreported += l.Record.Given.Amount
			require.True(rt, policy.MaxUnreported == 0 || last-l.Record.Time.Earliest <= policy.MaxUnreported.Milliseconds())
		}
		if l.Record.Offer == p.ID {
			uses++
			if !l.Reported {
				alone++
			}
		}
	}
	require.LessOrEqual(rt, uses, p.MaxUses())
	require.LessOrEqual(rt, alone, p.MaxOfflineUses())
	if policy.PerHour.Number > 0 {
		require.LessOrEqual(rt, perHour, policy.PerHour.Number)
	}
	require.LessOrEqual(rt, unreported, policy.Unreported.Value)
}

// redemptions are those that stand.
func (w *world) redemptions(rt *rapid.T) (live []redeem.Listed) {
	for l, err := range w.terminal.Records(w.shop.ctx, redeem.Query{}) {
		require.NoError(rt, err)
		if l.Record.Kind == record.Redemption && !l.Voided {
			live = append(live, l)
		}
	}
	return live
}

func (w *world) void(rt *rapid.T) {
	live := w.redemptions(rt)
	if len(live) == 0 {
		return
	}
	l := live[rapid.IntRange(0, len(live)-1).Draw(rt, "which")]
	_, err := w.terminal.Void(w.shop.ctx, redeem.VoidRequest{Redemption: l.Record.ID, Partial: rapid.Bool().Draw(rt, "partial")})
	require.NoError(rt, err)
}

func (w *world) bundle(rt *rapid.T) {
	w.sequence++
	w.revoked, w.spent = nil, nil
	for _, p := range w.passes {
		switch rapid.IntRange(0, 5).Draw(rt, "fate") {
		case 0:
			w.revoked = append(w.revoked, p.ID)
		case 1:
			w.spent = append(w.spent, p.ID)
		}
	}
	filter, err := trust.NewFilter(trust.Offers{IDs: w.spent})
	require.NoError(rt, err)
	data, err := trust.Sign(trust.Bundle{
		Sequence: w.sequence, Merchant: "m-1", Made: w.truth.Truncate(time.Millisecond), Keys: []offer.Key{issuer.Key()},
		Revoked: trust.Offers{IDs: w.revoked}, Spent: filter,
	}, root)
	require.NoError(rt, err)
	require.NoError(rt, w.terminal.InstallBundle(w.shop.ctx, data))
}

// Whatever happens to a till: no offer is allowed outside its validity while the clock is not believed, and by no more than the
// clock's own error while it is; none more often than it may be; no budget is exceeded; and nothing is refused without a reason.
func TestWhateverHappensWhatIsPromisedHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, rt)
		defer func() { w.terminal.Close() }()
		rt.Repeat(map[string]func(*rapid.T){
			"redeem":       w.redeem,
			"redeem again": w.redeem,
			"and again":    w.redeem,
			"void":         w.void,
			"bundle":       w.bundle,
			"time passes": func(rt *rapid.T) {
				w.pass(time.Duration(rapid.IntRange(1, 26*60).Draw(rt, "minutes")) * time.Minute)
			},
			"minutes pass": func(rt *rapid.T) {
				w.pass(time.Duration(rapid.IntRange(1, 20*60).Draw(rt, "seconds")) * time.Second)
			},
			"clock is set": func(rt *rapid.T) {
				w.shop.clock.set(w.truth.Add(time.Duration(rapid.IntRange(-200, 400).Draw(rt, "hours")) * time.Hour))
			},
			"clock is set right": func(*rapid.T) { w.shop.clock.set(w.truth) },
			"report": func(rt *rapid.T) {
				require.NoError(rt, w.terminal.ReportNow(w.shop.ctx))
			},
			"restart": func(rt *rapid.T) {
				require.NoError(rt, w.terminal.Close())
				w.reopen(rt)
			},
			"reboot": func(rt *rapid.T) {
				require.NoError(rt, w.terminal.Close())
				w.boots++
				off := time.Duration(rapid.IntRange(0, 12).Draw(rt, "hours off")) * time.Hour
				wall := w.shop.clock.wall().Add(off)
				w.truth = w.truth.Add(off)
				w.shop.clock.reboot(wall, fmt.Sprint("boot ", w.boots))
				w.reopen(rt)
			},
		})
	})
}
