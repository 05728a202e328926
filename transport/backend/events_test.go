package backend_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/wire"
)

// measured agrees to personal answers and to measurement.
var measured = wire.Consent{Personal: true, Measurement: true, Text: "v1"}

// happens tells what became of an answer.
func (p *phone) happens(token, event string) *httptest.ResponseRecorder {
	p.t.Helper()
	return p.ask("POST", wire.PathDeviceEvents, wire.DeviceEvent{Token: token, Event: event})
}

// effect is what the merchant is told of a campaign's answers.
func (d *desk) effect(campaign string) wire.Effect {
	d.t.Helper()
	told := read[wire.Effects](d.t, d.manage("GET", wire.PathEffects, nil), http.StatusOK)
	for _, e := range told.Effects {
		if e.Campaign == campaign {
			return e
		}
	}
	return wire.Effect{Campaign: campaign}
}

// answering are a campaign whose redemption is answered with a second one, and that one, of which some devices are held
// out.
func (d *desk) answering(heldOut int) {
	d.t.Helper()
	d.campaign(wire.Campaign{ID: "first", FollowUps: []wire.FollowUp{{Offer: "second"}}})
	d.campaign(wire.Campaign{ID: "second", Holdout: wire.Holdout{Percent: heldOut}})
}

func TestEachEventOfAnAnswerCountsOnce(t *testing.T) {
	d := newDesk(t)
	d.answering(0)
	p, lane := d.phone(), d.till("s-1", "7")
	p.redeems(lane, "first")
	p.consents(measured)
	var token string
	for reload := range 50 {
		d.set(d.now().Add(time.Hour)) // some of them are on the next day, with another token
		token = p.answer("second").Token
		require.Equal(t, http.StatusNoContent, p.happens(token, wire.EventSeen).Code, "reload %d", reload)
	}
	assert.Equal(t, wire.Effect{Campaign: "first", Seen: 1}, d.effect("first"), "50 reloads count one")
	for range 3 {
		assert.Equal(t, http.StatusNoContent, p.happens(token, wire.EventClick).Code, "a replay changes nothing")
	}
	assert.Equal(t, wire.Effect{Campaign: "first", Seen: 1, Clicked: 1}, d.effect("first"))
	for range 2 {
		w := p.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "second", Answer: token})
		require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
	}
	assert.Equal(t, wire.Effect{Campaign: "first", Seen: 1, Clicked: 1, Taken: 1}, d.effect("first"),
		"two acceptances with one token")
	for range 2 {
		assert.Equal(t, http.StatusNoContent, p.happens(token, wire.EventDismiss).Code)
	}
	assert.Equal(t, wire.Effect{Campaign: "first", Seen: 1, Clicked: 1, Dismissed: 1, Taken: 1}, d.effect("first"))
}

func TestATokenThatDoesNotCountCountsNothing(t *testing.T) {
	d := newDesk(t)
	d.answering(0)
	d.campaign(wire.Campaign{ID: "third"})
	p, other, lane := d.phone(), d.phone(), d.till("s-1", "7")
	p.redeems(lane, "first")
	p.consents(measured)
	other.accept("third", true)
	other.consents(measured)
	token := p.answer("second").Token
	forged := "X" + token[1:] // the names of answers begin with another letter
	take := func(p *phone, token, campaign string) *httptest.ResponseRecorder {
		return p.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: campaign, Answer: token})
	}
	for _, event := range []string{wire.EventSeen, wire.EventClick, wire.EventDismiss} {
		assert.Equal(t, "forbidden", codeOf(t, p.happens(forged, event)), "a forged token: %s", event)
		assert.Equal(t, "forbidden", codeOf(t, other.happens(token, event)), "another device's: %s", event)
	}
	assert.Equal(t, "invalid-request", codeOf(t, p.happens(token, "taken")), "that is for an acceptance to say")
	assert.Equal(t, "forbidden", codeOf(t, take(p, forged, "second")), "an acceptance by a forged token")
	assert.Equal(t, "forbidden", codeOf(t, take(other, token, "second")), "by another device's")
	assert.Equal(t, "forbidden", codeOf(t, take(d.phone(), token, "second")), "by that of a device, as a new one")
	assert.Equal(t, "invalid-request", codeOf(t, take(p, token, "third")), "by one that offers another campaign")
	before := len(p.listed().Offers)
	d.set(d.now().Add(32 * 24 * time.Hour))
	assert.Equal(t, "expired", codeOf(t, p.happens(token, wire.EventSeen)), "an old one")
	assert.Equal(t, "expired", codeOf(t, take(p, token, "second")))
	assert.Len(t, p.listed().Offers, before, "nothing was accepted")
	told := read[wire.Effects](t, d.manage("GET", wire.PathEffects, nil), http.StatusOK)
	assert.Empty(t, told.Effects, "nothing was counted")
}

func TestWithoutConsentToMeasurementNothingIsKept(t *testing.T) {
	d := newDesk(t)
	d.answering(50)
	p, lane := d.phone(), d.till("s-1", "7")
	p.redeems(lane, "first")
	token := p.answer("second").Token
	for _, event := range []string{wire.EventSeen, wire.EventClick} {
		assert.Equal(t, http.StatusNoContent, p.happens(token, event).Code, "it is answered the same")
	}
	require.Equal(t, http.StatusCreated,
		p.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "second", Answer: token}).Code)
	told := read[wire.Effects](t, d.manage("GET", wire.PathEffects, nil), http.StatusOK)
	assert.Empty(t, told.Effects, "nothing is counted, no device is in a trial")

	q := d.phone()
	q.redeems(lane, "first")
	token = q.answer("second").Token
	q.consents(measured)
	require.Equal(t, http.StatusNoContent, q.happens(token, wire.EventSeen).Code)
	q.consents(wire.Consent{Personal: true})
	require.Equal(t, http.StatusNoContent, q.happens(token, wire.EventClick).Code, "taken back between answer and click")
	assert.Equal(t, wire.Effect{Campaign: "first", Seen: 1}, d.effect("first"), "what was counted stays, no more is")
	q.consents(measured)
	q.happens(token, wire.EventClick)
	assert.EqualValues(t, 1, d.effect("first").Clicked, "once the customer agrees again")
}

func TestAnAnswerUnderNewCountsInTheCampaignThatItOffers(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	d.campaign(wire.Campaign{ID: "fresh"})
	p := d.phone()
	p.accept("coffee", true)
	p.consents(measured)
	fresh := p.answer("fresh")
	require.Equal(t, http.StatusNoContent, p.happens(fresh.Token, wire.EventSeen).Code)
	require.Equal(t, http.StatusCreated,
		p.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "fresh", Answer: fresh.Token}).Code)
	assert.Equal(t, wire.Effect{Campaign: "fresh", Seen: 1, Taken: 1}, d.effect("fresh"))
	others := read[wire.Effects](t, d.manageAs("m-2", "GET", wire.PathEffects, nil), http.StatusOK)
	assert.Empty(t, others.Effects, "another merchant sees none of it")
}
