package redeem_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// A memoryMark is a mark that no copy of a folder reaches.
type memoryMark struct {
	mu     sync.Mutex
	mark   redeem.Mark
	stores int
	err    error
}

func (m *memoryMark) Load(context.Context) (redeem.Mark, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mark, m.err
}

func (m *memoryMark) Store(_ context.Context, mark redeem.Mark) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mark, m.stores = mark, m.stores+1
	return nil
}

// knows has the desk tell how many records it has of the till, and which are missing.
func (d *desk) knows(last uint64, missing ...record.Range) {
	d.tells = func(a *record.Answer) { a.Last, a.Missing = new(last), missing }
}

// A memoryShop is a shop whose folder is in memory, so that it can be copied and put back.
func memoryShop(t *testing.T) (*shop, *vfs.Memory) {
	s, disk := newShop(t), &vfs.Memory{}
	s.dir, s.disk = "till", disk
	return s, disk
}

// asks reports whether a pass that was issued at a moment is asked about because the till may have forgotten it.
func asks(t *testing.T, terminal *redeem.Terminal, issued time.Time) bool {
	t.Helper()
	d, err := terminal.Check(t.Context(), redeem.Request{SaleKey: "asks", Scanned: pass(t, func(p *offer.Pass) {
		p.IssuedAt, p.NotBefore, p.NotAfter = issued, noon.Add(-time.Hour), noon.Add(96*time.Hour)
	})})
	require.NoError(t, err)
	if d.Because(fault.MayHaveForgotten) {
		assert.Equal(t, redeem.Ask, d.Outcome, d.String())
		return true
	}
	assert.Equal(t, redeem.Allow, d.Outcome, d.String())
	return false
}

func removeFrom(t *testing.T, disk *vfs.Memory, dir string, which func(name string) bool) {
	t.Helper()
	names, err := disk.List(dir)
	require.NoError(t, err)
	for _, name := range names {
		if which(name) {
			require.NoError(t, disk.Remove(filepath.Join(dir, name)))
		}
	}
	require.NoError(t, disk.SyncDir(dir))
}

func isJournal(name string) bool { return strings.HasSuffix(name, ".journal") }

// The backend has more of the till than the till has: it goes on above, and asks until it has a bundle made since.
func TestATillThatWasRestoredAsksUntilItHasABundle(t *testing.T) {
	shop, disk := memoryShop(t)
	terminal := shop.online(t)
	redeemSome(t, terminal, 2)
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.NoError(t, terminal.Close())
	snapshot := disk.Copy()
	terminal = shop.open(t)
	forgotten := pass(t, nil)
	require.Equal(t, redeem.Allow, redeemed(t, terminal, forgotten, "x").Outcome)
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.NoError(t, terminal.Close())

	shop.disk = snapshot
	shop.desk.knows(3)
	terminal = shop.open(t)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.True(t, asks(t, terminal, noon.Add(-time.Hour)), "it was issued before the till noticed")
	assert.False(t, asks(t, terminal, noon.Add(time.Hour)), "it was issued since")
	f := terminal.Status().Forgotten
	require.NotNil(t, f)
	assert.Equal(t, []record.Cause{record.CauseBackend}, f.Causes)
	assert.Equal(t, [2]uint64{2, 3}, [2]uint64{f.Above, f.Through})
	assert.False(t, f.Manager, "the backend has it all")
	told := shop.desk.headings[len(shop.desk.headings)-1].Forgotten
	require.NotNil(t, told, "the report says so in the same exchange")
	assert.Equal(t, uint64(2), told.Above)

	require.NoError(t, terminal.Close())
	terminal = shop.open(t)
	assert.True(t, asks(t, terminal, noon.Add(-time.Hour)), "after a restart still")
	require.NoError(t, terminal.InstallBundle(t.Context(), bundleOf(t, bundleWith(t, 2, noon.Add(time.Minute)))))
	assert.False(t, asks(t, terminal, noon.Add(-time.Hour)), "the bundle tells what is spent")
	assert.Nil(t, terminal.Status().Forgotten)
	shop.desk.tells = nil
	redeemSome(t, terminal, 1)
	require.NoError(t, terminal.ReportNow(t.Context()))
	h := shop.desk.headings[len(shop.desk.headings)-1]
	assert.Equal(t, uint64(4), h.First, "its chain goes on above what the backend has")
	assert.Nil(t, h.Forgotten, "that is over")
}

// The journal's files are deleted, the identity stays.
func TestAJournalThatWasDeletedIsNoNewOne(t *testing.T) {
	shop, disk := memoryShop(t)
	terminal := shop.online(t)
	scanned := pass(t, nil)
	require.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, "1").Outcome)
	require.NoError(t, terminal.Close())
	removeFrom(t, disk, shop.dir, isJournal)
	terminal = shop.open(t)
	d := redeemed(t, terminal, scanned, "2")
	assert.Equal(t, redeem.Ask, d.Outcome, "it was allowed again: %s", d)
	shop.desk.knows(0)
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.NoError(t, terminal.InstallBundle(t.Context(), bundleOf(t, bundleWith(t, 2, noon.Add(time.Minute)))))
	assert.True(t, asks(t, terminal, noon.Add(-time.Hour)), "what was not reported is nowhere: no bundle tells of it")
	assert.True(t, terminal.Status().Forgotten.Manager, "a bundle alone does not end it")
	for range 2 {
		require.NoError(t, terminal.Close())
		terminal = shop.open(t)
		assert.Equal(t, []record.Cause{record.CauseJournal}, terminal.Status().Forgotten.Causes, "noticed once")
	}
	endForgotten(t, shop, terminal)
}

// endForgotten has a manager end it, who is reported.
func endForgotten(t *testing.T, shop *shop, terminal *redeem.Terminal) {
	t.Helper()
	assert.ErrorIs(t, terminal.EndForgotten(t.Context(), redeem.Override{Manager: "ms"}), fault.InvalidRequest,
		"without a reason")
	require.NoError(t, terminal.EndForgotten(t.Context(), redeem.Override{Manager: "ms", Why: "I counted the coupons"}))
	assert.False(t, asks(t, terminal, noon.Add(-time.Hour)), "a manager ended it")
	assert.ErrorIs(t, terminal.EndForgotten(t.Context(), redeem.Override{Manager: "ms", Why: "again"}), fault.NotFound)
	require.NoError(t, terminal.Close())
	terminal = shop.open(t)
	assert.False(t, asks(t, terminal, noon.Add(-time.Hour)), "after a restart too")
	require.NoError(t, terminal.ReportNow(t.Context()))
	ended := func() (words []string) {
		for _, h := range shop.desk.headings {
			if h.Forgotten != nil && h.Forgotten.Ended != nil {
				words = append(words, h.Forgotten.Ended.Manager)
			}
		}
		return words
	}
	require.Equal(t, []string{"ms"}, ended(), "the backend hears who ended it")
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.NoError(t, terminal.Close())
	terminal = shop.open(t)
	redeemSome(t, terminal, 1)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Len(t, ended(), 1, "once")
}

// The identity is deleted, or another one's: the journal's records could not be signed.
func TestAnIdentityAndAJournalBelongTogether(t *testing.T) {
	shop, disk := memoryShop(t)
	terminal := shop.online(t)
	redeemSome(t, terminal, 1)
	require.NoError(t, terminal.Close())
	missing := disk.Copy()
	removeFrom(t, missing, shop.dir, func(name string) bool { return name == "terminal.json" })
	for range 2 {
		_, err := redeem.Open(vfs.WithFS(t.Context(), missing), shop.dir, shop.cfg)
		assert.ErrorIs(t, err, fault.Damaged)
		assert.Nil(t, missing.Bytes("till/terminal.json"), "no other identity is made in its place")
	}
	other, otherDisk := memoryShop(t)
	require.NoError(t, other.online(t).Close())
	disk.Put("till/terminal.json", otherDisk.Bytes("till/terminal.json"))
	_, err := redeem.Open(vfs.WithFS(t.Context(), disk), shop.dir, shop.cfg)
	assert.ErrorIs(t, err, fault.Damaged)
}

// The mark stayed where the folder was restored: what was not reported is missing too, until somebody ends it.
func TestTheMarkShowsWhatNobodyElseKnows(t *testing.T) {
	for name, test := range map[string]struct {
		last    uint64
		missing []record.Range
		manager bool
	}{
		"the backend has all":                  {last: 5},
		"the backend has none of it":           {last: 2, manager: true},
		"the backend has some of it":           {last: 4, manager: true},
		"it has more, but not what is lacking": {last: 6, missing: []record.Range{{First: 4, Last: 5}}, manager: true},
	} {
		t.Run(name, func(t *testing.T) {
			shop, disk := memoryShop(t)
			mark := &memoryMark{}
			shop.cfg.Mark = mark
			terminal := shop.online(t)
			redeemSome(t, terminal, 2)
			require.NoError(t, terminal.ReportNow(t.Context()))
			require.NoError(t, terminal.Close())
			snapshot := disk.Copy()
			terminal = shop.open(t)
			assert.Nil(t, terminal.Status().Forgotten, "nothing is forgotten")
			redeemSome(t, terminal, 3)
			require.NoError(t, terminal.Close())
			assert.Equal(t, uint64(5), mark.mark.Number, "Close stores where the journal ends")

			shop.disk = snapshot
			terminal = shop.open(t)
			require.NotNil(t, terminal.Status().Forgotten, "at once, without a network")
			assert.Equal(t, []record.Cause{record.CauseMark}, terminal.Status().Forgotten.Causes)
			assert.True(t, asks(t, terminal, noon.Add(48*time.Hour)), "when it noticed is not known yet")
			shop.desk.knows(test.last, test.missing...)
			require.NoError(t, terminal.ReportNow(t.Context()))
			require.NoError(t, terminal.InstallBundle(t.Context(), bundleOf(t, bundleWith(t, 2, noon.Add(time.Minute)))))
			assert.Equal(t, test.manager, asks(t, terminal, noon.Add(-time.Hour)))
			if test.manager {
				endForgotten(t, shop, terminal)
			}
		})
	}
}

func TestTheMarkFollowsInSteps(t *testing.T) {
	shop, _ := memoryShop(t)
	mark := &memoryMark{}
	shop.cfg.Mark = mark
	terminal := shop.online(t)
	before := mark.stores
	redeemSome(t, terminal, 200)
	require.NoError(t, terminal.Close())
	assert.LessOrEqual(t, mark.stores-before, 8, "not with every record")
	assert.Equal(t, uint64(200), mark.mark.Number)
	for range 3 { // killed: the mark is behind, which is no sign of anything
		terminal = shop.open(t)
		assert.Nil(t, terminal.Status().Forgotten)
		require.NoError(t, terminal.Close())
	}
}

func TestAMarkThatCannotBeReadOrIsAnothersIsAsked(t *testing.T) {
	shop, _ := memoryShop(t)
	require.NoError(t, shop.online(t).Close())
	shop.cfg.Mark = &memoryMark{mark: redeem.Mark{Terminal: record.TerminalID{1}, Number: 3}}
	terminal := shop.open(t)
	assert.True(t, terminal.Status().Forgotten.Manager, "another terminal's")
	require.NoError(t, terminal.Close())

	shop, _ = memoryShop(t)
	require.NoError(t, shop.online(t).Close())
	shop.cfg.Mark = &memoryMark{err: errors.New("the registry is closed")}
	assert.True(t, asks(t, shop.open(t), noon), "what cannot be read is not known")
}

func TestAMarkInAFile(t *testing.T) {
	shop := newShopOnDisk(t)
	name := filepath.Join(filepath.Dir(shop.dir), filepath.Base(shop.dir)+"-marks", "till")
	t.Cleanup(func() { os.RemoveAll(filepath.Dir(name)) })
	shop.cfg.Mark = redeem.MarkFile(filepath.Join(shop.dir, "mark"))
	_, err := redeem.Open(t.Context(), shop.dir, shop.cfg)
	assert.ErrorIs(t, err, fault.InvalidRequest, "a mark in the folder goes where the folder goes")
	shop.cfg.Mark = redeem.MarkFile(name)
	terminal := shop.online(t)
	redeemSome(t, terminal, 3)
	require.NoError(t, terminal.Close())
	mark, err := shop.cfg.Mark.Load(t.Context())
	require.NoError(t, err)
	assert.Equal(t, redeem.Mark{Terminal: terminal.Status().Terminal, Opened: 1, Number: 3}, mark)
	names, err := filepath.Glob(filepath.Join(shop.dir, "*.journal"))
	require.NoError(t, err)
	for _, name := range names {
		require.NoError(t, os.Remove(name))
	}
	terminal = shop.open(t)
	f := terminal.Status().Forgotten
	require.NotNil(t, f)
	assert.Equal(t, uint64(3), f.Through, "the mark knows how far it had come")
	assert.False(t, f.Manager, "that is for the backend to tell")
	require.NoError(t, os.WriteFile(name, []byte("{"), 0o600))
	_, err = shop.cfg.Mark.Load(t.Context())
	assert.Error(t, err)
}

// A record that was acknowledged is damaged: the till knows nothing of it after a restart, and asks.
func TestATillThatLostARecordAsks(t *testing.T) {
	shop, disk := memoryShop(t)
	terminal := shop.online(t)
	scanned := pass(t, nil)
	require.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, "1").Outcome)
	rotFrames(t, disk, shop.dir, func([]byte) bool { return true }) // from the journal's beginning on
	redeemSome(t, terminal, 3)
	require.NoError(t, terminal.Close())
	terminal = shop.open(t)
	d := redeemed(t, terminal, scanned, "2")
	assert.True(t, d.Because(fault.MayHaveForgotten), d.String())
	shop.desk.knows(4)
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.NoError(t, terminal.InstallBundle(t.Context(), bundleOf(t, bundleWith(t, 2, noon.Add(time.Minute)))))
	for range 2 {
		assert.Nil(t, terminal.Status().Forgotten, "the damage stays, and was taken into account")
		require.NoError(t, terminal.Close())
		terminal = shop.open(t)
	}
}

// The merchant's word is signed, and is about what it had heard of.
func TestTheMerchantEndsWhatATillMayHaveForgotten(t *testing.T) {
	shop, disk := memoryShop(t)
	terminal := shop.online(t)
	redeemSome(t, terminal, 1)
	require.NoError(t, terminal.Close())
	removeFrom(t, disk, shop.dir, isJournal)
	terminal = shop.open(t)
	shop.desk.knows(0)
	notice := func(number uint64, at time.Time, by offer.Issuer) record.Signed {
		n := record.Notice{Terminal: terminal.Status().Terminal, Number: number, Made: at.UnixMilli(),
			Remembers: at.UnixMilli()}
		signed, err := n.Sign(by.KeyID, by.Private)
		require.NoError(t, err)
		return signed
	}
	for _, n := range []record.Signed{
		notice(1, noon.Add(time.Hour), offer.Issuer{KeyID: root.KeyID, Private: key(9)}),
		notice(1, noon.Add(-time.Minute), root),
	} {
		shop.desk.notice = n
		require.NoError(t, terminal.ReportNow(t.Context()))
		assert.NotNil(t, terminal.Status().Forgotten, "forged, or from before")
	}
	shop.desk.notice = notice(2, noon.Add(time.Minute), root)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Nil(t, terminal.Status().Forgotten)
	assert.Zero(t, terminal.Status().Blocked, "it was never blocked")
}

func TestAnUnattendedTillRefusesWhatItMayHaveForgotten(t *testing.T) {
	shop, disk := memoryShop(t)
	shop.cfg.Policy.Unattended = true
	terminal := shop.online(t)
	redeemSome(t, terminal, 1)
	require.NoError(t, terminal.Close())
	removeFrom(t, disk, shop.dir, isJournal)
	terminal = shop.open(t)
	assert.Equal(t, redeem.Refuse, redeemed(t, terminal, pass(t, nil), "2").Outcome, "nobody is there to be asked")
	err := terminal.EndForgotten(t.Context(), redeem.Override{Manager: "ms", Why: "none is here"})
	assert.ErrorIs(t, err, fault.InvalidRequest)
}

// A new till in a lane that has another one knows nothing of what that one redeemed.
func TestASecondTillOfALaneAsksUntilItHasABundle(t *testing.T) {
	shop, _ := memoryShop(t)
	shop.desk.second = noon.UnixMilli()
	shop.desk.bundle = bundleOf(t, bundleWith(t, 1, noon.Add(-time.Second)))
	terminal := shop.online(t)
	require.NotNil(t, terminal.Status().Forgotten)
	assert.Equal(t, []record.Cause{record.CauseLane}, terminal.Status().Forgotten.Causes)
	assert.True(t, asks(t, terminal, noon.Add(-time.Hour)), "the bundle is older than its enrolment")
	require.NoError(t, terminal.Close())
	terminal = shop.open(t)
	assert.True(t, asks(t, terminal, noon.Add(-time.Hour)), "after a restart still")
	require.NoError(t, terminal.InstallBundle(t.Context(), bundleOf(t, bundleWith(t, 2, noon))))
	assert.False(t, asks(t, terminal, noon.Add(-time.Hour)), "it has one made since")
}

// A record rots, and then a flush fails: the journal is read anew, and knows nothing of the record any more.
func TestWhatRotsBeforeAFlushFailsIsAskedAboutAtOnce(t *testing.T) {
	shop, disk := memoryShop(t)
	var fails atomic.Bool
	disk.Before = func(op vfs.Operation) error {
		if fails.Load() && op.Kind == "sync" {
			return errors.New("input/output error")
		}
		return nil
	}
	terminal := shop.online(t)
	scanned := pass(t, nil)
	require.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, "1").Outcome)
	rot(t, disk, shop.dir)
	fails.Store(true)
	_, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: pass(t, nil), SaleKey: "2"})
	require.ErrorIs(t, err, fault.OutcomeUnknown)
	fails.Store(false)
	d := redeemed(t, terminal, scanned, "3")
	assert.Equal(t, redeem.Ask, d.Outcome, "before anything else is done: %s", d)
	assert.True(t, d.Because(fault.MayHaveForgotten), d.String())
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.NotNil(t, terminal.Status().Forgotten, "from the next exchange on it is kept, and told")
	assert.Equal(t, []record.Cause{record.CauseDamage}, terminal.Status().Forgotten.Causes)
}
