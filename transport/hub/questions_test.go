package hub_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// While two messages are on their way the claims of a lane gather, and the hub flushes those that come together once.
func TestClaimsGatherWhileOthersAreOnTheirWay(t *testing.T) {
	const claims = 40
	s := newShop(t, 1, nil)
	c := s.connect()[0]
	before := s.server.Status().Flushes
	s.mu.Lock() // the hub cannot look at its lanes
	var all sync.WaitGroup
	for n := range claims {
		all.Go(func() {
			answer, err := c.Claim(t.Context(), request(fmt.Sprint("sale ", n), fmt.Sprint("pass ", n)))
			assert.NoError(t, err, "claim %d", n)
			assert.Equal(t, record.ClaimGranted, answer.Result, "claim %d", n)
		})
		if n < 2 {
			await(t, "a message is on its way", func() bool {
				unsent, working := c.Waiting()
				return unsent == 0 && working == n+1
			})
		}
	}
	await(t, "all others wait for an answer", func() bool {
		unsent, working := c.Waiting()
		return unsent == claims-2 && working == claims
	})
	s.mu.Unlock()
	all.Wait()
	assert.LessOrEqual(t, s.server.Status().Flushes-before, uint64(3), "the third message has all others")
}

// What the hub grants to a caller who is gone is given up, so that other lanes have it at once.
func TestAClaimWhoseCallerIsGoneIsGivenUp(t *testing.T) {
	s := newShop(t, 2, nil)
	clients := s.connect()
	ctx, cancel := context.WithCancel(t.Context())
	s.mu.Lock() // the hub cannot look at its lanes
	ended := make(chan error, 1)
	go func() {
		_, err := clients[0].Claim(ctx, request("a", "pass"))
		ended <- err
	}()
	await(t, "the claim is on its way", func() bool {
		unsent, working := clients[0].Waiting()
		return unsent == 0 && working == 1
	})
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled, "the caller is told at once")
	s.mu.Unlock()
	await(t, "the hub granted it", func() bool { return s.server.Status().Claims == 1 })
	await(t, "lane 2 gets what lane 1 gave up", func() bool {
		return claimed(t, clients[1], request("b", "pass")).Result == record.ClaimGranted
	})
	assert.True(t, clients[0].Status().Ready, "the circuit stays closed")
}

// A client that was stopped says so, and leaves nothing behind.
func TestAClientThatWasStoppedAnswersNoClaim(t *testing.T) {
	s := newShop(t, 1, nil)
	c := s.connect()[0]
	c.Stop()
	_, err := c.Claim(t.Context(), request("a", "pass"))
	assert.ErrorIs(t, err, fault.HubUnreachable, "a client that was stopped asks nobody")
	unsent, working := c.Waiting()
	assert.Zero(t, unsent+working, "nothing waits")
}

// await waits until something comes about.
func await(t testing.TB, what string, done func() bool) {
	t.Helper()
	require.Eventually(t, done, waitLong, time.Millisecond, what)
}
