package redeem_test

import (
	"context"
	"errors"
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

// notice is the backend's word on a terminal, signed with an issuer's key.
func notice(t *testing.T, by offer.Issuer, terminal record.TerminalID, number uint64, blocked bool) record.Signed {
	t.Helper()
	signed, err := record.Notice{Terminal: terminal, Number: number, Blocked: blocked,
		Made: noon.UnixMilli()}.Sign(by.KeyID, by.Private)
	require.NoError(t, err)
	return signed
}

// refuseWith has the desk answer everything with an error.
func (d *desk) refuseWith(err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refuse = func(string) error { return err }
	if err == nil {
		d.refuse = nil
	}
}

// notify has the desk add a notice to its answers.
func (d *desk) notify(signed record.Signed) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.notice = signed
}

func blockedBy(signed record.Signed) error {
	return record.WithNotice(fault.New(fault.Blocked, "", "the backend says: blocked"), signed)
}

func TestABlockedTillRefusesEverythingAndKeepsItsQueue(t *testing.T) {
	shop := newShop(t)
	var events []redeem.EventKind
	shop.cfg.OnEvent = func(e redeem.Event) { events = append(events, e.Kind) }
	terminal, scanned := shop.online(t), pass(t, nil)
	id := terminal.Status().Terminal
	sold := redeemed(t, terminal, scanned, "sale-1")
	require.Equal(t, redeem.Allow, sold.Outcome)
	shop.desk.refuseWith(blockedBy(notice(t, root, id, 5, true)))
	assert.ErrorIs(t, terminal.ReportNow(t.Context()), fault.Blocked)
	redeem.AwaitCallbacks(terminal)
	assert.Contains(t, events, redeem.EventBlocked)

	for range 2 { // also after a restart, and without a network
		status := terminal.Status()
		assert.Equal(t, noon, status.Blocked)
		assert.Equal(t, 1, status.Pending, "the queue is kept")
		manager := &redeem.Override{Manager: "m", Why: "the customer waits"}
		d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: pass(t, nil), SaleKey: "sale-2",
			Override: manager})
		require.NoError(t, err)
		assert.Equal(t, redeem.Refuse, d.Outcome, "whatever a manager says")
		require.NotEmpty(t, d.Reasons)
		assert.Equal(t, fault.Blocked, d.Reasons[0].Code)
		checked, err := terminal.Check(t.Context(), redeem.Request{Scanned: pass(t, nil), SaleKey: "sale-3"})
		require.NoError(t, err)
		assert.Equal(t, redeem.Refuse, checked.Outcome)
		held, err := terminal.Reserve(t.Context(), redeem.Request{Scanned: pass(t, nil), SaleKey: "sale-4"},
			time.Minute)
		require.NoError(t, err)
		assert.Equal(t, redeem.Refuse, held.Outcome)
		_, err = terminal.Void(t.Context(), redeem.VoidRequest{Redemption: sold.Redemption})
		assert.ErrorIs(t, err, fault.Blocked, "nor does it take anything back")
		_, err = terminal.Release(t.Context(), "sale-1", "")
		assert.ErrorIs(t, err, fault.Blocked)
		_, err = terminal.Correct(t.Context(), redeem.CorrectRequest{Redemption: sold.Redemption,
			Given: record.Money{Amount: 1, Currency: "EUR"}})
		assert.ErrorIs(t, err, fault.Blocked)
		again := redeemed(t, terminal, scanned, "sale-1")
		assert.True(t, again.Again && again.Outcome == redeem.Allow, "what stands in its records it still tells")
		require.NoError(t, terminal.Close())
		terminal = shop.open(t)
	}

	shop.desk.refuseWith(nil)
	shop.desk.notify(notice(t, root, id, 6, false))
	require.NoError(t, terminal.ReportNow(t.Context()))
	redeem.AwaitCallbacks(terminal)
	assert.Contains(t, events, redeem.EventUnblocked)
	assert.Zero(t, terminal.Status().Blocked)
	assert.Zero(t, terminal.Status().Pending)
	assert.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), "sale-5").Outcome)
}

// What a captive portal, a proxy or a thief on the line says blocks nothing, and lifts no block.
func TestNobodyButTheBackendBlocksATill(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	id := terminal.Status().Terminal
	other := offer.Issuer{Name: "backend", KeyID: root.KeyID, Private: key(9)}
	spoilt := notice(t, root, id, 5, true)
	spoilt.Signature[0] ^= 1
	for name, err := range map[string]error{
		"no word":          fault.New(fault.Blocked, "", "blocked"),
		"a portal's 403":   fault.New(fault.Forbidden, "", "blocked"),
		"another key":      blockedBy(notice(t, other, id, 5, true)),
		"another terminal": blockedBy(notice(t, root, record.NewTerminalID(), 5, true)),
		"another byte":     blockedBy(spoilt),
	} {
		redeemed(t, terminal, pass(t, nil), "sale of "+name)
		shop.desk.refuseWith(err)
		assert.Error(t, terminal.ReportNow(t.Context()), name)
		assert.Zero(t, terminal.Status().Blocked, name)
		if name != "a portal's 403" {
			assert.Empty(t, terminal.Status().Held, name)
		}
		shop.desk.refuseWith(nil)
		require.NoError(t, terminal.ReportNow(t.Context()), name)
		assert.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), "next to "+name).Outcome, name)
	}
	shop.desk.refuseWith(blockedBy(notice(t, root, id, 7, true)))
	assert.Error(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, fault.Blocked, terminal.Status().Held)
	shop.desk.refuseWith(nil)
	for name, kept := range map[string]record.Signed{
		"an older word that it works":      notice(t, root, id, 6, false),
		"the same number":                  notice(t, root, id, 7, false),
		"another key":                      notice(t, other, id, 8, false),
		"a word that another one works":    notice(t, root, record.NewTerminalID(), 8, false),
		"an answer without any word":       {},
		"a statement in place of a notice": emptyStatement(t, id),
	} {
		shop.desk.notify(kept)
		require.NoError(t, terminal.ReportNow(t.Context()), name)
		assert.NotZero(t, terminal.Status().Blocked, name)
	}
}

func emptyStatement(t *testing.T, terminal record.TerminalID) record.Signed {
	t.Helper()
	signed, err := record.Statement{Terminal: terminal, Made: 1}.Sign(root.KeyID, root.Private)
	require.NoError(t, err)
	return signed
}

func TestABlockOverWhichNoRecordIsBlamed(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	redeemed(t, terminal, pass(t, nil), "sale-1")
	shop.desk.refuseWith(blockedBy(notice(t, root, terminal.Status().Terminal, 5, true)))
	for range 10 {
		require.Error(t, terminal.ReportNow(t.Context()))
	}
	assert.Empty(t, terminal.Status().SetAside)
}

// A notice that cannot be kept, since the disk is full, counts all the same.
func TestABlockCountsWithAFullDisk(t *testing.T) {
	shop := newShop(t)
	var full atomic.Bool
	disk := &vfs.Memory{Before: func(vfs.Operation) error {
		if full.Load() {
			return errors.New("no room")
		}
		return nil
	}}
	shop.disk, shop.dir = disk, "till"
	terminal := shop.online(t)
	shop.desk.refuseWith(blockedBy(notice(t, root, terminal.Status().Terminal, 5, true)))
	full.Store(true)
	require.ErrorIs(t, terminal.ReportNow(t.Context()), fault.Blocked)
	assert.NotZero(t, terminal.Status().Blocked)
}

func TestAChallengeThatWasUsedIsAskedForAnew(t *testing.T) {
	shop := newShop(t)
	lost := 1
	shop.desk.lose = func() (bool, error) {
		if lost > 0 {
			lost--
			return true, fault.New(fault.StaleChallenge, "", "a first attempt was taken, and its answer lost")
		}
		return false, nil
	}
	terminal := shop.open(t)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.True(t, terminal.Status().Enrolled, "it is enrolled")
	assert.Len(t, shop.desk.asked, 2)
	lost = 10
	shop.desk.refuseWith(fault.New(fault.Unauthorized, "", "the token has expired"))
	err := terminal.ReportNow(t.Context())
	assert.ErrorIs(t, err, fault.StaleChallenge, "it does not ask for ever")
	assert.Len(t, shop.desk.asked, 4)
}

// A counter is a desk that has a known terminal move with a code, or refuses it.
type counter struct {
	*desk
	code, store string
	refusal     error
	enrolments  []record.Enrolment
}

func (m *counter) Enrol(ctx context.Context, e record.Enrolment) (record.Enrolled, error) {
	m.enrolments = append(m.enrolments, e)
	if e.Code == m.code && m.refusal != nil {
		return record.Enrolled{}, m.refusal
	}
	answer, err := m.desk.Enrol(ctx, e)
	if err == nil && e.Code == m.code {
		answer.Place.Store = m.store
	}
	return answer, err
}

func TestATillMovesWithACodeThatIsNew(t *testing.T) {
	shop := newShop(t)
	desk := &counter{desk: shop.desk, code: "MOVE", store: "s-2"}
	shop.cfg.Reporter, shop.cfg.Place.Store = desk, "s-1"
	terminal := shop.online(t)
	redeemed(t, terminal, pass(t, nil), "sale-1")
	require.NoError(t, terminal.Close())

	terminal = shop.open(t)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Len(t, desk.enrolments, 1, "a code that it had is no reason to enrol again")
	require.NoError(t, terminal.Close())

	shop.cfg.EnrolmentCode = "MOVE"
	terminal = shop.open(t)
	redeemed(t, terminal, pass(t, nil), "sale-2")
	require.NoError(t, terminal.ReportNow(t.Context()))
	require.Len(t, desk.enrolments, 2)
	assert.EqualValues(t, 2, desk.enrolments[1].Last, "its records up to here are of the store where it stood")
	assert.Equal(t, "s-2", terminal.Status().Place.Store, "where it was enrolled, whatever is configured")
	elsewhere := pass(t, func(p *offer.Pass) { p.Stores = []string{"s-1"} })
	assert.True(t, redeemed(t, terminal, elsewhere, "sale-3").Because(fault.OtherStore), "the reason is the other store")
	here := pass(t, func(p *offer.Pass) { p.Stores = []string{"s-2"} })
	assert.Equal(t, redeem.Allow, redeemed(t, terminal, here, "sale-4").Outcome)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Len(t, desk.enrolments, 2)
	assert.Equal(t, "s-2", shop.desk.booked[shop.desk.verdicts[2].Record].Place.Store)
}

func TestACodeThatIsRefusedHoldsNothingUp(t *testing.T) {
	shop := newShop(t)
	desk := &counter{desk: shop.desk, code: "GENERAL", refusal: fault.New(fault.Forbidden, "",
		"to move it, make a code for this terminal")}
	shop.cfg.Reporter = desk
	terminal := shop.online(t)
	require.NoError(t, terminal.Close())
	shop.cfg.EnrolmentCode = "GENERAL"
	terminal = shop.open(t)
	redeemed(t, terminal, pass(t, nil), "sale-1")
	for range 3 {
		assert.ErrorIs(t, terminal.ReportNow(t.Context()), fault.Forbidden, "somebody hears of it")
		assert.Zero(t, terminal.Status().Pending, "and what is there is reported")
	}
	assert.Len(t, desk.enrolments, 2, "it is tried once")
	assert.Equal(t, "s-1", terminal.Status().Place.Store)

	desk.refusal = fault.New(fault.Unreachable, "", "no network")
	require.NoError(t, terminal.Close())
	terminal = shop.open(t)
	assert.ErrorIs(t, terminal.ReportNow(t.Context()), fault.Unreachable)
	desk.refusal, desk.store = nil, "s-2"
	require.NoError(t, terminal.ReportNow(t.Context()), "a failure of the network is no refusal")
	assert.Equal(t, "s-2", terminal.Status().Place.Store)
}
