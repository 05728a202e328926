package backend

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/answer"
	"github.com/offlane/offlane/transport/backend/internal/booking"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// A campaignOffer is an offer with the campaign that it is of.
type campaignOffer struct {
	store.Offer
	campaign *store.Campaign
	shop     wire.Shop
}

// An acceptance is an offer with the secret of the device that accepted it, and all offers of its slot.
type acceptance struct {
	campaignOffer
	secret string
	slot   []store.Offer
}

// maxAccepted is how many offers one device may accept before it is forgotten: so much is undone in one transaction at
// most.
const maxAccepted = 10_000

// accept stores a fresh identifier with the campaign. A campaign with a limit counts under its lock.
func (s *Server) accept(ctx context.Context, d device, body wire.Accept) (acceptance, error) {
	in, err := s.withCatalogue(ctx, func(store.Tx, *answer.Catalogue) error { return nil })
	if err != nil {
		return acceptance{}, err
	}
	made, err := update(ctx, s, func(tx store.Tx) (acceptance, error) {
		now := s.now()
		c, err := openCampaign(tx, body.Campaign, now.UnixMilli())
		if err != nil {
			return acceptance{}, err
		}
		if err := d.mayTake(c.Merchant); err != nil {
			return acceptance{}, err
		}
		partners, err := partnersOf(tx, c)
		if err != nil {
			return acceptance{}, err
		}
		row, secret, err := s.countAcceptance(tx, c, d, &body, now.UnixMilli())
		if err != nil {
			return acceptance{}, err
		}
		o, err := s.newOffer(c, now, partners)
		if err != nil {
			return acceptance{}, err
		}
		o.Device, o.Number = row.Hash, row.Accepted
		if err := tx.AddOffer(o); err != nil {
			return acceptance{}, err
		}
		if err := s.keepClick(tx, row, &o, c, body.Click, d.signal, now.UnixMilli()); err != nil {
			return acceptance{}, err
		}
		var sums posting.Sums
		if err := s.measureAcceptance(tx, row, &sums, in, &body, now.UnixMilli()); err != nil {
			return acceptance{}, err
		}
		booking.Accept(&sums, c, &o, s.rules.LongestAlone)
		if err := tx.Post(sums.Posting()); err != nil {
			return acceptance{}, err
		}
		slot, err := device{secret: secret}.slot(tx, slotOf(o.Number))
		return acceptance{campaignOffer{o, c, wire.Shop{}}, secret, slot}, err
	})
	if err == nil { // in no transaction: all acceptances of the merchant would lock its row
		made.shop = s.catalogues.shop(made.campaign.Merchant)
	}
	return made, err
}

// partnersOf are the partners that passes of the campaign name now.
func partnersOf(tx store.Tx, c *store.Campaign) ([]string, error) {
	if len(c.Partners) == 0 {
		return nil, nil
	}
	agreements, err := tx.Agreements(c.Merchant)
	return rules.AgreedPartners(c, agreements), err
}

// countAcceptance counts an acceptance with its device, and keeps what the customer agrees to. It returns the device
// with its secret: a new one where the device has none, or was forgotten meanwhile. The device's lock keeps
// acceptances, consent and forgetting in step.
func (s *Server) countAcceptance(tx store.Tx, c *store.Campaign, d device, body *wire.Accept, now int64) (
	*store.Device, string, error,
) {
	row, err := d.row(tx)
	switch {
	case err != nil:
		return nil, "", err
	case row == nil:
		d.secret = s.secrets.make(d.purpose())
		row = &store.Device{Hash: d.hash(), Origin: d.origin}
	case row.Accepted >= maxAccepted:
		return nil, "", fault.New(fault.OutOfOffers, "",
			"this device has accepted %d offers: it has to be forgotten first", row.Accepted)
	}
	if err := mayHaveMore(tx, c, row, now); err != nil {
		return nil, "", err
	}
	row.Accepted, row.Last = row.Accepted+1, now
	noteAcceptance(row, body, d.signal, now)
	return row, d.secret, tx.PutDevice(*row)
}

// mayHaveMore refuses an offer of a campaign of which the device has as many as one may have: those that can be
// redeemed, and those that were.
func mayHaveMore(tx store.Tx, c *store.Campaign, row *store.Device, now int64) error {
	if c.PerDevice == 0 || row.Accepted == 0 {
		return nil
	}
	held, err := tx.DeviceOffers(row.Hash, 0, maxAccepted)
	if err == nil && answer.Holdings(held, now)[c.ID].Counted >= c.PerDevice {
		err = fault.New(fault.OutOfOffers, "", "one device may have %d offers of the campaign %q: this one has them",
			c.PerDevice, c.ID)
	}
	return err
}

// lockForAcceptance reads a campaign and locks what an acceptance goes by.
func lockForAcceptance(tx store.Tx, id string) (*store.Campaign, error) {
	c, err := tx.Campaign(id)
	if err != nil || c == nil {
		return nil, err
	}
	if len(c.Partners) > 0 { // a pass is issued while the agreements stand of which it names the partners
		if err := shareAgreements(tx); err != nil {
			return nil, err
		}
	}
	if c.Limit > 0 || c.Reserve { // what is left is counted under the lock
		return tx.LockCampaign(id)
	}
	return c, nil
}

// openCampaign returns a campaign of which an offer may be accepted, and takes one off its limit.
func openCampaign(tx store.Tx, id string, now int64) (*store.Campaign, error) {
	c, err := lockForAcceptance(tx, id)
	switch {
	case err != nil:
		return nil, err
	case c == nil:
		return nil, fault.New(fault.NotFound, "", "there is no campaign %.64q", id)
	}
	if err := rules.MayAccept(c, now); err != nil {
		return nil, err
	}
	usedUp, err := isUsedUp(tx, c, now)
	switch {
	case err != nil:
		return nil, err
	case usedUp:
		return nil, fault.New(fault.OutOfOffers, "", "the budget of the campaign %q is used up", c.ID)
	case c.Limit > 0:
		c.Accepted++
		return c, tx.PutCampaign(*c)
	}
	return c, nil
}

func (s *Server) newOffer(c *store.Campaign, now time.Time, partners []string) (store.Offer, error) {
	id := offer.NewID()
	// as hard to guess as the identifier, as far as 12 digits go
	sum := sha256.Sum256(append([]byte("offlane serial 1\x00"), id[:]...))
	alias := aliasOf(c, leastSerial+int64(binary.BigEndian.Uint64(sum[:])%(greatestSerial-leastSerial)))
	pass, err := s.issue(c, now, id, alias, partners)
	from, until := rules.Validity(c, now)
	return store.Offer{
		ID: id, Alias: alias, Campaign: c.ID, Accepted: now.UnixMilli(), NotBefore: from.UnixMilli(),
		NotAfter: until.UnixMilli(),
		MaxUses:  max(c.Uses, 1), Pass: pass,
	}, err
}

// issue signs a pass that the campaign's merchant redeems, and these partners.
func (s *Server) issue(c *store.Campaign, now time.Time, id offer.ID, alias string, partners []string) (string, error) {
	from, until := rules.Validity(c, now)
	if !until.After(from) {
		return "", fault.New(fault.Expired, "", "the campaign %q ends before an offer could be valid", c.ID)
	}
	return s.cfg.Issuer.Issue(offer.Pass{
		ID: id, Owner: c.Merchant, Audience: append([]string{c.Merchant}, partners...), Stores: c.Stores, Campaign: c.ID,
		IssuedAt: from, NotAfter: until,
		Uses: c.Uses, OfflineUses: c.OfflineUses, Alias: alias, Terms: c.Terms,
	})
}

// Serials of a Global Coupon Number have 12 digits here and begin with no zero.
const leastSerial, greatestSerial = 100_000_000_000, 999_999_999_999

// aliasOf is the campaign's Global Coupon Number with a serial, empty where it has none.
func aliasOf(c *store.Campaign, serial int64) string {
	if c.Coupon == "" {
		return ""
	}
	return rules.CouponPrefix + c.Coupon + strconv.FormatInt(serial, 10)
}

// postRevocations revokes single offers.
func (s *Server) postRevocations(c *call) (any, error) {
	body, err := bodyOf[wire.Revocation](c, listBody)
	if err != nil {
		return nil, err
	}
	if len(body.Offers) > record.MaxReport {
		return nil, fault.Invalid("offers: %d are too many, at most %d can be revoked at once", len(body.Offers),
			record.MaxReport)
	}
	defer s.changes.Add(1)
	return update(c.Context(), s, func(tx store.Tx) (answer wire.Revoked, err error) {
		for i, text := range body.Offers {
			done, err := s.revoke(tx, text, c.merchant)
			if err != nil {
				return answer, err
			}
			if done {
				answer.Revoked++
			} else {
				answer.Unknown = append(answer.Unknown, i)
			}
		}
		return answer, nil
	})
}

func (s *Server) revoke(tx store.Tx, text, merchant string) (bool, error) {
	presented, err := offer.Reader{Separated: true}.Parse(text) // it is what a program names, not what was scanned
	if err != nil || !presented.Identifies() {
		return false, nil
	}
	offers, err := tx.Offers([]offer.ID{presented.ID}, []string{presented.Alias})
	if err != nil || len(offers) == 0 {
		return false, err
	}
	c, err := campaignOf(tx, offers[0].Campaign)
	if err != nil || c.Merchant != merchant {
		return false, err
	}
	if offers[0].Revoked == 0 {
		offers[0].Revoked = s.now().UnixMilli()
		err = tx.PutOffers(offers[:1])
	}
	return true, err
}
