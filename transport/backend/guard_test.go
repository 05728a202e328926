package backend_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/wire"
)

// from asks from an address.
func (d *desk) from(address string, h http.Handler, method, path, token string, body any,
	cookies ...*http.Cookie) *httptest.ResponseRecorder {
	d.t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(d.t, err)
	r := httptest.NewRequest(method, path, bytes.NewReader(raw))
	r.RemoteAddr = address
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// bounded is a desk with the limits as they are where nobody sets them.
func bounded(t testing.TB, limits ...backend.Limits) *desk {
	return newDesk(t, func(c *backend.Config) {
		c.Limits = backend.Limits{}
		for _, l := range limits {
			c.Limits = l
		}
	})
}

// Behind one address a hundred bad tokens, keys, codes or names lock out nobody who was there before, and no other kind
// of caller.
func TestAHundredBadTokensLockOutNobodyElse(t *testing.T) {
	const here = "203.0.113.7:1234"
	type ask func(token string) *httptest.ResponseRecorder
	for what, bad := range map[string]func(*desk, string) *httptest.ResponseRecorder{
		"tokens": func(d *desk, guess string) *httptest.ResponseRecorder {
			return d.from(here, d.server, "GET", wire.PathVerdicts, guess, nil)
		},
		"keys": func(d *desk, guess string) *httptest.ResponseRecorder {
			return d.from(here, d.server.Management(), "GET", wire.PathCampaigns, guess, nil)
		},
		"codes": func(d *desk, guess string) *httptest.ResponseRecorder {
			return d.from(here, d.server, "POST", wire.PathTerminals, "", d.enrolment(guess[:20]))
		},
		"names": func(d *desk, guess string) *httptest.ResponseRecorder {
			return d.from(here, d.server, "GET", wire.PathDeviceOffers+"/"+guess+"/pass.svg", "", nil)
		},
	} {
		d := bounded(t)
		d.campaign(coffee)
		lane, p := d.till("s-1", "7"), d.phone()
		offered := p.accept("coffee", true)
		var cookies []*http.Cookie
		for _, c := range p.cookies {
			cookies = append(cookies, c)
		}
		good := map[string]ask{
			"tokens": func(string) *httptest.ResponseRecorder {
				return d.from(here, d.server, "GET", wire.PathVerdicts, lane.token, nil)
			},
			"keys": func(string) *httptest.ResponseRecorder {
				return d.from(here, d.server.Management(), "GET", wire.PathCampaigns, managementKey, nil)
			},
			"names": func(string) *httptest.ResponseRecorder {
				return d.from(here, d.server, "GET", wire.PathDeviceOffers+"/"+offered.Name+"/pass.svg", "", nil, cookies...)
			},
			"health": func(string) *httptest.ResponseRecorder {
				return d.from(here, d.server, "GET", wire.PathHealth, "", nil)
			},
		}
		require.Equal(t, http.StatusOK, good["keys"]("").Code, "the merchant was here")
		heard := 0
		for i := range 150 {
			if w := bad(d, fmt.Sprintf("a-guess-of-at-least-twenty-bytes-%d", i)); w.Code != http.StatusTooManyRequests {
				heard++
			}
		}
		assert.InDelta(t, 101, heard, 3, "bad %s are bounded", what)
		for name, ask := range good {
			assert.Equal(t, http.StatusOK, ask("").Code, "good %s after bad %s", name, what)
		}
		assert.Equal(t, what == "keys", d.from(here, d.server.Management(), "GET", wire.PathCampaigns, otherKey,
			nil).Code == http.StatusTooManyRequests,
			"a key that was not used here before may be a guess, after bad %s", what)
		assert.Equal(t, http.StatusOK, d.from("203.0.113.8:1", d.server.Management(), "GET", wire.PathCampaigns, otherKey,
			nil).Code)
	}
}

// enrolment is that of a new terminal, with a code that was made up.
func (d *desk) enrolment(code string) wire.Enrolment {
	d.t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(d.t, err)
	t := &till{desk: d, key: key, id: record.NewTerminalID(), place: record.Place{Lane: "7"}}
	return wire.FromEnrolment(t.enrolment(record.Enrolment{Code: code}))
}

// A token that the server made and that is good no more is asked for a bounded number of times, by itself.
func TestATokenThatEndedIsBoundedByItself(t *testing.T) {
	d := bounded(t)
	lane, other := d.till("s-1", "7"), d.till("s-1", "8")
	ended := lane.token
	lane.token = read[wire.Enrolled](t, lane.enrol(""), http.StatusOK).Token
	codes := map[int]int{}
	for range 150 {
		codes[d.do(d.server, "GET", wire.PathVerdicts, ended, nil).Code]++
	}
	assert.InDelta(t, 101, codes[http.StatusUnauthorized], 3)
	for _, token := range []string{lane.token, other.token} {
		assert.Equal(t, http.StatusOK, d.do(d.server, "GET", wire.PathVerdicts, token, nil).Code)
	}
}

func TestAnAddressOfIPv6IsItsNetwork(t *testing.T) {
	fail := func(d *desk, address string) int {
		return d.from(address, d.server, "GET", wire.PathVerdicts, "nonsense", nil).Code
	}
	d := bounded(t, backend.Limits{FailuresPerMinute: 0.01})
	for i := range 100 {
		require.Equal(t, http.StatusUnauthorized, fail(d, fmt.Sprintf("[2001:db8:1:1::%x]:1", i)))
	}
	assert.Equal(t, http.StatusTooManyRequests, fail(d, "[2001:db8:1:1:ffff::1]:1"), "another address of the same /64")
	assert.Equal(t, http.StatusUnauthorized, fail(d, "[2001:db8:1:2::1]:1"), "another network")
	for i := range 1600 { // sixteen times as much for the /48
		fail(d, fmt.Sprintf("[2001:db8:7:%x::1]:1", i))
	}
	assert.Equal(t, http.StatusTooManyRequests, fail(d, "[2001:db8:7:ffff::1]:1"),
		"a fresh network of a /48 that failed too often")
	assert.Equal(t, http.StatusUnauthorized, fail(d, "[2001:db8:8::1]:1"))
	for range 101 {
		fail(d, "[::ffff:198.51.100.7]:1")
	}
	assert.Equal(t, http.StatusTooManyRequests, fail(d, "198.51.100.7:1"), "the same address in another form")
	assert.Equal(t, http.StatusUnauthorized, fail(d, "198.51.100.8:1"), "IPv4 has no networks")
}

func TestAcceptanceHasAQuotaByCampaignAndAddress(t *testing.T) {
	d := bounded(t, backend.Limits{AcceptsPerHour: 60, AcceptBurst: 5})
	d.campaign(coffee)
	d.campaign(wire.Campaign{ID: "cake"})
	accept := func(address, campaign string) *httptest.ResponseRecorder {
		return d.from(address, d.server, "POST", wire.PathDeviceOffers, "", wire.Accept{Campaign: campaign})
	}
	for range 5 {
		require.Equal(t, http.StatusCreated, accept("203.0.113.7:1", "coffee").Code)
	}
	w := accept("203.0.113.7:1", "coffee")
	assert.Equal(t, "too-many-requests", codeOf(t, w))
	wait, err := strconv.Atoi(w.Header().Get("Retry-After"))
	require.NoError(t, err)
	assert.InDelta(t, 60, wait, 2, "one a minute")
	assert.Equal(t, http.StatusCreated, accept("203.0.113.7:1", "cake").Code, "another campaign")
	assert.Equal(t, http.StatusCreated, accept("203.0.113.8:1", "coffee").Code, "another address")
	assert.EqualValues(t, 6, d.tally("coffee").Accepted)
	assert.Equal(t, http.StatusOK, d.from("203.0.113.7:1", d.server, "GET", wire.PathDeviceVisit, "", nil).Code)

	free := bounded(t, backend.Limits{AcceptBurst: -1})
	free.campaign(coffee)
	for range 1500 {
		require.Equal(t, http.StatusCreated, free.phone().ask("POST", wire.PathDeviceOffers,
			wire.Accept{Campaign: "coffee"}).Code)
	}
}
