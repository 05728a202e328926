package transporttest

import (
	"context"
	"crypto/ed25519"
	"slices"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// A Hub is the hub of a store for the tests of a till: it answers what the test says, without a network. It is a
// redeem.Hub for one terminal. The zero value grants every claim at once. Its methods may be called by several
// goroutines at once.
type Hub struct {
	mu      sync.Mutex // guards what follows
	lane    record.HubLane
	state   HubState
	sets    int   // how often Set was called
	away    error // why claims are not answered; nil: they are
	claims  []record.ClaimRequest
	givenUp []record.Claim
	told    []record.ID
}

// A HubState says how a Hub answers. The zero value grants at once.
type HubState struct {
	// Result is what claims come to; empty: record.ClaimGranted. What asks is granted to a manager's override.
	Result record.ClaimResult
	// Lane and At say who stands in the way, and since when.
	Lane string
	At   time.Time
	// Lease is how long what is granted lasts; 0: 10 seconds.
	Lease time.Duration
	// Delay is how long an answer takes. After 150 milliseconds the till decides alone, and the hub is away until the
	// next Set, as with hub.Client.
	Delay time.Duration
	// Away is why the hub does not answer, such as fault.Unreachable or fault.WrongEpoch; empty: it answers.
	Away fault.Code
}

// hubTimeout is how long a till waits for an answer.
const hubTimeout = 150 * time.Millisecond

// hubEpoch is the number of a Hub's epoch.
const hubEpoch = 1

// Set says how the hub answers from now on. The terminal hears when it goes away or is back.
func (h *Hub) Set(state HubState) {
	var away error
	if state.Away != "" {
		away = fault.New(state.Away, "", "the test says so")
	}
	h.mu.Lock()
	h.state = state
	h.sets++
	tell := h.setAwayLocked(away)
	h.mu.Unlock()
	tell()
}

// setAwayLocked returns what tells the terminal of a change. It is called without the lock.
func (h *Hub) setAwayLocked(away error) (tell func()) {
	changed, lane := (h.away == nil) != (away == nil), h.lane
	h.away = away
	if !changed || lane == nil {
		return func() {}
	}
	kind := record.HubBack
	if away != nil {
		kind = record.HubAway
	}
	return func() { lane.Notify(record.HubNotice{Kind: kind}) }
}

// Notify tells the terminal something, such as a record.HubConflict. It must have been opened.
func (h *Hub) Notify(n record.HubNotice) {
	h.mu.Lock()
	lane := h.lane
	h.mu.Unlock()
	lane.Notify(n)
}

// Claims are those that were made, oldest first.
func (h *Hub) Claims() []record.ClaimRequest {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.claims)
}

// GivenUp are the claims that came to nothing, oldest first.
func (h *Hub) GivenUp() []record.Claim {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.givenUp)
}

// Told are the records that the terminal told, oldest first, those that it recorded alone included.
func (h *Hub) Told() []record.ID {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.told)
}

// Start is called by redeem.Open.
func (h *Hub) Start(ctx context.Context, lane record.HubLane) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lane = lane
	if lane.Epoch().Number != 0 {
		return nil
	}
	return lane.KeepEpoch(ctx, record.HubEpoch{Number: hubEpoch, Key: make(ed25519.PublicKey, ed25519.PublicKeySize)})
}

// Claim answers as the last Set says. Errors: fault.HubUnreachable; ctx's own.
func (h *Hub) Claim(ctx context.Context, req record.ClaimRequest) (record.ClaimAnswer, error) {
	h.mu.Lock()
	h.claims = append(h.claims, req)
	number, state, sets, away, lane := uint64(len(h.claims)), h.state, h.sets, h.away, h.lane
	h.mu.Unlock()
	if away == nil && state.Delay > 0 {
		if err := wait(ctx, min(state.Delay, hubTimeout)); err != nil {
			return record.ClaimAnswer{}, err
		}
		if state.Delay > hubTimeout {
			away = fault.New(fault.Unreachable, "", "there was no answer within %s", hubTimeout)
			h.silence(sets, away)
		}
	}
	if away != nil {
		return record.ClaimAnswer{}, fault.New(fault.HubUnreachable, "transporttest.Hub", "%w", away)
	}
	return state.answer(&req, number, lane.SinceBoot()), nil
}

// silence has the hub be away for a claim that got no answer, unless Set was called since.
func (h *Hub) silence(sets int, away error) {
	h.mu.Lock()
	tell := func() {}
	if h.sets == sets {
		tell = h.setAwayLocked(away)
	}
	h.mu.Unlock()
	tell()
}

func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// answer is that to the claim with a number.
func (s *HubState) answer(req *record.ClaimRequest, number uint64, now time.Duration) record.ClaimAnswer {
	a := record.ClaimAnswer{Result: s.Result, Lane: s.Lane, At: s.At}
	asks := a.Result == record.ClaimSilent || a.Result == record.ClaimMissing || a.Result == record.ClaimDiffers
	if asks && req.Override {
		a.Overrode, a.Result = a.Result, record.ClaimGranted
	}
	if a.Result == "" {
		a.Result = record.ClaimGranted
	}
	if a.Result == record.ClaimGranted {
		lease := s.Lease
		if lease == 0 {
			lease = 10 * time.Second
		}
		a.Claim, a.Until = record.Claim{Epoch: hubEpoch, Attempt: number}, now+lease
	}
	return a
}

// GiveUp keeps a claim that came to nothing.
func (h *Hub) GiveUp(_ record.ClaimRequest, c record.Claim) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.givenUp = append(h.givenUp, c)
}

// Tell keeps which records the terminal told.
func (h *Hub) Tell(ids ...record.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.told = append(h.told, ids...)
}

// Status is ready, or says why not.
func (h *Hub) Status() record.HubStatus {
	h.mu.Lock()
	defer h.mu.Unlock()
	status := record.HubStatus{Ready: h.away == nil, Epoch: hubEpoch}
	if h.away != nil {
		status.LastError = h.away.Error()
	}
	return status
}

// Stop is called by Terminal.Close.
func (h *Hub) Stop() {}
