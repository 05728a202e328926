package backend_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// FuzzReport sends whatever a stranger with a terminal's token may send as a batch. The backend answers, never with a
// failure of its own.
func FuzzReport(f *testing.F) {
	d := newDesk(f)
	lane := d.till("s-1", "7")
	good := lane.seal(lane.redemption(offer.NewID().Code()))
	f.Add(good.Heading, good.Signature, good.Records[0], true)
	f.Add(good.Heading, good.Signature, []byte{0xa1, 3, 0x50}, true)
	f.Add([]byte{0xa0}, []byte{}, []byte{}, false)
	f.Fuzz(func(t *testing.T, heading, signature, raw []byte, sign bool) {
		d := d.in(t)
		report := record.Report{Heading: heading, Signature: signature, Records: [][]byte{raw}}
		if sign { // past the signature, as a terminal whose program is broken
			h := record.Heading{Terminal: lane.id, Chain: lane.chain}
			sealed, err := record.Seal(h, [][]byte{good.Records[0], raw}, lane.key)
			require.NoError(t, err)
			report = sealed
		}
		w := d.do(d.server, "POST", wire.PathReports, lane.token, wire.FromReport(report))
		require.Less(t, w.Code, http.StatusInternalServerError, w.Body.String())
	})
}

// FuzzDevice sends whatever a browser may hold as cookies and ask for.
func FuzzDevice(f *testing.F) {
	d := newDesk(f)
	d.campaign(coffee)
	p := d.phone()
	p.accept("coffee", true)
	f.Add(p.cookies["offlane_device"].Value, p.cookies["offlane_held"].Value, `{"campaign":"coffee"}`)
	f.Add("x", "..", "{")
	f.Fuzz(func(t *testing.T, device, offers, body string) {
		for _, request := range []*http.Request{
			httptest.NewRequest("GET", wire.PathDeviceVisit, nil), httptest.NewRequest("PUT", wire.PathConsent,
				strings.NewReader(body)),
			httptest.NewRequest("POST", wire.PathDeviceOffers, strings.NewReader(body)),
			httptest.NewRequest("POST", wire.PathDeviceEvents, strings.NewReader(body)),
			httptest.NewRequest("GET", "/v1/device/held/0", nil),
		} {
			request.AddCookie(&http.Cookie{Name: "offlane_device", Value: device})
			request.AddCookie(&http.Cookie{Name: "offlane_held", Value: offers})
			w := httptest.NewRecorder()
			d.server.ServeHTTP(w, request)
			require.Less(t, w.Code, http.StatusInternalServerError, w.Body.String())
		}
	})
}

// FuzzManagement sends whatever a merchant's program may send.
func FuzzManagement(f *testing.F) {
	d := newDesk(f)
	f.Add(wire.PathCampaigns, `{"id":"a","title":"A","followUps":[
		{"ad":{"id":"x","title":"X","link":"https://example.com"}}]}`)
	f.Add(wire.PathCodes, `{"store":"s","terminals":-1}`)
	f.Add(wire.PathUploads, `{"reports":[{"heading":"oA","signature":"","records":[""]}]}`)
	f.Add(wire.PathRevocations, `{"offers":["x"]}`)
	f.Fuzz(func(t *testing.T, path, body string) {
		d := d.in(t)
		switch path {
		case wire.PathCampaigns, wire.PathCodes, wire.PathUploads, wire.PathRevocations:
			w := d.manage("POST", path, []byte(body))
			require.Less(t, w.Code, http.StatusInternalServerError, w.Body.String())
		}
	})
}
