package answer

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/store"
)

// A Catalogue is what answers are chosen from. Nobody changes it once it is made, so several goroutines may use it.
type Catalogue struct {
	campaigns  map[string]*store.Campaign
	newest     []*store.Campaign // those that may become open, the newest first
	agreements map[string][]store.Agreement
	origins    map[string][]string
	byCampaign map[string][]*followUp
	byCategory map[string][]*followUp
	byMerchant map[string][]*followUp
	byName     map[string]*followUp
}

// A followUp is one of a campaign's.
type followUp struct {
	*store.FollowUp
	name string
	of   *store.Campaign
	rank int // its place among all follow-ups
}

// NewCatalogue makes a Catalogue of campaigns and agreements as they stand at a moment in milliseconds since 1970.
// origins are those that each merchant allowed. It keeps the slices.
func NewCatalogue(campaigns []store.Campaign, agreements []store.Agreement, origins map[string][]string,
	now int64) *Catalogue {
	c := &Catalogue{
		campaigns:  make(map[string]*store.Campaign, len(campaigns)),
		agreements: map[string][]store.Agreement{}, origins: origins,
		byCampaign: map[string][]*followUp{}, byCategory: map[string][]*followUp{}, byMerchant: map[string][]*followUp{},
		byName: map[string]*followUp{},
	}
	for _, a := range agreements {
		if rules.IsActive(&a) {
			c.agreements[a.Owner] = append(c.agreements[a.Owner], a)
		}
	}
	for i := range campaigns {
		c.campaigns[campaigns[i].ID] = &campaigns[i]
		if !hasEnded(&campaigns[i], now) {
			c.newest = append(c.newest, &campaigns[i])
		}
	}
	slices.SortFunc(c.newest, laterFirst)
	for _, f := range rank(campaigns) {
		c.list(f)
	}
	return c
}

// hasEnded reports whether no offer can ever be accepted again.
func hasEnded(c *store.Campaign, now int64) bool {
	ends := c.Ends != 0 && c.Ends <= now || c.NotAfter != 0 && c.NotAfter <= now
	return ends || c.State == rules.Ended || c.State == rules.Withdrawn
}

// laterFirst orders campaigns from the one that was created last, those of one moment by id.
func laterFirst(a, b *store.Campaign) int {
	return cmp.Or(cmp.Compare(b.Created, a.Created), cmp.Compare(a.ID, b.ID))
}

// rank returns all follow-ups in the order in which they are shown.
func rank(campaigns []store.Campaign) (all []*followUp) {
	for i := range campaigns {
		c := &campaigns[i]
		for j := range c.FollowUps {
			all = append(all, &followUp{&c.FollowUps[j], NameOf(c.ID, j), c, 0})
		}
	}
	slices.SortStableFunc(all, func(a, b *followUp) int {
		return cmp.Or(cmp.Compare(b.Priority, a.Priority), laterFirst(a.of, b.of))
	})
	for i, f := range all {
		f.rank = i
	}
	return all
}

// list enters a follow-up under the one condition that fits the fewest redemptions.
func (c *Catalogue) list(f *followUp) {
	c.byName[f.name] = f
	switch {
	case f.Campaign != "":
		c.byCampaign[f.Campaign] = append(c.byCampaign[f.Campaign], f)
	case f.Category != "":
		c.byCategory[f.Category] = append(c.byCategory[f.Category], f)
	case f.Merchant != "":
		c.byMerchant[f.Merchant] = append(c.byMerchant[f.Merchant], f)
	default:
		c.byCampaign[f.of.ID] = append(c.byCampaign[f.of.ID], f)
	}
}

// NameOf names the answer of a campaign's follow-up with an index.
func NameOf(campaign string, index int) string { return campaign + "/" + strconv.Itoa(index) }

// newPrefix begins the names of what stands under "New"; no campaign's id has a colon.
const newPrefix = "new:"

// Row is what is kept of an answer that no device was shown yet, without the device, and its cool-off in days.
func (c *Catalogue) Row(name string) (store.Answer, int) {
	if f := c.byName[name]; f != nil {
		return store.Answer{Name: name, Campaign: f.of.ID, Offer: f.Offer}, cmp.Or(f.CoolOffDays, defaultCoolOff)
	}
	offered, _ := strings.CutPrefix(name, newPrefix)
	return store.Answer{Name: name, Offer: offered}, defaultCoolOff
}

// Campaign returns a campaign, nil where there is none. It is not to be changed.
func (c *Catalogue) Campaign(id string) *store.Campaign { return c.campaigns[id] }

// Allows reports whether a merchant allowed an origin; "" is the backend's own page and apps.
func (c *Catalogue) Allows(merchant, origin string) bool {
	return origin == "" || slices.Contains(c.origins[merchant], origin)
}

// KnowsOrigin reports whether any merchant allowed an origin.
func (c *Catalogue) KnowsOrigin(origin string) bool {
	for _, allowed := range c.origins {
		if slices.Contains(allowed, origin) {
			return true
		}
	}
	return false
}

// mayFollow is rules.MayFollow by the agreements in force.
func (c *Catalogue) mayFollow(of *store.Campaign, other string) bool {
	return rules.MayFollow(of, other, c.agreements[of.Merchant])
}

// mayAnswer reports whether a redemption of a campaign's offer may be answered: at a till of its own merchant, or of a
// partner whose agreement stands now.
func (c *Catalogue) mayAnswer(of *store.Campaign, at string) bool {
	return at == of.Merchant || slices.ContainsFunc(c.agreements[of.Merchant], func(a store.Agreement) bool {
		return a.Partner == at && rules.Covers(&a, of)
	})
}
