package redeem_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
)

// An asideCut is the disk as the power left it while records were found out, set aside and answered in the end.
type asideCut struct {
	disk   *vfs.Memory
	booked []uint64 // what the backend had by then
	at     string
}

// The power fails before every operation on the disk, from the first failure to the answer to what was set aside.
func TestTheTillCrashesWhileItSetsAside(t *testing.T) {
	shop, desk, terminal := pickyShop(t)
	require.NoError(t, terminal.Close())
	var power hook
	disk := shop.disk.(*vfs.Memory).Crash(func(int) bool { return true })
	disk.Before = power.before
	shop.disk = disk
	terminal = shop.open(t)
	redeemSome(t, terminal, 5)
	desk.over = failing(problem(fault.Internal), 2, 4)
	var cuts []asideCut
	power.set(func(op vfs.Operation) error {
		for i, way := range disk.Crashes(ways(), uint64(len(cuts))) {
			at := fmt.Sprintf("way %d before %v, cut %d", i, op, len(cuts))
			cuts = append(cuts, asideCut{disk.Crash(way), desk.numbers(), at})
		}
		return nil
	})
	for len(asideOf(terminal)) < 2 {
		require.Error(t, terminal.ReportNow(t.Context()))
	}
	found := len(cuts)
	desk.over = nil
	require.NoError(t, terminal.ReportNow(t.Context()))
	power.set(nil)
	require.NoError(t, terminal.Close())
	require.Greater(t, found, 20)
	require.Greater(t, len(cuts), found)
	for _, c := range cuts {
		shop.goesOnAside(t, c)
	}
}

// goesOnAside opens what a crash left, at a backend that has what it had by then and still fails.
func (s *shop) goesOnAside(t *testing.T, c asideCut) {
	t.Helper()
	after := *s
	desk := &picky{desk: newDesk(s.clock.wall), over: failing(problem(fault.Internal), 2, 4)}
	desk.desk.keys = s.desk.keys
	after.disk, after.cfg.Reporter = c.disk, desk
	terminal := after.open(t)
	defer terminal.Close()
	for i := 0; i < 8 && terminal.Status().Pending > len(asideOf(terminal)); i++ {
		terminal.ReportNow(t.Context())
	}
	status := terminal.Status()
	require.Equal(t, status.Pending, len(status.SetAside), c.at)
	for _, number := range asideOf(terminal) {
		require.Contains(t, []uint64{2, 4}, number, c.at)
	}
	desk.over = nil
	require.NoError(t, terminal.ReportNow(t.Context()), c.at)
	require.Zero(t, terminal.Status().Pending, c.at)
	require.Empty(t, asideOf(terminal), c.at)
	assert.Subset(t, append(desk.numbers(), c.booked...), numbersTo(5), c.at)
}

func TestAnAnswerThatIsLostWhileAReportIsHalvedBooksNothingTwice(t *testing.T) {
	for lost := range 12 {
		t.Run(fmt.Sprint("answer ", lost), func(t *testing.T) {
			_, desk, terminal := pickyShop(t)
			redeemSome(t, terminal, 9)
			desk.over = failing(problem(fault.Internal), 6)
			answers := 0
			desk.after = func(int) error {
				if answers++; answers == lost+1 {
					return problem(fault.Unreachable)
				}
				return nil
			}
			for range 9 {
				require.Error(t, terminal.ReportNow(t.Context()))
			}
			assert.Equal(t, []uint64{6}, asideOf(terminal))
			assert.Equal(t, numbersTo(9, 6), desk.numbers())
			assert.Equal(t, 8, desk.redemptions())
			assert.Equal(t, 1, terminal.Status().Pending)
		})
	}
}
