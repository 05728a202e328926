package redeem

import (
	"context"

	"github.com/offlane/offlane/redeem/record"
)

// comesSecond has the terminal ask where its lane had another one when it was enrolled, at a moment of the backend's
// clock; 0: it had none. What that one redeemed stands in the next trust bundle, as far as it reported.
func (t *Terminal) comesSecond(ctx context.Context, at int64) error {
	if at <= 0 {
		return nil
	}
	if err := t.notice(ctx, []lapse{{cause: record.CauseLane, above: t.journal.Flushed()}}); err != nil {
		return err
	}
	return t.changeForgotten(ctx, func(f *forgotten) *forgotten {
		return f.heard(at, &record.Answer{Last: new(f.Through)})
	})
}
