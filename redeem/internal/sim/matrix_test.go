package sim

import (
	"context"
	"fmt"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// steps are the requests of a report, at each of which a fault can strike.
func steps() []string {
	return []string{wire.PathTerminals, wire.PathReports, wire.PathVerdicts, wire.PathBundle}
}

// needsTLS says that a fault is met in a handshake.
func needsTLS(faults ...transporttest.Injection) bool {
	for _, f := range faults {
		if f.Fault == transporttest.BadCertificate {
			return true
		}
	}
	return false
}

// Without -long each fault strikes at one step of four: each step meets a quarter of the faults.
func TestEachFaultAtEachStepWithCrashesBetweenLosesNothing(t *testing.T) {
	for i, f := range transporttest.Faults() {
		for j, step := range steps() {
			if isLeftOut(i+j, 4) {
				continue
			}
			t.Run(fmt.Sprint(f, " at ", step), func(t *testing.T) {
				meet(t, transporttest.Injection{Fault: f, Path: step, Times: 2})
			})
		}
	}
}

// The second fault strikes at the report, and at every step where OFFLANE_SIM_LARGE is set. Without -long one pair in
// twelve is met: each fault is still the first of some and the second of some.
func TestEachPairOfFaultsWithCrashesBetweenLosesNothing(t *testing.T) {
	second := []string{wire.PathReports}
	if os.Getenv(simLarge) != "" {
		second = steps()
	}
	for i, f := range transporttest.Faults() {
		for j, g := range transporttest.Faults() {
			if isLeftOut(i+j, 12) {
				continue
			}
			for _, step := range second {
				t.Run(fmt.Sprint(f, " and ", g, " at ", step), func(t *testing.T) {
					meet(t, transporttest.Injection{Fault: f, Path: wire.PathReports, Times: 1}, transporttest.Injection{Fault: g,
						Path: step, Times: 1})
				})
			}
		}
	}
}

// meet plays one short story in which these faults strike while the till and the backend crash in between.
func meet(t *testing.T, faults ...transporttest.Injection) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, plan{seed: 1, lanes: 2, days: 1, sales: 3, secure: needsTLS(faults...)})
		w.prepare(t)
		for i, f := range faults {
			f.Wait = time.Duration(i+1) * 7 * time.Second
			w.server.Inject(f)
		}
		if err := w.story(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// story: two lanes redeem the same offers; one crashes before it reported, the backend after it was reported to.
func (w *world) story(ctx context.Context) error {
	for i := range 2 {
		w.lanes = append(w.lanes, newLane(w, fmt.Sprintf("lane-%d", i), uint64(i)))
	}
	one, other := w.lanes[0], w.lanes[1]
	for _, l := range w.lanes {
		if err := l.enrolPatiently(ctx); err != nil {
			return err
		}
	}
	for i, l := range []*lane{one, one, other, one, other} {
		if err := l.redeem(ctx, w.passes[i%3]); err != nil {
			return err
		}
		time.Sleep(5 * time.Second)
	}
	one.crash()
	if err := one.start(ctx); err != nil {
		return err
	}
	if err := other.redeem(ctx, w.passes[1]); err != nil {
		return err
	}
	if id, ok := one.anySale(); ok {
		if err := one.void(ctx, redeem.VoidRequest{Redemption: id}, told{of: id}); err != nil {
			return err
		}
	}
	time.Sleep(20 * time.Second)
	if err := w.server.Restart(transporttest.Change{}); err != nil {
		return err
	}
	if err := w.all(func(l *lane) error { return l.settle(ctx) }); err != nil {
		return err
	}
	defer w.all(func(l *lane) error { return l.terminal.Close() })
	return w.audit(ctx)
}

// enrolPatiently opens the till and waits until it has heard the time, whatever strikes meanwhile.
func (l *lane) enrolPatiently(ctx context.Context) error {
	if err := l.start(ctx); err != nil {
		return err
	}
	for range 20 {
		if err := l.terminal.ReportNow(l.cable.into(ctx)); err == nil {
			return nil
		}
		time.Sleep(time.Minute)
	}
	return fmt.Errorf("%s: never enrolled: %s", l.name, l.terminal.Status().LastError)
}
