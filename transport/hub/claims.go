package hub

import (
	"context"
	"errors"
	"sync"
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
		names = append(names, nameIn(&s.epoch, nameOfOffer, string(id[:])))
	}
	if alias != "" {
		names = append(names, nameIn(&s.epoch, nameOfAlias, alias))
	}
	return names
}

func (s *session) soldItem(req *record.ClaimRequest) sold {
	of := sold{sale: saleIn(&s.epoch, req.SaleKey, req.BusinessDate)}
	if names := s.names(req.Offer, req.Alias); len(names) > 0 {
		of.offer = names[0]
	}
	return of
}

// Claim asks the hub for uses of an offer, and waits for at most the Timeout. Errors: fault.HubUnreachable: nobody
// knows what other lanes do; ctx's own; fault.InvalidRequest for an offer without a name.
func (c *Client) Claim(ctx context.Context, req record.ClaimRequest) (record.ClaimAnswer, error) {
	if c.isAway() {
		return record.ClaimAnswer{}, errAway
	}
	asked := c.lane.SinceBoot()
	timer := c.timers.take(c.cfg.Timeout)
	defer c.timers.put(timer)
	d := deadline{ctx, timer.C}
	if err := c.waitFirst(&d); err != nil {
		return record.ClaimAnswer{}, c.noAnswer(ctx, err)
	}
	answer, err := c.ask(&d, &req, asked)
	if errors.Is(err, fault.StaleClaim) && c.waitReady(&d, err) {
		answer, err = c.ask(&d, &req, asked)
	}
	if err != nil {
		return record.ClaimAnswer{}, c.noAnswer(ctx, err)
	}
	return answer, nil
}

// A deadline ends with the caller's context, or when the time is up. A context with a time limit of its own for each
// claim took a fifth of what a claim costs.
type deadline struct {
	ctx  context.Context
	late <-chan time.Time // is read once at most
}

// timers are those of claims that ended: to make one takes longer than to set it anew.
type timers struct{ free sync.Pool }

func (t *timers) take(d time.Duration) *time.Timer {
	timer, ok := t.free.Get().(*time.Timer)
	if !ok {
		return time.NewTimer(d)
	}
	timer.Reset(d)
	return timer
}

func (t *timers) put(timer *time.Timer) {
	timer.Stop()
	t.free.Put(timer)
}

// errLate is what a claim comes to that has no answer in time.
var errLate = errors.New("it did not answer in time")

// isAway reports whether the hub was tried and does not answer: nobody waits for it then.
func (c *Client) isAway() bool {
	select {
	case <-c.first:
		return !c.ready.Load()
	default:
		return false
	}
}

// errAway is made once: it is what every redemption comes by while there is no hub.
var errAway = fault.New(fault.HubUnreachable, "hub.Claim", "the hub of the store does not answer: %w", errCircuit)

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
func (c *Client) waitFirst(d *deadline) error {
	select {
	case <-c.first:
	case <-d.late:
		return errCircuit
	case <-d.ctx.Done():
		return errCircuit
	}
	if !c.ready.Load() {
		return errCircuit
	}
	return nil
}

// waitReady has the hub greeted again, and reports whether that came about in time.
func (c *Client) waitReady(d *deadline, err error) bool {
	c.setAway(err)
	c.mu.Lock()
	answered := c.answered
	c.mu.Unlock()
	select {
	case <-answered:
		return true
	case <-d.late:
		return false
	case <-d.ctx.Done():
		return false
	}
}

// ask makes a claim and waits for its answer.
func (c *Client) ask(d *deadline, req *record.ClaimRequest, asked time.Duration) (record.ClaimAnswer, error) {
	q, err := c.begin(req, asked)
	if err != nil {
		return record.ClaimAnswer{}, err
	}
	select {
	case <-q.answered:
	case <-d.late:
		c.abandon(q)
		return record.ClaimAnswer{}, errLate
	case <-d.ctx.Done():
		c.abandon(q)
		return record.ClaimAnswer{}, d.ctx.Err()
	}
	if q.err != nil {
		return record.ClaimAnswer{}, q.err
	}
	answer := record.ClaimAnswer{Result: q.answer.Result, Overrode: q.answer.Overrode, Lane: q.answer.Lane}
	if q.answer.At != 0 {
		answer.At = time.UnixMilli(q.answer.At).UTC()
	}
	if answer.Result == record.ClaimGranted {
		answer.Claim, answer.Until = record.Claim{Epoch: q.epoch, Attempt: q.claim.Attempt}, q.until
	}
	return answer, nil
}

func checkResult(r record.ClaimResult) error {
	switch r {
	case record.ClaimGranted, record.ClaimTaken, record.ClaimReserved, record.ClaimSilent, record.ClaimMissing,
		record.ClaimDiffers:
		return nil
	}
	if r == stale {
		return fault.New(fault.StaleClaim, "", "the hub heard of a later attempt")
	}
	return fault.New(fault.NotTheContract, "", "the hub answers a claim with %.40q", r)
}

// begin has a claim sent, and keeps in mind that the terminal works on it. The lane gives up a tenth of the lease
// before the hub does.
func (c *Client) begin(req *record.ClaimRequest, asked time.Duration) (*question, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := &c.session
	s.count++
	q := &question{
		session: s.number, epoch: s.epoch.Number, until: asked + s.lease*9/10, answered: make(chan struct{}),
		claim: claim{
			Attempt: s.number<<32 + s.count, Sale: saleIn(&s.epoch, req.SaleKey, req.BusinessDate),
			Names: s.names(req.Offer, req.Alias), Uses: req.Uses, Allowed: req.Allowed, Override: req.Override,
		},
	}
	if !req.KeepUntil.IsZero() {
		q.claim.KeepUntil = req.KeepUntil.UnixMilli()
	}
	if err := q.claim.check(); err != nil {
		return nil, err
	}
	c.working[q.soldItem()] = attemptOf{q.claim.Attempt, q.until}
	c.questions.addLocked(c, q)
	return q, nil
}
