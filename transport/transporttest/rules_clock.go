package transporttest

import (
	"context"
	"math"
	"net/http"
	"time"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/wire"
)

var clockRules = []Rule{
	{"bundle-forgotten",
		"A terminal that has a newer bundle than the backend knows of is handed the backend's own, so that it sees that.",
		checkBundleForgotten},
	{"clock-withdrawn",
		"What the backend withdraws of its clock it says signed, and evidence of a terminal that rests on it is none.",
		checkWithdrawn},
}

func checkBundleForgotten(ctx context.Context, s *suite) error {
	t, err := s.till(ctx)
	if err != nil {
		return err
	}
	above := http.Header{"If-None-Match": {etag(trust.SequenceOf(math.MaxUint64, math.MaxUint64))}}
	resp, err := s.call(ctx, http.MethodGet, wire.PathBundle, t.told.Token, above, nil)
	if err != nil {
		return err
	}
	if resp.status != http.StatusOK {
		return breach("status %d for a bundle that the backend cannot know, not 200 with its own", resp.status)
	}
	return nil
}

func checkWithdrawn(ctx context.Context, s *suite) error {
	if s.Withdraw == nil {
		return skip("the target does not say how its clock is corrected")
	}
	t, err := s.till(ctx)
	if err != nil {
		return err
	}
	said := time.Now().Add(3 * time.Hour).Truncate(time.Millisecond)
	if err := s.Withdraw(ctx, said, said.Add(time.Hour)); err != nil {
		return breach("correcting the clock: %w", err)
	}
	answer, err := t.withEvidenceOf(ctx, said)
	if err != nil {
		return err
	}
	if len(answer.Items) != 1 || answer.Items[0].Status != record.Confirmed {
		return breach("a redemption by a terminal that was told a wrong time: %+v, not confirmed", answer.Items)
	}
	if err := t.checkCorrection(answer, said.UnixMilli()); err != nil {
		return err
	}
	if answer, err = t.withEvidenceOf(ctx, said.Add(-time.Hour)); err != nil {
		return err
	}
	if len(answer.Items) != 1 || answer.Items[0].Status == record.Confirmed {
		return breach("a redemption by a terminal whose evidence lies in the future is confirmed")
	}
	return nil
}

// withEvidenceOf reports a redemption by a till that was told a time of the future, and believed it.
func (t *till) withEvidenceOf(ctx context.Context, said time.Time) (record.Answer, error) {
	p, err := t.offer(ctx)
	if err != nil {
		return record.Answer{}, err
	}
	rec := redemptionOf(p)
	rec.Time = record.Evidence{Wall: time.Now().UnixMilli(), Server: said.UnixMilli(),
		Earliest: said.Add(time.Second).UnixMilli(), Latest: said.AddDate(0, 0, 7).UnixMilli()}
	_, raw, err := t.write(rec)
	if err != nil {
		return record.Answer{}, err
	}
	return t.report(ctx, raw)
}

// checkCorrection wants an answer to say, signed, that what was said of a moment before is withdrawn, and what is said
// of it now is not.
func (t *till) checkCorrection(a record.Answer, said int64) error {
	roots, err := t.roots()
	if err != nil {
		return err
	}
	if err := t.checkTime(a.Time); err != nil {
		return err
	}
	for root := range roots.All() {
		c, err := a.Correction.OpenTimeCorrection(root.Public)
		if root.ID != a.Correction.KeyID || err != nil {
			continue
		}
		for _, w := range c.Withdrawals {
			if w.Names(said, 0) && !w.Names(said, a.Time.Correction) {
				return nil
			}
		}
		return breach("correction %d does not name what the clock said, or names what it says now, under correction %d",
			c.Number, a.Time.Correction)
	}
	return breach("the correction of the clock is missing, or not signed by a key of the enrolment")
}
