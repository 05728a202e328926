package backend_test

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

// A person writes what management is asked for. What is misspelt or cannot be meant is refused, and the field is named
// as it is called in JSON. In the bodies PAST, NOW and SOON stand for an hour ago, this moment and an hour from now.
func TestWhatCannotBeMeantIsRefusedByName(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	campaign := func(fields string) string { return `{"id":"c","title":"C",` + fields + `}` }
	followUp := func(fields string) string { return campaign(`"followUps":[{"offer":"coffee"},{` + fields + `}]`) }
	const euro = `"terms":{"kind":"amount-off","amount":100,"currency":"EUR"}`
	const post, put, state = "POST", "PUT", wire.PathCampaigns + "/coffee/state"
	for _, c := range []struct{ method, path, body, field string }{
		{post, wire.PathCampaigns, campaign(`"maxUse":1`), "maxUse"},
		{post, wire.PathCampaigns, campaign(`"Uses":1`), "Uses"},
		{post, wire.PathCampaigns, campaign(`"uses":1,"uses":2`), "uses"},
		{post, wire.PathCampaigns, campaign(`"uses":"two"`), "uses"},
		{post, wire.PathCampaigns, campaign(`"terms":{"kind":"amount-of"}`), "terms.kind"},
		{post, wire.PathCampaigns, campaign(`"terms":{"kind":"free-item","minQuantity":"x"}`), "terms.minQuantity"},
		{post, wire.PathCampaigns, campaign(`"terms":{"kind":"free-item","minSpent":100}`), "terms.minSpent"},
		{post, wire.PathCampaigns, campaign(`"terms":{"kind":"percent-off"}`), "terms"},
		{post, wire.PathCampaigns, `{"title":"C"}`, "id"},
		{post, wire.PathCampaigns, `{"id":"c"}`, "title"},
		{post, wire.PathCampaigns, `{"id":"c","title":null}`, "title"},
		{post, wire.PathCampaigns, `{"id":"c","title":"  "}`, "title"},
		{post, wire.PathCampaigns, `{"id":"c","title":"a\u0007b"}`, "title"},
		{post, wire.PathCampaigns, `{"id":"","title":"C"}`, "id"},
		{post, wire.PathCampaigns, `{"id":"spring sale","title":"C"}`, "id"},
		{post, wire.PathCampaigns, `{"id":"a/b","title":"C"}`, "id"},
		{post, wire.PathCampaigns, `{"id":"..","title":"C"}`, "id"},
		{post, wire.PathCampaigns, `{"id":"frühling","title":"C"}`, "id"},
		{post, wire.PathCampaigns, `{"id":"` + strings.Repeat("x", 65) + `","title":"C"}`, "id"},
		{post, wire.PathCampaigns, campaign(`"budget":100`), "currency"},
		{post, wire.PathCampaigns, campaign(`"budget":100,"currency":"eur"`), "currency"},
		{post, wire.PathCampaigns, campaign(euro + `,"budget":100,"currency":"USD"`), "currency"},
		{post, wire.PathCampaigns, campaign(euro + `,"currency":"USD"`), "currency"},
		{post, wire.PathCampaigns, campaign(euro + `,"offline":{"value":500,"currency":"USD"}`), "offline.currency"},
		{post, wire.PathCampaigns, campaign(euro + `,"unproven":{"value":500,"currency":"USD"}`), "unproven.currency"},
		{"GET", wire.PathFigures + "?from=2026-11-02&to=2026-11-01", "", "to"},
		{"GET", wire.PathFigures + "?from=yesterday", "", "from"},
		{"GET", wire.PathFigures + "?form=2026-11-02", "", "form"},
		{"GET", wire.PathFigures + "?from=2026-11-02&from=2026-11-03", "", "from"},
		{"GET", wire.PathFigures + "?format=xml", "", "format"},
		{"GET", wire.PathGaps + "?format=CSV", "", "format"},
		{"GET", wire.PathFlags + "?after=x", "", "after"},
		{"GET", wire.PathLedger + "?campaign=coffee", "", "campaign"},
		{"GET", wire.PathRecords, "", "day"},
		{"GET", wire.PathRecords + "?day=2026-11-02&receipt=X79NA-0B3W9", "", "day"},
		{"GET", wire.PathRecords + "?day=2.11.2026", "", "day"},
		{"GET", wire.PathRecords + "?receipt=soup", "", "receipt"},
		{"GET", wire.PathRecords + "?terminal=7", "", "terminal"},
		{"GET", wire.PathRecords + "?offer=soup", "", "offer"},
		{"GET", wire.PathRecords + "?day=2026-11-02&status=good", "", "status"},
		{"GET", wire.PathRecords + "?day=2026-11-02&after=soup", "", "after"},
		{put, wire.PathShop, `{"colour":"#000000"}`, "colour"},
		{put, wire.PathShop, `{"color":"#ffffff"}`, "color"},
		{put, wire.PathShop, `{"name":" Shop"}`, "name"},
		{put, wire.PathShop, `{"merchant":"m-2"}`, "merchant"},
		{put, state + "?state=paused", `{"state":"paused"}`, "state"},
		{post, wire.PathCodes, `{"store":"s","zone":"Europe/Atlantis"}`, "zone"},
		{post, wire.PathCampaigns, campaign(`"merchant":"m-2"`), "merchant"},
		{post, wire.PathCampaigns, campaign(`"state":"paused"`), "state"},
		{post, wire.PathCampaigns, campaign(`"text":"` + strings.Repeat("x", 2001) + `"`), "text"},
		{post, wire.PathCampaigns, campaign(`"category":" drinks"`), "category"},
		{post, wire.PathCampaigns, campaign(`"partners":["m-2","m-2"]`), "partners[1]"},
		{post, wire.PathCampaigns, campaign(`"partners":["m-1"]`), "partners[0]"},
		{post, wire.PathCampaigns, campaign(`"partners":[""]`), "partners[0]"},
		{post, wire.PathCampaigns, campaign(`"partners":"m-2"`), "partners"},
		{post, wire.PathCampaigns, campaign(`"stores":["s-1","s-2","s-1"]`), "stores[2]"},
		{post, wire.PathCampaigns, campaign(`"stores":["s-1 "]`), "stores[0]"},
		{post, wire.PathCampaigns, campaign(`"stores":["a\nb"]`), "stores[0]"},
		{post, wire.PathCampaigns, campaign(`"starts":-1`), "starts"},
		{post, wire.PathCampaigns, campaign(`"ends":-1`), "ends"},
		{post, wire.PathCampaigns, campaign(`"ends":PAST`), "ends"},
		{post, wire.PathCampaigns, campaign(`"ends":NOW`), "ends"},
		{post, wire.PathCampaigns, campaign(`"ends":1900000000`), "ends"},
		{post, wire.PathCampaigns, campaign(`"ends":1900000000000000`), "ends"},
		{post, wire.PathCampaigns, campaign(`"starts":SOON,"ends":SOON`), "ends"},
		{post, wire.PathCampaigns, campaign(`"notAfter":-1`), "notAfter"},
		{post, wire.PathCampaigns, campaign(`"notAfter":PAST`), "notAfter"},
		{post, wire.PathCampaigns, campaign(`"starts":SOON,"notAfter":SOON`), "notAfter"},
		{post, wire.PathCampaigns, campaign(`"validSeconds":-1`), "validSeconds"},
		{post, wire.PathCampaigns, campaign(`"validSeconds":400000000`), "validSeconds"},
		{post, wire.PathCampaigns, campaign(`"uses":-1`), "uses"},
		{post, wire.PathCampaigns, campaign(`"uses":101`), "uses"},
		{post, wire.PathCampaigns, campaign(`"uses":2,"offlineUses":3`), "offlineUses"},
		{post, wire.PathCampaigns, campaign(`"limit":-1`), "limit"},
		{post, wire.PathCampaigns, campaign(`"budget":-1`), "budget"},
		{post, wire.PathCampaigns, campaign(`"coupon":"950123456789"`), "coupon"},
		{post, wire.PathCampaigns, campaign(`"layout":{"maxAmount":5}`), "layout"},
		{post, wire.PathCampaigns, campaign(`"coupon":"9501234567891","layout":{"serials":[16]}`), "layout"},
		{post, wire.PathCampaigns, campaign(`"coupon":"9501234567891","layout":{"serial":1}`), "layout.serial"},
		{post, wire.PathCampaigns, campaign(`"unproven":{"number":-1}`), "unproven.number"},
		{post, wire.PathCampaigns, campaign(`"unproven":{"value":500}`), "unproven.currency"},
		{post, wire.PathCampaigns, campaign(`"offline":{"value":-500,"currency":"EUR"}`), "offline.value"},
		{post, wire.PathCampaigns, campaign(`"offline":{"number":5,"currency":"EUR"}`), "offline.currency"},
		{post, wire.PathCampaigns, followUp(``), "followUps[1]"},
		{post, wire.PathCampaigns, followUp(`"offr":"cake"`), "followUps[1].offr"},
		{post, wire.PathCampaigns, followUp(`"offer":"a cake"`), "followUps[1].offer"},
		{post, wire.PathCampaigns, followUp(`"offer":"cake","campaign":"a cake"`), "followUps[1].campaign"},
		{post, wire.PathCampaigns, followUp(`"offer":"cake","merchant":"m\t1"`), "followUps[1].merchant"},
		{post, wire.PathCampaigns, followUp(`"offer":"cake","category":" "`), "followUps[1].category"},
		{post, wire.PathCampaigns, followUp(`"offer":"cake","from":-1`), "followUps[1].from"},
		{post, wire.PathCampaigns, followUp(`"offer":"cake","until":PAST`), "followUps[1].until"},
		{post, wire.PathCampaigns, followUp(`"offer":"cake","from":SOON,"until":SOON`), "followUps[1].until"},
		{post, wire.PathCampaigns, followUp(`"ad":{"id":"a"}`), "followUps[1].ad.title"},
		{post, wire.PathCampaigns, followUp(`"ad":{"id":"","title":"A"}`), "followUps[1].ad.id"},
		{post, wire.PathCampaigns, followUp(`"ad":{"id":"a","title":"A","link":"http://a.example"}`), "followUps[1].ad.link"},
		{put, state, `{"state":"stopped"}`, "state"},
		{put, state, `{"status":"ended"}`, "status"},
		{put, state, `{}`, "state"},
		{post, wire.PathCodes, `{"store":"1","terminal":5}`, "terminal"},
		{post, wire.PathCodes, `{}`, "store"},
		{post, wire.PathCodes, `{"store":""}`, "store"},
		{post, wire.PathCodes, `{"store":" 1"}`, "store"},
		{post, wire.PathCodes, `{"store":"a\u0000"}`, "store"},
		{post, wire.PathCodes, `{"store":"1","terminals":-1}`, "terminals"},
		{post, wire.PathCodes, `{"store":"1","terminals":100001}`, "terminals"},
		{post, wire.PathCodes, `{"store":"1","terminals":1.5}`, "terminals"},
		{post, wire.PathCodes, `{"store":"1","expires":-1}`, "expires"},
		{post, wire.PathCodes, `{"store":"1","expires":PAST}`, "expires"},
		{post, wire.PathRevocations, `{"offer":["x"]}`, "offer"},
		{post, wire.PathRevocations, `{}`, "offers"},
		{post, wire.PathRevocations, `{"offers":"x"}`, "offers"},
		{post, wire.PathRevocations, `{"offers":[` + strings.Repeat(`"x",`, 1000) + `"x"]}`, "offers"},
		{post, wire.PathUploads, `{"report":[]}`, "report"},
		{post, wire.PathUploads, `{}`, "reports"},
		{post, wire.PathUploads, `{"reports":[{"heading":"!"}]}`, "reports[0]"},
	} {
		body := d.times(c.body)
		w := d.do(d.server.Management(), c.method, c.path, managementKey, []byte(body))
		if !assert.Equal(t, http.StatusBadRequest, w.Code, "%s: %.200s", c.path, body) {
			continue
		}
		assert.Equal(t, string(fault.InvalidRequest), codeOf(t, w), body)
		var problem wire.Problem
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &problem))
		assert.True(t, strings.HasPrefix(problem.Detail, c.field+": "), "%.200s: not %s: %s", body, c.field, problem.Detail)
	}
	stored := read[wire.Campaigns](t, d.manage("GET", wire.PathCampaigns, nil), http.StatusOK)
	assert.Len(t, stored.Campaigns, 1, "nothing was stored")
}

// times writes moments into a body.
func (d *desk) times(body string) string {
	at := func(moment time.Time) string { return strconv.FormatInt(moment.UnixMilli(), 10) }
	moments := []string{"PAST", at(d.now().Add(-time.Hour)), "NOW", at(d.now()), "SOON", at(d.now().Add(time.Hour))}
	return strings.NewReplacer(moments...).Replace(body)
}

// The bounds themselves, and whatever a campaign's owner may reasonably say, are taken.
func TestWhatCanBeMeantIsTaken(t *testing.T) {
	d := newDesk(t)
	d.agree()
	for _, body := range []string{
		`{"id":"A-z_0.9","title":"Ümläut"}`,
		`{"id":"` + strings.Repeat("x", 64) + `","title":"` + strings.Repeat("x", 200) + `","text":"two\nlines"}`,
		`{"id":"1","title":"C","merchant":"m-1","state":"active","category":null,"partners":["m-2"],"stores":["Main St 1"]}`,
		`{"id":"2","title":"C","starts":PAST,"ends":SOON,"notAfter":SOON,"followUps":[{"offer":"later","until":SOON}]}`,
		`{"id":"4","title":"C","budget":500,"currency":"EUR","terms":{"kind":"amount-off","amount":100,"currency":"EUR"}}`,
		`{"id":"5","title":"C","budget":500,"currency":"USD","offline":{"value":5,"currency":"CHF"},
			"terms":{"kind":"free-item"}}`,
		`{"id":"3","title":"C","uses":100,"offlineUses":100,"offline":{"number":5,"value":500,"currency":"EUR"}}`,
	} {
		w := d.do(d.server.Management(), "POST", wire.PathCampaigns, managementKey, []byte(d.times(body)))
		assert.Equal(t, http.StatusCreated, w.Code, "%s: %s", body, w.Body)
	}
	lane := d.till("Main St 1", "7")
	bundle := d.do(d.server, "GET", wire.PathBundle, lane.token, nil)
	assert.Equal(t, http.StatusOK, bundle.Code, "the bundle can be signed")
}

// What a terminal or a device sends may be of a later version: what this one does not know is passed over.
func TestATerminalsUnknownFieldsArePassedOver(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	accept := d.phone().ask("POST", wire.PathDeviceOffers, []byte(`{"campaign":"coffee","colour":"red"}`))
	offered := read[wire.DeviceOffer](t, accept, http.StatusCreated)
	lane := d.till("s-1", "7")
	raw, err := json.Marshal(wire.FromReport(lane.seal(lane.redemption(offered.Pass))))
	require.NoError(t, err)
	later := strings.Replace(string(raw), "{", `{"colour":"red",`, 1)
	w := d.do(d.server, "POST", wire.PathReports, lane.token, []byte(later))
	assert.Len(t, read[wire.Answer](t, w, http.StatusOK).Items, 1)
	w = d.do(d.server.Management(), "POST", wire.PathUploads, managementKey, []byte(`{"reports":[`+later+`]}`))
	answers := read[wire.Uploaded](t, w, http.StatusOK).Answers
	require.Len(t, answers, 1)
	assert.Nil(t, answers[0].Problem, "a report in an upload was written by a terminal")
}

// A Go program that creates a campaign is held to the same.
func TestAddCampaignRefusesAnEndInThePast(t *testing.T) {
	d := newDesk(t)
	_, err := d.server.AddCampaign(t.Context(), "m-1", wire.Campaign{ID: "c", Title: "C", NotAfter: d.now().UnixMilli()})
	assert.ErrorIs(t, err, fault.InvalidRequest)
	_, err = d.server.AddCode(t.Context(), "m-1", wire.NewCode{Store: "1", Expires: d.now().UnixMilli()})
	assert.ErrorIs(t, err, fault.InvalidRequest)
}
