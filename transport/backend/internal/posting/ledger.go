package posting

import (
	"strings"

	"github.com/offlane/offlane/transport/backend/store"
)

// RowKey is what a row is kept under. Rows of one campaign and currency follow one another, the one without an end
// first.
func RowKey(r *store.LedgerRow) string {
	return strings.Join([]string{r.Campaign, r.Currency, r.Ends}, "\x00")
}

// AddRow adds to a row what another one holds.
func AddRow(r *store.LedgerRow, other *store.LedgerRow) {
	r.Accepted, r.Given = r.Accepted+other.Accepted, r.Given+other.Given
	r.TakenBack, r.Liability = r.TakenBack+other.TakenBack, r.Liability+other.Liability
}

func isEmptyRow(r store.LedgerRow) bool {
	return r.Accepted == 0 && r.Given == 0 && r.TakenBack == 0 && r.Liability == 0
}

// Usage is what of a budget is used.
func Usage(s store.Spent) int64 { return s.Given - s.TakenBack + s.Liability }
