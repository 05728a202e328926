package local

import (
	"context"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/record"
)

// A request is a redeem.Request.
type request struct {
	Scanned      string       `json:"scanned"`
	Separated    bool         `json:"separated,omitempty"`
	SaleKey      string       `json:"saleKey"`
	Sale         redeem.Sale  `json:"sale,omitzero"`
	Uses         int          `json:"uses,omitempty"`
	Given        redeem.Money `json:"given,omitzero"`
	Override     *override    `json:"override,omitempty"`
	Training     bool         `json:"training,omitempty"`
	Transaction  string       `json:"transaction,omitempty"`
	Operator     string       `json:"operator,omitempty"`
	BusinessDate string       `json:"businessDate,omitempty"`
	Shift        string       `json:"shift,omitempty"`
}

// An override is a manager's word.
type override struct {
	Manager string `json:"manager"`
	Why     string `json:"why"`
}

func (o *override) word() *redeem.Override {
	if o == nil {
		return nil
	}
	return &redeem.Override{Manager: o.Manager, Why: o.Why}
}

func (q request) request() redeem.Request {
	return redeem.Request{Scanned: q.Scanned, Separated: q.Separated, SaleKey: q.SaleKey, Sale: q.Sale, Uses: q.Uses,
		Given: q.Given, Override: q.Override.word(), Training: q.Training, Transaction: q.Transaction,
		Operator: q.Operator, BusinessDate: q.BusinessDate, Shift: q.Shift}
}

func (s *Service) check(ctx context.Context, q request, language string) (decision, error) {
	d, err := s.terminal.Check(ctx, q.request())
	return s.newDecision(d, language), err
}

func (s *Service) redeem(ctx context.Context, q request, language string) (decision, error) {
	d, err := s.terminal.Redeem(ctx, q.request())
	return s.newDecision(d, language), err
}

// A reservation is a request and how long it holds the offer.
type reservation struct {
	request
	HoldSeconds int `json:"holdSeconds"`
}

func (s *Service) reserve(ctx context.Context, q reservation, language string) (decision, error) {
	d, err := s.terminal.Reserve(ctx, q.request.request(), seconds(q.HoldSeconds))
	return s.newDecision(d, language), err
}

// seconds is a duration that cannot overflow: what is longer than a year is longer than any bound.
func seconds(n int) time.Duration {
	const year = 366 * 24 * 60 * 60
	return time.Duration(min(max(n, -1), year)) * time.Second
}

// A decision is a redeem.Decision with texts for the cashier.
type decision struct {
	redeem.Decision
	Reasons []reason `json:"reasons,omitempty"`
	// Message is the text of the gravest reason; empty without one.
	Message string `json:"message,omitempty"`
}

// A reason is a redeem.Reason with its text.
type reason struct {
	redeem.Reason
	Message string `json:"message"`
}

func (s *Service) newDecision(d redeem.Decision, language string) decision {
	answer := decision{Decision: d, Reasons: s.reasons(d.Reasons, language)}
	if len(answer.Reasons) > 0 {
		answer.Message = answer.Reasons[0].Message
	}
	return answer
}

func (s *Service) reasons(all []redeem.Reason, language string) (with []reason) {
	for _, r := range all {
		with = append(with, reason{r, s.texts.Reason(language, r)})
	}
	return with
}

// A saleName names a sale.
type saleName struct {
	SaleKey  string `json:"saleKey"`
	SaleDate string `json:"saleDate,omitempty"`
}

// Released are the reservations that were given up.
type released struct {
	Reservations []record.ID `json:"reservations"`
}

func (s *Service) release(ctx context.Context, q saleName, _ string) (released, error) {
	ids, err := s.terminal.Release(ctx, q.SaleKey, q.SaleDate)
	return released{notNil(ids)}, err
}

// notNil has a list that is empty be one in JSON.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
