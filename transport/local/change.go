package local

import (
	"context"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// A correction is a redeem.CorrectRequest.
type correction struct {
	Redemption   record.ID    `json:"redemption,omitzero"`
	SaleKey      string       `json:"saleKey,omitempty"`
	SaleDate     string       `json:"saleDate,omitempty"`
	Scanned      string       `json:"scanned,omitempty"`
	Separated    bool         `json:"separated,omitempty"`
	Sale         redeem.Sale  `json:"sale,omitzero"`
	Given        redeem.Money `json:"given,omitzero"`
	Override     *override    `json:"override,omitempty"`
	Training     bool         `json:"training,omitempty"`
	Transaction  string       `json:"transaction,omitempty"`
	Operator     string       `json:"operator,omitempty"`
	BusinessDate string       `json:"businessDate,omitempty"`
	Shift        string       `json:"shift,omitempty"`
}

func (q correction) request() redeem.CorrectRequest {
	return redeem.CorrectRequest{Redemption: q.Redemption, SaleKey: q.SaleKey, SaleDate: q.SaleDate, Scanned: q.Scanned,
		Separated: q.Separated, Sale: q.Sale, Given: q.Given, Override: q.Override.word(), Training: q.Training,
		Transaction: q.Transaction, Operator: q.Operator, BusinessDate: q.BusinessDate, Shift: q.Shift}
}

// Corrected is a redeem.Corrected.
type corrected struct {
	Redemptions []record.ID    `json:"redemptions"`
	Corrections []record.ID    `json:"corrections"`
	Given       redeem.Money   `json:"given,omitzero"`
	GivenBy     record.GivenBy `json:"givenBy,omitempty"`
	Discount    discount       `json:"discount,omitzero"`
	Again       bool           `json:"again,omitempty"`
	Training    bool           `json:"training,omitempty"`
}

func (s *Service) correct(ctx context.Context, q correction, _ string) (corrected, error) {
	done, err := s.terminal.Correct(ctx, q.request())
	return corrected{notNil(done.Redemptions), notNil(done.Corrections), done.Given, done.GivenBy, discount(done.Discount),
		done.Again, done.Training}, err
}

// A void is a redeem.VoidRequest.
type void struct {
	Redemption   record.ID      `json:"redemption,omitzero"`
	SaleKey      string         `json:"saleKey,omitempty"`
	SaleDate     string         `json:"saleDate,omitempty"`
	Receipt      record.Receipt `json:"receipt,omitempty"`
	Scanned      string         `json:"scanned,omitempty"`
	Separated    bool           `json:"separated,omitempty"`
	Key          string         `json:"key"`
	Partial      bool           `json:"partial,omitempty"`
	Returned     redeem.Money   `json:"returned,omitzero"`
	Override     *override      `json:"override,omitempty"`
	Training     bool           `json:"training,omitempty"`
	Transaction  string         `json:"transaction,omitempty"`
	Operator     string         `json:"operator,omitempty"`
	BusinessDate string         `json:"businessDate,omitempty"`
	Shift        string         `json:"shift,omitempty"`
}

func (q void) request() redeem.VoidRequest {
	return redeem.VoidRequest{Redemption: q.Redemption, SaleKey: q.SaleKey, SaleDate: q.SaleDate, Receipt: q.Receipt,
		Scanned: q.Scanned, Separated: q.Separated, Key: q.Key, Partial: q.Partial, Returned: q.Returned,
		Override: q.Override.word(), Training: q.Training, Transaction: q.Transaction, Operator: q.Operator,
		BusinessDate: q.BusinessDate, Shift: q.Shift}
}

// Voided is a redeem.Voided.
type voided struct {
	Redemptions []record.ID     `json:"redemptions"`
	Voids       []record.ID     `json:"voids"`
	Again       bool            `json:"again,omitempty"`
	Pending     bool            `json:"pending,omitempty"`
	Reasons     []reason        `json:"reasons,omitempty"`
	Budgets     []redeem.Budget `json:"budgets,omitempty"`
	Training    bool            `json:"training,omitempty"`
}

func (s *Service) void(ctx context.Context, q void, language string) (voided, error) {
	if q.Key == "" {
		return voided{}, fault.New(fault.InvalidRequest, "local", "key: give the POS's own name of the return")
	}
	done, err := s.terminal.Void(ctx, q.request())
	answer := voided{notNil(done.Redemptions), notNil(done.Voids), done.Again, done.Pending,
		s.reasons(done.Reasons, language), done.Budgets, done.Training}
	if err != nil {
		return voided{}, &limited{answer, err}
	}
	return answer, nil
}
