package wire

import (
	"cmp"
	"net/url"
	"strings"
	"time"
	"unicode"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// A CampaignState says what may still happen in a campaign.
type CampaignState string

// The states of a campaign.
const (
	// Active: offers may be accepted and redeemed.
	Active CampaignState = "active"
	// Paused: no offer may be accepted for now; accepted ones may be redeemed.
	Paused CampaignState = "paused"
	// Ended: no offer may be accepted any more; accepted ones may be redeemed until they expire.
	Ended CampaignState = "ended"
	// Withdrawn: all its offers are revoked.
	Withdrawn CampaignState = "revoked"
)

// DefaultValid is how long an offer is valid where its campaign does not say.
const DefaultValid = 90 * 24 * time.Hour

// A Campaign issues offers. What it promises does not change once it is created; its state does. Times are in milliseconds
// since 1970.
type Campaign struct {
	// ID names it in passes and paths, 1 to 64 bytes, unique in the backend.
	ID string `json:"id"`
	// Merchant owns it; it is set from the management key.
	Merchant string `json:"merchant,omitempty"`
	// Title is what customers read, 1 to 200 bytes; Text says more, at most 2000.
	Title string `json:"title"`
	Text  string `json:"text,omitempty"`
	// Category groups campaigns for follow-ups; empty: none.
	Category string `json:"category,omitempty"`
	// Terms is what the customer gets; zero: the merchant's own system knows.
	Terms terms.Terms `json:"terms,omitzero"`
	// Partners are merchants that redeem its offers beside its own. Stores may redeem; none: every store.
	Partners []string `json:"partners,omitempty"`
	Stores   []string `json:"stores,omitempty"`
	// Starts and Ends bound acceptance; 0: no bound.
	Starts int64 `json:"starts,omitempty"`
	Ends   int64 `json:"ends,omitempty"`
	// ValidSeconds is how long an offer is valid from its acceptance; 0: DefaultValid. NotAfter ends all; 0: no bound.
	ValidSeconds int64 `json:"validSeconds,omitempty"`
	NotAfter     int64 `json:"notAfter,omitempty"`
	// Uses is how often an offer may be redeemed, at most 100; 0: once. OfflineUses is how many of those one terminal may
	// grant on its own; 0: once.
	Uses        int `json:"uses,omitempty"`
	OfflineUses int `json:"offlineUses,omitempty"`
	// Limit is how many offers may be accepted, Budget after how much given discount (minor units) none may be any more;
	// 0: no bound.
	Limit  int64 `json:"limit,omitempty"`
	Budget int64 `json:"budget,omitempty"`
	// Currency is the budget's, an ISO 4217 code; empty: the terms'.
	Currency string `json:"currency,omitempty"`
	// AskBeyond has tills ask a manager about a use beyond OfflineUses and within Uses, which they refuse otherwise.
	AskBeyond bool `json:"askBeyond,omitempty"`
	// Coupon is the 13 digits of a Global Coupon Number (GS1 AI 255): each offer then has a serial of it as its alias.
	Coupon string `json:"coupon,omitempty"`
	// Unproven and Offline are limits for terminals; see trust.Campaign.
	Unproven trust.Allowance `json:"unproven,omitzero"`
	Offline  trust.Allowance `json:"offline,omitzero"`
	// FollowUps say what is shown to a device because of a redemption.
	FollowUps []FollowUp `json:"followUps,omitempty"`
	// State is set by the server, as are Created, Revoked (when it was) and Accepted, which counts where there is a Limit.
	State    CampaignState `json:"state,omitempty"`
	Created  int64         `json:"created,omitempty"`
	Revoked  int64         `json:"revoked,omitempty"`
	Accepted int64         `json:"accepted,omitempty"`
}

// Campaigns is the answer to GET /v1/management/campaigns.
type Campaigns struct {
	Campaigns []Campaign `json:"campaigns"`
}

// A FollowUp shows an ad or another campaign's offer to a device whose offer was redeemed.
type FollowUp struct {
	// Campaign, Merchant and Category say of what: all that are set must fit. None set: this campaign's.
	Campaign string `json:"campaign,omitempty"`
	Merchant string `json:"merchant,omitempty"`
	Category string `json:"category,omitempty"`
	// Offer is the campaign that is offered. Ad is shown where it is empty.
	Offer string `json:"offer,omitempty"`
	Ad    *Ad    `json:"ad,omitempty"`
	// Priority: the higher one comes first.
	Priority int `json:"priority,omitempty"`
	// From and Until bound when it is shown, in milliseconds since 1970; 0: no bound.
	From  int64 `json:"from,omitempty"`
	Until int64 `json:"until,omitempty"`
}

// An Ad is shown and leads somewhere.
type Ad struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text,omitempty"`
	// Link is an https address, or empty.
	Link string `json:"link,omitempty"`
}

// Merchants are those that may redeem its offers: its own and the partners.
func (c *Campaign) Merchants() []string { return append([]string{c.Merchant}, c.Partners...) }

// BudgetCurrency is the currency of its budget.
func (c *Campaign) BudgetCurrency() string { return cmp.Or(c.Currency, c.Terms.Currency) }

// CouponPrefix begins the alias of an offer with a Global Coupon Number; see offer.Presented.
const CouponPrefix = "255:"

// Limits of a campaign.
const (
	// MaxUses is how often an offer may be redeemed at most.
	MaxUses      = 100
	maxTitle     = 200
	maxText      = 2000
	maxFollowUps = 50
	maxYears     = 10 * 366 * 24 * 3600
)

// Check returns fault.InvalidRequest for a campaign that cannot be.
func (c *Campaign) Check() error {
	switch {
	case len(c.ID) == 0 || len(c.ID) > offer.MaxName || len(c.Category) > offer.MaxName || strings.ContainsFunc(c.ID, unicode.IsControl):
		return invalid("a campaign's id has 1 to %d bytes, its category at most as many", offer.MaxName)
	case len(c.Title) == 0 || len(c.Title) > maxTitle || len(c.Text) > maxText:
		return invalid("a campaign's title has 1 to %d bytes, its text at most %d", maxTitle, maxText)
	case c.Uses < 0 || c.Uses > MaxUses || c.OfflineUses < 0 || c.OfflineUses > max(c.Uses, 1):
		return invalid("uses are at most %d, offline uses at most as many as uses", MaxUses)
	case c.Limit < 0 || c.Budget < 0 || c.ValidSeconds < 0 || c.ValidSeconds > maxYears:
		return invalid("limit, budget and validity cannot be negative, and no offer is valid for more than ten years")
	case c.Budget != 0 && !terms.IsCurrency(c.BudgetCurrency()):
		return invalid("a budget needs a currency (ISO 4217): name it in currency, or in the terms")
	case c.Ends != 0 && c.Ends <= c.Starts:
		return invalid("the campaign ends before it starts")
	case len(c.FollowUps) > maxFollowUps:
		return invalid("%d follow-ups, at most %d are allowed", len(c.FollowUps), maxFollowUps)
	}
	if !c.Terms.IsZero() {
		if err := c.Terms.Check(); err != nil {
			return err
		}
	}
	if c.Coupon != "" {
		if p, err := offer.Parse("]C1255" + c.Coupon + "1"); err != nil || p.Alias != CouponPrefix+c.Coupon+"1" {
			return invalid("the coupon %q is not the 13 digits of a Global Coupon Number (GS1 AI 255)", c.Coupon)
		}
	}
	return c.checkFollowUps()
}

func (c *Campaign) checkFollowUps() error {
	for i, f := range c.FollowUps {
		switch {
		case (f.Offer == "") == (f.Ad == nil):
			return invalid("follow-up %d names an offer or an ad, one of both", i+1)
		case f.Until != 0 && f.Until <= f.From:
			return invalid("follow-up %d ends before it begins", i+1)
		case f.Ad != nil && (f.Ad.ID == "" || f.Ad.Title == "" || len(f.Ad.Title) > maxTitle || len(f.Ad.Text) > maxText):
			return invalid("the ad of follow-up %d needs an id and a title of at most %d bytes", i+1, maxTitle)
		case f.Ad != nil && f.Ad.Link != "" && !isHTTPS(f.Ad.Link):
			return invalid("the link of follow-up %d is no https address", i+1)
		}
	}
	return nil
}

func isHTTPS(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.Scheme == "https" && u.Host != "" && len(text) <= maxText && !strings.ContainsAny(text, "\n\r")
}

func invalid(format string, args ...any) error {
	return fault.New(fault.InvalidRequest, "wire.Campaign", format, args...)
}
