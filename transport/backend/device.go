package backend

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/rows"
	"github.com/offlane/offlane/transport/wire"
)

// The cookies of a device: its secret, and its identifiers joined by dots.
const (
	cookieDevice = "offlane_device"
	cookieOffers = "offlane_offers"
	maxHeld      = 64
	cookieAge    = 365 * 24 * time.Hour
)

// A device is what a request's cookies say.
type device struct {
	secret string
	ids    []offer.ID
}

// deviceOf reads the cookies; what is no identifier among them is passed over.
func deviceOf(r *http.Request) (d device) {
	if c, err := r.Cookie(cookieDevice); err == nil && len(c.Value) >= minKey && len(c.Value) <= maxToken {
		d.secret = c.Value
	}
	c, err := r.Cookie(cookieOffers)
	if err != nil || d.secret == "" {
		return d
	}
	for _, code := range strings.SplitN(c.Value, ".", maxHeld+1) {
		if id, err := offer.ParseCode(code); err == nil && len(d.ids) < maxHeld {
			d.ids = append(d.ids, id)
		}
	}
	return d
}

// held returns the device's offers, the newest first: those of its identifiers that it accepted itself.
func (d device) held(tx Tx) ([]Offer, error) {
	if len(d.ids) == 0 {
		return nil, nil
	}
	offers, err := tx.Offers(d.ids, nil)
	hash := rows.HashOf(d.secret)
	offers = slices.DeleteFunc(offers, func(o Offer) bool { return o.Device != hash })
	slices.SortFunc(offers, func(a, b Offer) int {
		return cmp.Or(cmp.Compare(b.Accepted, a.Accepted), slices.Compare(a.ID[:], b.ID[:]))
	})
	return offers, err
}

// setCookies gives the device its secret and identifiers for a year from now. Of very many the oldest are left out.
func (s *Server) setCookies(c *call, d device) {
	ids := d.ids[max(0, len(d.ids)-maxHeld):]
	codes := make([]string, len(ids))
	for i, id := range ids {
		codes[i] = id.Code()
	}
	for name, value := range map[string]string{cookieDevice: d.secret, cookieOffers: strings.Join(codes, ".")} {
		age := int(cookieAge / time.Second)
		if value == "" {
			age = -1
		}
		http.SetCookie(c.w, &http.Cookie{
			Name: name, Value: value, Path: "/", MaxAge: age, Secure: s.cfg.SecureCookies || c.TLS != nil, HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
	}
}

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
	d := deviceOf(c.Request)
	if d.secret == "" {
		d.secret = rand.Text()
	}
	o, err := s.accept(c.Context(), d, body)
	if err != nil {
		return nil, err
	}
	d.ids = append(d.ids, o.ID)
	s.setCookies(c, d)
	c.status = http.StatusCreated
	return s.shown(o), nil
}

func (s *Server) getDeviceOffers(c *call) (any, error) {
	d := deviceOf(c.Request)
	if d.secret != "" {
		defer s.setCookies(c, d) // for another year
	}
	return view(c.Context(), s, func(tx Tx) (wire.DeviceOffers, error) {
		answer := wire.DeviceOffers{Offers: []wire.DeviceOffer{}}
		held, err := d.held(tx)
		answer.Personal = agreed(held) != 0
		for _, o := range held {
			campaign, err := campaignOf(tx, o.Campaign)
			if err != nil {
				return answer, err
			}
			answer.Offers = append(answer.Offers, s.shown(accepted{o, campaign}))
		}
		return answer, err
	})
}

// shown is an offer as its device sees it.
func (s *Server) shown(o accepted) wire.DeviceOffer {
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
		Name: publicName(o.ID), Campaign: o.Campaign, Title: o.campaign.Title, Text: o.campaign.Text, State: state, Pass: o.Pass,
		Code: o.ID.Grouped(), NotBefore: o.NotBefore, NotAfter: o.NotAfter,
	}
}

// publicName names an offer in paths without telling its identifier.
func publicName(id offer.ID) string {
	sum := sha256.Sum256(append([]byte("offlane offer name 1\x00"), id[:]...))
	return hex.EncodeToString(sum[:12])
}

// putConsent keeps the customer's word with each of the device's offers.
func (s *Server) putConsent(c *call) (any, error) {
	body, err := bodyOf[wire.Consent](c, smallBody)
	if err != nil {
		return nil, err
	}
	return body, s.changeHeld(c, func(o *Offer) {
		switch {
		case !body.Personal:
			o.Personal = 0
		case o.Personal == 0:
			o.Personal = s.now().UnixMilli()
		}
	})
}

// deleteDevice takes the link between the device and its offers away, and the cookies. The offers stay good on paper.
func (s *Server) deleteDevice(c *call) (any, error) {
	if err := s.changeHeld(c, func(o *Offer) { o.Device, o.Personal = rows.Hash{}, 0 }); err != nil {
		return nil, err
	}
	s.setCookies(c, device{})
	c.status = http.StatusNoContent
	return nil, nil
}

func (s *Server) changeHeld(c *call, change func(*Offer)) error {
	d := deviceOf(c.Request)
	return s.store.Update(c.Context(), func(tx Tx) error {
		held, err := d.held(tx)
		if err != nil {
			return err
		}
		for i := range held {
			change(&held[i])
		}
		return tx.PutOffers(held)
	})
}

// A passFile is one dress of an offer as a file.
type passFile struct {
	kind string
	text func(*Offer) string
	draw func(*barcode.Drawing, io.Writer, int) error // nil: the text itself
}

func passText(o *Offer) string { return o.Pass }

// digitalLink is the GS1 Digital Link URI of an offer's coupon number, empty where it has none.
func digitalLink(o *Offer) string {
	if number, ok := strings.CutPrefix(o.Alias, wire.CouponPrefix); ok {
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

// getPass answers with the pass of an offer that the device holds, as text or picture. A picture without a size of its own, SVG,
// is for printing as well. The GS1 Digital Link is there for offers with a coupon number.
func (s *Server) getPass(c *call) (any, error) {
	held, err := view(c.Context(), s, deviceOf(c.Request).held)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(held, func(o Offer) bool { return publicName(o.ID) == c.PathValue("name") })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "", "this device holds no such offer")
	}
	dress, ok := passFiles[c.PathValue("file")]
	if !ok || dress.text(&held[i]) == "" {
		return nil, fault.New(fault.NotFound, "", "an offer has pass.txt, pass.png and pass.svg, and with a coupon number link.txt and link.svg")
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
