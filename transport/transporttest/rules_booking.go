package transporttest

import (
	"context"
	"sync"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

var bookingRules = []Rule{
	{"first-committed", "First is the record that the backend commits first; a later one is its duplicate and says " +
		"where and when.", checkFirst},
	{"one-of-many", "Of many terminals that report the same offer at once exactly one is confirmed.", checkOneOfMany},
	{"void-frees", "A void frees the use for records that arrive after it.", checkVoidFrees},
	{"void-is-no-reversal", "A void does not change a verdict that was given before.", checkVoidNoReversal},
	{"void-first", "A void that arrives before its redemption is received, gets its verdict with it, and the pair takes " +
		"no use.", checkVoidFirst},
	{"void-by-offer-order", "A void by offer alone takes back nothing that its terminal redeemed after it, as the chain " +
		"says.", checkVoidBeforeInChain},
	{"over-return", "The voids of a redemption together take back at most what it gave; what exceeds that is rejected.",
		checkOverReturn},
	{"void-twice", "A redemption that was taken back wholly is not taken back again.", checkVoidTwice},
	{"unknown-offer", "An identifier that the backend never issued is rejected.", checkUnknownOffer},
	{"same-id-other-bytes", "The same record id with other bytes is a conflict, never a replay.", checkSameID},
}

// twoTills makes an offer and two terminals.
func (s *suite) twoTills(ctx context.Context) (p offer.Presented, a, b *till, err error) {
	if p, err = s.offer(ctx); err != nil {
		return
	}
	if a, err = s.till(ctx); err != nil {
		return
	}
	b, err = s.till(ctx)
	return
}

func checkFirst(ctx context.Context, s *suite) error {
	p, a, b, err := s.twoTills(ctx)
	if err != nil {
		return err
	}
	winner, _, err := a.bookOffer(ctx, p, record.Confirmed)
	if err != nil {
		return err
	}
	_, raw, err := b.redeem(p)
	if err != nil {
		return err
	}
	v, err := b.verdict(ctx, raw)
	if err != nil {
		return err
	}
	if v.Status != record.Duplicate || v.Reason != fault.RedeemedElsewhere {
		return breach("the second redemption is %s (%s), not a duplicate (%s)", v.Status, v.Reason, fault.RedeemedElsewhere)
	}
	if v.First.Record != winner.ID || v.First.Place != winner.Place || v.First.Committed == 0 {
		return breach("the duplicate names %+v, first was record %s at %+v", *v.First, winner.ID, winner.Place)
	}
	return nil
}

func checkOneOfMany(ctx context.Context, s *suite) error {
	const many = 8
	p, err := s.offer(ctx)
	if err != nil {
		return err
	}
	var tills []*till
	for range many {
		t, err := s.till(ctx)
		if err != nil {
			return err
		}
		tills = append(tills, t)
	}
	verdicts, errs := make([]record.Verdict, many), make([]error, many)
	var all sync.WaitGroup
	for i, t := range tills {
		all.Go(func() { verdicts[i], errs[i] = t.redeemOffer(ctx, p) })
	}
	all.Wait()
	confirmed := 0
	for i := range many {
		if errs[i] != nil {
			return errs[i]
		}
		if verdicts[i].Status == record.Confirmed {
			confirmed++
		}
	}
	if confirmed != 1 {
		return breach("%d of %d are confirmed", confirmed, many)
	}
	return nil
}

// redeemOffer redeems an offer and returns the verdict.
func (t *till) redeemOffer(ctx context.Context, p offer.Presented) (record.Verdict, error) {
	_, raw, err := t.redeem(p)
	if err != nil {
		return record.Verdict{}, err
	}
	return t.verdict(ctx, raw)
}

func checkVoidFrees(ctx context.Context, s *suite) error {
	p, a, b, err := s.twoTills(ctx)
	if err != nil {
		return err
	}
	rec, _, err := a.bookOffer(ctx, p, record.Confirmed)
	if err != nil {
		return err
	}
	_, void, err := a.void(rec)
	if err != nil {
		return err
	}
	if err := a.reportRecord(ctx, void, record.Confirmed); err != nil {
		return err
	}
	_, _, err = b.bookOffer(ctx, p, record.Confirmed)
	return err
}

func checkVoidNoReversal(ctx context.Context, s *suite) error {
	p, a, b, err := s.twoTills(ctx)
	if err != nil {
		return err
	}
	rec, _, err := a.bookOffer(ctx, p, record.Confirmed)
	if err != nil {
		return err
	}
	_, second, err := b.bookOffer(ctx, p, record.Duplicate)
	if err != nil {
		return err
	}
	_, void, err := a.void(rec)
	if err != nil {
		return err
	}
	if _, err := a.report(ctx, void); err != nil {
		return err
	}
	return b.reportRecord(ctx, second, record.Duplicate)
}

func checkVoidFirst(ctx context.Context, s *suite) error {
	p, a, b, err := s.twoTills(ctx)
	if err != nil {
		return err
	}
	rec, redemption, err := a.redeem(p)
	if err != nil {
		return err
	}
	_, void, err := a.void(rec)
	if err != nil {
		return err
	}
	answer, err := a.report(ctx, void)
	if err != nil {
		return err
	}
	if err := wants(answer, void, record.Received); err != nil {
		return err
	}
	if answer, err = a.report(ctx, redemption); err != nil {
		return err
	}
	if err := wants(answer, redemption, record.Confirmed); err != nil {
		return err
	}
	answer.Items = append(answer.Items, answer.Later...)
	if err := wants(answer, void, record.Confirmed); err != nil {
		return err
	}
	_, _, err = b.bookOffer(ctx, p, record.Confirmed)
	return err
}

func checkOverReturn(ctx context.Context, s *suite) error {
	p, a, _, err := s.twoTills(ctx)
	if err != nil {
		return err
	}
	rec, _, err := a.bookOffer(ctx, p, record.Confirmed)
	if err != nil {
		return err
	}
	for i, want := range []record.Status{record.Confirmed, record.Rejected} {
		part, err := a.part(rec, rec.Given.Amount-int64(1-i)) // all but one, and then all
		if err != nil {
			return err
		}
		if err := a.reportRecord(ctx, part, want); err != nil {
			return err
		}
	}
	return nil
}

func checkVoidTwice(ctx context.Context, s *suite) error {
	p, a, _, err := s.twoTills(ctx)
	if err != nil {
		return err
	}
	rec, _, err := a.bookOffer(ctx, p, record.Confirmed)
	if err != nil {
		return err
	}
	for _, want := range []record.Status{record.Confirmed, record.Rejected} {
		_, void, err := a.void(rec)
		if err != nil {
			return err
		}
		if err := a.reportRecord(ctx, void, want); err != nil {
			return err
		}
	}
	return nil
}

func checkUnknownOffer(ctx context.Context, s *suite) error {
	t, err := s.till(ctx)
	if err != nil {
		return err
	}
	v, err := t.redeemOffer(ctx, offer.Presented{ID: offer.NewID()})
	if err != nil {
		return err
	}
	if v.Status != record.Rejected || v.Reason != fault.UnknownOffer {
		return breach("it is %s (%s), not rejected (%s)", v.Status, v.Reason, fault.UnknownOffer)
	}
	return nil
}

func checkSameID(ctx context.Context, s *suite) error {
	p, a, b, err := s.twoTills(ctx)
	if err != nil {
		return err
	}
	rec, _, err := a.bookOffer(ctx, p, record.Confirmed)
	if err != nil {
		return err
	}
	other, err := s.offer(ctx)
	if err != nil {
		return err
	}
	copied, _, err := b.redeem(other)
	if err != nil {
		return err
	}
	copied.ID = rec.ID
	raw, err := copied.Encode()
	if err != nil {
		return err
	}
	v, err := b.verdict(ctx, raw)
	if err != nil {
		return err
	}
	if v.Reason != fault.Conflict {
		return breach("it is %s (%s), not refused with %s", v.Status, v.Reason, fault.Conflict)
	}
	return nil
}
