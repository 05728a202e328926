package redeem

import (
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// A Request is one attempt to redeem an offer in a sale.
type Request struct {
	// Scanned is the text as the scanner transmitted it, in any dress that offer.Parse takes. Required.
	Scanned string
	// SaleKey is the POS's own name of the sale, unique at this terminal, at most 128 bytes. Required. The same key with the
	// same offer is the same redemption, however often it is asked for.
	SaleKey string
	// Sale holds the lines that the discount is worked out from. Without lines no discount is worked out.
	Sale terms.Sale
	// Given is what the POS's own promotion engine gave, where that decides. Zero: what the terms make of the sale.
	Given record.Money
	// Override is a manager's word, for what would otherwise be asked. It does not help against a refusal.
	Override *Override
	// Training says that the POS is in training mode: the terminal decides as always and records nothing.
	Training bool
	// Transaction, Operator, BusinessDate and Shift go into the record as they are; all optional.
	Transaction, Operator, BusinessDate, Shift string
}

// An Override is a manager's word: who, and why. Both are required.
type Override struct {
	Manager, Why string
}

func (r Request) check() error {
	const op = "redeem.Redeem"
	switch {
	case r.SaleKey == "":
		return fault.New(fault.InvalidRequest, op, "SaleKey is required: without it a repeated call cannot be told from a second sale")
	case len(r.SaleKey) > 128:
		return fault.New(fault.InvalidRequest, op, "SaleKey has %d bytes, at most 128 are allowed", len(r.SaleKey))
	case r.Override != nil && (r.Override.Manager == "" || r.Override.Why == ""):
		return fault.New(fault.InvalidRequest, op, "an override names the manager and says why")
	}
	return nil
}

func (r Request) sale() record.Sale {
	return record.Sale{Key: r.SaleKey, Transaction: r.Transaction, Operator: r.Operator, BusinessDate: r.BusinessDate, Shift: r.Shift}
}
