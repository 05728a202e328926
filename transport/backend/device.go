package backend

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/internal/answer"
	"github.com/offlane/offlane/transport/backend/internal/booking"
	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// postDeviceOffer accepts an offer.
func (s *Server) postDeviceOffer(c *call) (any, error) {
	body, err := bodyOf[wire.Accept](c, smallBody)
	if err != nil {
		return nil, err
	}
	if err := body.Check(); err != nil {
		return nil, err
	}
	at := s.guard.origin(c.Request)
	if err := tooMany(s.guard.accepts.take(at, " "+nameOf(body.Campaign), 1)); err != nil {
		return nil, err
	}
	d, err := s.deviceOf(c)
	if err != nil {
		return nil, err
	}
	if c.origin != "" && !body.Bearer {
		return nil, fault.Invalid("bearer: a page of another origin has no cookies here: ask for a bearer secret")
	}
	d.bearer = d.bearer || body.Bearer && d.secret == ""
	o, err := s.accept(c.Context(), d, body)
	if err != nil {
		return nil, err
	}
	c.status = http.StatusCreated
	told := s.describe(o.campaignOffer, languagesOf(c.Request))
	if !d.bearer {
		s.setSecret(c, o.secret)
		s.setSlot(c, slotOf(o.Number), o.slot)
	} else if o.secret != d.secret {
		told.Secret = o.secret
	}
	return told, nil
}

// maxListed is how many offers one list has.
const maxListed = 1000

// getDeviceOffers lists what the device accepted, whatever its cookies have of it, and brings the newest of those in
// line.
func (s *Server) getDeviceOffers(c *call) (any, error) {
	told := wire.DeviceOffers{Offers: []wire.DeviceOffer{}}
	d, err := s.deviceOf(c)
	if err != nil || d.secret == "" {
		return told, err
	}
	row, err := view(c.Context(), s, func(tx store.Tx) (*store.Device, error) {
		row, err := d.row(tx)
		if row == nil || err != nil {
			return nil, err
		}
		told = wire.DeviceOffers{Offers: []wire.DeviceOffer{}, Personal: isGiven(row.Personal), Consent: keptConsent(row),
			Slots: slotOf(row.Accepted) + 1}
		return row, s.list(c, tx, d, &told)
	})
	if err != nil {
		return nil, err
	}
	if row != nil && !d.bearer {
		s.setSecret(c, d.secret) // for another year
		err = s.renewSlot(c, d, slotOf(row.Accepted))
	}
	return told, err
}

// list adds a device's offers to the answer, the newest first.
func (s *Server) list(c *call, tx store.Tx, d device, told *wire.DeviceOffers) error {
	held, err := d.offers(tx, 0, maxListed)
	if err != nil {
		return err
	}
	kinds, languages := map[string]*campaignOffer{}, languagesOf(c.Request)
	for _, o := range held {
		kind := kinds[o.Campaign]
		if kind == nil {
			if kind, err = kindOf(tx, o.Campaign); err != nil {
				return err
			}
			kinds[o.Campaign] = kind
		}
		told.Offers = append(told.Offers, s.describe(campaignOffer{o, kind.campaign, kind.shop}, languages))
	}
	return nil
}

// kindOf is what all offers of a campaign have in common.
func kindOf(tx store.Tx, campaign string) (*campaignOffer, error) {
	c, err := campaignOf(tx, campaign)
	if err != nil {
		return nil, err
	}
	shop, err := shopOf(tx, c.Merchant)
	return &campaignOffer{campaign: c, shop: shop}, err
}

// renewSlot gives a browser the identifiers of a slot as the backend knows them.
func (s *Server) renewSlot(c *call, d device, slot int) error {
	held, err := view(c.Context(), s, func(tx store.Tx) ([]store.Offer, error) {
		row, err := d.row(tx)
		if row == nil || err != nil {
			return nil, err
		}
		return d.slot(tx, slot)
	})
	if err == nil {
		s.setSlot(c, slot, held)
	}
	return err
}

// getHeld matches the identifiers in a slot's cookie with the offers that the device accepted: a match needs both, the
// identifier and the secret. It brings the cookie in line, and tells how many identifiers it had lost.
func (s *Server) getHeld(c *call) (any, error) {
	slot, err := strconv.Atoi(c.PathValue("slot"))
	if err != nil || slot < 0 || slot > slotOf(maxAccepted) {
		return nil, fault.New(fault.NotFound, "", "there is no such slot")
	}
	d, err := s.deviceOf(c)
	if err != nil {
		return nil, err
	}
	if d.bearer || d.secret == "" {
		return nil, fault.New(fault.NotFound, "", "this is for a browser that has the cookies of a device")
	}
	known, err := view(c.Context(), s, func(tx store.Tx) ([]store.Offer, error) {
		row, err := d.row(tx)
		if row == nil || err != nil {
			return nil, err
		}
		return d.slot(tx, slot)
	})
	if err != nil {
		return nil, err
	}
	ids, told := s.heldIDs(c), wire.HeldOffers{Offers: []string{}}
	for _, o := range known {
		if ids[o.ID] {
			told.Offers = append(told.Offers, publicName(o.ID))
		} else {
			told.Lost++
		}
	}
	s.setSlot(c, slot, known)
	return told, nil
}

// describe is an offer as its device sees it.
func (s *Server) describe(o campaignOffer, languages []string) wire.DeviceOffer {
	words := answer.Words(o.campaign, languages)
	state := wire.StateOpen
	switch {
	case o.Revoked != 0 || o.campaign.Revoked != 0:
		state = wire.StateRevoked
	case o.IsSpent():
		state = wire.StateRedeemed
	case s.now().UnixMilli() >= o.NotAfter:
		state = wire.StateExpired
	}
	return wire.DeviceOffer{
		Name: publicName(o.ID), Campaign: o.Campaign, Title: words.Title, Text: words.Text, State: state,
		Pass: o.Pass,
		Code: o.ID.Grouped(), NotBefore: o.NotBefore, NotAfter: o.NotAfter,
		Shop: o.shop, Terms: booking.Promise(o.campaign, &o.Offer).Terms, Uses: o.MaxUses,
		Left: max(o.MaxUses-len(o.Uses), 0),
	}
}

// publicName names an offer in paths without telling its identifier.
func publicName(id offer.ID) string {
	sum := sha256.Sum256(append([]byte("offlane offer name 1\x00"), id[:]...))
	return hex.EncodeToString(sum[:12])
}

// deleteDevice takes the link between the device and its offers away, and the cookies. The offers stay good on paper,
// and what became of answers so far stays in the sums.
// An acceptance that is under way goes to a new device.
func (s *Server) deleteDevice(c *call) (any, error) {
	d, err := s.deviceOf(c)
	if err != nil {
		return nil, err
	}
	slots := 1
	err = s.store.Update(c.Context(), func(tx store.Tx) error {
		row, err := d.row(tx)
		if row == nil || err != nil {
			return err
		}
		slots = slotOf(row.Accepted) + 1
		if err := s.endMeasurement(tx, row, s.now().UnixMilli()); err != nil {
			return err
		}
		return tx.ForgetDevice(row.Hash)
	})
	if err != nil {
		return nil, err
	}
	if !d.bearer {
		s.setSecret(c, "")
		for slot := range slots {
			s.setSlot(c, slot, nil)
		}
	}
	c.status = http.StatusNoContent
	return nil, nil
}

// A passFile is one dress of an offer as a file.
type passFile struct {
	kind string
	text func(*store.Offer) string
	draw func(*barcode.Drawing, io.Writer, int) error // nil: the text itself
}

func passText(o *store.Offer) string { return o.Pass }

// digitalLink is the GS1 Digital Link URI of an offer's coupon number, empty where it has none.
func digitalLink(o *store.Offer) string {
	if number, ok := strings.CutPrefix(o.Alias, rules.CouponPrefix); ok {
		return "https://id.gs1.org/255/" + number
	}
	return ""
}

const plainText, svg = "text/plain; charset=utf-8", "image/svg+xml"

var passFiles = map[string]passFile{
	"pass.txt": {plainText, passText, nil},
	"pass.png": {"image/png", passText, (*barcode.Drawing).PNG},
	"pass.svg": {svg, passText, (*barcode.Drawing).SVG},
	"link.txt": {plainText, digitalLink, nil},
	"link.svg": {svg, digitalLink, (*barcode.Drawing).SVG},
}

// getPass answers with the pass of an offer that the device holds, as text or picture. A picture without a size of its
// own, SVG, is for printing as well. The GS1 Digital Link is there for offers with a coupon number.
func (s *Server) getPass(c *call) (any, error) {
	d, err := s.deviceOf(c)
	if err != nil {
		return nil, err
	}
	held, err := view(c.Context(), s, func(tx store.Tx) ([]store.Offer, error) {
		row, err := d.row(tx)
		if row == nil || err != nil {
			return nil, err
		}
		return d.offers(tx, 0, maxAccepted)
	})
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(held, func(o store.Offer) bool { return publicName(o.ID) == c.PathValue("name") })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "", "this device holds no such offer")
	}
	dress, ok := passFiles[c.PathValue("file")]
	if !ok || dress.text(&held[i]) == "" {
		return nil, fault.New(fault.NotFound, "",
			"an offer has pass.txt, pass.png and pass.svg, and with a coupon number link.txt and link.svg")
	}
	content := bytes.NewBufferString(dress.text(&held[i]))
	if dress.draw != nil {
		drawing, err := barcode.Encode(barcode.QRCode, content.String(), barcode.Encoding{})
		if err != nil {
			return nil, err
		}
		content.Reset()
		if err := dress.draw(drawing, content, 0); err != nil {
			return nil, err
		}
	}
	return file{dress.kind, content.Bytes()}, nil
}
