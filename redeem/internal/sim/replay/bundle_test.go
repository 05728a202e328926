package replay

import (
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/trust"
)

// makeBundles signs some bundles, a delta of one, and what must not be taken: another merchant's, one of a key that
// nobody knows, and what is damaged.
func (s *shop) makeBundles() {
	salt := trust.Salt{1}
	s.bytes(salt[:])
	s.addBundle(s.anyBundle(1, salt), s.root)
	s.addBundle(s.anyBundle(2, salt), s.root)
	s.addBundle(s.anyBundle(3, salt), pick(s.chance, s.root, s.next))
	b := s.anyBundle(4, salt)
	first, second := s.shown[:len(s.shown)/2], s.shown[len(s.shown)/2:] // nothing is both added and taken out
	delta, err := trust.SignDelta(trust.Delta{
		Base: 3, Sequence: 4, Merchant: "m-1", Made: b.Made, Keys: b.Keys, Campaigns: b.Campaigns, Agreements: b.Agreements,
		Salt: salt, Revoked: s.some(first, 8), Restored: s.some(second, 4), Spent: s.some(second, 8),
		GivenBack: s.some(first, 4),
	}, s.root)
	if err != nil {
		panic(err)
	}
	s.bundles = append(s.bundles, delta)
	other := s.anyBundle(5, salt)
	other.Merchant, other.Agreements = "m-2", nil
	s.addBundle(other, s.root)
	s.addBundle(s.anyBundle(6, salt), s.issuers[2])
	spoiled := append([]byte(nil), s.bundles[2]...)
	spoiled[s.IntN(len(spoiled))] ^= 1
	s.bundles = append(s.bundles, spoiled)
}

// newest is the last bundle that a terminal of the shop takes, a delta of the one before.
const newest = 3

func (s *shop) addBundle(b trust.Bundle, by offer.Issuer) {
	raw, err := trust.Sign(b, by)
	if err != nil {
		panic(err)
	}
	s.bundles = append(s.bundles, raw)
}

func (s *shop) anyBundle(number uint64, salt trust.Salt) trust.Bundle {
	b := trust.Bundle{
		Sequence: number, Merchant: "m-1", Salt: salt,
		Made:    noon.Add(s.span(-48*time.Hour, 0) + time.Duration(number)*6*time.Hour),
		Keys:    []offer.Key{s.issuers[0].Key(), s.issuers[1].Key()},
		Revoked: s.some(s.shown, 16), Campaigns: s.campaigns(),
	}
	if !s.in(3) {
		b.Roots = []offer.Key{s.next.Key()}
	}
	if s.in(5) {
		b.Keys[1].NotAfter = noon.Add(s.span(-72*time.Hour, 0))
	}
	if s.in(3) {
		b.RevokedCampaigns = []string{pick(s.chance, "b", "c", "z", "z")}
	}
	if !s.in(3) {
		b.Agreements = []trust.Agreement{{Owner: "m-2"}}
		if s.in(3) {
			b.Agreements[0].Ended, b.Agreements[0].Stopped = noon.Add(s.span(-48*time.Hour, 0)), s.in(2)
		}
	}
	filter, err := trust.NewFilter(s.some(s.shown, 10))
	if err != nil {
		panic(err)
	}
	b.Spent = filter
	return b
}

// some are about one in n of some offers.
func (s *shop) some(of []shown, n int) (o trust.Offers) {
	for _, x := range of {
		switch {
		case !s.in(n):
		case !x.id.IsZero():
			o.IDs = append(o.IDs, x.id)
		case x.alias != "":
			o.Aliases = append(o.Aliases, x.alias)
		}
	}
	return o
}

func (s *shop) campaigns() (all []trust.Campaign) {
	for i, name := range []string{"a", "b", "c", ""} {
		if s.in(5) {
			continue
		}
		c := trust.Campaign{Name: name, Unproven: s.allowance(), Offline: s.allowance(), AskBeyond: s.in(2)}
		if i < len(gcns)-1 {
			c.Prefixes = []string{"255:" + gcns[i]}
		}
		if name != "" {
			s.rule(&c)
		}
		all = append(all, c)
	}
	return all
}

// rule adds rules to a campaign.
func (s *shop) rule(c *trust.Campaign) {
	if s.in(2) {
		c.Title = "Campaign " + c.Name
	}
	if s.in(2) {
		c.Terms = s.anyTerms()
	}
	if s.in(8) {
		c.Stores = pick(s.chance, []string{"s-1"}, []string{"s-2"})
	}
	if s.in(4) {
		c.NotBefore = noon.Add(s.span(-72*time.Hour, 24*time.Hour))
	}
	if s.in(4) {
		c.NotAfter = noon.Add(s.span(24*time.Hour, 96*time.Hour))
	}
	if s.in(6) {
		c.Owner = "m-2"
	}
	if s.in(2) {
		c.Layout = pick(s.chance, offer.Layout{Serials: []int{0, 4, 5, 6}}, offer.Layout{AIs: []string{"255", "17"}},
			offer.Layout{MaxAmount: 500}, offer.Layout{Serials: []int{6}, AIs: []string{"17", "390n"}, MaxAmount: 999})
	}
}

// allowance is a limit that a few steps reach, or none.
func (c chance) allowance() trust.Allowance {
	switch c.IntN(4) {
	case 0:
		return trust.Allowance{}
	case 1:
		return trust.Allowance{Value: max(c.amount(1500), 1), Currency: "EUR"}
	case 2:
		return trust.Allowance{Number: 1 + c.IntN(4), Value: max(c.amount(1500), 1), Currency: "EUR"}
	}
	return trust.Allowance{Number: 1 + c.IntN(4)}
}
