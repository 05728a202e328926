package hub

import (
	"context"
	"errors"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub/internal/arbiter"
)

// A session is what a client has agreed with the hub.
type session struct {
	epoch  record.HubEpoch
	number uint64
	lease  time.Duration
	count  uint64 // attempts made in it
	told   progress
	heard  uint64 // the last notice
}

// sold is an offer in a sale, as the hub knows them.
type sold struct{ sale, offer arbiter.Name }

// An attemptOf is a claim that the terminal is about to record.
type attemptOf struct {
	attempt uint64
	until   time.Duration // since boot
}

// names are those of an offer, the identifier first.
func (s *session) names(id [16]byte, alias string) (names []arbiter.Name) {
	if id != [16]byte{} {
		names = append(names, nameIn(s.epoch, nameOfOffer, string(id[:])))
	}
	if alias != "" {
		names = append(names, nameIn(s.epoch, nameOfAlias, alias))
	}
	return names
}

func (s *session) soldBy(req *record.ClaimRequest) sold {
	of := sold{sale: saleIn(s.epoch, req.SaleKey, req.BusinessDate)}
	if names := s.names(req.Offer, req.Alias); len(names) > 0 {
		of.offer = names[0]
	}
	return of
}

// Claim asks the hub for uses of an offer, and waits for at most the Timeout. Errors: fault.HubUnreachable: nobody
// knows what other lanes do; ctx's own; fault.InvalidRequest for an offer without a name.
func (c *Client) Claim(ctx context.Context, req record.ClaimRequest) (record.ClaimAnswer, error) {
	asked := c.lane.SinceBoot()
	short, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	if err := c.waitFirst(short); err != nil {
		return record.ClaimAnswer{}, c.noAnswer(ctx, err)
	}
	answer, err := c.ask(short, &req, asked)
	if errors.Is(err, fault.StaleClaim) && c.waitReady(short, err) {
		answer, err = c.ask(short, &req, asked)
	}
	if err != nil {
		return record.ClaimAnswer{}, c.noAnswer(ctx, err)
	}
	return answer, nil
}

// noAnswer opens the circuit, unless the caller gave up.
func (c *Client) noAnswer(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.Is(err, fault.InvalidRequest) {
		return err
	}
	if !errors.Is(err, errCircuit) {
		c.setAway(err)
	}
	return fault.New(fault.HubUnreachable, "hub.Claim", "the hub of the store does not answer: %w", err)
}

// errCircuit says that the hub did not answer the last time.
var errCircuit = errors.New("it did not answer the last time")

// waitFirst waits for the first try to reach the hub, and returns an error while it is away.
func (c *Client) waitFirst(ctx context.Context) error {
	select {
	case <-c.first:
	case <-ctx.Done():
		return errCircuit
	}
	if !c.ready.Load() {
		return errCircuit
	}
	return nil
}

// waitReady has the hub greeted again, and reports whether that came about in time.
func (c *Client) waitReady(ctx context.Context, err error) bool {
	c.setAway(err)
	c.mu.Lock()
	answered := c.answered
	c.mu.Unlock()
	select {
	case <-answered:
		return true
	case <-ctx.Done():
		return false
	}
}

// ask sends a claim.
func (c *Client) ask(ctx context.Context, req *record.ClaimRequest, asked time.Duration) (record.ClaimAnswer, error) {
	message, epoch, until, err := c.begin(req, asked)
	if err != nil {
		return record.ClaimAnswer{}, err
	}
	out, err := post[claimAnswer](ctx, c, pathClaim, message)
	if err == nil && out.Epoch != epoch.Number {
		err = fault.New(fault.StaleClaim, "", "the hub answers for epoch %d, the lane is in %d", out.Epoch, epoch.Number)
	}
	if err != nil || out.Result != record.ClaimGranted {
		c.mu.Lock()
		delete(c.working, sold{message.Sale, message.Names[0]})
		c.mu.Unlock()
	}
	if err != nil {
		return record.ClaimAnswer{}, err
	}
	answer := record.ClaimAnswer{Result: out.Result, Overrode: out.Overrode, Lane: out.Lane}
	if out.At != 0 {
		answer.At = time.UnixMilli(out.At).UTC()
	}
	if out.Result == record.ClaimGranted {
		answer.Claim, answer.Until = record.Claim{Epoch: out.Epoch, Attempt: message.Attempt}, until
	}
	return answer, checkResult(out.Result)
}

func checkResult(r record.ClaimResult) error {
	switch r {
	case record.ClaimGranted, record.ClaimTaken, record.ClaimReserved, record.ClaimSilent, record.ClaimMissing,
		record.ClaimDiffers:
		return nil
	}
	return fault.New(fault.NotTheContract, "", "the hub answers a claim with %.40q", r)
}

// begin makes the message of a claim, and keeps in mind that the terminal works on it. The lane gives up a tenth of the
// lease before the hub does.
func (c *Client) begin(req *record.ClaimRequest, asked time.Duration) (m claim, e record.HubEpoch, until time.Duration,
	err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.session
	s.count++
	until = asked + s.lease*9/10
	m = claim{
		Session: s.number, Attempt: s.number<<32 + s.count, Sale: saleIn(s.epoch, req.SaleKey, req.BusinessDate),
		Names: s.names(req.Offer, req.Alias), Uses: req.Uses, Allowed: req.Allowed, Override: req.Override,
	}
	if !req.KeepUntil.IsZero() {
		m.KeepUntil = req.KeepUntil.UnixMilli()
	}
	if err := m.check(); err != nil {
		return m, s.epoch, 0, err
	}
	c.working[sold{m.Sale, m.Names[0]}] = &attemptOf{m.Attempt, until}
	return m, s.epoch, until, nil
}
