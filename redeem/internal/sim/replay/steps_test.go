package replay

import (
	"testing/synctest"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/internal/vfs"
)

// A step is one thing that happens, and how often it does among all. In a calm history somebody redeems in place of a
// wild one.
type step struct {
	name   string
	weight int
	do     func(*history)
	wild   bool
}

// steps are all that may happen.
var steps = []step{
	{"redeem", 30, (*history).redeem, false},
	{"redeem again", 8, (*history).redeemAgain, false},
	{"check", 4, (*history).check, false},
	{"reserve", 6, (*history).reserve, false},
	{"release", 3, (*history).release, false},
	{"void", 12, (*history).void, false},
	{"correct", 7, (*history).correct, false},
	{"report", 9, (*history).report, false},
	{"verdicts", 3, (*history).verdicts, false},
	{"records", 3, (*history).records, false},
	{"totals", 2, (*history).totals, false},
	{"status", 3, (*history).status, false},
	{"time passes", 7, (*history).wait, false},
	{"reopen", 2, (*history).reopen, false},
	{"crash", 2, (*history).cut, false},
	{"rotate", 1, (*history).rotate, false},
	{"correct the time", 1, func(h *history) { h.backend.correct() }, false},
	{"end forgotten", 1, (*history).endForgotten, false},
	{"back up", 1, (*history).backUp, true},
	{"restore", 1, (*history).restore, true},
	{"bundle", 3, (*history).install, true},
	{"the clock jumps", 2, (*history).jump, true},
	{"decree", 1, func(h *history) { h.backend.decree() }, true},
	{"new settings", 1, (*history).configureAnew, true},
	{"damage", 1, (*history).damage, true},
}

var allWeights = func() (sum int) {
	for _, s := range steps {
		sum += s.weight
	}
	return sum
}()

func (h *history) anyStep() step {
	n := h.IntN(allWeights)
	for _, s := range steps {
		if n -= s.weight; n < 0 {
			return s
		}
	}
	panic("the weights do not add up")
}

// take takes one step, with trouble of the disk now and then, and writes down what came of it.
func (h *history) take(s step) {
	h.say.fact("# "+s.name, h.passed.String())
	var after *vfs.Memory
	what, nth, kept := h.IntN(60), 1+h.IntN(3), pick(h.chance, 0, h.IntN(12), 1<<30)
	switch {
	case !*troubles:
	case what == 0: // the power fails at a flush: what was written is on the disk, or the beginning of it, or nothing
		h.trouble.begin(h.disk, nth, func() { after = h.disk.Crash(func(i int) bool { return i < kept }) })
	case what == 1:
		h.trouble.begin(h.disk, nth, nil)
	case what == 2:
		h.trouble.fill()
	case what == 3:
		h.trouble.hide()
	}
	if s.wild && h.calm {
		s.do = (*history).redeem
	}
	s.do(h)
	synctest.Wait()
	h.events.tell(h.say)
	if h.trouble.end() && after != nil {
		h.say.fact("# the power failed")
		h.recover(after)
	}
	if h.in(3) {
		h.pass(h.span(0, 90*time.Second))
	}
}

// pass lets time pass for the clock and for the timers of the program.
func (h *history) pass(d time.Duration) {
	time.Sleep(d)
	h.passed += d
	h.clock.pass(d)
}

// recover opens the terminal on what a loss of power left.
func (h *history) recover(after *vfs.Memory) {
	if h.till != nil {
		h.crash(after)
	}
	if h.in(2) {
		h.clock.reboot()
	}
	h.open()
}

// decided writes down a decision and keeps what was sold.
func (h *history) decided(r redeem.Request, d redeem.Decision, err error) {
	h.say.failure(err)
	h.say.decision(&d)
	h.last = r
	if !d.Redemption.IsZero() {
		h.sold = append(h.sold, sold{d.Redemption, d.Receipt, r})
	}
}

func (h *history) redeem() {
	r := h.request()
	d, err := h.till.Redeem(h.ctx, r)
	h.decided(r, d, err)
}

func (h *history) redeemAgain() {
	r := h.repeated()
	d, err := h.till.Redeem(h.ctx, r)
	h.decided(r, d, err)
}

func (h *history) check() {
	r := h.request()
	d, err := h.till.Check(h.ctx, r)
	h.decided(r, d, err)
}

func (h *history) reserve() {
	r := h.request()
	if h.in(4) {
		r = h.repeated()
	}
	if !h.in(10) {
		r.Uses = 0
	}
	d, err := h.till.Reserve(h.ctx, r, pick(h.chance, h.span(0, 25*time.Hour), time.Second, time.Hour, 24*time.Hour))
	h.decided(r, d, err)
}

func (h *history) release() {
	key, date := h.saleKey(), h.date()
	if h.in(2) {
		key, date = h.last.SaleKey, h.last.BusinessDate
	}
	ids, err := h.till.Release(h.ctx, key, date)
	h.say.failure(err)
	h.say.ids("released", ids)
}

// void takes something back. Where nothing was sold it mostly sells something instead.
func (h *history) void() {
	if len(h.sold) == 0 && !h.in(5) {
		h.redeem()
		return
	}
	v, err := h.till.Void(h.ctx, h.voidRequest())
	h.say.failure(err)
	h.say.voided(v)
}

// correct changes an amount. Where nothing was sold it mostly sells something instead.
func (h *history) correct() {
	if len(h.sold) == 0 && !h.in(5) {
		h.redeem()
		return
	}
	c, err := h.till.Correct(h.ctx, h.correctRequest())
	h.say.failure(err)
	h.say.corrected(c)
}

func (h *history) report() {
	if h.in(6) && h.backend.bundle < newest {
		h.backend.bundle++
	} else if h.backend.rude && h.in(8) {
		h.backend.bundle = h.IntN(len(h.shop.bundles))
	}
	times := 1
	if h.backend.poison {
		times = 5 // so many failures it takes to find what is to blame
	}
	for range times {
		h.say.failure(h.till.ReportNow(h.ctx))
	}
	h.status()
}

func (h *history) verdicts() {
	for v, err := range h.till.Verdicts(h.ctx) {
		h.say.failure(err)
		h.say.verdict(v)
		if h.in(2) {
			h.say.failure(h.till.Acknowledge(h.ctx, v.Record))
		}
	}
}

func (h *history) records() {
	for l, err := range h.till.Records(h.ctx, h.query()) {
		h.say.failure(err)
		h.say.listed(l)
	}
}

func (h *history) totals() {
	all, err := h.till.Totals(h.ctx, h.query())
	h.say.failure(err)
	for _, t := range all {
		h.say.total(t)
	}
}

func (h *history) status() { h.say.status(h.till.Status()) }

func (h *history) install() {
	h.say.failure(h.till.InstallBundle(h.ctx, pick(h.chance, h.shop.bundles...)))
}

func (h *history) wait() {
	if h.calm {
		h.pass(pick(h.chance, h.span(0, 6*time.Hour), time.Minute, time.Hour, 20*time.Hour))
		return
	}
	h.pass(pick(h.chance, h.span(0, 24*time.Hour), h.span(0, 30*24*time.Hour), time.Minute, time.Hour, 20*time.Hour,
		24*time.Hour, 7*24*time.Hour))
}

func (h *history) jump() { h.clock.set(h.span(-30*24*time.Hour, 30*24*time.Hour)) }

func (h *history) reopen() {
	h.close()
	if h.in(3) {
		h.clock.reboot()
		h.pass(h.span(0, 12*time.Hour))
	}
	h.open()
}

// cut is a loss of power between two steps.
func (h *history) cut() {
	kept := h.in(2)
	h.recover(h.disk.Crash(func(int) bool { return kept }))
}

func (h *history) endForgotten() {
	h.say.failure(h.till.EndForgotten(h.ctx, redeem.Override{Manager: "99", Why: "looked it up"}))
}

func (h *history) rotate() { h.say.failure(h.till.RotateKey(h.ctx)) }

// configureAnew opens the terminal with another policy, and now and then to move it.
func (h *history) configureAnew() {
	h.close()
	h.cfg.Policy = h.policy()
	if h.in(3) {
		h.cfg.EnrolmentCode = "ANOTHER CODE"
	}
	h.open()
}

func (h *history) backUp() {
	h.close()
	h.backup = h.disk.Copy()
	h.open()
}

// restore puts an old copy of the terminal's folder back.
func (h *history) restore() {
	h.close()
	if h.backup != nil {
		h.disk = h.backup.Copy()
		h.watchDisk()
	}
	h.open()
}

// damage changes one byte of the journal.
func (h *history) damage() {
	h.close()
	names := segments(h.disk)
	if len(names) > 0 && *troubles {
		name := names[0]
		b := h.disk.Bytes(name)
		b[h.IntN(min(len(b), 6000))] ^= 1 << h.IntN(8)
		h.disk.Put(name, b)
	}
	h.open()
}
