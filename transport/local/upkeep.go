package local

import (
	"context"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
)

// Nothing is what a call without fields reads.
type nothing struct{}

// A status is a redeem.Status and what happened since the start.
type status struct {
	redeem.Status
	// ClockOffset is in milliseconds.
	ClockOffset int64 `json:"clockOffset,omitempty"`
	// Damage is in words.
	Damage []string `json:"damage,omitempty"`
	// Counts are what happened since the start, by what it is.
	Counts map[string]int64 `json:"counts,omitempty"`
}

func (s *Service) status(context.Context, nothing, string) (status, error) {
	now := s.terminal.Status()
	answer := status{Status: now, ClockOffset: now.ClockOffset.Milliseconds(), Counts: s.events.counts()}
	for _, d := range now.Damage {
		answer.Damage = append(answer.Damage, d.String())
	}
	return answer, nil
}

// A bound is how long a call may take.
type bound struct {
	WaitSeconds int `json:"waitSeconds,omitempty"`
}

// The bounds of a call that reaches the backend, in seconds.
const (
	usualBound = 60
	maxBound   = 600
)

func (b bound) limit(ctx context.Context) (context.Context, context.CancelFunc, error) {
	if b.WaitSeconds < 0 || b.WaitSeconds > maxBound {
		return nil, nil, fault.New(fault.InvalidRequest, "local", "waitSeconds: at most %d", maxBound)
	}
	n := b.WaitSeconds
	if n == 0 {
		n = usualBound
	}
	ctx, cancel := context.WithTimeout(ctx, seconds(n))
	return ctx, cancel, nil
}

func (s *Service) report(ctx context.Context, q bound, _ string) (done, error) {
	ctx, cancel, err := q.limit(ctx)
	if err != nil {
		return done{}, err
	}
	defer cancel()
	return done{}, s.terminal.ReportNow(ctx)
}

func (s *Service) rotateKey(ctx context.Context, q bound, _ string) (done, error) {
	ctx, cancel, err := q.limit(ctx)
	if err != nil {
		return done{}, err
	}
	defer cancel()
	return done{}, s.terminal.RotateKey(ctx)
}

// A bundle is a trust bundle or a delta, in base64.
type bundle struct {
	Bundle []byte `json:"bundle"`
}

func (s *Service) installBundle(ctx context.Context, q bundle, _ string) (done, error) {
	return done{}, s.terminal.InstallBundle(ctx, q.Bundle)
}

// An end is a manager's word that ends what may be forgotten.
type end struct {
	Override override `json:"override"`
}

func (s *Service) endForgotten(ctx context.Context, q end, _ string) (done, error) {
	return done{}, s.terminal.EndForgotten(ctx, *q.Override.word())
}
