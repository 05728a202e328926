package backend

import (
	"cmp"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/offlane/offlane/transport/wire"
)

// getFigures counts what happened in the merchant's campaigns from one day to another, both included.
func (s *Server) getFigures(c *call) (any, error) {
	query := c.URL.Query()
	from, to := query.Get("from"), query.Get("to")
	for _, day := range []string{from, to} {
		if _, err := time.Parse(time.DateOnly, day); day != "" && err != nil {
			return nil, invalid("%.20q is no day: write YYYY-MM-DD", day)
		}
	}
	campaigns, err := s.campaignsOf(c.Context(), c.merchant)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(campaigns))
	for i, campaign := range campaigns {
		names[i] = campaign.ID
	}
	tallies, err := view(c.Context(), s, func(tx Tx) ([]Tally, error) { return tx.Tallies(names, from, to) })
	if err != nil {
		return nil, err
	}
	slices.SortFunc(tallies, func(a, b Tally) int {
		return cmp.Or(cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Merchant, b.Merchant), cmp.Compare(a.Store, b.Store))
	})
	if query.Get("format") == "csv" {
		return nil, writeCSV(c, tallies)
	}
	return wire.Figures{Figures: append([]Tally{}, tallies...)}, nil
}

func writeCSV(c *call, tallies []Tally) error {
	c.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	c.w.Header().Set("Content-Disposition", `attachment; filename="figures.csv"`)
	rows := [][]string{{"campaign", "merchant", "store", "day", "accepted", "shown", "redeemed", "voided", "duplicates", "rejected",
		"quarantined", "given", "mean_delay_seconds"}}
	for _, t := range tallies {
		row := []string{plainCell(t.Campaign), plainCell(t.Merchant), plainCell(t.Store), t.Day}
		for _, n := range []int64{t.Accepted, t.Shown, t.Redeemed, t.Voided, t.Duplicates, t.Rejected, t.Quarantined, t.Given, t.Delay / max(t.Redeemed, 1)} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		rows = append(rows, row)
	}
	return csv.NewWriter(c.w).WriteAll(rows)
}

// plainCell keeps a spreadsheet from taking a name for a formula.
func plainCell(text string) string {
	if text != "" && strings.Contains("=+-@\t\r", text[:1]) {
		return "'" + text
	}
	return text
}
