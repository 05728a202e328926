package backend

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// getStats counts what happened in the merchant's campaigns, and at its own tills in those of which it is a partner,
// from one day to another, both included.
func (s *Server) getStats(c *call) (any, error) {
	from, to, err := c.days()
	if err != nil {
		return nil, err
	}
	tallies, err := view(c.Context(), s, func(tx store.Tx) ([]store.Tally, error) {
		return talliesFor(tx, c.merchant, from, to)
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(tallies, func(a, b store.Tally) int {
		return cmp.Or(cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Merchant, b.Merchant),
			cmp.Compare(a.Store, b.Store), cmp.Compare(a.Currency, b.Currency))
	})
	if c.wantsCSV() {
		return c.csv(statRows(tallies))
	}
	return wire.Figures{Figures: listOf(tallies, wireTally)}, nil
}

// days are those that the parameters from and to name; empty: no bound.
func (c *call) days() (from, to string, err error) {
	query := c.URL.Query()
	from, to = query.Get("from"), query.Get("to")
	for name, day := range map[string]string{"from": from, "to": to} {
		if err := checkDay(name, day); err != nil {
			return "", "", err
		}
	}
	if from != "" && to != "" && to < from {
		return "", "", fault.Invalid("to: %s is before from, %s", to, from)
	}
	return from, to, nil
}

// checkDay refuses a parameter that is no day; it may be empty.
func checkDay(name, day string) error {
	if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
		return fault.Invalid("%s: %.20q is no day: write YYYY-MM-DD", name, day)
	}
	return nil
}

func talliesFor(tx store.Tx, merchant, from, to string) ([]store.Tally, error) {
	campaigns, err := tx.Campaigns()
	if err != nil {
		return nil, err
	}
	var names []string
	mine := map[string]bool{}
	for i := range campaigns {
		if c := &campaigns[i]; slices.Contains(rules.Merchants(c), merchant) {
			names, mine[c.ID] = append(names, c.ID), c.Merchant == merchant
		}
	}
	tallies, err := tx.Tallies(names, from, to)
	return slices.DeleteFunc(tallies, func(t store.Tally) bool { return !mine[t.Campaign] && t.Merchant != merchant }), err
}

func statRows(tallies []store.Tally) [][]string {
	rows := [][]string{{"campaign", "merchant", "store", "day", "currency", "accepted", "shown", "redeemed", "voided",
		"corrected",
		"duplicates", "rejected", "quarantined", "waiting", "waiting_amount", "given", "taken_back", "mean_delay_seconds"}}
	for _, t := range tallies {
		row := []string{t.Campaign, t.Merchant, t.Store, t.Day, t.Currency}
		for _, n := range []int64{t.Accepted, t.Shown, t.Redeemed, t.Voided, t.Corrected, t.Duplicates, t.Rejected,
			t.Quarantined,
			t.Waiting, t.WaitingAmount, t.Given, t.TakenBack, t.Delay / max(t.Redeemed, 1)} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		rows = append(rows, row)
	}
	return rows
}
