package local

import (
	"context"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// A discount is a terms.Discount.
type discount terms.Discount

// A query is a redeem.Query.
type query struct {
	SaleKey      string         `json:"saleKey,omitempty"`
	Redemption   record.ID      `json:"redemption,omitzero"`
	Receipt      record.Receipt `json:"receipt,omitempty"`
	Since        time.Time      `json:"since,omitzero"`
	BusinessDate string         `json:"businessDate,omitempty"`
	Shift        string         `json:"shift,omitempty"`
}

func (q query) query() redeem.Query {
	return redeem.Query{SaleKey: q.SaleKey, Redemption: q.Redemption, Receipt: q.Receipt, Since: q.Since,
		BusinessDate: q.BusinessDate, Shift: q.Shift}
}

// A page is a query and which of its records are wanted at once.
type page struct {
	query
	// After is the number of the last record that the caller has.
	After uint64 `json:"after,omitempty"`
	// Limit is how many are wanted, up to maxPage; 0: maxPage.
	Limit int `json:"limit,omitempty"`
	// Passes has the text of each pass told, which is a secret of the customer's.
	Passes bool `json:"passes,omitempty"`
}

// maxPage is the most records of one answer.
const maxPage = 1000

// Records are those of a page; More says that others follow.
type records struct {
	Records []listed `json:"records"`
	More    bool     `json:"more,omitempty"`
}

func (s *Service) records(ctx context.Context, q page, _ string) (records, error) {
	if q.Limit < 0 || q.Limit > maxPage {
		return records{}, fault.New(fault.InvalidRequest, "local", "limit: at most %d records come at once", maxPage)
	}
	if q.Limit == 0 {
		q.Limit = maxPage
	}
	answer := records{Records: []listed{}}
	for l, err := range s.terminal.Records(ctx, q.query.query()) {
		switch {
		case err != nil:
			return records{}, err
		case l.Record.Number <= q.After:
		case len(answer.Records) == q.Limit:
			answer.More = true
			return answer, nil
		default:
			answer.Records = append(answer.Records, newListed(l, q.Passes))
		}
	}
	return answer, nil
}

// Totals are those of a query.
type totals struct {
	Totals []total `json:"totals"`
}

// A total is a redeem.Total and what is left of it.
type total struct {
	redeem.Total
	Net int64 `json:"net"`
}

func (s *Service) totals(ctx context.Context, q query, _ string) (totals, error) {
	all, err := s.terminal.Totals(ctx, q.query())
	answer := totals{Totals: []total{}}
	for _, t := range all {
		answer.Totals = append(answer.Totals, total{t, t.Net()})
	}
	return answer, err
}
