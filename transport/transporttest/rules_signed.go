package transporttest

import (
	"context"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

var signedRules = []Rule{
	{"replaced-record", "A report in which its carrier replaced a record is refused as a whole, also beside a record that cannot be read.",
		checkReplaced},
}

// checkReplaced replaces the record before one that cannot be read, and so names nothing before it.
func checkReplaced(ctx context.Context, s *suite) error {
	t, raws, err := s.tillWith(ctx, 1)
	if err != nil {
		return err
	}
	p, err := s.offer(ctx)
	if err != nil {
		return err
	}
	carrier := *t
	carrier.number, carrier.prev = 0, record.Hash{}
	_, other, err := carrier.redeem(p)
	if err != nil {
		return err
	}
	poison := []byte("no record at all")
	t.number, t.prev = t.number+1, record.HashOf(poison)
	more, err := t.several(ctx, 1)
	if err != nil {
		return err
	}
	r, err := t.seal(raws[0], poison, more[0])
	if err != nil {
		return err
	}
	r.Records[0] = other
	resp, err := s.post(ctx, wire.PathReports, t.told.Token, wire.FromReport(r))
	if err := refused4xx(resp, err, fault.Forged); err != nil {
		return err
	}
	answer, err := t.report(ctx, raws[0], poison, more[0])
	if err != nil {
		return err
	}
	return allConfirmed(answer, [][]byte{raws[0], more[0]}) // nothing was booked before
}
