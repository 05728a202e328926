package redeem_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// A world is a till and everything around it that chance may change. It knows the truth: what time it is, what each
// offer is; and it has a model of what the till ought to say.
type world struct {
	model
	shop     *shop
	terminal *redeem.Terminal
	passes   []offer.Pass
	texts    []string
	truth    time.Time // what time it is
	sequence uint64
	sales    int
	boots    int
}

func newWorld(t *testing.T, rt *rapid.T) *world {
	w := &world{shop: newShop(t), truth: noon, sequence: 1}
	w.shop.dir, w.shop.disk = "till", &vfs.Memory{}
	w.policy = anyPolicy(rt)
	w.shop.cfg.Policy = w.policy
	w.shop.desk.now = func() time.Time { return w.truth }
	w.up = w.shop.clock.Read().SinceBoot
	for range rapid.IntRange(2, 5).Draw(rt, "offers") {
		p := anyPass(rt)
		text, err := issuer.Issue(p)
		require.NoError(t, err)
		w.passes, w.texts = append(w.passes, p), append(w.texts, text)
	}
	w.reopen(t)
	require.NoError(t, w.terminal.ReportNow(t.Context()))
	w.made = noon
	w.boots, w.boot, w.known = 1, 1, noon
	w.model.report(noon, w.shop.clock.wall())
	return w
}

func anyPolicy(rt *rapid.T) redeem.Policy {
	hours := func(most int, name string) time.Duration {
		return time.Duration(rapid.IntRange(0, most).Draw(rt, name)) * time.Hour
	}
	return redeem.Policy{
		PerHour:        trust.Allowance{Number: rapid.IntRange(0, 3).Draw(rt, "per hour")},
		Unreported:     trust.Allowance{Value: rapid.Int64Range(1, 2000).Draw(rt, "unreported"), Currency: "EUR"},
		PerCampaign:    trust.Allowance{Number: rapid.IntRange(0, 2).Draw(rt, "per campaign")},
		UnprovenPerDay: trust.Allowance{Number: rapid.IntRange(0, 2).Draw(rt, "unproven")},
		MaxUnreported:  hours(48, "silence"), MaxBundleAge: hours(72, "bundle age"),
	}
}

func anyPass(rt *rapid.T) offer.Pass {
	uses := rapid.IntRange(1, 3).Draw(rt, "uses")
	from := noon.Add(time.Duration(rapid.IntRange(-48, 48).Draw(rt, "from")) * time.Hour)
	p := offer.Pass{
		ID: offer.NewID(), IssuedAt: noon.Add(-72 * time.Hour), NotBefore: from,
		Campaign: rapid.SampledFrom([]string{"", "a", "b"}).Draw(rt, "campaign"),
		NotAfter: from.Add(time.Duration(rapid.IntRange(1, 96).Draw(rt, "for")) * time.Hour),
		Uses:     uses, OfflineUses: rapid.IntRange(1, uses).Draw(rt, "alone"),
	}
	if rapid.Bool().Draw(rt, "has terms") {
		p.Terms = terms.Terms{Kind: terms.AmountOff, Amount: 250, Currency: "EUR", Combinable: rapid.Bool().Draw(rt,
			"combinable")}
	}
	return p
}

func (w *world) reopen(t require.TestingT) {
	var err error
	w.terminal, err = redeem.Open(vfs.WithFS(w.shop.ctx, w.shop.disk), w.shop.dir, w.shop.cfg)
	require.NoError(t, err)
}

func (w *world) close(t require.TestingT) {
	require.NoError(t, w.terminal.Close())
	w.note(w.shop.clock.wall())
}

func (w *world) pass(d time.Duration) {
	w.truth = w.truth.Add(d)
	w.shop.clock.pass(d)
	w.model.pass(d)
}

// wish draws what is asked: which offer, in which dress and sale, how often, for how much by whose word.
func (w *world) wish(rt *rapid.T) (wish, redeem.Request) {
	i := rapid.IntRange(0, len(w.passes)-1).Draw(rt, "offer")
	if rapid.IntRange(0, 3).Draw(rt, "new sale") > 0 {
		w.sales++
	}
	x := wish{pass: w.passes[i], short: rapid.IntRange(0, 4).Draw(rt, "dress") == 0, sale: fmt.Sprint(w.sales),
		uses:     max(rapid.IntRange(-2, 3).Draw(rt, "at once"), 1),
		override: rapid.IntRange(0, 5).Draw(rt, "manager") == 0}
	req := redeem.Request{Scanned: w.texts[i], SaleKey: x.sale, Uses: x.uses}
	if x.short {
		req.Scanned = x.pass.ID.Code()
	}
	if x.override {
		req.Override = &redeem.Override{Manager: "12", Why: "because"}
	}
	price := rapid.Int64Range(1, 600).Draw(rt, "price")
	if rapid.Bool().Draw(rt, "here") { // the till works out what the terms give
		req.Sale = terms.Sale{Currency: "EUR", Lines: []terms.Line{{Amount: price}}}
		if most := x.most(); most > 0 {
			x.given, x.currency = min(price, most*int64(x.uses)), "EUR"
		}
		return x, req
	}
	req.Given, x.given, x.currency, x.byPOS = euros(price), price, "EUR", true
	return x, req
}

// redeem asks, and holds the answer to the model and to the truth.
func (w *world) redeem(rt *rapid.T) {
	x, req := w.wish(rt)
	wall := w.shop.clock.wall()
	checked, err := w.terminal.Check(w.shop.ctx, req)
	require.NoError(rt, err)
	d, err := w.terminal.Redeem(w.shop.ctx, req)
	require.NoError(rt, err)
	require.Equal(rt, checked.Outcome, d.Outcome, "what is checked is what is redeemed")
	if before := w.inSale(x, wall, true, true); len(before) > 0 {
		require.Equal(rt, "refuse conflict", d.String())
		require.Equal(rt, before[len(before)-1].redemption, d.Redemption)
		require.Equal(rt, w.left(x), d.UsesLeft)
		return
	}
	if before := w.inSale(x, wall, false, true); len(before) > 0 {
		w.repeats(rt, x, d, before)
		return
	}
	require.False(rt, d.Again, "the sale is a new one")
	against := w.expect(x, wall)
	said := map[fault.Code]decision.Outcome{}
	for _, r := range d.Reasons {
		if r.Code != fault.OverLimit || x.uses == 1 {
			require.Contains(rt, r.Detail, remedies[r.Code], "it names what to do")
			require.False(rt, strings.HasPrefix(r.Detail, string(r.Code)+":"), "the code stands beside %q", r.Detail)
		}
		if said[r.Code] != redeem.Refuse {
			said[r.Code] = r.Outcome
		}
	}
	require.Equal(rt, against, said, "%+v by a clock at %s, known to be past %s", x, wall, w.known)
	require.Equal(rt, outcome(against, x.override), d.Outcome)
	if d.Outcome != redeem.Allow {
		require.Zero(rt, d.Redemption)
		require.Equal(rt, w.left(x), d.UsesLeft)
		return
	}
	require.Len(rt, d.Redemptions, x.uses)
	w.record(x, d.Redemptions, wall)
	require.Equal(rt, w.left(x), d.UsesLeft)
	if len(against) == 0 {
		w.promised(rt, x, wall)
	}
}

// repeats holds the answer to a repeated call to what stands.
func (w *world) repeats(rt *rapid.T, x wish, d redeem.Decision, standing []*use) {
	require.True(rt, d.Again && d.Outcome == redeem.Allow, "a repeated call has the answer of the first")
	var ids []record.ID
	sum := record.Money{Currency: standing[0].currency}
	for _, u := range standing {
		ids, sum.Amount = append(ids, u.redemption), sum.Amount+u.given
	}
	require.Equal(rt, ids, d.Redemptions)
	require.Equal(rt, sum, d.Given)
	require.Equal(rt, x.differs(standing), d.Differs)
	require.Equal(rt, w.left(x), d.UsesLeft)
}

// promised asks of what was allowed by nobody's word what the till promises, by the truth that it cannot see.
func (w *world) promised(rt *rapid.T, x wish, wall time.Time) {
	wrong := wall.Sub(w.truth).Abs() + time.Second
	if !x.short {
		require.True(rt, w.truth.After(x.pass.NotBefore.Add(-wrong)) && w.truth.Before(x.pass.NotAfter.Add(wrong)),
			"allowed at %s by a clock %s wrong, valid %s to %s", w.truth, wrong, x.pass.NotBefore, x.pass.NotAfter)
	}
	require.True(rt, w.terminal.Status().ClockTrusted, "allowed by a clock that is not believed")
	uses, unreported := 0, map[record.ID]int64{}
	for l, err := range w.terminal.Records(w.shop.ctx, redeem.Query{}) {
		require.NoError(rt, err)
		rec := l.Record
		_, counts := unreported[rec.Of]
		switch {
		case rec.Kind == record.Correction && counts:
			unreported[rec.Of] = rec.Given.Amount
		case rec.Kind != record.Redemption || l.Voided:
			continue
		case !l.Reported:
			unreported[rec.ID] = rec.Given.Amount
		}
		if rec.Kind == record.Redemption && rec.Offer == x.pass.ID {
			uses++
		}
	}
	sum := int64(0)
	for _, amount := range unreported {
		sum += amount
	}
	require.LessOrEqual(rt, uses, x.pass.Uses)
	require.LessOrEqual(rt, sum, w.policy.Unreported.Value)
}

// void takes back: by the redemption or by the offer, wholly or in part, what is left or an amount.
func (w *world) void(rt *rapid.T) {
	live := w.live(func(*use) bool { return true })
	if len(live) == 0 {
		return
	}
	u, partial := live[rapid.IntRange(0, len(live)-1).Draw(rt, "which")], rapid.Bool().Draw(rt, "partial")
	req := redeem.VoidRequest{Redemption: u.redemption, Partial: partial}
	if rapid.Bool().Draw(rt, "by offer") {
		u = w.newest(u.offer)
		req.Redemption, req.Scanned = record.ID{}, u.offer.Code()
	}
	var stated *int64
	if rapid.Bool().Draw(rt, "an amount") {
		stated = new(rapid.Int64Range(0, 300).Draw(rt, "returned"))
		req.Returned = euros(*stated)
	}
	done, err := w.terminal.Void(w.shop.ctx, req)
	if code := w.returns(u, stated, partial); code != "" {
		require.ErrorIs(rt, err, code)
		return
	}
	require.NoError(rt, err)
	require.Equal(rt, []record.ID{u.redemption}, done.Redemptions)
	w.addsUp(rt)
}

// correct changes what a redemption gave.
func (w *world) correct(rt *rapid.T) {
	live := w.live(func(*use) bool { return true })
	if len(live) == 0 {
		return
	}
	u, amount := live[rapid.IntRange(0, len(live)-1).Draw(rt, "which")], rapid.Int64Range(0, 900).Draw(rt, "amount")
	byPOS, override := rapid.Bool().Draw(rt, "by the POS"), rapid.IntRange(0, 3).Draw(rt, "manager") == 0
	req := redeem.CorrectRequest{Redemption: u.redemption, Given: euros(amount)}
	if !byPOS {
		req.Given, req.Sale = record.Money{}, terms.Sale{Currency: "EUR", Lines: []terms.Line{{Amount: amount}}}
	}
	if override {
		req.Override = &redeem.Override{Manager: "12", Why: "because"}
	}
	done, err := w.terminal.Correct(w.shop.ctx, req)
	code, again := w.corrects(u, amount, byPOS, override)
	if code != "" {
		require.ErrorIs(rt, err, code)
		return
	}
	require.NoError(rt, err)
	require.Equal(rt, again, done.Again)
	w.addsUp(rt)
}

// addsUp asks that what is cashed up is what the model has.
func (w *world) addsUp(rt *rapid.T) {
	totals, err := w.terminal.Totals(w.shop.ctx, redeem.Query{})
	require.NoError(rt, err)
	sum := redeem.Total{}
	for _, total := range totals {
		sum.Given, sum.Returned = sum.Given+total.Given, sum.Returned+total.Returned
	}
	given, back := w.sums()
	require.Equal(rt, []int64{given, back}, []int64{sum.Given, sum.Returned})
}

func (w *world) bundle(rt *rapid.T) {
	w.sequence++
	w.revoked, w.offline, w.beyond = nil, map[string]trust.Allowance{}, map[string]bool{}
	var spent []offer.ID
	for _, p := range w.passes {
		switch rapid.IntRange(0, 5).Draw(rt, "fate") {
		case 0:
			w.revoked = append(w.revoked, p.ID)
		case 1:
			spent = append(spent, p.ID)
		}
	}
	b := trust.Bundle{
		Sequence: w.sequence, Merchant: "m-1", Made: w.truth.Truncate(time.Millisecond), Keys: []offer.Key{issuer.Key()},
		Revoked: trust.Offers{IDs: w.revoked},
	}
	if rapid.Bool().Draw(rt, "campaign") {
		limit := trust.Allowance{Value: rapid.Int64Range(1, 900).Draw(rt, "of campaign"), Currency: "EUR"}
		w.offline["a"], w.beyond["a"] = limit, rapid.Bool().Draw(rt, "ask beyond")
		b.Campaigns = []trust.Campaign{{Name: "a", Offline: limit, AskBeyond: w.beyond["a"]}}
	}
	var err error
	b.Spent, err = trust.NewFilter(trust.Offers{IDs: spent})
	require.NoError(rt, err)
	data, err := trust.Sign(b, root)
	require.NoError(rt, err)
	require.NoError(rt, w.terminal.InstallBundle(w.shop.ctx, data))
	w.made, w.spent = b.Made, b.Spent
	w.hear(w.made, false, w.shop.clock.wall())
	w.save(w.shop.clock.wall())
}

// Whatever happens to a till: no offer is allowed outside its validity while the clock is not believed, and by no more
// than the clock's own error while it is; none more often than it may be; no budget is exceeded; and none is turned
// away but for the reasons that the model has, each of which names what to do.
func TestWhateverHappensWhatIsPromisedHolds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, rt)
		defer func() { w.terminal.Close() }()
		rt.Repeat(map[string]func(*rapid.T){
			"redeem":       w.redeem,
			"redeem again": w.redeem,
			"and again":    w.redeem,
			"void":         w.void,
			"correct":      w.correct,
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
			"clock is set a little": func(rt *rapid.T) {
				w.shop.clock.set(w.shop.clock.wall().Add(time.Duration(rapid.IntRange(-400, 400).Draw(rt, "seconds")) *
					time.Second))
			},
			"clock is set right": func(*rapid.T) { w.shop.clock.set(w.truth) },
			"report": func(rt *rapid.T) {
				require.NoError(rt, w.terminal.ReportNow(w.shop.ctx))
				w.model.report(w.truth, w.shop.clock.wall())
			},
			"restart": func(rt *rapid.T) {
				w.close(rt)
				w.reopen(rt)
				w.start(w.boot, w.up, w.shop.clock.wall())
			},
			"reboot": func(rt *rapid.T) {
				w.close(rt)
				w.boots++
				off := time.Duration(rapid.IntRange(0, 12).Draw(rt, "hours off")) * time.Hour
				up := time.Duration(rapid.IntRange(1, 60*60).Draw(rt, "seconds up"))*time.Second +
					time.Duration(rapid.IntRange(0, 50).Draw(rt, "hours up"))*time.Hour
				wall := w.shop.clock.wall().Add(off + up)
				w.truth = w.truth.Add(off + up)
				w.shop.clock.reboot(wall, fmt.Sprint("boot ", w.boots), up)
				w.reopen(rt)
				w.start(w.boots, up, w.shop.clock.wall())
			},
		})
	})
}
