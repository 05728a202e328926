package backend_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// records asks a merchant's backend for records.
func (d *desk) records(merchant string, query ...string) wire.Records {
	d.t.Helper()
	values := url.Values{}
	for i := 0; i < len(query); i += 2 {
		values.Set(query[i], query[i+1])
	}
	return read[wire.Records](d.t, d.manageAs(merchant, "GET", wire.PathRecords+"?"+values.Encode(), nil), http.StatusOK)
}

// kinds are records in a few words.
func kinds(records []wire.BookedRecord) (all []string) {
	for _, r := range records {
		all = append(all, r.Kind+" "+string(r.Status))
	}
	return all
}

func TestSingleRecordsAreFound(t *testing.T) {
	d := newDesk(t)
	d.agree()
	d.campaign(wire.Campaign{ID: "coffee", Title: "Coffee", Terms: off(300), Partners: []string{"m-2"}})
	lane, other, partner := d.till("s-1", "1"), d.till("s-2", "1"), d.tillOf("m-2", "s-9", "1")
	pass, theirs := d.phone().accept("coffee", false).Pass, d.phone().accept("coffee", false).Pass
	first := lane.redemption(pass, func(r *record.Record) { r.Given = record.Money{Amount: 300, Currency: "EUR"} })
	require.Equal(t, record.Confirmed, lane.verdict(first).Status)
	require.Equal(t, record.Duplicate, other.verdict(other.redemption(pass)).Status)
	require.Equal(t, record.Confirmed, partner.verdict(partner.redemption(theirs)).Status)
	require.Equal(t, record.Confirmed, lane.verdict(lane.part(first.ID, 100)).Status)
	day := "2026-11-02"
	for name, c := range map[string]struct {
		merchant string
		query    []string
		want     []string
	}{
		"a receipt":           {"m-1", []string{"receipt", string(first.ID.Receipt())}, []string{"redemption confirmed"}},
		"another's receipt":   {"m-2", []string{"receipt", string(first.ID.Receipt())}, nil},
		"an offer":            {"m-1", []string{"offer", pass}, []string{"redemption confirmed"}},
		"redeemed by another": {"m-1", []string{"offer", theirs}, []string{"redemption confirmed"}},
		"by its own till":     {"m-2", []string{"offer", theirs}, []string{"redemption confirmed"}},
		"another's offer":     {"m-2", []string{"offer", pass}, nil},
		"a till": {"m-1", []string{"terminal", lane.id.String()}, []string{"redemption confirmed",
			"void confirmed"}},
		"a day": {"m-1", []string{"day", day, "store", "s-2"}, []string{"redemption duplicate"}},
		"a day of a till": {"m-1", []string{"day", day, "terminal", other.id.String()},
			[]string{"redemption duplicate"}},
		"a day's duplicates":   {"m-1", []string{"day", day, "status", "duplicate"}, []string{"redemption duplicate"}},
		"of another campaign":  {"m-1", []string{"day", day, "campaign", "tea"}, nil},
		"a day of the partner": {"m-2", []string{"day", day}, []string{"redemption confirmed"}},
		"another day":          {"m-1", []string{"day", "2026-11-01"}, nil},
	} {
		got := d.records(c.merchant, c.query...)
		assert.Equal(t, c.want, kinds(got.Records), name)
		assert.Empty(t, got.Next, "%s: there are no more", name)
	}
	sold := d.records("m-1", "receipt", string(first.ID.Receipt())).Records[0]
	assert.Equal(t, wire.BookedRecord{Record: first.ID, Receipt: first.ID.Receipt(), Terminal: lane.id,
		Place: record.Place{Merchant: "m-1", Store: "s-1", Lane: "1"}, Kind: "redemption", Campaign: "coffee", Day: day,
		Earliest: sold.Earliest, Latest: sold.Latest, Given: record.Money{Amount: 300, Currency: "EUR"}, TakenBack: 100,
		Status: record.Confirmed, Judged: d.now().UnixMilli()}, sold)
	w := d.manageAs("m-2", "GET", wire.PathRecords+"?terminal="+lane.id.String(), nil)
	assert.Equal(t, http.StatusNotFound, w.Code, "the terminal is another merchant's")
	assert.NotContains(t, d.manage("GET", wire.PathRecords+"?day="+day, nil).Body.String(), first.Offer.Code(),
		"an identifier is a customer's secret")
}

// A day of more records than an answer has is told in parts, each record once, also as CSV.
func TestADayIsToldInParts(t *testing.T) {
	d := newDesk(t)
	lane := d.till("s-1", "1")
	const sold = 230
	var all []record.Record
	for range sold {
		all = append(all, lane.redemption(offer.NewID().Code()))
	}
	lane.report(all...)
	for _, way := range [][]string{{"day", "2026-11-02"}, {"terminal", lane.id.String()}} {
		seen, parts, next := map[record.ID]bool{}, 0, ""
		for {
			part := d.records("m-1", append(way, "after", next)...)
			for _, r := range part.Records {
				assert.False(t, seen[r.Record], "%s: a record stands twice", way)
				seen[r.Record] = true
			}
			if parts, next = parts+1, part.Next; next == "" {
				break
			}
		}
		assert.Len(t, seen, sold, way)
		assert.Equal(t, 3, parts, way)
	}
	w := d.manage("GET", wire.PathRecords+"?format=csv&day=2026-11-02", nil)
	rows, err := csv.NewReader(strings.NewReader(w.Body.String())).ReadAll()
	require.NoError(t, err)
	assert.Len(t, rows, 101, "a heading and a hundred records")
	assert.NotEmpty(t, w.Header().Get("Offlane-Next"), "it says where the list goes on")
	none := d.records("m-1", "day", "2026-11-02", "store", "s-2")
	assert.Empty(t, none.Records, "no record of the day is of the store")
	assert.Empty(t, none.Next, "all were looked at")
}
