package posting

import (
	"slices"

	"github.com/offlane/offlane/transport/backend/store"
)

// bareSettlement is one that counts nothing.
func bareSettlement(s store.Settlement) store.Settlement {
	return store.Settlement{Owner: s.Owner, Partner: s.Partner, Day: s.Day, Campaign: s.Campaign, Currency: s.Currency}
}

// AddSettlement is a settlement with what another one counts.
func AddSettlement(s, other store.Settlement) store.Settlement {
	s.Redeemed, s.Voided = s.Redeemed+other.Redeemed, s.Voided+other.Voided
	s.Given, s.TakenBack = s.Given+other.Given, s.TakenBack+other.TakenBack
	return s
}

// CompareSettlements orders settlements by owner, partner, day, currency and campaign.
func CompareSettlements(s, other store.Settlement) int {
	key := func(s store.Settlement) []string { return []string{s.Owner, s.Partner, s.Day, s.Currency, s.Campaign} }
	return slices.Compare(key(s), key(other))
}
