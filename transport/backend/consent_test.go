package backend_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/wire"
)

// consents says what the customer agrees to now.
func (p *phone) consents(to wire.Consent) wire.KeptConsent {
	p.t.Helper()
	return read[wire.KeptConsent](p.t, p.ask("PUT", wire.PathConsent, to), http.StatusOK)
}

// signals asks as a browser does that sends Global Privacy Control.
func (p *phone) signals(method, path string, body any) *httptest.ResponseRecorder {
	p.t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(p.t, err)
	r := httptest.NewRequest(method, path, bytes.NewReader(raw))
	r.Header.Set("Sec-GPC", "1")
	for _, c := range p.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	p.server.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		p.cookies[c.Name] = c
	}
	return w
}

func TestConsentIsKeptByPurpose(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	p := d.phone()
	p.accept("coffee", true)
	first := d.now().UnixMilli()
	d.set(d.now().Add(time.Hour))
	second := d.now().UnixMilli()
	all := wire.Consent{Personal: true, Measurement: true, Export: true, Text: "2026-11"}
	kept := p.consents(all)
	v := &wire.Agreed{At: second, Text: "2026-11"}
	assert.Equal(t, wire.KeptConsent{Personal: v, Measurement: v, Export: v}, kept, "another text is another consent")
	d.set(d.now().Add(time.Hour))
	assert.Equal(t, kept, p.consents(all), "the same one again stays as it was given")
	listed := p.listed()
	assert.Equal(t, kept, listed.Consent, "the list says it")
	kept = p.consents(wire.Consent{Personal: true})
	assert.Equal(t, wire.KeptConsent{Personal: v}, kept, "what is absent is taken back")
	assert.Equal(t, wire.KeptConsent{}, p.consents(wire.Consent{}), "all of it")

	silent := d.phone()
	silent.accept("coffee", true)
	d.set(time.UnixMilli(first))
	w := silent.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "coffee", Measurement: true, Text: "v2"})
	require.Equal(t, http.StatusCreated, w.Code)
	consent := silent.listed().Consent
	assert.Equal(t, &wire.Agreed{At: first, Text: "v2"}, consent.Measurement, "with an acceptance")
	assert.NotNil(t, consent.Personal, "which takes nothing back")

	nobody := d.phone()
	assert.Equal(t, wire.KeptConsent{}, nobody.consents(all), "there is nothing to keep it with")
}

func TestAConsentThatCannotBeMeantNamesItsField(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	p := d.phone()
	p.accept("coffee", false)
	for field, body := range map[string]any{
		"measurement":  wire.Consent{Measurement: true},
		"export":       wire.Consent{Export: true},
		"text":         wire.Consent{Personal: true, Text: strings.Repeat("v", 65)},
		"measurement:": wire.Accept{Campaign: "coffee", Measurement: true},
		"text:":        wire.Accept{Campaign: "coffee", Text: "a\nb"},
	} {
		method, path := "PUT", wire.PathConsent
		if strings.HasSuffix(field, ":") {
			method, path = "POST", wire.PathDeviceOffers
		}
		refused := p.ask(method, path, body)
		assert.Equal(t, "invalid-request", codeOf(t, refused), field)
		assert.Contains(t, refused.Body.String(), strings.TrimSuffix(field, ":")+": ", "it names the field")
	}
	assert.Equal(t, wire.KeptConsent{}, p.listed().Consent, "nothing was kept")
}

func TestGlobalPrivacyControlEndsWhatWasAgreedBefore(t *testing.T) {
	counted := &countedStore{Store: memstore.New()}
	d := newDesk(t, func(c *backend.Config) { c.Store = counted })
	d.campaign(coffee)
	p, lane := d.phone(), d.till("s-1", "7")
	p.redeems(lane, "coffee")
	all := wire.Consent{Personal: true, Measurement: true, Export: true, Text: "v1"}
	p.consents(all)
	require.Len(t, p.visit().Matches, 1)

	d.set(d.now().Add(time.Minute))
	seen := d.now().UnixMilli()
	visit := read[wire.Visit](t, p.signals("GET", wire.PathDeviceVisit, nil), http.StatusOK)
	assert.Empty(t, visit.Matches, "the first visit that bears the signal is not personal")
	kept := p.listed().Consent
	assert.Equal(t, wire.KeptConsent{Measurement: &wire.Agreed{At: seen - 60_000, Text: "v1"}, GPC: seen}, kept)
	before := counted.updates.Load()
	for range 3 {
		p.signals("GET", wire.PathDeviceVisit, nil)
	}
	assert.Equal(t, before, counted.updates.Load(), "it is noted once")

	kept = read[wire.KeptConsent](t, p.signals("PUT", wire.PathConsent, all), http.StatusOK)
	assert.NotNil(t, kept.Personal, "a consent that was given after the signal was seen counts")
	assert.Nil(t, kept.Export, "but nothing is exported")
	visit = read[wire.Visit](t, p.signals("GET", wire.PathDeviceVisit, nil), http.StatusOK)
	assert.Len(t, visit.Matches, 1, "the visit is personal again")
	kept = p.consents(all)
	assert.NotNil(t, kept.Export, "without the signal the customer may agree")
	assert.Zero(t, kept.GPC)
	p.signals("GET", wire.PathDeviceOffers, nil)
	assert.Nil(t, p.listed().Consent.Export, "the signal is there again")

	fresh := d.phone()
	w := fresh.signals("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "coffee", Personal: true})
	require.Equal(t, http.StatusCreated, w.Code)
	consent := fresh.listed().Consent
	assert.NotNil(t, consent.Personal, "it was given in sight of the signal")
	assert.Equal(t, seen, consent.GPC)
}

// A signal in the request that a merchant's till never sends changes nothing for others.
func TestTheSignalIsTheDevicesOwn(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	one, two, lane := d.phone(), d.phone(), d.till("s-1", "7")
	for _, p := range []*phone{one, two} {
		require.Equal(t, record.Confirmed, lane.verdict(lane.redemption(p.accept("coffee", true).Pass)).Status)
	}
	one.signals("GET", wire.PathDeviceOffers, nil)
	assert.Empty(t, one.visit().Matches, "the one that sent it")
	assert.Len(t, two.visit().Matches, 1, "not the other one")
	one.cookies["offlane_device"].Value = "forged"
	assert.Equal(t, http.StatusOK, one.signals("GET", wire.PathDeviceVisit, nil).Code, "a device that is none")
}
