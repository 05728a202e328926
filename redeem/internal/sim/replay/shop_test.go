package replay

import (
	"crypto/ed25519"
	"fmt"
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
)

// noon is when histories begin.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// A shop is what several histories have in common, since signing takes long: the keys, the campaigns, the trust bundles
// and the offers.
type shop struct {
	chance
	issuers []offer.Issuer // the bundles name all but the last
	root    offer.Issuer
	next    offer.Issuer // the root key that bundles name
	bundles [][]byte     // from the oldest to the newest, and at last what is none
	shown   []shown
}

// A shown is an offer and the texts in which it is shown.
type shown struct {
	id    offer.ID
	alias string
	texts []string
}

// gcns are the GS1 numbers of coupons; the last belongs to no campaign.
var gcns = []string{gcn("950123456789"), gcn("401234500000"), gcn("950123400001"), gcn("950123400002")}

// gcn returns twelve digits with their check digit.
func gcn(digits string) string {
	sum := 0
	for i, d := range digits {
		sum += int(d-'0') * (1 + 2*(i%2))
	}
	return digits + fmt.Sprint((10-sum%10)%10)
}

var products = []string{"4006381333931", "96385074", "9501101530003"}

func newShop(number uint64) *shop {
	s := &shop{chance: newChance(number, 1)}
	s.root, s.next = s.signer("backend", "r1"), s.signer("backend", "r2")
	s.issuers = []offer.Issuer{s.signer("issuer", "i1"), s.signer("issuer", "i2"), s.signer("stranger", "x1")}
	for range 40 {
		s.shown = append(s.shown, s.anyOffer())
	}
	s.makeBundles()
	return s
}

func (s *shop) signer(name, id string) offer.Issuer {
	seed := make([]byte, ed25519.SeedSize)
	s.bytes(seed)
	return offer.Issuer{Name: name, KeyID: id, Private: ed25519.NewKeyFromSeed(seed)}
}

func (s *shop) anyTerms() terms.Terms {
	for {
		t := terms.Terms{Kind: pick(s.chance, terms.AmountOff, terms.AmountOff, terms.PercentOff, terms.FixedPrice,
			terms.FreeItem), Combinable: s.in(2)}
		switch t.Kind {
		case terms.AmountOff, terms.FixedPrice:
			t.Amount, t.Currency = max(s.amount(500), 1), "EUR"
		case terms.PercentOff:
			t.Percent = 1 + s.IntN(10_000)
		}
		s.limit(&t)
		if t.Check() == nil {
			return t
		}
	}
}

// limit adds conditions to some terms.
func (s *shop) limit(t *terms.Terms) {
	if s.in(4) {
		t.MinSpend, t.Currency = s.amount(1000), "EUR"
	}
	if s.in(5) {
		t.MinQuantity = terms.Items(1 + s.IntN(3))
	}
	if s.in(5) {
		t.MaxQuantity = terms.Items(1 + s.IntN(3))
	}
	if s.in(5) {
		t.Cap, t.Currency = s.amount(800), "EUR"
	}
	if s.in(4) {
		t.Products = products[:1+s.IntN(2)]
	}
}

func (s *shop) anyPass() offer.Pass {
	from := noon.Add(s.span(-72*time.Hour, 4*time.Hour))
	p := offer.Pass{
		IssuedAt: noon.Add(s.span(-96*time.Hour, 0)), NotBefore: from,
		NotAfter: from.Add(s.span(time.Hour, 30*24*time.Hour)), Campaign: pick(s.chance, "", "a", "a", "b", "b", "c", "z"),
		Audience: []string{"m-1"},
	}
	if s.in(4) {
		p.Audience = pick(s.chance, nil, []string{"m-1", "m-2"}, []string{"m-2"})
	}
	if s.in(4) {
		p.Stores = pick(s.chance, []string{"s-1"}, []string{"s-1", "s-2"}, []string{"s-2"})
	}
	s.bytes(p.ID[:])
	if s.in(3) {
		p.NotBefore, p.NotAfter = time.Time{}, noon.Add(s.span(24*time.Hour, 400*24*time.Hour))
	}
	if s.in(2) {
		p.Uses = 1 + s.IntN(5)
		p.OfflineUses = 1 + s.IntN(p.Uses)
	}
	if s.in(8) {
		p.Owner = pick(s.chance, "m-1", "m-2", "m-3")
	}
	if s.in(3) {
		p.Alias = s.anyAlias()
	}
	if !s.in(3) {
		p.Terms = s.anyTerms()
	}
	return p
}

func (s *shop) anyAlias() string {
	return fmt.Sprintf("255:%s%d", pick(s.chance, gcns...), s.IntN(1_000_000))
}

// anyOffer is an offer in its dresses: with a pass mostly, else one that is a coupon alone.
func (s *shop) anyOffer() shown {
	if s.in(5) {
		return s.anyCoupon()
	}
	for {
		p := s.anyPass()
		by := pick(s.chance, s.issuers[0], s.issuers[0], s.issuers[0], s.issuers[0], s.issuers[1], s.issuers[1], s.issuers[1],
			s.issuers[2])
		text, err := by.Issue(p)
		if err != nil {
			continue // what cannot be together
		}
		o := shown{id: p.ID, alias: p.Alias, texts: []string{text, text, text, text}}
		o.texts = append(o.texts, p.ID.Code(), p.ID.Grouped(), p.ID.Digits())
		if p.Alias != "" {
			o.texts = append(o.texts, s.couponTexts(p.Alias[len("255:"):])...)
		}
		return o
	}
}

func (s *shop) anyCoupon() shown {
	switch s.IntN(12) {
	case 0, 1: // without a serial
		return shown{texts: s.couponTexts(pick(s.chance, gcns...))}
	case 2:
		code := "8110" + "012345612345611110123"
		return shown{texts: []string{code, "]e0" + code + "50123456"}}
	case 3:
		return shown{texts: []string{"]e08112" + "001234561234560123456"}}
	}
	alias := s.anyAlias()
	return shown{alias: alias, texts: s.couponTexts(alias[len("255:"):])}
}

// couponTexts are what scanners make of one coupon.
func (s *shop) couponTexts(number string) []string {
	amount := fmt.Sprint(100 + s.IntN(900))
	return []string{
		"]C1255" + number, "255" + number, "]C1255" + number + "\x1d17261231", "]C1255" + number + "17261231",
		"]C1255" + number + "\x1d3902" + amount, "]C1255" + number + "3902" + amount,
		"https://example.com/255/" + number + "?17=261123", "]C117261123255" + number,
	}
}

// spoiled returns a text that is no offer, or none any more.
func (c chance) spoiled(text string) string {
	if text == "" {
		return text
	}
	b := []byte(text)
	switch i := c.IntN(len(b)); c.IntN(6) {
	case 0:
		b[i] = "0123456789ABCDEFGH"[c.IntN(18)]
	case 1:
		b[i], b[len(b)-1-i] = b[len(b)-1-i], b[i]
	case 2:
		b = b[:i]
	case 3:
		return pick(c, "4006381333931", "HC1:6BF", "https://example.com/", "", "\xff")
	case 4:
		if i > 0 {
			b[i-1], b[i] = b[i], b[i-1]
		}
	default:
		return text + "\x1d"
	}
	return string(b)
}
