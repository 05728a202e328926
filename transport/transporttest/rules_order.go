package transporttest

import (
	"context"

	"github.com/offlane/offlane/redeem/record"
)

// checkVoidBeforeInChain has a terminal take an offer back that it never redeemed, and redeem it after that. The
// moments of the two overlap; their order in the chain does not.
func checkVoidBeforeInChain(ctx context.Context, s *suite) error {
	p, a, _, err := s.twoTills(ctx)
	if err != nil {
		return err
	}
	_, void, err := a.write(record.Record{Kind: record.Void, Offer: p.ID, Alias: p.Alias})
	if err != nil {
		return err
	}
	_, redemption, err := a.redeem(p)
	if err != nil {
		return err
	}
	answer, err := a.report(ctx, void, redemption)
	if err != nil {
		return err
	}
	if err := wants(answer, void, record.Received); err != nil {
		return err
	}
	if err := wants(answer, redemption, record.Confirmed); err != nil {
		return err
	}
	_, _, err = a.bookOffer(ctx, p, record.Duplicate)
	return err
}
