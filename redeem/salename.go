package redeem

import (
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// otherSale reports whether two records of one sale key, the earlier one first, are certainly of two sales.
func otherSale(a, b record.Record) bool {
	if a.Sale.BusinessDate != b.Sale.BusinessDate {
		return true
	}
	return a.Sale.BusinessDate == "" && evidence.LongAfter(a.Time, b.Time)
}

// A saleName is how a call names a sale that there was.
type saleName struct {
	key  string
	date string // empty: whichever day, if only one can be meant
}

func (n saleName) check() error { return record.Sale{Key: n.key, BusinessDate: n.date}.Check() }

// redemptions finds those of the sale, voided or not, oldest first. Its error is fault.Conflict where it may be one of
// two sales, or one that was over long before.
func (n saleName) redemptions(v *journal.View, op string, now record.Evidence) ([]storedRecord, error) {
	all, err := recordsOf(v, saleKey(n.key), record.Redemption)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	if n.date == "" {
		return all, n.isOne(op, all, now)
	}
	return slices.DeleteFunc(all, func(f storedRecord) bool { return f.rec.Sale.BusinessDate != n.date }), nil
}

func (n saleName) isOne(op string, all []storedRecord, now record.Evidence) error {
	if err := n.isOneOf(op, all); err != nil {
		return err
	}
	if last := all[len(all)-1].rec; evidence.LongAfter(last.Time, now) {
		return fault.New(fault.Conflict, op,
			"the sale %q that is known here is %s, more than %s ago: name its day, its receipt or its redemption",
			n.key, textOf(last), evidence.LongestSale)
	}
	return nil
}

// isOneOf refuses records that are not all of one sale.
func (n saleName) isOneOf(op string, all []storedRecord) error {
	for _, f := range all {
		if otherSale(all[0].rec, f.rec) {
			return fault.New(fault.Conflict, op,
				"two sales have the key %q: %s, and %s: name the day, the receipt or the redemption",
				n.key, textOf(all[0].rec), textOf(f.rec))
		}
	}
	return nil
}

// textOf names a record for a person.
func textOf(rec record.Record) string {
	text := "receipt " + string(rec.ID.Receipt()) + " of " + moment(rec.Time.Wall)
	if rec.Sale.BusinessDate != "" {
		text += " (business date " + rec.Sale.BusinessDate + ")"
	}
	return text + ", record " + rec.ID.String()
}

func moment(millis int64) string { return time.UnixMilli(millis).UTC().Format(time.RFC3339) }
