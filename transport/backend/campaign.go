package backend

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

func campaignsOf(tx store.Tx, merchant string) ([]store.Campaign, error) {
	campaigns, err := tx.Campaigns()
	return slices.DeleteFunc(campaigns, func(c store.Campaign) bool { return c.Merchant != merchant }), err
}

func (s *Server) getCampaigns(c *call) (any, error) {
	mine, err := view(c.Context(), s, func(tx store.Tx) ([]store.Campaign, error) { return campaignsOf(tx, c.merchant) })
	return wire.Campaigns{Campaigns: listOf(mine, wireCampaign)}, err
}

func (s *Server) postCampaign(c *call) (any, error) {
	campaign, err := bodyOf[wire.Campaign](c, campaignBody)
	if err != nil {
		return nil, err
	}
	c.status = http.StatusCreated
	return s.AddCampaign(c.Context(), c.merchant, campaign)
}

// AddCampaign creates a campaign of the merchant and returns it as it was stored. Errors: fault.InvalidRequest, which
// names the field that cannot be meant (see wire.Campaign.Check), fault.Forbidden, which names the field that reaches
// into another merchant's affairs without an agreement, fault.TooLarge where its passes would not fit a QR code,
// fault.Conflict where the id or the coupon is taken.
func (s *Server) AddCampaign(ctx context.Context, merchant string, want wire.Campaign) (_ wire.Campaign, err error) {
	defer setOp("backend.AddCampaign", &err)
	now := s.now().UnixMilli()
	if err := cmp.Or(asksFor("merchant", want.Merchant, merchant), asksFor("state", want.State, wire.Active)); err != nil {
		return wire.Campaign{}, err
	}
	want.Merchant, want.State, want.Created, want.Accepted, want.Revoked = merchant, wire.Active, now, 0, 0
	if err := want.Check(now); err != nil {
		return wire.Campaign{}, err
	}
	c := campaignRow(&want)
	if _, err := s.issue(&c, s.now(), offer.NewID(), aliasOf(&c, greatestSerial), c.Partners); err != nil {
		return wire.Campaign{}, err
	}
	return want, s.store.Update(ctx, func(tx store.Tx) error { return s.addCampaign(tx, &c) })
}

// addCampaign stores a campaign that may be there beside the others. They are added one at a time.
func (s *Server) addCampaign(tx store.Tx, c *store.Campaign) error {
	if err := lockAgreements(tx); err != nil {
		return err
	}
	there, err := s.readRegister(tx, c)
	if err != nil {
		return err
	}
	if err := there.mayAdd(c); err != nil {
		return err
	}
	if err := isFree(tx, c); err != nil {
		return err
	}
	if err := listCoupon(tx, c); err != nil {
		return err
	}
	if err := countChange(tx); err != nil {
		return err
	}
	return tx.PutCampaign(*c)
}

// isFree refuses a campaign whose id another one has, or whose coupon one has that the same tills redeem.
func isFree(tx store.Tx, c *store.Campaign) error {
	same := []string{c.ID}
	if c.Coupon != "" {
		others, err := setting[[]string](tx, settingCoupon+c.Coupon)
		if err != nil {
			return err
		}
		same = append(same, others...)
	}
	for _, id := range same {
		other, err := tx.Campaign(id)
		if err != nil {
			return err
		}
		shares := func(merchant string) bool { return slices.Contains(rules.Merchants(other), merchant) }
		if other != nil && (id == c.ID || slices.ContainsFunc(rules.Merchants(c), shares)) {
			return fault.New(fault.Conflict, "", "another campaign has the id %q, or the coupon: choose another", c.ID)
		}
	}
	return nil
}

// settingCoupon is the setting under which the campaigns with a coupon number are listed.
const settingCoupon = "coupon 1 "

func listCoupon(tx store.Tx, c *store.Campaign) error {
	if c.Coupon == "" {
		return nil
	}
	name := settingCoupon + c.Coupon
	campaigns, err := setting[[]string](tx, name)
	if err != nil {
		return err
	}
	return putSetting(tx, name, append(campaigns, c.ID))
}

// asksFor refuses a value that a new campaign cannot have; it may be left out.
func asksFor[T ~string](field string, value, only T) error {
	if value != "" && value != only {
		return fault.Invalid("%s: a new campaign has %q, not %.64q: leave it out", field, only, value)
	}
	return nil
}

// putCampaign changes what later passes of a campaign promise.
func (s *Server) putCampaign(c *call) (any, error) {
	want, err := bodyOf[wire.Campaign](c, campaignBody)
	if err != nil {
		return nil, err
	}
	if id := c.PathValue("id"); want.ID != id {
		return nil, fault.Invalid("id: it is %.64q in the path and stays so", id)
	}
	now := s.now().UnixMilli()
	if err := asksFor("merchant", want.Merchant, c.merchant); err != nil {
		return nil, err
	}
	if want.Merchant = c.merchant; want.Check(now) != nil {
		return nil, want.Check(now)
	}
	row := campaignRow(&want)
	if _, err := s.issue(&row, s.now(), offer.NewID(), aliasOf(&row, greatestSerial), row.Partners); err != nil {
		return nil, err
	}
	defer s.changes.Add(1)
	return update(c.Context(), s, func(tx store.Tx) (*wire.Campaign, error) { return s.change(tx, row, now) })
}

func (s *Server) change(tx store.Tx, to store.Campaign, now int64) (*wire.Campaign, error) {
	if err := lockAgreements(tx); err != nil {
		return nil, err
	}
	campaign, err := tx.LockCampaign(to.ID)
	if err != nil {
		return nil, err
	}
	if campaign == nil || campaign.Merchant != to.Merchant {
		return nil, fault.New(fault.NotFound, "", "this merchant has no such campaign")
	}
	if err := rules.Change(campaign, to, now); err != nil {
		return nil, err
	}
	there, err := s.readRegister(tx, campaign)
	if err != nil {
		return nil, err
	}
	if err := there.checkFollowUps(campaign); err != nil {
		return nil, err
	}
	if err := countChange(tx); err != nil {
		return nil, err
	}
	return new(wireCampaign(*campaign)), tx.PutCampaign(*campaign)
}

// putState pauses, resumes, ends or revokes a campaign. What is ended stays ended, what is revoked stays revoked.
func (s *Server) putState(c *call) (any, error) {
	to, err := bodyOf[wire.NewState](c, smallBody)
	if err != nil {
		return nil, err
	}
	defer s.changes.Add(1)
	return update(c.Context(), s, func(tx store.Tx) (*wire.Campaign, error) {
		campaign, err := tx.LockCampaign(c.PathValue("id"))
		if err != nil {
			return nil, err
		}
		if campaign == nil || campaign.Merchant != c.merchant {
			return nil, fault.New(fault.NotFound, "", "this merchant has no such campaign")
		}
		if err := rules.SetState(campaign, store.CampaignState(to.State), s.now().UnixMilli()); err != nil {
			return nil, err
		}
		if err := countChange(tx); err != nil {
			return nil, err
		}
		return new(wireCampaign(*campaign)), tx.PutCampaign(*campaign)
	})
}

// isUsedUp reports whether a campaign's budget was given, as the ledger says; with Reserve, whether what is left of it
// is less than one more offer can give.
func isUsedUp(tx store.Tx, c *store.Campaign, now int64) (bool, error) {
	if c.Budget == 0 {
		return false, nil
	}
	if !c.Reserve {
		spent, err := tx.Spent(c.ID, rules.BudgetCurrency(c), "")
		return posting.Usage(spent) >= c.Budget, err
	}
	spent, err := tx.Spent(c.ID, rules.BudgetCurrency(c), posting.DayOf(now))
	most, _ := c.Terms.Most()
	return posting.Usage(spent)+most*int64(max(c.Uses, 1)) > c.Budget, err
}
