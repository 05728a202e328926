package rows

import (
	"strings"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// tallyOf is what an entry adds to the tallies as it stands: nothing before it has its verdict.
func tallyOf(e *Entry) wire.Tally {
	t := wire.Tally{Campaign: e.Campaign, Merchant: e.Place.Merchant, Store: e.Place.Store, Day: e.Day}
	switch {
	case e.Verdict.Number == 0: // a stub
	case e.Verdict.Status == record.Duplicate:
		t.Duplicates = 1
	case e.Verdict.Status == record.Rejected:
		t.Rejected = 1
	case e.Verdict.Status == record.Quarantined:
		t.Quarantined = 1
	case e.Kind == record.Redemption:
		t.Redeemed, t.Given, t.Delay = 1, e.Given.Amount, e.Delay
	case e.Kind == record.Void:
		t.Voided, t.Given = 1, -e.Given.Amount
	}
	return t
}

// plus is the tally with the figures of another so many times, such as -1.
func plus(t, other wire.Tally, times int64) wire.Tally {
	t.Accepted, t.Shown = t.Accepted+times*other.Accepted, t.Shown+times*other.Shown
	t.Redeemed, t.Voided = t.Redeemed+times*other.Redeemed, t.Voided+times*other.Voided
	t.Duplicates, t.Rejected = t.Duplicates+times*other.Duplicates, t.Rejected+times*other.Rejected
	t.Quarantined, t.Given, t.Delay = t.Quarantined+times*other.Quarantined, t.Given+times*other.Given, t.Delay+times*other.Delay
	return t
}

// IsNothing reports whether a tally counts nothing, as where all that it counted is counted elsewhere now. Tallies leave it out.
func IsNothing(t wire.Tally) bool {
	return t == wire.Tally{Campaign: t.Campaign, Merchant: t.Merchant, Store: t.Store, Day: t.Day}
}

// keyOf is what a tally is kept under: its parts joined by zero bytes, which none of them holds.
func keyOf(t *wire.Tally) string {
	return strings.Join([]string{t.Campaign, t.Day, t.Merchant, t.Store}, "\x00")
}
