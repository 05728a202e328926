package backend_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// A browser keeps cookies by their paths, as browsers do.
type browser struct {
	*desk
	jar *cookiejar.Jar
}

func (d *desk) browser() *browser {
	jar, err := cookiejar.New(nil)
	require.NoError(d.t, err)
	return &browser{d, jar}
}

func (b *browser) ask(method, path string, body any) *httptest.ResponseRecorder {
	b.t.Helper()
	at := &url.URL{Scheme: "http", Host: "example.com", Path: path}
	w := b.do(b.server, method, path, "", body, b.jar.Cookies(at)...)
	b.jar.SetCookies(at, w.Result().Cookies())
	return w
}

func (b *browser) accept(campaign string) wire.DeviceOffer {
	b.t.Helper()
	w := b.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: campaign, Personal: true})
	return read[wire.DeviceOffer](b.t, w, http.StatusCreated)
}

// held is what the browser's cookies hold, of how many offers they had lost the identifiers, and the size of the
// largest request and answer.
func (b *browser) held(slots int) (names map[string]bool, lost, largest int) {
	b.t.Helper()
	names = map[string]bool{}
	for slot := range slots {
		path := strings.Replace(wire.PathHeld, "{slot}", fmt.Sprint(slot), 1)
		for _, c := range b.jar.Cookies(&url.URL{Scheme: "http", Host: "example.com", Path: path}) {
			largest = max(largest, len(c.Name)+len(c.Value))
		}
		told := read[wire.HeldOffers](b.t, b.ask("GET", path, nil), http.StatusOK)
		lost += told.Lost
		for _, name := range told.Offers {
			names[name] = true
		}
	}
	return names, lost, largest
}

// Of a thousand identifiers none is pushed out of the cookies, and what is redeemed of the first is answered.
func TestAThousandIdentifiersStayOnTheDevice(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	b := d.browser()
	const all = 1000
	var first wire.DeviceOffer
	for i := range all {
		if o := b.accept("coffee"); i == 0 {
			first = o
		}
	}
	listed := read[wire.DeviceOffers](t, b.ask("GET", wire.PathDeviceOffers, nil), http.StatusOK)
	require.Len(t, listed.Offers, all, "all of them are shown")
	require.Equal(t, 16, listed.Slots)
	names, lost, largest := b.held(listed.Slots)
	assert.Len(t, names, all, "all identifiers are in the cookies")
	assert.Zero(t, lost)
	assert.Less(t, largest, 2048, "no cookie is near what browsers and proxies take")
	assert.Len(t, b.jar.Cookies(&url.URL{Scheme: "http", Host: "example.com", Path: wire.PathDeviceVisit}), 1,
		"a visit carries the secret alone")
	lane := d.till("s-1", "7")
	require.Equal(t, record.Confirmed, lane.verdict(lane.redemption(first.Pass)).Status)
	visit := read[wire.Visit](t, b.ask("GET", wire.PathDeviceVisit, nil), http.StatusOK)
	require.Len(t, visit.Matches, 1)
	assert.Equal(t, first.Name, visit.Matches[0].Offer)

	require.Equal(t, http.StatusNoContent, b.ask("DELETE", wire.PathDevice, nil).Code)
	for slot := range 16 {
		path := strings.Replace(wire.PathHeld, "{slot}", fmt.Sprint(slot), 1)
		assert.Empty(t, b.jar.Cookies(&url.URL{Scheme: "http", Host: "example.com", Path: path}), "slot %d", slot)
	}
}

// A cookie that lost identifiers gets them back, and one that has those of others is no match.
func TestASlotIsBroughtInLine(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	b, other := d.browser(), d.browser()
	mine, theirs := b.accept("coffee"), other.accept("coffee")
	var all sync.WaitGroup
	for range 8 { // whatever answer comes last, the backend knows all
		all.Go(func() { (&browser{d, b.jar}).accept("coffee") })
	}
	all.Wait()
	listed := read[wire.DeviceOffers](t, b.ask("GET", wire.PathDeviceOffers, nil), http.StatusOK)
	require.Len(t, listed.Offers, 9)
	path := strings.Replace(wire.PathHeld, "{slot}", "0", 1)
	at := &url.URL{Scheme: "http", Host: "example.com", Path: path}
	planted := strings.ReplaceAll(theirs.Code, "-", "")
	b.jar.SetCookies(at, []*http.Cookie{{Name: "offlane_held", Path: path, Value: "x." + planted}})
	names, lost, _ := b.held(1)
	assert.Empty(t, names, "another device's identifier is no match")
	assert.Equal(t, 9, lost)
	names, lost, _ = b.held(1)
	assert.True(t, len(names) == 9 && lost == 0 && names[mine.Name], "they are back: %v, %d lost", names, lost)
	for _, slot := range []string{"-1", "157", "x"} {
		w := b.ask("GET", strings.Replace(wire.PathHeld, "{slot}", slot, 1), nil)
		assert.Equal(t, "not-found", codeOf(t, w), "slot %s", slot)
	}
}
