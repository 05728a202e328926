package backend_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// countedStore counts the transactions that write.
type countedStore struct {
	store.Store
	updates atomic.Int64
}

func (s *countedStore) Update(ctx context.Context, fn func(store.Tx) error) error {
	s.updates.Add(1)
	return s.Store.Update(ctx, fn)
}

// redeems accepts an offer of a campaign with the phone and redeems it.
func (p *phone) redeems(lane *till, campaign string) wire.DeviceOffer {
	p.t.Helper()
	o := p.accept(campaign, true)
	require.Equal(p.t, record.Confirmed, lane.verdict(lane.redemption(o.Pass)).Status, "the redemption of %s", campaign)
	return o
}

// answer returns what the phone is shown with an id; nil: nothing.
func (p *phone) answer(id string) *wire.Shown {
	p.t.Helper()
	for _, shown := range p.visit().Answers {
		if shown.ID == id {
			return &shown
		}
	}
	return nil
}

func (p *phone) dismiss(token string) *httptest.ResponseRecorder {
	p.t.Helper()
	return p.ask("POST", wire.PathDeviceEvents, wire.DeviceEvent{Token: token, Event: wire.EventDismiss})
}

// shownTimes is how often a campaign's follow-ups were shown, by the figures.
func (d *desk) shownTimes(campaign string) (n int64) {
	d.t.Helper()
	for _, f := range read[wire.Figures](d.t, d.manage("GET", wire.PathFigures, nil), http.StatusOK).Figures {
		if f.Campaign == campaign {
			n += f.Shown
		}
	}
	return n
}

func TestAVisitThatShowsNothingNewWritesNothing(t *testing.T) {
	counted := &countedStore{Store: memstore.New()}
	d := newDesk(t, func(c *backend.Config) { c.Store = counted })
	d.campaign(coffee)
	p, lane := d.phone(), d.till("s-1", "7")
	p.redeems(lane, "coffee")
	stranger := d.phone()
	before := counted.updates.Load()
	for range 50 {
		require.Len(t, p.visit().Matches, 1)
		stranger.visit()
	}
	assert.Equal(t, before+1, counted.updates.Load(), "the first visit counts, the other 99 write nothing")
	assert.EqualValues(t, 1, d.shownTimes("coffee"), "of 50 reloads one is counted")
	d.set(d.now().Add(24 * time.Hour))
	for range 2 {
		p.visit()
	}
	assert.EqualValues(t, 2, d.shownTimes("coffee"), "another day counts again")
}

func TestCapsHoldForADeviceAndInAll(t *testing.T) {
	d := newDesk(t)
	ad := func(id string, limit wire.Cap) wire.FollowUp {
		return wire.FollowUp{Ad: &wire.Ad{ID: id, Title: id}, Cap: limit}
	}
	d.campaign(wire.Campaign{ID: "coffee", FollowUps: []wire.FollowUp{ad("twice", wire.Cap{Times: 2, Days: 7}),
		ad("total", wire.Cap{Total: 3})}})
	lane := d.till("s-1", "7")
	phones := make([]*phone, 5)
	for i := range phones {
		phones[i] = d.phone()
		phones[i].redeems(lane, "coffee")
	}
	seen := func() (n map[string]int) {
		n = map[string]int{}
		for _, p := range phones {
			for range 2 {
				for _, id := range p.because() {
					n[id]++
				}
			}
		}
		return n
	}
	assert.Equal(t, map[string]int{"twice": 10, "total": 6}, seen(), "three devices see the second, each twice that day")
	d.set(d.now().Add(24 * time.Hour))
	assert.Equal(t, map[string]int{"twice": 10}, seen())
	d.set(d.now().Add(24 * time.Hour))
	assert.Empty(t, seen(), "two days of seven are over")
	d.set(d.now().Add(5 * 24 * time.Hour))
	assert.Equal(t, map[string]int{"twice": 10}, seen(), "the first of the two days is no longer in the period")
}

// Many devices visit at the same moment, each more than once: all together see an answer as often as its cap says.
func TestACapHoldsUnderConcurrentVisits(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "coffee", FollowUps: []wire.FollowUp{{Ad: &wire.Ad{ID: "few", Title: "Few"},
		Cap: wire.Cap{Total: 7}}}})
	lane := d.till("s-1", "7")
	var all sync.WaitGroup
	var saw atomic.Int64
	for range 32 {
		p := d.phone()
		p.redeems(lane, "coffee")
		all.Go(func() {
			var seen int64
			for range 3 {
				if p.keeps().answer("few") != nil {
					seen = 1
				}
			}
			saw.Add(seen)
		})
	}
	all.Wait()
	assert.EqualValues(t, 7, saw.Load(), "devices that saw it")
	assert.EqualValues(t, 7, d.shownTimes("coffee"), "and that were counted")
}

func TestWhatIsDismissedStaysAway(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "cake"})
	d.campaign(wire.Campaign{ID: "coffee", FollowUps: []wire.FollowUp{{Offer: "cake", CoolOffDays: 2}}})
	lane := d.till("s-1", "7")
	p, other := d.phone(), d.phone()
	p.redeems(lane, "coffee")
	other.redeems(lane, "coffee")
	token := p.answer("cake").Token
	assert.Equal(t, http.StatusForbidden, other.dismiss(token).Code, "another device's token")
	assert.Equal(t, http.StatusForbidden, p.dismiss("x"+token).Code, "a forged one")
	assert.Equal(t, http.StatusForbidden, p.dismiss(token[:5]).Code, "a part of one")
	assert.Equal(t, http.StatusUnauthorized, d.phone().dismiss(token).Code, "a device without a secret")
	bad := p.ask("POST", wire.PathDeviceEvents, wire.DeviceEvent{Token: token, Event: "like"})
	assert.Equal(t, "invalid-request", codeOf(t, bad), "an event that there is not")
	require.NotNil(t, p.answer("cake"), "none of that was a dismissal")
	for range 2 {
		require.Equal(t, http.StatusNoContent, p.dismiss(token).Code)
		assert.Nil(t, p.answer("cake"), "neither because of the coffee nor under New")
	}
	assert.NotNil(t, other.answer("cake"), "the other device did not dismiss it")
	d.set(d.now().Add(48 * time.Hour))
	assert.NotNil(t, p.answer("cake"), "it cooled off")
	d.set(d.now().Add(30 * 24 * time.Hour))
	assert.Equal(t, "expired", codeOf(t, p.dismiss(token)), "after 30 days")
	late := p.keeps()
	again := p.answer("cake").Token
	require.Equal(t, http.StatusNoContent, p.ask("DELETE", wire.PathDevice, nil).Code)
	assert.Equal(t, http.StatusNotFound, late.dismiss(again).Code, "a device that was forgotten")
}

// Of what is used up nothing is shown ten seconds later, in a process that was not there, too, and never accepted.
func TestACampaignThatIsUsedUpIsNotShown(t *testing.T) {
	d := newDesk(t)
	euro := terms.Terms{Kind: terms.AmountOff, Amount: 250, Currency: "EUR"}
	d.campaign(wire.Campaign{ID: "one", Limit: 1})
	d.campaign(wire.Campaign{ID: "spent", Terms: euro, Budget: 250})
	d.campaign(wire.Campaign{ID: "reserved", Terms: euro, Budget: 499, Reserve: true})
	other := &desk{t: t, store: d.store, at: d.at}
	var err error
	other.server, err = backend.New(t.Context(), backend.Config{Store: d.store, Now: d.now})
	require.NoError(t, err)
	watcher := other.phone()
	for _, id := range []string{"one", "spent", "reserved"} {
		require.NotNil(t, watcher.answer(id), "%s is open", id)
	}
	p, lane := d.phone(), d.till("s-1", "7")
	p.accept("one", true)
	p.accept("reserved", true)
	p.redeems(lane, "spent")
	for _, id := range []string{"one", "spent", "reserved"} {
		refused := d.phone().ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: id})
		assert.Equal(t, "out-of-offers", codeOf(t, refused), "%s is used up", id)
	}
	d.set(d.now().Add(10 * time.Second))
	for _, id := range []string{"one", "spent", "reserved"} {
		assert.Nil(t, watcher.answer(id), "%s is shown after ten seconds", id)
	}
	d.set(d.now().Add(91 * 24 * time.Hour))
	d.set(d.now().Add(40 * 24 * time.Hour)) // no late report can come of the offer that was never redeemed
	for range 3 {                           // each visit looks again at one that was used up
		watcher.visit()
	}
	assert.NotNil(t, watcher.answer("reserved"), "the liability has ended, and what is left is enough")
}

func TestALimitPerDeviceIsLookedAtOnAcceptanceAlone(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "coffee", PerDevice: 2, ValidSeconds: 3600})
	p, lane := d.phone(), d.till("s-1", "7")
	take := func() int {
		return p.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "coffee", Personal: true}).Code
	}
	first := p.redeems(lane, "coffee")
	require.Equal(t, http.StatusCreated, take(), "the second")
	assert.Equal(t, http.StatusConflict, take(), "one was redeemed, %s, and one can be", first.Name)
	d.set(d.now().Add(2 * time.Hour))
	assert.Equal(t, http.StatusCreated, take(), "what ended before it was redeemed counts no more")
	last := p.listed().Offers[0]
	assert.Equal(t, http.StatusConflict, take())
	verdict := lane.verdict(lane.redemption(last.Pass))
	assert.Equal(t, record.Confirmed, verdict.Status, "a redemption is never rejected for it")
}

func TestAVisitSpeaksTheCustomersLanguage(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "cake", Title: "Cake", Language: "en", Words: map[string]wire.Words{
		"de": {Title: "Kuchen", Text: "Ein Stück."}}})
	p := d.phone()
	for header, want := range map[string]string{"": "Cake", "de-CH, en;q=0.5": "Kuchen", "en, de;q=0.9": "Cake",
		"fr, de;q=0.2": "Kuchen", "de;q=0": "Cake", "*": "Cake", "de;q=x": "Cake", ";;,,-": "Cake"} {
		r := httptest.NewRequest("GET", wire.PathDeviceVisit, nil)
		r.Header.Set("Accept-Language", header)
		w := httptest.NewRecorder()
		p.server.ServeHTTP(w, r)
		assert.Equal(t, want, read[wire.Visit](t, w, http.StatusOK).Answers[0].Title, "for %q", header)
	}
}

func TestACampaignThatCannotBeMeantNamesItsField(t *testing.T) {
	d := newDesk(t)
	ad, foreign := &wire.Ad{ID: "a", Title: "A"}, &wire.Ad{ID: "a", Title: "A", Words: map[string]wire.Words{"x": {}}}
	euro := terms.Terms{Kind: terms.PercentOff, Percent: 1000, Currency: "EUR"}
	for field, c := range map[string]wire.Campaign{
		"reserve":                  {Reserve: true, Budget: 5, Terms: euro},
		"perDevice":                {PerDevice: -1},
		"holdout.percent":          {Holdout: wire.Holdout{Percent: 91}},
		"holdout.days":             {Holdout: wire.Holdout{Days: 5}},
		"language":                 {Words: map[string]wire.Words{"de": {Title: "A"}}},
		"words.DE":                 {Language: "en", Words: map[string]wire.Words{"DE": {Title: "A"}}},
		"words.de.title":           {Language: "en", Words: map[string]wire.Words{"de": {}}},
		"followUps[0].times":       {FollowUps: []wire.FollowUp{{Ad: ad, Times: 101}}},
		"followUps[0].product":     {FollowUps: []wire.FollowUp{{Ad: ad, Product: "coffee"}}},
		"followUps[0].repeat":      {FollowUps: []wire.FollowUp{{Ad: ad, Repeat: true}}},
		"followUps[0].withinDays":  {FollowUps: []wire.FollowUp{{Ad: ad, AfterDays: 3, WithinDays: 3}}},
		"followUps[0].currency":    {FollowUps: []wire.FollowUp{{Ad: ad, MinGiven: 5}}},
		"followUps[0].cap.days":    {FollowUps: []wire.FollowUp{{Ad: ad, Cap: wire.Cap{Days: 3}}}},
		"followUps[0].cap.total":   {FollowUps: []wire.FollowUp{{Ad: ad, Cap: wire.Cap{Total: -3}}}},
		"followUps[0].coolOffDays": {FollowUps: []wire.FollowUp{{Ad: ad, CoolOffDays: 9999}}},
		"followUps[0].reasons.de":  {FollowUps: []wire.FollowUp{{Ad: ad, Reasons: map[string]string{"de": ""}}}},
		"followUps[0].ad.words.x":  {FollowUps: []wire.FollowUp{{Ad: foreign}}},
	} {
		c.ID = "c"
		refused := d.campaignOf("m-1", c)
		assert.Equal(t, "invalid-request", codeOf(t, refused), field)
		assert.Contains(t, refused.Body.String(), fmt.Sprintf("%q:%q", "detail", field)[:len(field)+9], "it names %s", field)
	}
}
