package decision_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// Another merchant's offer needs an agreement with it.
func TestAgreement(t *testing.T) {
	code := func(s *scene) { s.request.Scanned, s.policy.UnprovenPerDay = codeID.Code(), number(9) }
	agreed := func(a trust.Agreement) func(*scene) {
		return func(s *scene) { s.pass.Owner, s.bundle.Agreements = "m-2", []trust.Agreement{a} }
	}
	for _, test := range []struct {
		name, says, detail string
		set                func(*scene)
	}{
		{"its own", "allow", "", func(*scene) {}},
		{"its own by name", "allow", "", func(s *scene) { s.pass.Owner = "m-1" }},
		{"for everybody", "allow", "", func(s *scene) { s.pass.Audience = nil }},
		{"for everybody, of another", "ask no-agreement", "an offer of \"m-2\"", func(s *scene) {
			s.pass.Audience, s.pass.Owner = nil, "m-2"
		}},
		{"for several, of nobody", "ask no-agreement", "which merchant's offer", func(s *scene) {
			s.pass.Audience = []string{"m-1", "m-3"}
		}},
		{"of another", "ask no-agreement", "an offer of \"m-2\"", func(s *scene) { s.pass.Owner = "m-2" }},
		{"of another, without a bundle", "ask no-agreement", "an offer of \"m-2\"", func(s *scene) {
			s.pass.Owner, s.bundle = "m-2", nil
		}},
		{"agreed", "allow", "", agreed(trust.Agreement{Owner: "m-2"})},
		{"agreed on other campaigns", "ask no-agreement", "an offer of",
			agreed(trust.Agreement{Owner: "m-2", Campaigns: []string{"x"}})},
		{"issued when it had ended", "ask no-agreement", "an offer of",
			agreed(trust.Agreement{Owner: "m-2", Ended: noon.Add(-time.Hour)})},
		{"issued before it ended", "allow", "", agreed(trust.Agreement{Owner: "m-2", Ended: noon})},
		{"stopped", "refuse no-agreement", "at once", agreed(trust.Agreement{Owner: "m-2", Stopped: true})},
		{"a code of no campaign", "allow", "", code},
		{"a code of another's campaign", "ask no-agreement", "an offer of \"m-2\"", func(s *scene) {
			code(s)
			s.campaigns(func(c *trust.Campaign) { c.Owner = "m-2" })
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene()
			test.set(s)
			d := s.decide(t)
			require.Equal(t, test.says, d.String())
			for _, r := range d.Reasons {
				assert.Contains(t, r.Detail, test.detail)
			}
		})
	}
}

// What is given: by the terms, or by the POS within them.
func TestWorth(t *testing.T) {
	off := terms.Terms{Kind: terms.AmountOff, Amount: 50, Currency: "EUR"}
	free := terms.Terms{Kind: terms.FreeItem}
	sale := lines("EUR", 300)
	eur := func(n int64) record.Money { return record.Money{Amount: n, Currency: "EUR"} }
	for _, test := range []struct {
		name      string
		terms     terms.Terms
		sale      terms.Sale
		given     record.Money
		uses      int
		says      string
		want      record.Money
		by        record.GivenBy
		most, use int64
	}{
		{"no terms, no amount", terms.Terms{}, sale, record.Money{}, 1, "allow", record.Money{}, 0, 0, 0},
		{"no terms, the POS's amount", terms.Terms{}, sale, eur(1 << 20), 1, "allow", eur(1 << 20), record.GivenByPOS, 0, 0},
		{"the terms'", off, sale, record.Money{}, 1, "allow", eur(50), record.GivenByTerms, 0, 0},
		{"the terms' for two uses", off, sale, record.Money{}, 2, "allow", eur(100), record.GivenByTerms, 0, 0},
		{"no lines", off, terms.Sale{}, record.Money{}, 1, "allow", record.Money{}, 0, 0, 0},
		{"as much as the terms", off, sale, eur(50), 1, "allow", eur(50), record.GivenByPOS, 0, 0},
		{"more than the terms", off, sale, eur(51), 1, "ask over-terms", eur(51), record.GivenByPOS, 50, 51},
		{"as much as the terms ever give", off, terms.Sale{}, eur(50), 1, "allow", eur(50), record.GivenByPOS, 0, 0},
		{"more than the terms ever give", off, terms.Sale{}, eur(51), 1, "ask over-terms", eur(51), record.GivenByPOS, 50,
			51},
		{"two uses, as much as the terms ever give", off, terms.Sale{}, eur(100), 2, "allow", eur(100), record.GivenByPOS, 0,
			0},
		{"another currency than the terms'", off, terms.Sale{}, record.Money{Amount: 1, Currency: "CHF"}, 1,
			"refuse other-currency", record.Money{Amount: 1, Currency: "CHF"}, record.GivenByPOS, 0, 0},
		{"terms in any currency, without a bound", free, terms.Sale{}, eur(1 << 20), 1, "allow", eur(1 << 20),
			record.GivenByPOS, 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene()
			s.pass.Uses, s.pass.OfflineUses, s.pass.Terms = 9, 9, test.terms
			s.request.Sale, s.request.Given, s.request.Uses = test.sale, test.given, test.uses
			d := s.decide(t)
			require.Equal(t, test.says, d.String())
			assert.Equal(t, test.want, d.Given, "what is given")
			assert.Equal(t, test.by, d.GivenBy, "who worked it out")
			if d.Because(fault.OverTerms) {
				assert.Equal(t, []int64{test.most, test.use}, []int64{d.Reasons[0].Limit, d.Reasons[0].Used}, "limit and use")
			}
		})
	}
}

// A reason says what the sale lacks to the terms' minimums, and nothing where one is reached.
func TestWhatASaleLacks(t *testing.T) {
	two := terms.Sale{Currency: "EUR", Lines: []terms.Line{{Amount: 300, Quantity: terms.Items(1)},
		{Amount: 200, Quantity: terms.Items(1)}}}
	returned := terms.Sale{Currency: "EUR", Lines: []terms.Line{{Amount: 100}, {Amount: -200, Quantity: terms.Items(-2)}}}
	for _, test := range []struct {
		name     string
		terms    terms.Terms
		sale     terms.Sale
		spend    int64
		quantity terms.Quantity
	}{
		{"spend", terms.Terms{Kind: terms.FreeItem, MinSpend: 501, Currency: "EUR"}, two, 1, 0},
		{"quantity", terms.Terms{Kind: terms.FreeItem, MinQuantity: terms.Items(3)}, two, 0, terms.Items(1)},
		{"both", terms.Terms{Kind: terms.FreeItem, MinSpend: 502, MinQuantity: terms.Items(3), Currency: "EUR"}, two, 2,
			terms.Items(1)},
		{"spend is reached", terms.Terms{Kind: terms.FreeItem, MinSpend: 500, MinQuantity: terms.Items(3), Currency: "EUR"},
			two, 0, terms.Items(1)},
		{"quantity, with more returned than bought", terms.Terms{Kind: terms.FreeItem, MinQuantity: terms.Items(1)}, returned,
			0,
			terms.Items(2)},
		{"spend, with more returned than bought", terms.Terms{Kind: terms.FreeItem, MinSpend: 1, Currency: "EUR"}, returned,
			101, 0},
		{"quantity is reached", terms.Terms{Kind: terms.FreeItem, MinSpend: 501, MinQuantity: terms.Items(2),
			Currency: "EUR"},
			two, 1, 0},
	} {
		s := newScene()
		s.pass.Terms, s.request.Sale = test.terms, test.sale
		d := s.decide(t)
		require.Equal(t, "refuse nothing-eligible", d.String(), test.name)
		want := record.Money{Amount: test.spend, Currency: "EUR"}
		if test.spend == 0 {
			want = record.Money{}
		}
		assert.Equal(t, want, d.Reasons[0].Missing, test.name)
		assert.Equal(t, test.quantity, d.Reasons[0].MissingQuantity, test.name)
	}
	s := newScene() // another reason lacks nothing
	s.pass.Terms = terms.Terms{Kind: terms.AmountOff, Amount: 1, MinSpend: 900, Currency: "CHF"}
	s.request.Sale = two
	d := s.decide(t)
	require.Equal(t, "refuse other-currency", d.String())
	assert.Zero(t, d.Reasons[0].Missing, "it is not the minimum")
}

// That nothing is eligible is said once, by the terms or by the coupon's bar code.
func TestPurchaseOfACoupon(t *testing.T) {
	for name, test := range map[string]struct {
		terms terms.Terms
		says  string
	}{
		"no terms": {terms.Terms{}, "refuse expired nothing-eligible unproven"},
		"terms that say so, too": {terms.Terms{Kind: terms.FreeItem, MinSpend: 9000, Currency: "USD"},
			"refuse expired nothing-eligible unproven"},
	} {
		s := newScene()
		s.bundle.Campaigns[1].Prefixes = []string{"8110:"}
		s.campaigns(func(c *trust.Campaign) { c.Terms = test.terms })
		s.request.Scanned = "]e08110106141416543213500110000310123196000" // of one unit, until 2012
		s.request.Sale = terms.Sale{Currency: "USD", Lines: []terms.Line{{Amount: 100, GTIN: "00012345600012",
			Family: "999"}}}
		d := s.decide(t)
		assert.Equal(t, test.says, d.String(), name)
	}
}

// The campaign of a code is known by its number, that of a pass by its name.
func TestCampaignOfAnOffer(t *testing.T) {
	s := newScene()
	s.request.Scanned = coupon
	s.campaigns(func(c *trust.Campaign) { c.Terms = terms.Terms{Kind: terms.FreeItem, Unit: 0, Cap: 5, Currency: "EUR"} })
	assert.Equal(t, "positive", s.decide(t).Campaign, "by its prefix")

	s = newScene()
	s.pass.Alias = couponAlias
	assert.Equal(t, "spring", s.decide(t).Campaign, "a pass says so itself")

	s = newScene()
	s.bundle.Campaigns[0].Stores = []string{"s-9"}
	s.request.Scanned = codeID.Code()
	d := s.decide(t)
	assert.Equal(t, "refuse other-store unproven", d.String(), "the rules for offers of no campaign")
	assert.Empty(t, d.Campaign, "a code names none")

	s = newScene()
	s.bundle, s.request.Scanned = nil, coupon
	assert.Equal(t, "ask purchase-unknown unproven", s.decide(t).String(), "a coupon is read without a bundle")

	s = newScene()
	s.bundle = nil
	assert.Equal(t, "spring", s.decide(t).Campaign, "without a bundle too")
}

func TestTermsOfThePassComeFirst(t *testing.T) {
	own, common := terms.Terms{Kind: terms.AmountOff, Amount: 1, Currency: "EUR"}, terms.Terms{Kind: terms.FreeItem}
	rules := &trust.Campaign{Terms: common}
	assert.Equal(t, own, decision.TermsOf(&offer.Pass{Terms: own}, rules), "its own")
	assert.Equal(t, common, decision.TermsOf(&offer.Pass{}, rules), "it has none of its own")
	assert.Equal(t, common, decision.TermsOf(nil, rules), "no pass is known")
}

func TestPlaceOfTheWrongSymbol(t *testing.T) {
	s := newScene()
	code := codeID.Code()
	s.request.Scanned = "ZZ" + code[2:]
	d := s.decide(t)
	require.Equal(t, decision.Refuse, d.Outcome, d.String())
	s.request.Scanned = misread[fault.Swapped]
	d = s.decide(t)
	require.Equal(t, "refuse swapped", d.String())
	assert.NotZero(t, d.Reasons[0].Position, "the first of the two")
	assert.Zero(t, d.Offer, "nothing was read")
	assert.Contains(t, d.Reasons[0].Detail, "swapped", "the detail, without the code before it")
	assert.NotContains(t, d.Reasons[0].Detail, "offer.Parse", "no operation")
}

func TestTerminalThatIsNotSetUp(t *testing.T) {
	s := newScene()
	s.facts.SetUp = false
	assert.Equal(t, "allow", s.decide(t).String(), "nothing follows from it")
	s = newScene()
	s.facts.SetUp, s.facts.Place = false, record.Place{}
	s.pass.Stores = []string{"s-1"}
	assert.Equal(t, "ask not-enrolled", s.decide(t).String(), "it knows no merchant")
	s = newScene()
	s.facts.SetUp, s.facts.Place.Store = false, ""
	s.pass.Stores = []string{"s-1"}
	assert.Equal(t, "ask not-enrolled", s.decide(t).String(), "it knows no store")
	s = newScene()
	s.facts.SetUp, s.pass.Stores = false, []string{"s-2"}
	assert.Equal(t, "refuse other-store", s.decide(t).String(), "it knows its store")
	s = newScene()
	s.facts.SetUp, s.ledger.SaleErr = false, errRot
	assert.Equal(t, "ask damaged", s.decide(t).String(), "what its journal says stays")
}
