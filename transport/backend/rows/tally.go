package rows

import (
	"strings"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// tallyOf is what a new entry adds to the tallies.
func tallyOf(e *Entry) wire.Tally {
	t := wire.Tally{Campaign: e.Campaign, Merchant: e.Place.Merchant, Store: e.Place.Store, Day: e.Day}
	switch {
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

// plus is the tally with the figures of both.
func plus(t, other wire.Tally) wire.Tally {
	t.Accepted, t.Shown = t.Accepted+other.Accepted, t.Shown+other.Shown
	t.Redeemed, t.Voided = t.Redeemed+other.Redeemed, t.Voided+other.Voided
	t.Duplicates, t.Rejected = t.Duplicates+other.Duplicates, t.Rejected+other.Rejected
	t.Quarantined, t.Given, t.Delay = t.Quarantined+other.Quarantined, t.Given+other.Given, t.Delay+other.Delay
	return t
}

// keyOf is what a tally is kept under: its parts joined by zero bytes, which none of them holds.
func keyOf(t *wire.Tally) string {
	return strings.Join([]string{t.Campaign, t.Day, t.Merchant, t.Store}, "\x00")
}
