package backend_test

import (
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

func TestLongAnswersAreCompressedForWhoTakesThat(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "c"})
	till := d.till("s-1", "1")
	var records []record.Record
	for range 10 {
		records = append(records, till.redemption(d.phone().accept("c", false).Code))
	}
	till.report(records...)
	for accept, packed := range map[string]bool{
		"": false, "gzip": true, "br, GZIP ; q=0.5": true, "gzip;q=0": false, "gzip; q=0.000": false,
		"identity, gzip;q=1": true, "br": false,
	} {
		r := httptest.NewRequest(http.MethodGet, wire.PathVerdicts, nil)
		r.Header.Set("Authorization", "Bearer "+till.token)
		r.Header.Set("Accept-Encoding", accept)
		w := httptest.NewRecorder()
		d.server.ServeHTTP(w, r)
		require.Equal(t, http.StatusOK, w.Code)
		assert.Equal(t, "Accept-Encoding", w.Header().Get("Vary"))
		if assert.Equal(t, packed, w.Header().Get("Content-Encoding") == "gzip", "%q", accept) && packed {
			plain, err := gzip.NewReader(w.Body)
			require.NoError(t, err)
			answer, err := wire.Read[wire.Answer](plain, wire.MaxBody)
			require.NoError(t, err)
			assert.Len(t, answer.Later, 10)
		}
	}
}
