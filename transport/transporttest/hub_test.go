package transporttest_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"log"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/transporttest"
)

var issuer = offer.Issuer{Name: "issuer", KeyID: "key",
	Private: ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))}

// tillConfig is that of a till which has no backend, but a hub.
func tillConfig(hub redeem.Hub) redeem.Config {
	return redeem.Config{
		Place: record.Place{Merchant: "shop", Store: "1", Lane: "7"}, Keys: []offer.Key{issuer.Key()}, Hub: hub,
		Policy: redeem.Policy{MaxAlone: -1},
	}
}

// issue issues a pass with one use.
func issue() (string, error) {
	now := time.Now()
	return issuer.Issue(offer.Pass{ID: offer.NewID(), Audience: []string{"shop"}, Campaign: "spring", IssuedAt: now,
		NotAfter: now.Add(24 * time.Hour)})
}

// A till's test says what the hub of its store answers.
func ExampleHub() {
	dir, err := os.MkdirTemp("", "till")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	var hub transporttest.Hub
	till, err := redeem.Open(context.Background(), dir, tillConfig(&hub))
	if err != nil {
		log.Fatal(err)
	}
	defer till.Close()
	for sale, state := range []transporttest.HubState{
		{}, {Result: record.ClaimTaken, Lane: "3"}, {Result: record.ClaimSilent, Lane: "4"}, {Away: fault.Unreachable},
	} {
		hub.Set(state)
		pass, err := issue()
		if err != nil {
			log.Fatal(err)
		}
		d, err := till.Redeem(context.Background(), redeem.Request{Scanned: pass, SaleKey: fmt.Sprint(sale)})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(d.Outcome, d.Notes, len(hub.Told()))
	}
	// Output:
	// allow [] 1
	// refuse [] 1
	// ask [] 1
	// allow [hub-unreachable] 2
}

// sold redeems a fresh pass at a till with the hub in a state.
func sold(t *testing.T, till *redeem.Terminal, hub *transporttest.Hub, state transporttest.HubState,
	override *redeem.Override) redeem.Decision {
	t.Helper()
	hub.Set(state)
	pass, err := issue()
	require.NoError(t, err)
	d, err := till.Redeem(t.Context(), redeem.Request{Scanned: pass, SaleKey: pass[:40], Override: override})
	require.NoError(t, err)
	return d
}

func TestWhatAFakeHubAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub transporttest.Hub
		var heard []record.HubNoticeKind
		cfg := tillConfig(&hub)
		cfg.OnEvent = func(e redeem.Event) { heard = append(heard, e.Hub.Kind) }
		till, err := redeem.Open(t.Context(), t.TempDir(), cfg)
		require.NoError(t, err)
		defer till.Close()
		manager := &redeem.Override{Manager: "m", Why: "asked there"}
		for what, c := range map[string]struct {
			state    transporttest.HubState
			override *redeem.Override
			outcome  decision.Outcome
			because  fault.Code
			took     time.Duration
		}{
			"granted":    {transporttest.HubState{}, nil, redeem.Allow, "", 0},
			"taken":      {transporttest.HubState{Result: record.ClaimTaken}, nil, redeem.Refuse, fault.RedeemedElsewhere, 0},
			"reserved":   {transporttest.HubState{Result: record.ClaimReserved}, nil, redeem.Refuse, fault.Reserved, 0},
			"silent":     {transporttest.HubState{Result: record.ClaimSilent}, nil, redeem.Ask, fault.LaneSilent, 0},
			"overridden": {transporttest.HubState{Result: record.ClaimSilent}, manager, redeem.Allow, "", 0},
			"slow":       {transporttest.HubState{Delay: 100 * time.Millisecond}, nil, redeem.Allow, "", 100 * time.Millisecond},
			"no answer":  {transporttest.HubState{Delay: time.Hour}, nil, redeem.Allow, "", 150 * time.Millisecond},
			"away":       {transporttest.HubState{Away: fault.Unreachable}, nil, redeem.Allow, "", 0},
			"two hubs":   {transporttest.HubState{Away: fault.WrongEpoch}, nil, redeem.Allow, "", 0},
		} {
			began := time.Now()
			d := sold(t, till, &hub, c.state, c.override)
			assert.Equal(t, c.took, time.Since(began), "%s: how long it took", what)
			assert.Equal(t, c.outcome, d.Outcome, "%s: %s", what, d)
			assert.True(t, c.because == "" || d.Because(c.because), "%s: the reason is %s: %s", what, c.because, d)
			alone := c.state.Away != "" || c.state.Delay == time.Hour
			assert.Equal(t, alone, len(d.Notes) > 0, "%s: it was decided alone", what)
			assert.Equal(t, alone, !till.Status().Hub.Ready, "%s: the till says how the hub stands", what)
		}
		assert.Contains(t, sold(t, till, &hub, transporttest.HubState{}, nil).String(), "allow", "it is back")
		assert.Empty(t, hub.GivenUp(), "nothing that was granted came to nothing")
		assert.Len(t, hub.Told(), 7, "all that was recorded")
		hub.Notify(record.HubNotice{Kind: record.HubConflict, Lane: "3"})
		require.NoError(t, till.Close())
		for _, kind := range []record.HubNoticeKind{record.HubAway, record.HubBack, record.HubConflict} {
			assert.Contains(t, heard, kind)
		}
	})
}

// A claim that got no answer does not undo what the test said meanwhile.
func TestAFakeHubIsBackThoughAClaimStillWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hub := transporttest.Hub{}
		hub.Set(transporttest.HubState{Delay: time.Hour})
		unanswered := make(chan error)
		go func() {
			_, err := hub.Claim(t.Context(), record.ClaimRequest{})
			unanswered <- err
		}()
		synctest.Wait()
		hub.Set(transporttest.HubState{})
		assert.ErrorIs(t, <-unanswered, fault.HubUnreachable, "the claim of before")
		assert.True(t, hub.Status().Ready, "the hub stands as the last Set says: %+v", hub.Status())
	})
}

// What is recorded after the lease says so.
func TestAFakeHubWithAShortLease(t *testing.T) {
	var hub transporttest.Hub
	till, err := redeem.Open(t.Context(), t.TempDir(), tillConfig(&hub))
	require.NoError(t, err)
	defer till.Close()
	d := sold(t, till, &hub, transporttest.HubState{Lease: time.Nanosecond}, nil)
	assert.Equal(t, []record.Note{record.HubLate}, d.Notes)
	assert.NotEmpty(t, hub.GivenUp(), "the claim that ended first")
	assert.Len(t, hub.Claims(), 2, "it was made again once")
}
