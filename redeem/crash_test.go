package redeem_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// A saleStep is one call in the life of a sale. writes says whether it changes the journal.
type saleStep struct {
	name   string
	call   func(*testing.T, *redeem.Terminal) error
	writes bool
	// several says that it makes several records, of which some may be there after a crash; the repeated call makes the
	// others.
	several bool
}

func (s saleStep) ofSeveral() saleStep {
	s.several = true
	return s
}

// A life is what happens to an offer in one sale or several, and what stands at its end: the totals, how many records
// there are, and how many more uses the till may grant.
type life struct {
	name    string
	pass    func(*offer.Pass)
	steps   func(scanned string, receipt func() record.Receipt) []saleStep
	totals  redeem.Total
	records int
	left    int
}

func euros(cents int64) record.Money { return record.Money{Amount: cents, Currency: "EUR"} }

// asked is a step that decides and must allow.
func asked(name string, writes bool, ask func(*testing.T, *redeem.Terminal) (redeem.Decision, error)) saleStep {
	return saleStep{name: name, call: func(t *testing.T, terminal *redeem.Terminal) error {
		d, err := ask(t, terminal)
		if err == nil {
			require.Equal(t, redeem.Allow, d.Outcome, "%s: %s", name, d)
		}
		return err
	}, writes: writes}
}

func checks(req redeem.Request) saleStep {
	return asked("check "+req.SaleKey, false, func(t *testing.T, terminal *redeem.Terminal) (redeem.Decision, error) {
		return terminal.Check(t.Context(), req)
	})
}

func reserves(req redeem.Request) saleStep {
	return asked("reserve "+req.SaleKey, !req.Training, func(t *testing.T, terminal *redeem.Terminal) (redeem.Decision,
		error) {
		return terminal.Reserve(t.Context(), req, time.Hour)
	})
}

func redeems(req redeem.Request) saleStep {
	return asked("redeem "+req.SaleKey, !req.Training, func(t *testing.T, terminal *redeem.Terminal) (redeem.Decision,
		error) {
		return terminal.Redeem(t.Context(), req)
	})
}

func voids(name string, training bool, req func() redeem.VoidRequest) saleStep {
	return saleStep{name: name, call: func(t *testing.T, terminal *redeem.Terminal) error {
		_, err := terminal.Void(t.Context(), req())
		return err
	}, writes: !training}
}

func releases(sale string) saleStep {
	return saleStep{name: "release " + sale, call: func(t *testing.T, terminal *redeem.Terminal) error {
		_, err := terminal.Release(t.Context(), sale, "")
		return err
	}, writes: true}
}

func corrects(name string, req func() redeem.CorrectRequest) saleStep {
	return saleStep{name: name, call: func(t *testing.T, terminal *redeem.Terminal) error {
		_, err := terminal.Correct(t.Context(), req())
		return err
	}, writes: true}
}

// lives are the lives that are cut short.
func lives() []life {
	request := func(scanned, sale string) redeem.Request {
		return redeem.Request{Scanned: scanned, SaleKey: sale, Given: euros(300)}
	}
	part := func(sale, key string, cents int64) saleStep {
		return voids("void a part", false, func() redeem.VoidRequest {
			return redeem.VoidRequest{SaleKey: sale, Key: key, Partial: true, Returned: euros(cents)}
		})
	}
	return []life{
		{name: "one use", records: 4, left: 1,
			totals: redeem.Total{Currency: "EUR", Campaign: "spring", Redemptions: 1, Given: 300, GivenByPOS: 300, Voids: 2,
				Returned: 300},
			steps: func(scanned string, _ func() record.Receipt) []saleStep {
				sale := request(scanned, "sale")
				return []saleStep{checks(sale), reserves(sale), redeems(sale), part("sale", "return", 100),
					voids("void", false, func() redeem.VoidRequest { return redeem.VoidRequest{SaleKey: "sale"} })}
			}},
		{name: "some items, one after the other", records: 4, left: 0,
			totals: redeem.Total{Currency: "EUR", Campaign: "spring", Redemptions: 1, Given: 300, GivenByPOS: 300, Voids: 3,
				Returned: 250},
			steps: func(scanned string, _ func() record.Receipt) []saleStep {
				return []saleStep{redeems(request(scanned, "sale")), part("sale", "r1", 100), part("sale", "r2", 100),
					part("sale", "r3", 50)}
			}},
		{name: "three uses", records: 7, left: 1, pass: func(p *offer.Pass) { p.Uses, p.OfflineUses = 3, 3 },
			totals: redeem.Total{Currency: "EUR", Campaign: "spring", Redemptions: 3, Given: 900, GivenByPOS: 900, Voids: 2,
				Returned: 300},
			steps: func(scanned string, receipt func() record.Receipt) []saleStep {
				a, b, c := request(scanned, "a"), request(scanned, "b"), request(scanned, "c")
				return []saleStep{redeems(a), reserves(b), redeems(b), checks(c), reserves(c), redeems(c), part("a", "r", 50),
					voids("void by receipt", false, func() redeem.VoidRequest {
						return redeem.VoidRequest{Receipt: receipt(), Key: "r2"}
					})}
			}},
		{name: "given up and taken anew", records: 4, left: 0,
			totals: redeem.Total{Currency: "EUR", Campaign: "spring", Redemptions: 1, Given: 300, GivenByPOS: 300},
			steps: func(scanned string, _ func() record.Receipt) []saleStep {
				a, b := request(scanned, "a"), request(scanned, "b")
				return []saleStep{reserves(a), releases("a"), reserves(b), redeems(b)}
			}},
		{name: "the basket changes", records: 6, left: 1,
			totals: redeem.Total{Currency: "EUR", Campaign: "spring", Redemptions: 1, Given: 120, GivenByPOS: 120,
				Corrections: 3, Voids: 2, Returned: 120},
			steps: func(scanned string, _ func() record.Receipt) []saleStep {
				amount := func(cents int64) saleStep {
					return corrects(fmt.Sprint("correct to ", cents),
						func() redeem.CorrectRequest {
							return redeem.CorrectRequest{SaleKey: "sale",
								Given: euros(cents)}
						})
				}
				return []saleStep{redeems(request(scanned, "sale")), amount(200), amount(450),
					part("sale", "return", 100), amount(120),
					voids("void", false, func() redeem.VoidRequest { return redeem.VoidRequest{SaleKey: "sale"} })}
			}},
		{name: "three uses at once", records: 13, left: 4, pass: func(p *offer.Pass) { p.Uses, p.OfflineUses = 4, 4 },
			totals: redeem.Total{Currency: "EUR", Campaign: "spring", Redemptions: 3, Given: 600, GivenByPOS: 600,
				Corrections: 3, Voids: 7, Returned: 600},
			steps: func(scanned string, _ func() record.Receipt) []saleStep {
				sale := request(scanned, "sale")
				sale.Uses, sale.Given = 3, euros(900) // dealt out evenly: which one is the newest after a crash is open
				return []saleStep{redeems(sale).ofSeveral(),
					corrects("correct", func() redeem.CorrectRequest {
						return redeem.CorrectRequest{SaleKey: "sale",
							Given: euros(600)}
					}).ofSeveral(),
					voids("void the newest", false,
						func() redeem.VoidRequest { return redeem.VoidRequest{Scanned: scanned, Key: "r1"} }),
					part("sale", "r2", 100).ofSeveral(), part("sale", "r3", 7).ofSeveral(),
					voids("void", false, func() redeem.VoidRequest {
						return redeem.VoidRequest{SaleKey: "sale",
							Key: "r4"}
					}).ofSeveral()}
			}},
		{name: "training", records: 1, left: 0,
			totals: redeem.Total{Currency: "EUR", Campaign: "spring", Redemptions: 1, Given: 300, GivenByPOS: 300},
			steps: func(scanned string, _ func() record.Receipt) []saleStep {
				real := request(scanned, "sale")
				training := real
				training.Training = true
				return []saleStep{checks(training), reserves(training), redeems(training),
					voids("void in training", true, func() redeem.VoidRequest {
						return redeem.VoidRequest{SaleKey: "sale", Key: "k", Training: true}
					}), redeems(real)}
			}},
		{name: "another till's redemption", records: 2, left: 0,
			totals: redeem.Total{Currency: "EUR", Campaign: "spring", Voids: 1, Returned: 40, Redemptions: 1, Given: 300,
				GivenByPOS: 300},
			steps: func(scanned string, _ func() record.Receipt) []saleStep {
				return []saleStep{voids("void elsewhere", false, func() redeem.VoidRequest {
					return redeem.VoidRequest{Scanned: scanned, Key: "return", Returned: euros(40)}
				}), redeems(request(scanned, "sale"))}
			}},
	}
}

// A hook is what a disk asks before every operation. It is set while the journal may be using the disk.
type hook struct {
	mu  sync.Mutex
	ask func(vfs.Operation) error
}

func (h *hook) before(op vfs.Operation) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ask == nil {
		return nil
	}
	return h.ask(op)
}

func (h *hook) set(ask func(vfs.Operation) error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ask = ask
}

// A cut is the disk as the power left it: during a step, with those before acknowledged.
type cut struct {
	disk *vfs.Memory
	step int
	at   string
}

// picture is the state of all sales: what happened and what became of it.
func picture(t *testing.T, terminal *redeem.Terminal) (all []string) {
	for _, l := range listed(t, terminal, redeem.Query{}) {
		r := l.Record
		all = append(all, fmt.Sprintf("%s %s %d by %s partial=%t voided=%t completes=%t, one of several=%t, was %d",
			r.Kind, r.Sale.Key, r.Given.Amount,
			r.GivenBy, r.Partial, l.Voided, r.Kind == record.Redemption && !r.Of.IsZero(), !r.Group.IsZero(),
			r.Before.Amount))
	}
	slices.Sort(all) // after a crash a call of several records goes on with those that are missing
	return all
}

// isBetween reports whether a picture has all of the one before a step, and of what the step adds some.
func isBetween(before, state, after []string) bool {
	rest := slices.Clone(after)
	for _, line := range state {
		at := slices.IndexFunc(rest, func(other string) bool { return sameButVoided(line, other) })
		if at < 0 {
			return false
		}
		rest = slices.Delete(rest, at, at+1)
	}
	return len(before) <= len(state)
}

// sameButVoided compares two lines of pictures, of which one may be from before its void.
func sameButVoided(a, b string) bool {
	later := func(line string) string { return strings.ReplaceAll(line, "voided=false", "voided=true") }
	return later(a) == later(b)
}

// firstReceipt is printed for the first redemption of all.
func firstReceipt(t *testing.T, terminal *redeem.Terminal) record.Receipt {
	for _, l := range listed(t, terminal, redeem.Query{}) {
		if l.Record.Kind == record.Redemption {
			return l.Receipt
		}
	}
	t.Fatal("nothing was redeemed yet")
	return ""
}

// ways is in how many ways the power goes at one moment.
func ways() int {
	if *isLong {
		return 16
	}
	return 6
}

// The power fails before every operation on the disk, in every way in which it may leave what was not flushed:
// afterwards the sale is as before the call or as after it, and the call with the same key finishes it.
func TestSaleIsInOneStateAfterEveryCrashAndRepeatingFinishesIt(t *testing.T) {
	for _, l := range lives() {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			shop := newShop(t)
			var power hook
			disk := &vfs.Memory{Before: power.before}
			shop.dir, shop.disk = "till", disk
			terminal := shop.online(t)
			scanned := pass(t, l.pass)
			var now *redeem.Terminal // whose receipt is meant
			script := l.steps(scanned, func() record.Receipt { return firstReceipt(t, now) })
			now = terminal
			var cuts []cut
			pictures := [][]string{picture(t, terminal)}
			for step := range script {
				before := len(cuts)
				power.set(func(op vfs.Operation) error {
					for i, way := range disk.Crashes(ways(), uint64(len(cuts))) {
						cuts = append(cuts, cut{disk.Crash(way), step, fmt.Sprintf("%s, way %d before %v", script[step].name, i, op)})
					}
					return nil
				})
				require.NoError(t, script[step].call(t, terminal))
				power.set(nil)
				if script[step].writes {
					require.GreaterOrEqual(t, len(cuts)-before, 3,
						"%s: written and flushed, and the power may go before, between and half way", script[step].name)
				}
				pictures = append(pictures, picture(t, terminal))
				require.Equal(t, script[step].writes, !slices.Equal(pictures[step], pictures[step+1]), script[step].name)
			}
			require.NoError(t, terminal.Close())
			for _, c := range cuts {
				after := *shop
				after.disk = c.disk
				after.finishes(t, l, c, scanned, script, pictures, &now)
			}
		})
	}
}

// finishes opens what a crash left and goes on with the step that was under way.
func (s *shop) finishes(t *testing.T, l life, c cut, scanned string, script []saleStep, pictures [][]string,
	now **redeem.Terminal) {
	t.Helper()
	desk := newDesk(s.clock.wall)
	desk.keys = s.desk.keys
	s.desk, s.cfg.Reporter = desk, desk
	terminal := s.open(t)
	*now = terminal
	defer terminal.Close()
	state := picture(t, terminal)
	require.True(t, slices.Equal(state, pictures[c.step]) || slices.Equal(state, pictures[c.step+1]) ||
		script[c.step].several &&
			isBetween(pictures[c.step], state, pictures[c.step+1]), "%s: %q", c.at, state)
	for i := c.step; i < len(script); i++ {
		for range 2 { // and once more changes nothing
			require.NoError(t, script[i].call(t, terminal), c.at)
			require.Equal(t, pictures[i+1], picture(t, terminal), "%s, then %s", c.at, script[i].name)
		}
	}
	s.addsUp(t, l, terminal, scanned, c.at)
}

// addsUp asks that at the end of a life everything stands as it should, and that the backend takes it.
func (s *shop) addsUp(t *testing.T, l life, terminal *redeem.Terminal, scanned, at string) {
	t.Helper()
	d, err := terminal.Check(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "another"})
	require.NoError(t, err)
	require.Equal(t, l.left > 0, d.Outcome == redeem.Allow, "%s: %s", at, d)
	require.Equal(t, l.left, d.UsesLeft, at)
	totals, err := terminal.Totals(t.Context(), redeem.Query{})
	require.NoError(t, err)
	var sum redeem.Total
	for _, total := range totals {
		sum.Redemptions, sum.Given, sum.GivenByPOS = sum.Redemptions+total.Redemptions, sum.Given+total.Given, sum.GivenByPOS+
			total.GivenByPOS
		sum.Voids, sum.Returned, sum.Corrections = sum.Voids+total.Voids, sum.Returned+total.Returned,
			sum.Corrections+total.Corrections
	}
	sum.Currency, sum.Campaign = l.totals.Currency, l.totals.Campaign
	require.Equal(t, l.totals, sum, at)
	require.NoError(t, terminal.ReportNow(t.Context()), "%s: the chain holds", at)
	require.Len(t, s.desk.booked, l.records, at)
}

// The same with the disk that fails for good at every operation: the call errs or its record is there, and never both
// are wrong. After the till was started again the same call finishes the sale.
func TestSaleIsFinishedAfterTheDiskFailed(t *testing.T) {
	for _, l := range lives() {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			for nth := 1; newShop(t).failsOnce(t, l, nth); nth++ {
			}
		})
	}
}

// failsOnce reports whether the script came to the nth operation.
func (s *shop) failsOnce(t *testing.T, l life, nth int) bool {
	var power hook
	disk := &vfs.Memory{Before: power.before}
	s.dir, s.disk = "till", disk
	terminal := s.online(t)
	failure := &vfs.Failure{Nth: nth, Err: errors.New("input/output error")}
	power.set(failure.Fail)
	scanned := pass(t, l.pass)
	script := l.steps(scanned, func() record.Receipt { return firstReceipt(t, terminal) })
	done := 0
	for done < len(script) && script[done].call(t, terminal) == nil {
		done++
	}
	power.set(nil)
	_ = terminal.Close()
	if failure.Count() < nth {
		require.Equal(t, len(script), done)
		return false
	}
	s.disk = disk.Crash(func(int) bool { return true })
	terminal = s.open(t)
	defer terminal.Close()
	for _, step := range script[done:] {
		require.NoError(t, step.call(t, terminal), "failure %d, then %s", nth, step.name)
	}
	s.addsUp(t, l, terminal, scanned, fmt.Sprint("failure ", nth))
	return true
}
