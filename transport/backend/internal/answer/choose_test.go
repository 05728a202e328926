package answer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport/backend/internal/answer"
	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/store"
)

const (
	day   = 24 * 60 * 60 * 1000
	today = 20_000
	now   = today*day + day/2
)

// A scene is what a choice is made from. Its device redeemed a coffee of m-1 yesterday in s-1, for 2.50 euros; m-1 has
// an ad, "beans", for whoever redeemed a coffee.
type scene struct {
	coffee, cake store.Campaign
	more         []store.Campaign
	agreements   []store.Agreement
	device       answer.Device
	known        answer.Known
}

func newScene() *scene {
	place := record.Place{Merchant: "m-1", Store: "s-1", Lane: "1"}
	coffee := store.Campaign{ID: "coffee", Merchant: "m-1", Title: "Coffee", Category: "drinks", State: rules.Active,
		Terms:     terms.Terms{Products: []string{"09501101530003"}},
		FollowUps: []store.FollowUp{{Ad: &store.Ad{ID: "beans", Title: "Beans"}}}}
	use := store.Use{Place: place, Redeemed: now - day, Given: record.Money{Amount: 250, Currency: "EUR"}}
	return &scene{
		coffee: coffee, cake: store.Campaign{ID: "cake", Merchant: "m-1", Title: "Cake", State: rules.Active, Created: 1},
		device: answer.Device{Personal: true, Offers: []store.Offer{{ID: offer.ID{1}, Campaign: "coffee", MaxUses: 1,
			NotAfter: now + day, Uses: []store.Use{use}}}},
	}
}

func (s *scene) follow() *store.FollowUp { return &s.coffee.FollowUps[0] }

func (s *scene) use() *store.Use { return &s.device.Offers[0].Uses[0] }

// choose names the answers that follow from redemptions, and those under "New".
func (s *scene) choose() (because, fresh []string) {
	all := append([]store.Campaign{s.coffee, s.cake}, s.more...)
	c := answer.NewCatalogue(all, s.agreements, nil, now)
	for _, a := range c.Choose(&s.device, s.known, now).Answers {
		id := a.Name
		if a.Ad != nil {
			id = a.Ad.ID
		} else if a.Offered != nil {
			id = a.Offered.ID
		}
		if a.Because == nil {
			fresh = append(fresh, id)
			continue
		}
		because = append(because, id)
	}
	return because, fresh
}

func TestAFollowUpAnswersWhatFitsItsConditions(t *testing.T) {
	second := func(s *scene) {
		again := s.device.Offers[0]
		again.ID, again.Uses = offer.ID{2}, []store.Use{*s.use()}
		s.device.Offers = append(s.device.Offers, again)
	}
	for name, c := range map[string]struct {
		edit func(*scene)
		want bool
	}{
		"nothing set":      {func(*scene) {}, true},
		"no consent":       {func(s *scene) { s.device.Personal = false }, false},
		"the campaign":     {func(s *scene) { s.follow().Campaign = "coffee" }, true},
		"another campaign": {func(s *scene) { s.follow().Campaign = "cake" }, false},
		"the category":     {func(s *scene) { s.follow().Category = "drinks" }, true},
		"another category": {func(s *scene) { s.follow().Category = "food" }, false},
		"two that fit":     {func(s *scene) { s.follow().Category, s.follow().Merchant = "drinks", "m-1" }, true},
		"one of two fits":  {func(s *scene) { s.follow().Campaign, s.follow().Category = "coffee", "food" }, false},
		"the store":        {func(s *scene) { s.follow().Store = "s-1" }, true},
		"another store":    {func(s *scene) { s.follow().Store = "s-2" }, false},
		"the product":      {func(s *scene) { s.follow().Product = "9501101530003" }, true},
		"another product":  {func(s *scene) { s.follow().Product = "9501101530010" }, false},
		"the product reported": {func(s *scene) {
			s.follow().Product, s.use().Products = "9501101530010", []string{"96385074", "09501101530010"}
		}, true},
		"another one reported": {func(s *scene) {
			s.follow().Product, s.use().Products = "9501101530003", []string{"9501101530010"}
		}, false},
		"as much as it gave":     {func(s *scene) { s.follow().MinGiven, s.follow().Currency = 250, "EUR" }, true},
		"more than it gave":      {func(s *scene) { s.follow().MinGiven, s.follow().Currency = 251, "EUR" }, false},
		"another currency":       {func(s *scene) { s.follow().MinGiven, s.follow().Currency = 1, "CHF" }, false},
		"redeemed once of two":   {func(s *scene) { s.follow().Times = 2 }, false},
		"redeemed twice of two":  {func(s *scene) { s.follow().Times = 2; second(s) }, true},
		"a day ago":              {func(s *scene) { s.follow().AfterDays = 1 }, true},
		"not two days ago":       {func(s *scene) { s.follow().AfterDays = 2 }, false},
		"within two days":        {func(s *scene) { s.follow().WithinDays = 2 }, true},
		"not within one":         {func(s *scene) { s.follow().WithinDays = 1 }, false},
		"90 days less a moment":  {func(s *scene) { s.use().Redeemed = now - 90*day + 1 }, true},
		"90 days ago":            {func(s *scene) { s.use().Redeemed = now - 90*day }, false},
		"longer where it says":   {func(s *scene) { s.use().Redeemed = now - 90*day; s.follow().WithinDays = 91 }, true},
		"not begun":              {func(s *scene) { s.follow().From = now + 1 }, false},
		"begun":                  {func(s *scene) { s.follow().From = now }, true},
		"over":                   {func(s *scene) { s.follow().Until = now }, false},
		"not over":               {func(s *scene) { s.follow().Until = now + 1 }, true},
		"a campaign that is not": {func(s *scene) { s.device.Offers[0].Campaign = "tea" }, false},
	} {
		s := newScene()
		c.edit(s)
		because, _ := s.choose()
		assert.Equal(t, c.want, len(because) == 1, "%s: %q", name, because)
	}
}

func TestACampaignIsOfferedThatTheDeviceMayHave(t *testing.T) {
	has := func(s *scene, n int, edit func(*store.Offer)) {
		for i := range n {
			o := store.Offer{ID: offer.ID{9, byte(i)}, Campaign: "cake", MaxUses: 1, NotAfter: now + day}
			if edit != nil {
				edit(&o)
			}
			s.device.Offers = append(s.device.Offers, o)
		}
	}
	used := func(o *store.Offer) { o.Uses = []store.Use{{Place: record.Place{Merchant: "m-1"}}} }
	ended := func(o *store.Offer) { o.NotAfter = now }
	repeat := func(s *scene) { s.follow().Repeat = true }
	for name, c := range map[string]struct {
		edit func(*scene)
		want bool
	}{
		"open":                       {func(*scene) {}, true},
		"paused":                     {func(s *scene) { s.cake.State = rules.Paused }, false},
		"ended":                      {func(s *scene) { s.cake.Ends = now }, false},
		"used up":                    {func(s *scene) { s.known.UsedUp = map[string]bool{"cake": true} }, false},
		"held":                       {func(s *scene) { has(s, 1, nil) }, false},
		"redeemed":                   {func(s *scene) { has(s, 1, used) }, false},
		"redeemed, and it repeats":   {func(s *scene) { repeat(s); has(s, 1, used) }, true},
		"ended, and it repeats":      {func(s *scene) { repeat(s); has(s, 1, ended) }, true},
		"held, and it repeats":       {func(s *scene) { repeat(s); has(s, 1, used); has(s, 1, nil) }, false},
		"as many as a device may":    {func(s *scene) { repeat(s); s.cake.PerDevice = 2; has(s, 2, used) }, false},
		"one less":                   {func(s *scene) { repeat(s); s.cake.PerDevice = 3; has(s, 2, used) }, true},
		"those that ended count not": {func(s *scene) { repeat(s); s.cake.PerDevice = 2; has(s, 2, ended) }, true},
	} {
		s := newScene()
		s.follow().Ad, s.follow().Offer = nil, "cake"
		c.edit(s)
		because, fresh := s.choose()
		assert.Equal(t, c.want, len(because) == 1, "%s: %q", name, because)
		assert.Subset(t, []string{"cake"}, fresh, "%s: of a campaign that it redeemed nothing is new", name)
	}
}

func TestCapsAndCoolOff(t *testing.T) {
	shown := func(s *scene, times int, days ...int64) *store.Answer {
		s.device.Answers = []store.Answer{{Name: "coffee/0", Campaign: "coffee", Days: days, Times: times}}
		return &s.device.Answers[0]
	}
	week := func(s *scene) { s.follow().Cap = store.Cap{Times: 1, Days: 7} }
	full := func(s *scene) { s.follow().Cap.Total, s.known.Full = 5, map[string]bool{"coffee/0": true} }
	for name, c := range map[string]struct {
		edit func(*scene)
		want bool
	}{
		"never shown":                  {func(s *scene) { s.follow().Cap.Times = 1 }, true},
		"shown before":                 {func(s *scene) { s.follow().Cap.Times = 1; shown(s, 1, today-1) }, false},
		"shown today":                  {func(s *scene) { s.follow().Cap.Times = 1; shown(s, 1, today) }, true},
		"one is left":                  {func(s *scene) { s.follow().Cap.Times = 3; shown(s, 2, today-2, today-1) }, true},
		"all in the period":            {func(s *scene) { week(s); shown(s, 1, today-6) }, false},
		"none in the period":           {func(s *scene) { week(s); shown(s, 1, today-7) }, true},
		"no cap":                       {func(s *scene) { shown(s, 80, today-1) }, true},
		"full":                         {func(s *scene) { full(s) }, false},
		"full, but shown today":        {func(s *scene) { full(s); shown(s, 1, today) }, true},
		"dismissed":                    {func(s *scene) { shown(s, 1, today).Quiet = now + 1 }, false},
		"dismissed, and it cooled off": {func(s *scene) { shown(s, 1, today-1).Quiet = now }, true},
	} {
		s := newScene()
		c.edit(s)
		because, _ := s.choose()
		assert.Equal(t, c.want, len(because) == 1, "%s: %q", name, because)
	}
}

func TestWhatIsDismissedIsNotNewEither(t *testing.T) {
	s := newScene()
	_, fresh := s.choose()
	assert.Equal(t, []string{"cake"}, fresh)
	s.device.Answers = []store.Answer{{Name: "tea/0", Campaign: "tea", Offer: "cake", Quiet: now + 1}}
	_, fresh = s.choose()
	assert.Empty(t, fresh, "another campaign's follow-up offered it, and the customer said no")
}

func TestCountingADay(t *testing.T) {
	a := answer.Answer{Name: "coffee/0", Campaign: "coffee", Cap: store.Cap{Times: 2, Days: 7}}
	var row *store.Answer
	for i := range int64(4) {
		next := a.Count(store.HashOf("d"), row, now+i*day)
		row = &next
	}
	assert.Equal(t, store.Answer{Device: store.HashOf("d"), Name: "coffee/0", Campaign: "coffee",
		Days: []int64{today + 2, today + 3}, Times: 4}, *row, "as many days as the cap looks at")
}

// Of equal priority the campaign that was created later comes first, then the id, then the place in the campaign.
func TestTheOrderOfAnswers(t *testing.T) {
	s := newScene()
	with := func(id string, created int64, priorities ...int) store.Campaign {
		c := store.Campaign{ID: id, Merchant: "m-1", State: rules.Ended, Created: created}
		for i, p := range priorities {
			c.FollowUps = append(c.FollowUps, store.FollowUp{Category: "drinks", Priority: p,
				Ad: &store.Ad{ID: fmt.Sprint(id, i)}})
		}
		return c
	}
	s.more = []store.Campaign{with("b", 5, 1, 1), with("a", 5, 1, 9), with("z", 6, 1)}
	because, fresh := s.choose()
	assert.Equal(t, []string{"a1", "z0", "a0", "b0", "b1", "beans"}, because)
	assert.Equal(t, []string{"cake"}, fresh, "what is new comes last")
	s.more = append(s.more, with("y", 7, make([]int, 50)...))
	because, fresh = s.choose()
	assert.Len(t, because, answer.MaxAnswers, "there is room for so many")
	assert.Empty(t, fresh)
}

func TestNothingIsAnsweredWithoutAnAgreement(t *testing.T) {
	agreed := func(owner, partner string, followUps bool) store.Agreement {
		return store.Agreement{Owner: owner, Partner: partner, FollowUps: followUps, State: rules.AgreementActive}
	}
	rival := store.Campaign{ID: "rival", Merchant: "m-2", State: rules.Active,
		FollowUps: []store.FollowUp{{Category: "drinks", Ad: &store.Ad{ID: "tea"}}}}
	elsewhere := func(s *scene) { s.use().Place.Merchant = "m-2" }
	for name, c := range map[string]struct {
		edit func(*scene)
		want []string
	}{
		"its own":               {func(*scene) {}, []string{"beans"}},
		"another's, not agreed": {func(s *scene) { s.more = []store.Campaign{rival} }, []string{"beans"}},
		"agreed, not on follow-ups": {func(s *scene) {
			s.more = []store.Campaign{rival}
			s.agreements = []store.Agreement{agreed("m-2", "m-1", false)}
		}, []string{"beans"}},
		"agreed the other way round": {func(s *scene) {
			s.more = []store.Campaign{rival}
			s.agreements = []store.Agreement{agreed("m-1", "m-2", true)}
		}, []string{"beans"}},
		"agreed": {func(s *scene) {
			s.more = []store.Campaign{rival}
			s.agreements = []store.Agreement{agreed("m-2", "m-1", true)}
		}, []string{"tea", "beans"}},
		"redeemed at no partner's till": {elsewhere, nil},
		"redeemed at a partner's till": {func(s *scene) {
			elsewhere(s)
			s.agreements = []store.Agreement{agreed("m-1", "m-2", false)}
		}, []string{"beans"}},
		"the partner's agreement ended": {func(s *scene) {
			elsewhere(s)
			s.agreements = []store.Agreement{agreed("m-1", "m-2", false)}
			s.agreements[0].State = rules.AgreementEnded
		}, nil},
		"offers another's campaign": {func(s *scene) {
			s.more = []store.Campaign{rival}
			s.coffee.FollowUps = append(s.coffee.FollowUps, store.FollowUp{Offer: "rival"})
		}, []string{"beans"}},
	} {
		s := newScene()
		s.coffee.Created = -1
		c.edit(s)
		because, _ := s.choose()
		assert.Equal(t, c.want, because, name)
	}
}

func TestAnOriginSeesThoseWhoAllowedIt(t *testing.T) {
	s := newScene()
	origins := map[string][]string{"m-1": {"https://a.example"}}
	c := answer.NewCatalogue([]store.Campaign{s.coffee, s.cake}, nil, origins, now)
	for origin, want := range map[string]int{"": 2, "https://a.example": 2, "https://b.example": 0} {
		s.device.Origin = origin
		choice := c.Choose(&s.device, answer.Known{}, now)
		assert.Len(t, choice.Answers, want, "from %q", origin)
		assert.Len(t, choice.Matches, 1, "what it redeemed is its own")
	}
}

func TestTheCustomersLanguage(t *testing.T) {
	s := newScene()
	s.coffee.Language, s.coffee.Words = "en", map[string]store.Words{"de": {Title: "Kaffee"}}
	s.follow().Ad.Words = map[string]store.Words{"de": {Title: "Bohnen"}}
	for languages, want := range map[string][2]string{
		"":         {"Beans", "Because you redeemed “Coffee” at s-1"},
		"de-ch":    {"Bohnen", "Weil du „Kaffee“ bei s-1 eingelöst hast"},
		"fr":       {"Beans", "Parce que vous avez utilisé « Coffee » chez s-1"},
		"en-gb de": {"Beans", "Because you redeemed “Coffee” at s-1"},
		"sv de":    {"Bohnen", "Weil du „Kaffee“ bei s-1 eingelöst hast"},
		"nl":       {"Beans", "Omdat het lekker was"},
	} {
		s.device.Languages = strings.Fields(languages)
		s.follow().Reasons = map[string]string{"nl": "Omdat het lekker was"}
		c := answer.NewCatalogue([]store.Campaign{s.coffee}, nil, nil, now)
		a := c.Choose(&s.device, answer.Known{}, now).Answers[0]
		assert.Equal(t, want, [2]string{a.Title, a.Reason}, "for %q", languages)
	}
}

// What a device costs does not grow with the campaigns that cannot answer it.
func TestAChoiceLooksAtWhatCanAnswerAlone(t *testing.T) {
	cost := func(campaigns int) float64 {
		s := newScene()
		for i := range campaigns {
			s.more = append(s.more, store.Campaign{ID: fmt.Sprint("c-", i), Merchant: "m-1", State: rules.Active, Created: 2,
				FollowUps: []store.FollowUp{{Category: fmt.Sprint(i), Ad: &store.Ad{ID: fmt.Sprint("a-", i)}}}})
		}
		c := answer.NewCatalogue(append(s.more, s.coffee), nil, nil, now)
		return testing.AllocsPerRun(20, func() { c.Choose(&s.device, answer.Known{}, now) })
	}
	assert.Equal(t, cost(20), cost(5000), "allocations of a choice")
}
