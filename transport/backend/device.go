package backend

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
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
	at := s.guard.origin(c.Request)
	if err := tooMany(s.guard.accepts.take(at, " "+nameOf(body.Campaign), 1)); err != nil {
		return nil, err
	}
	d := s.deviceOf(c)
	o, err := s.accept(c.Context(), d, body)
	if err != nil {
		return nil, err
	}
	if o.secret != d.secret {
		d = device{secret: o.secret}
	}
	d.ids = append(d.ids, o.ID)
	s.setCookies(c, d)
	c.status = http.StatusCreated
	return s.describe(o.campaignOffer), nil
}

// getDeviceOffers lists what the device accepted, whatever its cookie has of it, and brings the cookie in line.
func (s *Server) getDeviceOffers(c *call) (any, error) {
	d := s.deviceOf(c)
	answer := wire.DeviceOffers{Offers: []wire.DeviceOffer{}}
	if d.secret == "" {
		return answer, nil
	}
	known, err := view(c.Context(), s, func(tx store.Tx) (bool, error) {
		row, err := tx.Device(store.HashOf(d.secret))
		if row == nil || err != nil {
			return false, err
		}
		answer = wire.DeviceOffers{Offers: []wire.DeviceOffer{}, Personal: row.Personal != 0}
		return true, s.list(tx, &d, &answer)
	})
	if err != nil {
		return nil, err
	}
	if known {
		s.setCookies(c, d) // for another year
	}
	return answer, nil
}

// list adds a device's offers to the answer, and has the device hold them, the newest last.
func (s *Server) list(tx store.Tx, d *device, answer *wire.DeviceOffers) error {
	held, err := d.offers(tx)
	if err != nil {
		return err
	}
	d.ids = nil
	for _, o := range held[:min(len(held), maxHeld)] {
		campaign, err := campaignOf(tx, o.Campaign)
		if err != nil {
			return err
		}
		answer.Offers = append(answer.Offers, s.describe(campaignOffer{o, campaign}))
		d.ids = append(d.ids, o.ID)
	}
	slices.Reverse(d.ids)
	return nil
}

// describe is an offer as its device sees it.
func (s *Server) describe(o campaignOffer) wire.DeviceOffer {
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
		Name: publicName(o.ID), Campaign: o.Campaign, Title: o.campaign.Title, Text: o.campaign.Text, State: state,
		Pass: o.Pass,
		Code: o.ID.Grouped(), NotBefore: o.NotBefore, NotAfter: o.NotAfter,
	}
}

// publicName names an offer in paths without telling its identifier.
func publicName(id offer.ID) string {
	sum := sha256.Sum256(append([]byte("offlane offer name 1\x00"), id[:]...))
	return hex.EncodeToString(sum[:12])
}

// putConsent keeps the customer's word with the device. A device that the backend does not know has nothing to keep it
// with: it says so again when it accepts an offer.
func (s *Server) putConsent(c *call) (any, error) {
	body, err := bodyOf[wire.Consent](c, smallBody)
	if err != nil {
		return nil, err
	}
	d := s.deviceOf(c)
	if d.secret == "" {
		return body, nil
	}
	return body, s.store.Update(c.Context(), func(tx store.Tx) error {
		row, err := tx.Device(store.HashOf(d.secret))
		if row == nil || err != nil {
			return err
		}
		switch {
		case !body.Personal:
			row.Personal = 0
		case row.Personal == 0:
			row.Personal = s.now().UnixMilli()
		}
		return tx.PutDevice(*row)
	})
}

// deleteDevice takes the link between the device and its offers away, and the cookies. The offers stay good on paper.
// An acceptance that is under way goes to a new device.
func (s *Server) deleteDevice(c *call) (any, error) {
	if d := s.deviceOf(c); d.secret != "" {
		err := s.store.Update(c.Context(), func(tx store.Tx) error {
			row, err := tx.Device(store.HashOf(d.secret))
			if row == nil || err != nil {
				return err
			}
			return tx.ForgetDevice(row.Hash)
		})
		if err != nil {
			return nil, err
		}
	}
	s.setCookies(c, device{})
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
	held, err := view(c.Context(), s, s.deviceOf(c).offers)
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
