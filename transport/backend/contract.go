package backend

import (
	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/internal/terminals"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// What the contract says of rows. The contract and the rows have types of their own: one may change without the other.

// campaignRow is the row of a campaign that the contract describes.
func campaignRow(c *wire.Campaign) store.Campaign {
	return store.Campaign{
		ID: c.ID, Merchant: c.Merchant, Title: c.Title, Text: c.Text, Category: c.Category, Terms: c.Terms,
		Partners: c.Partners, Stores: c.Stores, Starts: c.Starts, Ends: c.Ends,
		ValidSeconds: c.ValidSeconds, NotAfter: c.NotAfter, Uses: c.Uses, OfflineUses: c.OfflineUses,
		Limit: c.Limit, Budget: c.Budget, Currency: c.Currency, AskBeyond: c.AskBeyond,
		Coupon: c.Coupon, Layout: c.Layout, Unproven: c.Unproven, Offline: c.Offline,
		FollowUps: mapSlice(c.FollowUps, followUpRow),
		State:     store.CampaignState(c.State), Created: c.Created, Revoked: c.Revoked, Accepted: c.Accepted,
	}
}

// wireCampaign is a row as the contract describes it.
func wireCampaign(c store.Campaign) wire.Campaign {
	return wire.Campaign{
		ID: c.ID, Merchant: c.Merchant, Title: c.Title, Text: c.Text, Category: c.Category, Terms: c.Terms,
		Partners: c.Partners, Stores: c.Stores, Starts: c.Starts, Ends: c.Ends,
		ValidSeconds: c.ValidSeconds, NotAfter: c.NotAfter, Uses: c.Uses, OfflineUses: c.OfflineUses,
		Limit: c.Limit, Budget: c.Budget, Currency: c.Currency, AskBeyond: c.AskBeyond,
		Coupon: c.Coupon, Layout: c.Layout, Unproven: c.Unproven, Offline: c.Offline,
		FollowUps: mapSlice(c.FollowUps, wireFollowUp),
		State:     wire.CampaignState(c.State), Created: c.Created, Revoked: c.Revoked, Accepted: c.Accepted,
	}
}

func followUpRow(f wire.FollowUp) store.FollowUp {
	return store.FollowUp{Campaign: f.Campaign, Merchant: f.Merchant, Category: f.Category, Offer: f.Offer,
		Ad: (*store.Ad)(f.Ad), Priority: f.Priority, From: f.From, Until: f.Until}
}

func wireFollowUp(f store.FollowUp) wire.FollowUp {
	return wire.FollowUp{Campaign: f.Campaign, Merchant: f.Merchant, Category: f.Category, Offer: f.Offer,
		Ad: (*wire.Ad)(f.Ad), Priority: f.Priority, From: f.From, Until: f.Until}
}

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

// wireLine is a line of the ledger; bounded says that the campaign's terms have a greatest amount.
func wireLine(l store.LedgerLine, bounded bool) wire.LedgerLine {
	return wire.LedgerLine{Campaign: l.Campaign, Currency: l.Currency, Accepted: l.Accepted, Given: l.Given,
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

// listOf is as mapSlice, but never nil: JSON has [] and not null.
func listOf[A, B any](all []A, f func(A) B) []B { return append([]B{}, mapSlice(all, f)...) }
