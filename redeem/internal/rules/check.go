package rules

import (
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// MaxUses is the most uses of an offer that one request takes.
const MaxUses = 100

// CheckRequest returns nil for a request that can be decided, else fault.InvalidRequest.
func CheckRequest(r *decision.Request) error {
	if err := SaleOf(r).Check(); err != nil {
		return err
	}
	if err := r.Given.Check(); err != nil {
		return err
	}
	if r.Override != nil {
		if err := (record.Override{Manager: r.Override.Manager, Why: r.Override.Why}).Check(); err != nil {
			return err
		}
	}
	if len(r.Sale.Lines) > 0 {
		if err := r.Sale.Check(); err != nil {
			return err
		}
	}
	if r.Uses < 0 || r.Uses > MaxUses {
		return fault.New(fault.InvalidRequest, "", "%d uses cannot be taken at once: ask for 1 to %d", r.Uses, MaxUses)
	}
	return nil
}

// SaleOf is how a record names the sale of a request.
func SaleOf(r *decision.Request) record.Sale {
	return record.Sale{Key: r.SaleKey, Transaction: r.Transaction, Operator: r.Operator, BusinessDate: r.BusinessDate,
		Shift: r.Shift}
}
