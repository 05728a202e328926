package decision_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
)

// What stands under the sale's key, and what becomes of the request.
func TestRecordsOfTheSale(t *testing.T) {
	long := evidence.LongestSale + time.Second
	exclusive := func(rec *record.Record) *record.Record { rec.Exclusive = true; return rec }
	dated := func(rec *record.Record) *record.Record { rec.Sale.BusinessDate = "2026-11-22"; return rec }
	for _, test := range []struct {
		name string
		sold decision.Sold
		date string
		says string
	}{
		{"the same offer", decision.Sold{Record: sold(time.Minute)}, "", "allow again"},
		{"the same offer, voided", decision.Sold{Record: sold(time.Minute), Voided: true}, "", "allow"},
		{"the same offer, long ago", decision.Sold{Record: sold(long)}, "", "refuse conflict"},
		{"the same offer, long ago, voided", decision.Sold{Record: sold(long), Voided: true}, "", "allow"},
		{"the same offer, on that day", decision.Sold{Record: dated(sold(long))}, "2026-11-22", "allow again"},
		{"the same offer, on another day", decision.Sold{Record: dated(sold(time.Minute))}, "2026-11-23", "allow"},
		{"the same offer, on no day", decision.Sold{Record: sold(time.Minute)}, "2026-11-23", "allow"},
		{"another offer", decision.Sold{Record: another(sold(time.Minute))}, "", "allow"},
		{"an exclusive offer", decision.Sold{Record: exclusive(another(sold(time.Minute)))}, "", "refuse not-combinable"},
		{"an exclusive offer, long ago", decision.Sold{Record: exclusive(another(sold(long)))}, "", "allow"},
		{"an exclusive offer, voided", decision.Sold{Record: exclusive(another(sold(time.Minute))), Voided: true}, "",
			"allow"},
		{"an exclusive offer, another day", decision.Sold{Record: exclusive(another(sold(time.Minute)))}, "2026-11-23",
			"allow"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene()
			s.request.BusinessDate, s.ledger.Sale = test.date, []decision.Sold{test.sold}
			p := s.prepare(t)
			d, _ := p.Decide(&s.ledger)
			says := d.String()
			if d.Again {
				says += " again"
			}
			assert.Equal(t, test.says, says)
			assert.Equal(t, d.Again || d.Because(fault.Conflict), p.IsSold(&s.ledger), "whether the sale alone decides")
		})
	}
}

// An offer whose terms let no other in is refused beside another one, and tells beside which.
func TestCombination(t *testing.T) {
	for name, test := range map[string]struct {
		terms terms.Terms
		says  string
	}{
		"no terms":   {terms.Terms{}, "allow"},
		"combinable": {terms.Terms{Kind: terms.FreeItem, Combinable: true}, "allow"},
		"exclusive":  {terms.Terms{Kind: terms.FreeItem}, "refuse not-combinable"},
	} {
		s := newScene()
		s.pass.Terms = test.terms
		s.ledger.Sale = []decision.Sold{{Record: another(sold(time.Minute))}}
		d := s.decide(t)
		require.Equal(t, test.says, d.String(), name)
		for _, r := range d.Reasons {
			assert.Equal(t, record.ID{8}, r.Other.Redemption, name)
		}
	}
}

func TestConflictTellsOfTheEarlierSale(t *testing.T) {
	s := newScene()
	s.pass.Uses, s.pass.OfflineUses = 5, 5
	s.request.Given = record.Money{Amount: 5, Currency: "EUR"}
	s.ledger.Used, s.ledger.Unheard = 1, 1
	s.ledger.Holds = []decision.Hold{holdOf(1, "sale", ""), holdOf(2, "other", "")}
	rec := sold(21 * time.Hour)
	s.ledger.Sale = []decision.Sold{{Record: sold(22 * time.Hour)}, {Record: rec}, {Record: sold(time.Minute)}}
	d := s.decide(t)
	require.Equal(t, "refuse conflict", d.String())
	assert.Equal(t, rec.ID, d.Redemption, "the earlier record")
	assert.Equal(t, noon.Add(-21*time.Hour), d.Made, "the last one of an earlier sale")
	assert.Zero(t, d.Given, "nothing is given")
	assert.Equal(t, 2, d.UsesLeft, "five less one that is used, and two that are held")
	r := d.Reasons[0]
	assert.Equal(t, rec.Place, r.Where)
	assert.Equal(t, d.Made, r.At)
	assert.Equal(t, rec.ID, r.Other.Redemption)
}

func TestRepetitionNamesTheRecords(t *testing.T) {
	s := newScene()
	s.pass.Uses, s.pass.OfflineUses = 5, 5
	s.ledger.Used, s.ledger.Unheard, s.ledger.Holds = 2, 2, []decision.Hold{holdOf(1, "sale", ""), holdOf(2, "other", "")}
	s.ledger.Sale = []decision.Sold{{Record: another(sold(time.Minute))}, {Record: sold(time.Minute)},
		{Record: sold(time.Minute), Voided: true}, {Record: sold(time.Minute)}}
	s.facts.Time.Trusted = false // it does not matter any more
	p := s.prepare(t)
	d, repeats := p.Decide(&s.ledger)
	assert.Equal(t, []int{1, 3}, repeats, "those of the same offer that stand")
	assert.True(t, d.Again, "it was redeemed before")
	assert.Equal(t, "allow", d.String())
	assert.Equal(t, 2, d.UsesLeft, "five less two, and one that another sale holds")
	assert.Zero(t, d.Reservation, "it is completed")
}

func TestRepeatTellsWhatStands(t *testing.T) {
	sale := lines("EUR", 300, 200)
	off := terms.Terms{Kind: terms.AmountOff, Amount: 50, Currency: "EUR"}
	euro := func(n int64) record.Money { return record.Money{Amount: n, Currency: "EUR"} }
	for _, test := range []struct {
		name    string
		given   record.Money
		lines   terms.Sale
		terms   terms.Terms
		uses    int
		stands  []decision.Stand
		differs bool
	}{
		{"neither amount nor lines", record.Money{}, terms.Sale{}, off, 1, []decision.Stand{{Given: euro(7)}}, false},
		{"lines without terms", record.Money{}, sale, terms.Terms{}, 1, []decision.Stand{{Given: euro(7)}}, false},
		{"the same amount", euro(50), terms.Sale{}, off, 1, []decision.Stand{{Given: euro(50)}}, false},
		{"another amount", euro(49), terms.Sale{}, off, 1, []decision.Stand{{Given: euro(50)}}, true},
		{"the same amount together", euro(50), terms.Sale{}, off, 2, []decision.Stand{{Given: euro(20)}, {Given: euro(30)}},
			false},
		{"more uses", euro(50), terms.Sale{}, off, 2, []decision.Stand{{Given: euro(50)}}, true},
		{"the same lines", record.Money{}, sale, off, 1, []decision.Stand{{Given: euro(50),
			Discount: terms.Discount{Currency: "EUR", Total: 50, Lines: []int64{30, 20}}}}, false},
		{"other lines", record.Money{}, sale, off, 1, []decision.Stand{{Given: euro(50),
			Discount: terms.Discount{Currency: "EUR", Total: 50, Lines: []int64{20, 30}}}}, true},
		{"lines that are not kept", record.Money{}, sale, off, 1, []decision.Stand{{Given: euro(50)}}, false},
		{"lines that come to another amount", record.Money{}, sale, off, 1, []decision.Stand{{Given: euro(51)}}, true},
		{"an amount without lines", euro(50), terms.Sale{}, off, 1, []decision.Stand{{Given: euro(50),
			Discount: terms.Discount{Currency: "EUR", Total: 50, Lines: []int64{50}}}}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene()
			s.pass.Uses, s.pass.OfflineUses, s.pass.Terms = 5, 5, test.terms
			s.request.Given, s.request.Sale, s.request.Uses = test.given, test.lines, test.uses
			p := s.prepare(t)
			var d decision.Decision
			var sum int64
			for i := range test.stands {
				test.stands[i].Record, test.stands[i].GivenBy = sold(time.Minute), record.GivenByPOS
				sum += test.stands[i].Given.Amount
			}
			p.Repeat(&d, test.stands)
			assert.Equal(t, test.differs, d.Differs, "whether it differs")
			assert.Equal(t, euro(sum), d.Given, "of all uses together")
			assert.Equal(t, noon.Add(-time.Minute), d.Made)
			assert.Equal(t, passID, d.Offer)
			assert.Len(t, d.Redemptions, len(test.stands), "all are named")
		})
	}
}

func TestDiscountsAreAddedLineByLine(t *testing.T) {
	var stands []decision.Stand
	for _, d := range []terms.Discount{{}, {Currency: "EUR", Total: 3, Lines: []int64{1, 2}}, {Currency: "CHF"},
		{Currency: "EUR", Total: 9, Lines: []int64{2, 3, 4}}, {Currency: "EUR", Total: 1, Lines: []int64{1}}} {
		stands = append(stands, decision.Stand{Record: sold(time.Minute), Discount: d})
	}
	p, d := newScene().prepare(t), decision.Decision{}
	p.Repeat(&d, stands)
	assert.Equal(t, terms.Discount{Currency: "EUR", Total: 13, Lines: []int64{4, 5, 4}}, d.Discount)
}

func TestOtherLines(t *testing.T) {
	a, b := terms.Discount{Lines: []int64{1}}, terms.Discount{Lines: []int64{2}}
	for name, test := range map[string]struct {
		kept []terms.Discount
		now  terms.Discount
		want bool
	}{
		"they differ":             {[]terms.Discount{a}, b, true},
		"they are the same":       {[]terms.Discount{a}, a, false},
		"together they differ":    {[]terms.Discount{a, a}, a, true},
		"together they are alike": {[]terms.Discount{a, a}, b, false},
		"the new is not known":    {[]terms.Discount{a}, terms.Discount{}, false},
		"the kept is not known":   {[]terms.Discount{{}}, b, false},
		"nothing is kept":         {nil, b, false},
	} {
		assert.Equal(t, test.want, decision.OtherLines(test.kept, test.now), name)
	}
}
