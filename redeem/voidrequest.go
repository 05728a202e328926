package redeem

import (
	"cmp"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// A VoidRequest takes a redemption back. Exactly one of Redemption, SaleKey, Receipt and Scanned names it; with
// SaleKey every redemption of that sale that still stands is voided in one step, with Scanned the newest one of that
// offer.
type VoidRequest struct {
	Redemption record.ID
	SaleKey    string
	// SaleDate is the business date of the sale that SaleKey names. Empty: whichever day, as long as the key can name
	// only one sale and that is not certainly more than 20 hours ago; else the call errs with fault.Conflict.
	SaleDate string
	// Receipt is the code printed for the redemption, as record.ParseReceipt returns it.
	Receipt record.Receipt
	// Scanned is the offer as the scanner transmitted it, in any dress.
	Scanned string
	// Separated says that group separators arrive, as in Request.
	Separated bool
	// Key is the POS's own name of the return, unique at this terminal among sales and returns, at most 128 bytes;
	// where BusinessDate is given it is part of the name. Repeating the call with the same key changes nothing, and the
	// same key for another return is fault.Conflict; so is one without BusinessDate for a part, or by Scanned, that the
	// evidence puts more than 20 hours later. It is required for a redemption that this terminal's journal does
	// not hold, since another one made it; the backend then finds it. Without it a repeated partial void counts as
	// another one, and so does a repeated void by Scanned of an offer that was used several times.
	Key string
	// Partial says that only some items were returned: the fact is kept and reported, but the use is not free again.
	Partial bool
	// Returned is what was taken back of the discount, of all redemptions that are named together: it is spread over
	// those in its currency by what is left of each. Zero, without a currency: what is left.
	Returned record.Money
	// Override is a manager's word for what a limit of voids in the Policy would otherwise stop.
	Override *Override
	// Training says that the POS is in training mode: nothing is recorded.
	Training bool
	// Transaction, Operator, BusinessDate and Shift go into the record; all optional. An empty one is the redemption's
	// own, but for Operator.
	Transaction, Operator, BusinessDate, Shift string
}

// A Voided says which records took which redemptions back.
type Voided struct {
	// Redemptions and Voids are pairs: Voids[i] took back Redemptions[i], which is zero where another terminal made it
	// and only the backend can say which it is.
	Redemptions, Voids []record.ID
	// Again says that they had been voided before: nothing was recorded anew.
	Again bool
	// Pending says that this terminal does not know the redemption: whether there is anything to take back is the
	// backend's verdict.
	Pending bool
	// Reasons are the limits that the call would exceed, with fault.OverVoids, or that a manager overrode. Their Outcome
	// is Ask where a manager may decide, by calling again with an Override, else Refuse.
	Reasons []Reason
	// Budgets are the limits of voids that applied and what was used of them before this call.
	Budgets []Budget
	// Training says that nothing was recorded, since the terminal or the POS is in training mode.
	Training bool
}

func (d *Voided) add(redemption, void record.ID) {
	d.Redemptions, d.Voids = append(d.Redemptions, redemption), append(d.Voids, void)
}

func (r VoidRequest) check() error {
	const op = "redeem.Void"
	names := 0
	for _, given := range []bool{!r.Redemption.IsZero(), r.SaleKey != "", r.Receipt != "", r.Scanned != ""} {
		if given {
			names++
		}
	}
	switch {
	case names != 1:
		return fault.New(fault.InvalidRequest, op, "name the redemption in one way: by its id, sale key, receipt or offer")
	case r.SaleDate != "" && r.SaleKey == "":
		return fault.New(fault.InvalidRequest, op,
			"SaleDate is the day of the sale that SaleKey names, and there is no SaleKey")
	}
	name := saleName{cmp.Or(r.SaleKey, "none"), r.SaleDate}
	err := cmp.Or(r.sale(record.Sale{Key: cmp.Or(r.Key, "none")}).Check(), name.check(), r.Returned.Check())
	if err == nil && r.Override != nil {
		err = record.Override{Manager: r.Override.Manager, Why: r.Override.Why}.Check()
	}
	return invalid(op, err)
}
