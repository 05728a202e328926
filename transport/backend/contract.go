package backend

import (
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/internal/terminals"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// What the contract says of rows. The contract and the rows have types of their own: one may change without the other.

// campaignRow is the row of a campaign that the contract describes.
func campaignRow(c *wire.Campaign) store.Campaign {
	return store.Campaign{
		ID: c.ID, Merchant: c.Merchant, Title: c.Title, Text: c.Text, Language: c.Language,
		Words: mapValues(c.Words, wordsRow), Category: c.Category, Terms: c.Terms,
		Partners: c.Partners, Stores: c.Stores, Starts: c.Starts, Ends: c.Ends,
		ValidSeconds: c.ValidSeconds, NotAfter: c.NotAfter, Uses: c.Uses, OfflineUses: c.OfflineUses,
		Limit: c.Limit, PerDevice: c.PerDevice, Budget: c.Budget, Reserve: c.Reserve,
		Currency: c.Currency, AskBeyond: c.AskBeyond,
		Coupon: c.Coupon, Layout: c.Layout, Unproven: c.Unproven, Offline: c.Offline,
		FollowUps: mapSlice(c.FollowUps, followUpRow), Holdout: store.Holdout(c.Holdout),
		State: store.CampaignState(c.State), Created: c.Created, Changed: c.Changed, Revoked: c.Revoked,
		Accepted: c.Accepted,
	}
}

// wireCampaign is a row as the contract describes it.
func wireCampaign(c store.Campaign) wire.Campaign {
	return wire.Campaign{
		ID: c.ID, Merchant: c.Merchant, Title: c.Title, Text: c.Text, Language: c.Language,
		Words: mapValues(c.Words, wireWords), Category: c.Category, Terms: c.Terms,
		Partners: c.Partners, Stores: c.Stores, Starts: c.Starts, Ends: c.Ends,
		ValidSeconds: c.ValidSeconds, NotAfter: c.NotAfter, Uses: c.Uses, OfflineUses: c.OfflineUses,
		Limit: c.Limit, PerDevice: c.PerDevice, Budget: c.Budget, Reserve: c.Reserve,
		Currency: c.Currency, AskBeyond: c.AskBeyond,
		Coupon: c.Coupon, Layout: c.Layout, Unproven: c.Unproven, Offline: c.Offline,
		FollowUps: mapSlice(c.FollowUps, wireFollowUp), Holdout: wire.Holdout(c.Holdout),
		State: wire.CampaignState(c.State), Created: c.Created, Changed: c.Changed, Revoked: c.Revoked,
		Accepted: c.Accepted,
	}
}

func followUpRow(f wire.FollowUp) store.FollowUp {
	row := store.FollowUp{Campaign: f.Campaign, Merchant: f.Merchant, Category: f.Category, Store: f.Store,
		Product: f.Product, Times: f.Times, MinGiven: f.MinGiven, Currency: f.Currency, AfterDays: f.AfterDays,
		WithinDays: f.WithinDays, Offer: f.Offer, Repeat: f.Repeat, Priority: f.Priority, From: f.From, Until: f.Until,
		Cap: store.Cap(f.Cap), CoolOffDays: f.CoolOffDays, Reasons: f.Reasons}
	if a := f.Ad; a != nil {
		row.Ad = &store.Ad{ID: a.ID, Title: a.Title, Text: a.Text, Words: mapValues(a.Words, wordsRow), Link: a.Link}
	}
	return row
}

func wireFollowUp(f store.FollowUp) wire.FollowUp {
	told := wire.FollowUp{Campaign: f.Campaign, Merchant: f.Merchant, Category: f.Category, Store: f.Store,
		Product: f.Product, Times: f.Times, MinGiven: f.MinGiven, Currency: f.Currency, AfterDays: f.AfterDays,
		WithinDays: f.WithinDays, Offer: f.Offer, Repeat: f.Repeat, Priority: f.Priority, From: f.From, Until: f.Until,
		Cap: wire.Cap(f.Cap), CoolOffDays: f.CoolOffDays, Reasons: f.Reasons}
	if a := f.Ad; a != nil {
		told.Ad = &wire.Ad{ID: a.ID, Title: a.Title, Text: a.Text, Words: mapValues(a.Words, wireWords), Link: a.Link}
	}
	return told
}

func wordsRow(w wire.Words) store.Words { return store.Words(w) }

func wireWords(w store.Words) wire.Words { return wire.Words(w) }

// agreementRow is the row of what a merchant proposes.
func agreementRow(n *wire.NewAgreement) store.Agreement {
	return store.Agreement{Owner: n.Owner, Partner: n.Partner, Campaigns: n.Campaigns, FollowUps: n.FollowUps,
		Coupons: n.Coupons,
		State:   rules.AgreementProposed}
}

func wireAgreement(a store.Agreement) wire.Agreement {
	return wire.Agreement{
		ID: a.ID, NewAgreement: wire.NewAgreement{Owner: a.Owner, Partner: a.Partner, Campaigns: a.Campaigns,
			FollowUps: a.FollowUps, Coupons: a.Coupons},
		State: wire.AgreementState(a.State), ProposedBy: a.ProposedBy, EndedBy: a.EndedBy,
		Proposed: a.Proposed, Accepted: a.Accepted, Ended: a.Ended, Stopped: a.Stopped,
	}
}

func wireTally(t store.Tally) wire.Tally { return wire.Tally(t) }

func wireOperator(t store.OperatorTally) wire.OperatorTally { return wire.OperatorTally(t) }

func wireGap(g terminals.Gap) wire.Gap { return wire.Gap(g) }

// wireLine is a line of a campaign's ledger; bounded says that its terms have a greatest amount.
func wireLine(c *store.Campaign, l posting.LedgerLine, bounded bool) wire.LedgerLine {
	var budget, beyond int64
	if l.Currency == rules.BudgetCurrency(c) && c.Budget > 0 {
		budget, beyond = c.Budget, max(l.Given-l.TakenBack-c.Budget, 0)
	}
	return wire.LedgerLine{Campaign: l.Campaign, Currency: l.Currency, Budget: budget, Beyond: beyond,
		Accepted: l.Accepted, Given: l.Given,
		TakenBack: l.TakenBack,
		Liability: l.Liability, Unbounded: !bounded}
}

// mapSlice is nil where there is nothing in all.
func mapSlice[A, B any](all []A, f func(A) B) (out []B) {
	for _, a := range all {
		out = append(out, f(a))
	}
	return out
}

// mapValues is nil where there is nothing in all.
func mapValues[A, B any](all map[string]A, f func(A) B) map[string]B {
	if len(all) == 0 {
		return nil
	}
	out := make(map[string]B, len(all))
	for name, a := range all {
		out[name] = f(a)
	}
	return out
}

// listOf is as mapSlice, but never nil: JSON has [] and not null.
func listOf[A, B any](all []A, f func(A) B) []B { return append([]B{}, mapSlice(all, f)...) }
