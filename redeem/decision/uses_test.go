package decision_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/evidence"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// holdOf is a reservation of a sale.
func holdOf(n byte, sale, date string) decision.Hold {
	return decision.Hold{Reservation: record.ID{n}, SaleKey: sale, BusinessDate: date, Until: noon.UnixMilli()}
}

// An offer has so many uses, of which one terminal may grant so many alone. Its bounds are each met exactly.
func TestUsesOfAnOffer(t *testing.T) {
	other := holdOf(1, "other", "")
	for _, test := range []struct {
		name           string
		uses, alone    int // of the pass
		asked          int
		used, unheard  int
		holds          []decision.Hold
		beyond         bool
		says           string
		limit, already int64
		left           int
	}{
		{"the last use", 3, 3, 1, 2, 2, nil, false, "allow", 0, 0, 1},
		{"none left", 3, 3, 1, 3, 3, nil, false, "refuse already-redeemed", 3, 3, 0},
		{"the last two", 3, 3, 2, 1, 1, nil, false, "allow", 0, 0, 2},
		{"one more than there are", 3, 3, 2, 2, 2, nil, false, "refuse over-limit", 3, 2, 1},
		{"the last alone", 5, 2, 1, 1, 1, nil, false, "allow", 0, 0, 1},
		{"one more than alone", 5, 2, 1, 2, 2, nil, false, "refuse over-limit", 2, 2, 0},
		{"the backend heard of some", 5, 2, 1, 3, 1, nil, false, "allow", 0, 0, 1},
		{"beyond, a manager is asked", 5, 2, 1, 2, 2, nil, true, "ask over-limit", 2, 2, 0},
		{"the last alone is not asked about", 5, 2, 1, 1, 1, nil, true, "allow", 0, 0, 1},
		{"held, and enough left", 3, 3, 1, 1, 1, []decision.Hold{other}, false, "allow", 0, 0, 1},
		{"held, and no other left", 3, 3, 1, 2, 2, []decision.Hold{other}, false, "refuse reserved", 3, 3, 0},
		{"held, and no other left alone", 9, 3, 1, 2, 2, []decision.Hold{other}, false, "refuse reserved", 9, 3, 0},
		{"held, and enough left alone", 9, 3, 1, 1, 1, []decision.Hold{other}, false, "allow", 0, 0, 1},
		{"held alone, and beyond is asked about", 9, 3, 1, 2, 2, []decision.Hold{other}, true, "ask over-limit", 3, 3, 0},
		{"held, beyond is asked about, and no other left", 3, 3, 1, 2, 2, []decision.Hold{other}, true, "refuse reserved", 3,
			3, 0},
		{"held twice by one reservation", 3, 3, 1, 1, 1, []decision.Hold{other, other}, false, "allow", 0, 0, 1},
		{"held by two", 3, 3, 1, 1, 1, []decision.Hold{other, holdOf(2, "other", "")}, false, "refuse reserved", 3, 3, 0},
		{"held by this sale", 3, 3, 1, 2, 2, []decision.Hold{holdOf(1, "sale", "")}, false, "allow", 0, 0, 0},
		{"held by the sale of another day", 3, 3, 1, 2, 2, []decision.Hold{holdOf(1, "sale", "2026-11-22")}, false,
			"refuse reserved", 3, 3, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene()
			s.pass.Uses, s.pass.OfflineUses, s.request.Uses = test.uses, test.alone, test.asked
			s.ledger.Used, s.ledger.Unheard, s.ledger.Holds = test.used, test.unheard, test.holds
			s.campaigns(func(c *trust.Campaign) { c.AskBeyond = test.beyond })
			d := s.decide(t)
			require.Equal(t, test.says, d.String())
			assert.Equal(t, test.left, d.UsesLeft, "uses left")
			if len(d.Reasons) > 0 {
				assert.Equal(t, []int64{test.limit, test.already}, []int64{d.Reasons[0].Limit, d.Reasons[0].Used}, "limit and use")
			}
		})
	}
}

func TestUsesThatThePolicyBounds(t *testing.T) {
	for most, says := range map[int]string{0: "allow", 2: "refuse already-redeemed", 3: "allow"} {
		s := newScene()
		s.pass.Uses, s.pass.OfflineUses, s.policy.MaxUses, s.ledger.Used = 9, 9, most, 2
		assert.Equal(t, says, s.decide(t).String(), "most %d", most)
	}
}

func TestWhatNamesNoOfferHasNoUses(t *testing.T) {
	s := newScene()
	s.request.Scanned = "]C12559501234567891" // a coupon without a serial
	s.ledger.Used, s.ledger.Forgotten = 5, decision.Forgotten{Cause: record.CauseMark, Shrunk: true}
	d := s.decide(t)
	assert.Equal(t, "ask unproven", d.String())
	assert.Zero(t, d.UsesLeft, "nothing is counted")
}

func TestReservationOfTheSale(t *testing.T) {
	expired := func(s *scene) { s.pass.NotAfter = noon }
	claimed := func(s *scene) { s.facts.Claimed = noon.Add(48 * time.Hour).UnixMilli() }
	doubted := func(s *scene) { s.facts.Time.Trusted = false }
	for _, test := range []struct {
		name string
		set  func(*scene)
		uses int
		says string
	}{
		{"its end does not count", expired, 1, "allow"},
		{"its end by an unconfirmed clock does not count", claimed, 1, "allow"},
		{"that the clock is not believed counts", doubted, 1, "ask clock-untrusted"},
		{"its end counts for more than the one use", expired, 2, "refuse expired"},
		{"that it is revoked counts", func(s *scene) { s.bundle.RevokedCampaigns = []string{"spring"} }, 1, "refuse revoked"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newScene()
			s.pass.Uses, s.pass.OfflineUses, s.request.Uses = 5, 5, test.uses
			s.request.BusinessDate = "2026-11-23"
			s.ledger.Holds = []decision.Hold{holdOf(1, "sale", "2026-11-23")}
			test.set(s)
			d := s.decide(t)
			assert.Equal(t, test.says, d.String())
			assert.Equal(t, record.ID{1}, d.Reservation, "it is told")
			assert.Equal(t, noon, d.Until, "it is told")
		})
	}
}

func TestWhereItWasRedeemed(t *testing.T) {
	s := newScene()
	s.ledger.Used = 1
	s.bundle.RevokedCampaigns = []string{"spring"}
	p := s.prepare(t)
	d, _ := p.Decide(&s.ledger)
	first, last := sold(3*time.Hour), sold(2*time.Hour)
	first.ID = record.ID{6}
	p.Locate(&d, last)
	p.Locate(&d, first)
	require.Equal(t, "refuse revoked already-redeemed", d.String())
	assert.Zero(t, d.Reasons[0].Where, "the other reason tells of no place")
	r := d.Reasons[1]
	assert.Equal(t, last.Place, r.Where, "the newest counts")
	assert.Equal(t, noon.Add(-2*time.Hour), r.At, "the newest counts")
	assert.Equal(t, decision.Other{Redemption: last.ID, Receipt: last.ID.Receipt(), Campaign: "spring", Title: "Spring"},
		r.Other)
	assert.Contains(t, r.Detail, "2026-11-23T10:00:00Z")
	s.bundle = nil
	p = s.prepare(t)
	p.Locate(&d, sold(time.Hour))
	assert.Empty(t, d.Reasons[1].Other.Title, "without a bundle no title is known")
}

func TestElsewhere(t *testing.T) {
	made := noon.UnixMilli()
	for name, test := range map[string]struct {
		voids []decision.Void
		says  string
	}{
		"no void":                        {nil, "ask redeemed-elsewhere"},
		"a void that the bundle knows":   {[]decision.Void{{Written: made}}, "ask redeemed-elsewhere"},
		"a void after the bundle":        {[]decision.Void{{Written: made + 1}}, "allow"},
		"a void that was not reported":   {[]decision.Void{{Written: made - 1, Pending: true}}, "allow"},
		"the second one is after it all": {[]decision.Void{{Written: made}, {Written: made + 1}}, "allow"},
	} {
		s := newScene()
		s.bundle.Spent, s.ledger.Voids = spent, test.voids
		p := s.prepare(t)
		assert.True(t, p.NeedsVoids(), "the voids decide")
		d, _ := p.Decide(&s.ledger)
		assert.Equal(t, test.says, d.String(), name)
	}
	p := newScene().prepare(t)
	assert.False(t, p.NeedsVoids(), "nothing says that it is spent")
}

func TestWhatMayBeForgotten(t *testing.T) {
	issued := noon.Add(-time.Hour).UnixMilli() // of the pass
	slack := evidence.Slack.Milliseconds()
	code := func(s *scene) { s.request.Scanned, s.policy.UnprovenPerDay = codeID.Code(), number(9) }
	for name, test := range map[string]struct {
		f    decision.Forgotten
		set  func(*scene)
		says string
	}{
		"nothing":                 {decision.Forgotten{Heard: issued, Manager: true}, nil, "allow"},
		"nothing was heard since": {decision.Forgotten{Cause: record.CauseMark}, nil, "ask may-have-forgotten"},
		"it was issued before": {decision.Forgotten{Cause: record.CauseMark, Heard: issued - slack}, nil,
			"ask may-have-forgotten"},
		"it was issued after": {decision.Forgotten{Cause: record.CauseMark, Heard: issued - slack - 1}, nil,
			"allow"},
		"after, and more was lost": {decision.Forgotten{Cause: record.CauseMark, Heard: 1, Shrunk: true}, nil,
			"ask may-have-forgotten"},
		"nobody knows when it was made": {decision.Forgotten{Cause: record.CauseMark, Heard: 1}, code,
			"ask may-have-forgotten"},
	} {
		s := newScene()
		s.ledger.Forgotten = test.f
		if test.set != nil {
			test.set(s)
		}
		d := s.decide(t)
		assert.Equal(t, test.says, d.String(), name)
		if test.f.Shrunk {
			assert.Contains(t, d.Reasons[0].Detail, string(record.CauseDamage), "the loss is the cause")
		}
	}
	s := newScene()
	s.ledger.Forgotten = decision.Forgotten{Cause: record.CauseMark, Manager: true}
	d := s.decide(t)
	assert.Contains(t, d.Reasons[0].Detail, "a manager or the merchant ends this")
	assert.Contains(t, d.Reasons[0].Detail, string(record.CauseMark))
}

func TestDecisionNamesItsRedemptions(t *testing.T) {
	var d decision.Decision
	for _, id := range []record.ID{{1}, {2}} {
		decision.Name(&d, id)
	}
	assert.Equal(t, record.ID{1}, d.Redemption, "the first")
	assert.Equal(t, record.ID{1}.Receipt(), d.Receipt, "the first")
	assert.Equal(t, []record.ID{{1}, {2}}, d.Redemptions)
	assert.Len(t, d.Receipts, 2, "one each")
}

// What cannot be read is asked about once, with the first that was found.
func TestUnreadableIsSaidOnce(t *testing.T) {
	s := newScene()
	s.ledger.SaleErr = fault.New(fault.Damaged, "", "the sale")
	s.ledger.OfferErr = fault.New(fault.Damaged, "", "the offer")
	s.ledger.Counters.Partial, s.policy.PerHour = true, number(9)
	d := s.decide(t)
	require.Equal(t, "ask damaged", d.String())
	assert.Contains(t, d.Reasons[0].Detail, "the sale")
}

func TestSameOffer(t *testing.T) {
	id, alias, number := offer.ID{1}, "255:1.2", "255:1"
	for _, test := range []struct {
		rec  record.Record
		p    offer.Presented
		want bool
	}{
		{record.Record{Offer: id}, offer.Presented{ID: id}, true},
		{record.Record{Offer: id}, offer.Presented{ID: offer.ID{2}}, false},
		{record.Record{Offer: id, Alias: alias}, offer.Presented{ID: offer.ID{2}, Alias: alias}, false},
		{record.Record{Offer: id, Alias: alias}, offer.Presented{Alias: alias}, true},
		{record.Record{Alias: alias}, offer.Presented{ID: id, Alias: alias}, true},
		{record.Record{Alias: alias}, offer.Presented{ID: id}, false},
		{record.Record{Offer: id}, offer.Presented{Alias: alias}, false},
		{record.Record{Coupon: number}, offer.Presented{Coupon: number, Alias: alias}, false},
		{record.Record{Coupon: number, Alias: alias}, offer.Presented{Coupon: number}, false},
		{record.Record{Coupon: number}, offer.Presented{Coupon: number}, true},
		{record.Record{Coupon: number}, offer.Presented{Coupon: "255:2"}, false},
		{record.Record{}, offer.Presented{}, false},
	} {
		assert.Equal(t, test.want, decision.SameOffer(&test.rec, &test.p), "%+v, %+v", test.rec, test.p)
	}
}
