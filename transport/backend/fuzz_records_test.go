package backend_test

import (
	"encoding/csv"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// FuzzRecords asks for records with whatever may stand behind the question mark. A merchant sees its own alone, and the
// list ends.
func FuzzRecords(f *testing.F) {
	d := newDesk(f)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	pass := d.phone().accept("coffee", false).Pass
	first := lane.redemption(pass)
	require.Equal(f, record.Confirmed, lane.verdict(first).Status)
	require.Equal(f, record.Confirmed, lane.verdict(lane.void(first.ID)).Status)
	second := lane.redemption(pass)
	require.Equal(f, record.Confirmed, lane.verdict(second).Status)
	const booked = 3
	for _, query := range []string{"day=2026-11-02", "day=2026-11-02&format=csv", "day=2026-02-30",
		"terminal=$terminal", "terminal=$terminal&after=eyJudW1iZXIiOjF9", "day=2026-11-02&after=eyJkYXkiOnt9fQ",
		"receipt=$receipt", "offer=$pass",
		"day=2026-11-02&store=s-1&lane=7&campaign=coffee&status=confirmed", "day=2026-11-02&day=2026-11-02", "a=%zz;",
		"terminal=x", "after=!"} {
		f.Add(query)
	}
	known := strings.NewReplacer("$terminal", lane.id.String(), "$receipt", string(first.ID.Receipt()), "$pass",
		url.QueryEscape(pass))
	f.Fuzz(func(t *testing.T, query string) {
		d, query := d.in(t), known.Replace(query)
		own := d.query("m-1", query)
		require.Less(t, own.Code, http.StatusInternalServerError, own.Body.String())
		theirs := d.query("m-2", query)
		require.Less(t, theirs.Code, http.StatusInternalServerError, theirs.Body.String())
		for _, r := range []record.Record{first, second} {
			require.NotContains(t, theirs.Body.String(), r.ID.String(), "another merchant's record is shown")
		}
		switch {
		case own.Code != http.StatusOK:
			codeOf(t, own)
		case strings.HasPrefix(own.Header().Get("Content-Type"), "text/csv"):
			rows, err := csv.NewReader(own.Body).ReadAll()
			require.NoError(t, err)
			require.LessOrEqual(t, len(rows), 1+booked, "the records behind the columns' names")
		default:
			told := read[wire.Records](t, own, http.StatusOK)
			require.LessOrEqual(t, len(told.Records), booked, "each record once")
			require.Empty(t, told.Next, "few records are one answer")
		}
	})
}

// query asks a merchant's backend for records with a query as it stands.
func (d *desk) query(merchant, query string) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequest("GET", wire.PathRecords, nil)
	r.URL.RawQuery = query
	r.Header.Set("Authorization", "Bearer "+map[string]string{"m-1": managementKey, "m-2": otherKey}[merchant])
	w := httptest.NewRecorder()
	d.server.Management().ServeHTTP(w, r)
	return w
}
