package local

import (
	"context"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// A wait is how long the caller waits for a first verdict.
type wait struct {
	WaitSeconds int `json:"waitSeconds,omitempty"`
}

// maxWait is the longest wait, in seconds.
const maxWait = 60

// Verdicts are those that the till has not acknowledged.
type verdicts struct {
	Verdicts []verdict `json:"verdicts"`
}

// A verdict is a record.Verdict with its text.
type verdict struct {
	record.Verdict
	Message string `json:"message"`
}

// verdicts lists the verdicts, and where there is none waits for one.
func (s *Service) verdicts(ctx context.Context, q wait, language string) (verdicts, error) {
	if q.WaitSeconds < 0 || q.WaitSeconds > maxWait {
		return verdicts{}, fault.New(fault.InvalidRequest, "local", "waitSeconds: at most %d", maxWait)
	}
	end := time.NewTimer(seconds(q.WaitSeconds))
	defer end.Stop()
	for {
		next := s.events.next()
		answer, err := s.listVerdicts(ctx, language)
		if err != nil || len(answer.Verdicts) > 0 || q.WaitSeconds == 0 || next == nil {
			return answer, err
		}
		select {
		case <-next:
		case <-end.C:
			return answer, nil
		case <-s.ending.Done():
			return answer, nil
		case <-ctx.Done():
			return answer, ctx.Err()
		}
	}
}

func (s *Service) listVerdicts(ctx context.Context, language string) (verdicts, error) {
	answer := verdicts{Verdicts: []verdict{}}
	for v, err := range s.terminal.Verdicts(ctx) {
		if err != nil {
			return verdicts{}, err
		}
		answer.Verdicts = append(answer.Verdicts, verdict{v, s.texts.Verdict(language, v)})
	}
	return answer, nil
}

// Acknowledged names the records whose verdicts the till has.
type acknowledged struct {
	Records []record.ID `json:"records"`
}

// Done is the answer that has nothing to say.
type done struct{}

func (s *Service) acknowledge(ctx context.Context, q acknowledged, _ string) (done, error) {
	return done{}, s.terminal.Acknowledge(ctx, q.Records...)
}
