package transporttest

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

var operatorRules = []Rule{
	{"allowed-void", "A void that a manager allowed beyond a limit of the terminal is confirmed.", checkAllowedVoid},
	{"operators-counted", "The figures by operator count voids, those of another terminal's redemptions, and overrides.",
		checkOperators},
	{"operator-erased", "An operator's name that is erased stands in no figures any more, and what was counted stays.",
		checkErased},
	{"records-own", "A merchant finds a record of its own till by the receipt, and no other merchant does.", checkRecords},
}

func checkRecords(ctx context.Context, s *suite) error {
	b, err := s.pair()
	if err != nil {
		return err
	}
	p, err := s.offer(ctx)
	if err != nil {
		return err
	}
	till, err := s.tillOfOwner(ctx)
	if err != nil {
		return err
	}
	rec, _, err := till.bookOffer(ctx, p, record.Confirmed)
	if err != nil {
		return err
	}
	path := wire.PathRecords + "?receipt=" + url.QueryEscape(string(rec.ID.Receipt()))
	for key, want := range map[string]int{b.owner.Key: 1, b.partner.Key: 0} {
		found, err := good[wire.Records](b.call(ctx, http.MethodGet, path, key, nil, nil))
		if err != nil {
			return err
		}
		if len(found.Records) != want {
			return breach("a receipt finds %d records where it should find %d", len(found.Records), want)
		}
	}
	return nil
}

// excessOverride is a manager's word for one void too many.
func excessOverride(manager string) *record.Override {
	return &record.Override{Manager: manager, Why: "conformance", Reasons: []fault.Code{fault.OverVoids}}
}

func checkAllowedVoid(ctx context.Context, s *suite) error {
	p, a, b, err := s.twoTills(ctx)
	if err != nil {
		return err
	}
	rec, _, err := a.bookOffer(ctx, p, record.Confirmed)
	if err != nil {
		return err
	}
	_, raw, err := b.write(record.Record{Kind: record.Void, Of: rec.ID, Offer: rec.Offer, Alias: rec.Alias,
		Campaign: rec.Campaign, Given: rec.Given, Override: excessOverride("manager")})
	if err != nil {
		return err
	}
	return b.reportRecord(ctx, raw, record.Confirmed)
}

// A cashier is an operator with a name that nobody has, at two terminals of the owner's.
type cashier struct {
	*suite
	name string
}

// cashier has one redeem at one terminal, and take it back at another as a manager of their own.
func (s *suite) cashier(ctx context.Context) (*cashier, error) {
	if s.Owner.Key == "" {
		return nil, skip("the target names no merchant with its management keys")
	}
	c := &cashier{s, "conformance " + rand.Text()}
	p, err := s.offer(ctx)
	if err != nil {
		return nil, err
	}
	one, err := s.tillOfOwner(ctx)
	if err != nil {
		return nil, err
	}
	two, err := s.tillOfOwner(ctx)
	if err != nil {
		return nil, err
	}
	sale := record.Sale{Operator: c.name}
	sold, raw, err := one.write(record.Record{Kind: record.Redemption, Offer: p.ID, Alias: p.Alias, Sale: sale})
	if err != nil {
		return nil, err
	}
	if _, err := one.report(ctx, raw); err != nil {
		return nil, err
	}
	_, raw, err = two.write(record.Record{Kind: record.Void, Receipt: sold.ID.Receipt(), Sale: sale,
		Override: excessOverride(c.name)})
	if err == nil {
		_, err = two.report(ctx, raw)
	}
	return c, err
}

// figures sums those of a name.
func (c *cashier) figures(ctx context.Context, name string) (sum wire.OperatorTally, err error) {
	all, err := good[wire.Operators](c.side().call(ctx, http.MethodGet, wire.PathOperators, c.Owner.Key, nil, nil))
	for _, o := range all.Operators {
		if o.Operator == name {
			sum.Redeemed, sum.Voided, sum.Elsewhere = sum.Redeemed+o.Redeemed, sum.Voided+o.Voided, sum.Elsewhere+o.Elsewhere
			sum.Overrides, sum.Allowed = sum.Overrides+o.Overrides, sum.Allowed+o.Allowed
		}
	}
	return sum, err
}

func checkOperators(ctx context.Context, s *suite) error {
	c, err := s.cashier(ctx)
	if err != nil {
		return err
	}
	sum, err := c.figures(ctx, c.name)
	want := wire.OperatorTally{Redeemed: 1, Voided: 1, Elsewhere: 1, Overrides: 1, Allowed: 1}
	if err == nil && sum != want {
		err = breach("the figures of an operator are %+v, not %+v", sum, want)
	}
	return err
}

func checkErased(ctx context.Context, s *suite) error {
	c, err := s.cashier(ctx)
	if err != nil {
		return err
	}
	before, err := c.figures(ctx, "")
	if err != nil {
		return err
	}
	path := strings.Replace(wire.PathOperator, "{operator}", url.PathEscape(c.name), 1)
	if _, err := good[wire.ErasedOperator](c.side().call(ctx, http.MethodDelete, path, c.Owner.Key, nil, nil)); err !=
		nil {
		return breach("erasing: %w", err)
	}
	left, err := c.figures(ctx, c.name)
	if err != nil {
		return err
	}
	after, err := c.figures(ctx, "")
	switch {
	case err != nil:
		return err
	case left != wire.OperatorTally{}:
		return breach("the figures name the operator still: %+v", left)
	case after.Voided != before.Voided+1:
		return breach("%d voids have no name, %d had none before the erasure of one", after.Voided, before.Voided)
	}
	return nil
}
