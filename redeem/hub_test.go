package redeem_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// A bell is a hub that answers what the test says, and keeps what it was told.
type bell struct {
	lane record.HubLane
	// answer is asked with every claim; nil: it is granted, for ten minutes.
	answer func(record.ClaimRequest) (record.ClaimAnswer, error)

	mu      sync.Mutex // guards what follows
	claims  []record.ClaimRequest
	givenUp []record.Claim
	told    []record.ID
	looks   int
	stopped bool
}

func (b *bell) Start(_ context.Context, lane record.HubLane) error {
	b.lane = lane
	return nil
}

func (b *bell) Claim(_ context.Context, req record.ClaimRequest) (record.ClaimAnswer, error) {
	b.mu.Lock()
	b.claims = append(b.claims, req)
	n := uint64(len(b.claims))
	b.mu.Unlock()
	if b.answer != nil {
		return b.answer(req)
	}
	return b.granted(n), nil
}

func (b *bell) granted(attempt uint64) record.ClaimAnswer {
	return record.ClaimAnswer{Result: record.ClaimGranted, Claim: record.Claim{Epoch: 3, Attempt: attempt},
		Until: b.lane.SinceBoot() + 10*time.Minute}
}

func (b *bell) GiveUp(_ record.ClaimRequest, c record.Claim) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.givenUp = append(b.givenUp, c)
}

func (b *bell) Tell(ids ...record.ID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told = append(b.told, ids...)
	if len(ids) == 0 {
		b.looks++
	}
}

func (b *bell) Status() record.HubStatus { return record.HubStatus{Ready: true, Epoch: 3} }

func (b *bell) Stop() { b.stopped = true }

// withBell is a shop with a hub, and a terminal in it that has the bundle.
func withBell(t *testing.T, change func(*redeem.Config)) (*shop, *bell, *redeem.Terminal) {
	t.Helper()
	shop, hub := newShop(t), &bell{}
	shop.cfg.Hub = hub
	if change != nil {
		change(&shop.cfg)
	}
	return shop, hub, shop.online(t)
}

func stored(t *testing.T, terminal *redeem.Terminal, id record.ID) record.Record {
	t.Helper()
	for listed, err := range terminal.Records(t.Context(), redeem.Query{}) {
		require.NoError(t, err)
		if listed.Record.ID == id {
			return listed.Record
		}
	}
	require.FailNow(t, "there is no record", "%s", id)
	return record.Record{}
}

func TestARedemptionIsClaimedRecordedAndTold(t *testing.T) {
	_, hub, terminal := withBell(t, nil)
	scanned := pass(t, func(p *offer.Pass) { p.Uses, p.OfflineUses = 3, 3 })
	d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "a", BusinessDate: "2026-11-23",
		Uses: 2})
	require.NoError(t, err)
	require.Equal(t, redeem.Allow, d.Outcome, d.String())
	require.Len(t, hub.claims, 1)
	claim := hub.claims[0]
	assert.Equal(t, d.Offer, claim.Offer)
	assert.Equal(t, []any{"a", "2026-11-23", 2, 3, false},
		[]any{claim.SaleKey, claim.BusinessDate, claim.Uses, claim.Allowed, claim.Override})
	assert.Equal(t, noon.Add(32*24*time.Hour), claim.KeepUntil.UTC(), "as in the journal")
	assert.Equal(t, d.Redemptions, hub.told)
	assert.Empty(t, hub.givenUp)
	for _, id := range d.Redemptions {
		rec := stored(t, terminal, id)
		assert.Equal(t, &record.Claim{Epoch: 3, Attempt: 1}, rec.Claim)
		assert.Empty(t, rec.Notes)
		got, ok, err := hub.lane.Record(id)
		require.NoError(t, err)
		assert.True(t, ok, "the lane has it")
		assert.Equal(t, record.HubRecord{Record: rec, Allowed: 3, Parts: 2, KeepUntil: claim.KeepUntil}, got)
	}
	assert.Equal(t, &record.HubStatus{Ready: true, Epoch: 3}, terminal.Status().Hub)
	require.NoError(t, terminal.Close())
	assert.True(t, hub.stopped, "nothing uses the lane after Close")
}

func TestWhatIsNotRecordedIsNotClaimed(t *testing.T) {
	_, hub, terminal := withBell(t, nil)
	scanned := pass(t, nil)
	ask := func(req redeem.Request) redeem.Decision {
		d, err := terminal.Redeem(t.Context(), req)
		require.NoError(t, err)
		return d
	}
	assert.Equal(t, redeem.Refuse, ask(redeem.Request{Scanned: "x", SaleKey: "a"}).Outcome)
	assert.Equal(t, redeem.Ask, ask(redeem.Request{Scanned: offer.NewID().Code(), SaleKey: "a"}).Outcome)
	assert.True(t, ask(redeem.Request{Scanned: scanned, SaleKey: "a", Training: true}).Training, "nothing counts")
	_, err := terminal.Check(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "a"})
	require.NoError(t, err)
	assert.Empty(t, hub.claims)

	ask(redeem.Request{Scanned: scanned, SaleKey: "a"})
	require.Len(t, hub.claims, 1)
	assert.True(t, ask(redeem.Request{Scanned: scanned, SaleKey: "a"}).Again, "it is repeated")
	assert.Equal(t, redeem.Refuse, ask(redeem.Request{Scanned: scanned, SaleKey: "b"}).Outcome)
	assert.Len(t, hub.claims, 1)
	override := &redeem.Override{Manager: "m", Why: "known"}
	ask(redeem.Request{Scanned: offer.NewID().Code(), SaleKey: "c", Override: override})
	require.Len(t, hub.claims, 2, "what leads to ask is claimed with the override only")
	assert.True(t, hub.claims[1].Override, "a manager decided")
}

func TestWhatTheHubRefusesIsNotRecorded(t *testing.T) {
	shop, hub, terminal := withBell(t, nil)
	for result, want := range map[record.ClaimResult]struct {
		code    fault.Code
		outcome decision.Outcome
	}{
		record.ClaimTaken:    {fault.RedeemedElsewhere, redeem.Refuse},
		record.ClaimReserved: {fault.Reserved, redeem.Refuse},
		record.ClaimSilent:   {fault.LaneSilent, redeem.Ask},
		record.ClaimMissing:  {fault.LaneSilent, redeem.Ask},
		record.ClaimDiffers:  {fault.UsesDiffer, redeem.Ask},
	} {
		hub.answer = func(record.ClaimRequest) (record.ClaimAnswer, error) {
			return record.ClaimAnswer{Result: result, Lane: "3", At: noon}, nil
		}
		d := redeemed(t, terminal, pass(t, nil), string(result))
		assert.Equal(t, want.outcome, d.Outcome, result)
		assert.True(t, d.Because(want.code), "%s: %s", result, d)
		assert.Equal(t, "3", d.Reasons[0].Where.Lane)
	}
	assert.Zero(t, terminal.Status().Pending)
	assert.Empty(t, hub.givenUp, "nothing was granted")
	assert.Empty(t, shop.desk.booked)
}

func TestAManagersWordAboutASilentLaneIsRecorded(t *testing.T) {
	_, hub, terminal := withBell(t, nil)
	hub.answer = func(record.ClaimRequest) (record.ClaimAnswer, error) {
		answer := hub.granted(7)
		answer.Overrode, answer.Lane, answer.At = record.ClaimSilent, "3", noon
		return answer, nil
	}
	d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: pass(t, nil), SaleKey: "a",
		Override: &redeem.Override{Manager: "m", Why: "asked there"}})
	require.NoError(t, err)
	require.Equal(t, redeem.Allow, d.Outcome)
	rec := stored(t, terminal, d.Redemption)
	assert.Equal(t, &record.Override{Manager: "m", Why: "asked there", Reasons: []fault.Code{fault.LaneSilent}},
		rec.Override)
	assert.Equal(t, &record.Claim{Epoch: 3, Attempt: 7}, rec.Claim)
}

func TestWithoutTheHubTheTerminalDecidesAloneAndSaysSo(t *testing.T) {
	_, hub, terminal := withBell(t, func(c *redeem.Config) { c.Policy.WithoutHub = trust.Allowance{Number: 1} })
	hub.answer = func(record.ClaimRequest) (record.ClaimAnswer, error) {
		return record.ClaimAnswer{}, fault.New(fault.HubUnreachable, "", "away")
	}
	d := redeemed(t, terminal, pass(t, nil), "a")
	require.Equal(t, redeem.Allow, d.Outcome, d.String())
	assert.Equal(t, []record.Note{record.HubUnreachable}, d.Notes)
	rec := stored(t, terminal, d.Redemption)
	assert.Equal(t, []record.Note{record.HubUnreachable}, rec.Notes)
	assert.Nil(t, rec.Claim)
	assert.Equal(t, []record.ID{d.Redemption}, hub.told, "the client keeps it until the hub is back")
	second := redeemed(t, terminal, pass(t, nil), "b")
	assert.Equal(t, redeem.Ask, second.Outcome)
	assert.True(t, second.Because(fault.HubUnreachable), "the policy allows one")
	hub.answer = nil
	assert.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), "c").Outcome, "the hub is back")
}

func TestAClaimThatEndedIsMadeAgainOnce(t *testing.T) {
	shop, hub, terminal := withBell(t, nil)
	slow := 1 // how many answers come when the lease is over
	hub.answer = func(record.ClaimRequest) (record.ClaimAnswer, error) {
		answer := hub.granted(uint64(len(hub.claims)))
		if slow > 0 {
			slow--
			shop.clock.pass(10 * time.Minute)
		}
		return answer, nil
	}
	d := redeemed(t, terminal, pass(t, nil), "a")
	require.Equal(t, redeem.Allow, d.Outcome)
	assert.Equal(t, &record.Claim{Epoch: 3, Attempt: 2}, stored(t, terminal, d.Redemption).Claim)
	assert.Equal(t, []record.Claim{{Epoch: 3, Attempt: 1}}, hub.givenUp)
	assert.Empty(t, d.Notes)
	slow = 2
	d = redeemed(t, terminal, pass(t, nil), "b")
	require.Equal(t, redeem.Allow, d.Outcome)
	assert.Equal(t, []record.Note{record.HubLate}, stored(t, terminal, d.Redemption).Notes)
}

func TestAClaimOfACallThatIsOverIsGivenUp(t *testing.T) {
	_, hub, terminal := withBell(t, nil)
	scanned := pass(t, nil)
	hub.answer = func(record.ClaimRequest) (record.ClaimAnswer, error) {
		hub.answer = nil
		redeemed(t, terminal, scanned, "faster") // another cashier at the same terminal
		return hub.granted(77), nil
	}
	assert.Equal(t, redeem.Refuse, redeemed(t, terminal, scanned, "slower").Outcome)
	assert.Equal(t, []record.Claim{{Epoch: 3, Attempt: 77}}, hub.givenUp)
	ctx, cancel := context.WithCancel(t.Context())
	hub.answer = func(record.ClaimRequest) (record.ClaimAnswer, error) {
		cancel()
		return record.ClaimAnswer{}, ctx.Err()
	}
	_, err := terminal.Redeem(ctx, redeem.Request{Scanned: pass(t, nil), SaleKey: "z"})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestTheSameSaleTwiceAtOnceKeepsItsClaim(t *testing.T) {
	_, hub, terminal := withBell(t, nil)
	scanned := pass(t, nil)
	hub.answer = func(record.ClaimRequest) (record.ClaimAnswer, error) {
		hub.answer = nil
		redeemed(t, terminal, scanned, "a")
		return hub.granted(77), nil
	}
	assert.True(t, redeemed(t, terminal, scanned, "a").Again, "the other call was faster")
	assert.Empty(t, hub.givenUp, "it is the claim of a record that the hub may not have heard of")
}

func TestTheHubIsToldOfEverythingThatIsRecorded(t *testing.T) {
	_, hub, terminal := withBell(t, nil)
	reserved(t, terminal, pass(t, nil), "r", time.Hour)
	_, err := terminal.Release(t.Context(), "r", "")
	require.NoError(t, err)
	d := redeemed(t, terminal, pass(t, nil), "a")
	_, err = terminal.Correct(t.Context(), redeem.CorrectRequest{SaleKey: "a",
		Given: record.Money{Amount: 5, Currency: "EUR"}})
	require.NoError(t, err)
	_, err = terminal.Void(t.Context(), redeem.VoidRequest{Redemption: d.Redemption})
	require.NoError(t, err)
	var kinds []record.Kind
	for r, err := range hub.lane.Records(1) {
		require.NoError(t, err)
		kinds = append(kinds, r.Record.Kind)
		assert.Equal(t, hub.told[r.Record.Number-1], r.Record.ID, "in their order")
	}
	assert.Equal(t, []record.Kind{record.Release, record.Redemption, record.Correction, record.Void}, kinds)
	assert.Len(t, hub.told, 5)
	assert.EqualValues(t, 5, hub.lane.Last())
}

func TestWhatMayBeOnDiskIsLookedFor(t *testing.T) {
	shop := newShop(t)
	hub := &bell{}
	shop.cfg.Hub = hub
	var fails atomic.Bool
	disk := &vfs.Memory{}
	shop.dir, shop.disk = "till", disk
	disk.Before = func(op vfs.Operation) error {
		if fails.Load() && op.Kind == "sync" {
			return errBell
		}
		return nil
	}
	terminal := shop.online(t)
	fails.Store(true)
	_, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: pass(t, nil), SaleKey: "a"})
	require.ErrorIs(t, err, fault.OutcomeUnknown)
	assert.Positive(t, hub.looks)
	assert.Empty(t, hub.givenUp)
}

func TestTheEpochIsKept(t *testing.T) {
	shop, hub, terminal := withBell(t, nil)
	assert.Zero(t, hub.lane.Epoch().Number)
	epoch := record.HubEpoch{Number: 8, Key: key(5).Public().(ed25519.PublicKey)}
	require.NoError(t, hub.lane.KeepEpoch(t.Context(), epoch))
	require.NoError(t, terminal.Close())
	next := &bell{}
	shop.cfg.Hub = next
	shop.open(t)
	assert.Equal(t, epoch, next.lane.Epoch())
}

func TestAHubThatCannotStart(t *testing.T) {
	shop := newShopOnDisk(t)
	shop.cfg.Hub = brokenBell{&bell{}}
	_, err := redeem.Open(t.Context(), shop.dir, shop.cfg)
	require.ErrorIs(t, err, errBell)
	shop.cfg.Hub = nil
	shop.open(t) // the folder was closed
}

var errBell = errors.New("broken")

type brokenBell struct{ *bell }

func (brokenBell) Start(context.Context, record.HubLane) error { return errBell }

func TestWhatTheHubTellsIsAnEvent(t *testing.T) {
	var mu sync.Mutex
	var heard []redeem.Event
	_, hub, terminal := withBell(t, func(c *redeem.Config) {
		c.OnEvent = func(e redeem.Event) {
			mu.Lock()
			defer mu.Unlock()
			heard = append(heard, e)
		}
	})
	n := record.HubNotice{Kind: record.HubConflict, Lane: "3", At: noon, Record: record.ID{1}, Other: record.ID{2}}
	hub.lane.Notify(n)
	redeem.AwaitCallbacks(terminal)
	mu.Lock()
	defer mu.Unlock()
	assert.True(t, slices.ContainsFunc(heard, func(e redeem.Event) bool {
		return e.Kind == redeem.EventHub && e.Hub == n
	}), "events: %v", heard)
}
