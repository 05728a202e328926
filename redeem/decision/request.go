package decision

import (
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// A Request is one attempt to redeem an offer in a sale.
type Request struct {
	// Scanned is the text as the scanner transmitted it, in any dress that offer.Parse takes. Required.
	Scanned string
	// Separated says that the group separators of Scanned arrive as 0x1D: it is what barcode.Symbol.Transmitted returned,
	// or comes from a hand scanner whose self-test showed it (wedge.Scan.Separated). False: they may have been lost, and a
	// GS1 text without any is refused with fault.Ambiguous unless it can be read in one way, by the layouts of the
	// campaigns in the trust bundle or without.
	Separated bool
	// SaleKey is the POS's own name of the sale, unique at this terminal, at most 128 bytes. Required. The same key
	// with the same offer is the same redemption, however often it is asked for. Where BusinessDate is given it is part
	// of the name; without one a key names a sale for 20 hours, and its repetition after that is refused with
	// fault.Conflict. Once the redemption was voided in full, the same key redeems the offer anew: repeat no call from
	// before the void.
	SaleKey string
	// Sale holds the lines that the discount is worked out from. Without lines no discount is worked out.
	Sale terms.Sale
	// Uses is how many uses of the offer the sale takes at once, up to 100; 0: one. They are granted together or
	// not at all; each is a record of its own with its share of the amount.
	Uses int
	// Given is what the POS's own promotion engine gave for all uses together, where that decides: 0 to
	// terms.MaxAmount, with its currency. Zero, without a currency: what the terms make of the sale.
	Given record.Money
	// Override is a manager's word, for what would otherwise be asked. It does not help against a refusal.
	Override *Override
	// Training says that the POS is in training mode: the terminal decides as always and records nothing.
	Training bool
	// Transaction, Operator, BusinessDate (YYYY-MM-DD) and Shift go into the record as they are, at most 64 bytes each;
	// all optional.
	Transaction, Operator, BusinessDate, Shift string
}

// maxUses is the most uses of an offer that one Request takes.
const maxUses = 100

// An Override is a manager's word: who, in at most 64 bytes, and why, in at most 512. Both are required.
type Override struct {
	Manager, Why string
}

// Check returns nil for a request that can be decided, else fault.InvalidRequest.
func (r *Request) Check() error {
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
	if r.Uses < 0 || r.Uses > maxUses {
		return fault.New(fault.InvalidRequest, "", "%d uses cannot be taken at once: ask for 1 to %d", r.Uses, maxUses)
	}
	return nil
}

// SaleOf is how a record names the sale of a request.
func SaleOf(r *Request) record.Sale {
	return record.Sale{Key: r.SaleKey, Transaction: r.Transaction, Operator: r.Operator, BusinessDate: r.BusinessDate,
		Shift: r.Shift}
}
