package backend_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// An app keeps a bearer secret. A page of another origin is one with an origin.
type app struct {
	*desk
	secret, origin string
}

func (a *app) ask(method, path string, body any) *httptest.ResponseRecorder {
	a.t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(a.t, err)
	r := httptest.NewRequest(method, path, bytes.NewReader(raw))
	if a.origin != "" {
		r.Header.Set("Origin", a.origin)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
	}
	if a.secret != "" {
		r.Header.Set("Authorization", "Bearer "+a.secret)
	}
	w := httptest.NewRecorder()
	a.server.ServeHTTP(w, r)
	assert.Empty(a.t, w.Result().Cookies(), "%s %s sets no cookie", method, path)
	return w
}

func (a *app) accepts(campaign string) wire.DeviceOffer {
	a.t.Helper()
	w := a.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: campaign, Personal: true, Bearer: true})
	o := read[wire.DeviceOffer](a.t, w, http.StatusCreated)
	if o.Secret != "" {
		a.secret = o.Secret
	}
	return o
}

func (a *app) visit() wire.Visit {
	a.t.Helper()
	return read[wire.Visit](a.t, a.ask("GET", wire.PathDeviceVisit, nil), http.StatusOK)
}

func TestAnAppHasABearerSecret(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	a, lane := &app{desk: d}, d.till("s-1", "7")
	first := a.accepts("coffee")
	require.NotEmpty(t, first.Secret)
	assert.Empty(t, a.accepts("coffee").Secret, "it is told once")
	require.Equal(t, record.Confirmed, lane.verdict(lane.redemption(first.Pass)).Status)
	visit := a.visit()
	require.Len(t, visit.Matches, 1)
	assert.Equal(t, "redeemed", visit.Answers[0].Why.Rule)
	listed := read[wire.DeviceOffers](t, a.ask("GET", wire.PathDeviceOffers, nil), http.StatusOK)
	assert.Len(t, listed.Offers, 2)
	assert.Equal(t, http.StatusOK, a.ask("GET", wire.PathDeviceOffers+"/"+first.Name+"/pass.svg", nil).Code)
	dismissed := a.ask("POST", wire.PathDeviceEvents, wire.DeviceEvent{Token: visit.Answers[0].Token,
		Event: wire.EventDismiss})
	assert.Equal(t, http.StatusNoContent, dismissed.Code)

	browser := d.phone()
	browser.accept("coffee", true)
	cookie := &app{desk: d, secret: browser.cookies["offlane_device"].Value}
	refused := cookie.ask("GET", wire.PathDeviceOffers, nil)
	assert.Equal(t, "unauthorized", codeOf(t, refused), "a cookie's secret is no bearer")
	browser.cookies["offlane_device"].Value = a.secret
	assert.Empty(t, browser.listed().Offers, "and the other way round")
	for _, secret := range []string{"x", strings.ToLower(a.secret), strings.Repeat("A", 48)} {
		forged := &app{desk: d, secret: secret}
		assert.Equal(t, "unauthorized", codeOf(t, forged.ask("GET", wire.PathDeviceVisit, nil)), "a secret that was not made")
	}
	basic := httptest.NewRequest("GET", wire.PathDeviceOffers, nil)
	basic.Header.Set("Authorization", "Basic YTpi")
	w := httptest.NewRecorder()
	d.server.ServeHTTP(w, basic)
	assert.Equal(t, http.StatusOK, w.Code, "what a browser tells a proxy is passed over")
	require.Equal(t, http.StatusNoContent, a.ask("DELETE", wire.PathDevice, nil).Code)
	assert.Empty(t, a.visit().Matches, "it is forgotten")
	assert.NotEmpty(t, a.accepts("coffee").Secret, "and becomes another device")
}

func (d *desk) allow(merchant string, origins ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	return d.manageAs(merchant, "PUT", wire.PathOrigins, wire.Origins{Origins: append([]string{}, origins...)})
}

func TestAPageOfAnotherOriginSeesThoseWhoAllowedIt(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "mine"})
	require.Equal(t, http.StatusCreated, d.campaignOf("m-2", wire.Campaign{ID: "theirs"}).Code)
	const shop, other = "https://shop.example", "https://other.example"
	page := &app{desk: d, origin: shop}
	refused := page.ask("GET", wire.PathDeviceVisit, nil)
	assert.Equal(t, "forbidden", codeOf(t, refused), "nobody allowed it")
	assert.Empty(t, refused.Header().Get("Access-Control-Allow-Origin"))
	assert.Equal(t, http.StatusForbidden, page.ask("OPTIONS", wire.PathDeviceVisit, nil).Code)
	require.Equal(t, http.StatusOK, d.allow("m-1", shop, other).Code)

	before := page.ask("OPTIONS", wire.PathDeviceOffers, nil)
	assert.Equal(t, http.StatusNoContent, before.Code)
	for name, want := range map[string]string{"Access-Control-Allow-Origin": shop, "Vary": "Origin",
		"Access-Control-Allow-Headers": "Authorization, Content-Type", "Access-Control-Allow-Credentials": ""} {
		assert.Equal(t, want, before.Header().Get(name), name)
	}
	assert.Equal(t, http.StatusForbidden, (&app{desk: d}).ask("OPTIONS", wire.PathDevice, nil).Code, "no page asks")
	without := page.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "mine"})
	assert.Equal(t, "invalid-request", codeOf(t, without), "without a bearer it would have no device")
	first := page.accepts("mine")
	theirs := page.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "theirs", Bearer: true})
	assert.Equal(t, "forbidden", codeOf(t, theirs), "m-2 did not allow the origin")
	shown := page.visit()
	assert.Empty(t, shown.Answers, "it has the one, and does not see the other")
	stolen := &app{desk: d, origin: other, secret: page.secret}
	refused = stolen.ask("GET", wire.PathDeviceOffers, nil)
	assert.Equal(t, "forbidden", codeOf(t, refused), "another origin, though it is allowed")
	native := &app{desk: d, secret: page.secret}
	assert.Equal(t, "forbidden", codeOf(t, native.ask("GET", wire.PathDeviceOffers, nil)), "nor as an app")

	require.Equal(t, http.StatusOK, d.allow("m-2", shop).Code)
	require.Len(t, page.visit().Answers, 1, "from the next request on")
	require.Equal(t, http.StatusOK, d.allow("m-1").Code)
	listed := read[wire.DeviceOffers](t, page.ask("GET", wire.PathDeviceOffers, nil), http.StatusOK)
	require.Len(t, listed.Offers, 1, "what it accepted is its own")
	assert.Equal(t, first.Name, listed.Offers[0].Name)
	again := page.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "mine", Bearer: true})
	assert.Equal(t, "forbidden", codeOf(t, again), "m-1 no longer allows it")
}

// A page of an origin that is allowed cannot use the cookies of the backend's own page.
func TestAnotherOriginHasNoCookies(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	require.Equal(t, http.StatusOK, d.allow("m-1", "https://shop.example").Code)
	p := d.phone()
	p.accept("coffee", true)
	for method, path := range map[string]string{"GET": wire.PathDeviceOffers, "DELETE": wire.PathDevice} {
		r := httptest.NewRequest(method, path, nil)
		r.Header.Set("Origin", "https://shop.example")
		r.AddCookie(p.cookies["offlane_device"])
		w := httptest.NewRecorder()
		d.server.ServeHTTP(w, r)
		assert.Less(t, w.Code, http.StatusBadRequest)
		assert.NotContains(t, w.Body.String(), "OL1:")
		assert.Empty(t, w.Result().Cookies())
	}
	assert.Len(t, p.listed().Offers, 1, "nothing happened to the device")
}

func TestOriginsThatCannotBeMeantAreRefused(t *testing.T) {
	d := newDesk(t)
	for _, origin := range []string{"", "shop.example", "http://shop.example", "https://shop.example/",
		"https://a.example/x", "null", "*", "https://user@shop.example", "https://*.example/", "file:///x"} {
		assert.Equal(t, "invalid-request", codeOf(t, d.allow("m-1", origin)), "%q", origin)
	}
	assert.Equal(t, "invalid-request", codeOf(t, d.allow("m-1", "https://a.example", "https://a.example")), "twice")
	kept := read[wire.Origins](t, d.manage("GET", wire.PathOrigins, nil), http.StatusOK)
	assert.Empty(t, kept.Origins)
	for _, origin := range []string{"https://shop.example", "https://shop.example:8443", "http://localhost:3000",
		"http://127.0.0.1"} {
		assert.Equal(t, http.StatusOK, d.allow("m-1", origin).Code, "%q", origin)
	}
}
