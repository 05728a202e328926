package backend

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/wire"
)

// Paths of the device beside those of the contract.
const (
	// PathOpenCampaigns lists the campaigns of which an offer can be accepted now (GET).
	PathOpenCampaigns = "/v1/device/campaigns"
	// PathConsent keeps whether answers may be personal (PUT, a Consent).
	PathConsent = "/v1/device/consent"
	// PathDevice forgets the device (DELETE): nothing links its offers to it any more; the merchants' books stay.
	PathDevice = "/v1/device"
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
func deviceOf(r *http.Request) device {
	var d device
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
	if d.secret == "" || len(d.ids) == 0 {
		return nil, nil
	}
	offers, err := tx.Offers(d.ids, nil)
	if err != nil {
		return nil, err
	}
	hash := HashOf(d.secret)
	offers = slices.DeleteFunc(offers, func(o Offer) bool { return o.Device != hash })
	slices.SortFunc(offers, func(a, b Offer) int {
		if a.Accepted != b.Accepted {
			return int(max(-1, min(1, b.Accepted-a.Accepted)))
		}
		return compareOfferIDs(a.ID, b.ID)
	})
	return offers, nil
}

// setCookies gives the device its secret and identifiers for a year from now. Of very many the oldest are left out.
func (s *Server) setCookies(w http.ResponseWriter, r *http.Request, d device) {
	ids := d.ids[max(0, len(d.ids)-maxHeld):]
	codes := make([]string, len(ids))
	for i, id := range ids {
		codes[i] = id.Code()
	}
	s.setCookie(w, r, cookieDevice, d.secret)
	s.setCookie(w, r, cookieOffers, strings.Join(codes, "."))
}

func (s *Server) setCookie(w http.ResponseWriter, r *http.Request, name, value string) {
	age := int(cookieAge / time.Second)
	if value == "" {
		age = -1
	}
	http.SetCookie(w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age, Secure: s.secure || r.TLS != nil, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// postDeviceOffer answers POST /v1/device/offers: an offer is accepted.
func (s *Server) postDeviceOffer(w http.ResponseWriter, r *http.Request) error {
	if err := sameSite(r); err != nil {
		return err
	}
	body, err := readBody[wire.Accept](w, r)
	if err != nil {
		return err
	}
	d := deviceOf(r)
	if d.secret == "" {
		d.secret = secret()
	}
	accepted, campaign, err := s.accept(r.Context(), d, body)
	if err != nil {
		return err
	}
	d.ids = append(d.ids, accepted.ID)
	s.setCookies(w, r, d)
	return s.answer(w, http.StatusCreated, s.shown(accepted, campaign))
}

// accept stores a fresh identifier with the campaign. A campaign with a limit counts under its lock.
func (s *Server) accept(ctx context.Context, d device, body wire.Accept) (o Offer, c *Campaign, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		now := s.now()
		if c, err = s.openCampaign(tx, body.Campaign, now); err != nil {
			return err
		}
		if o, err = s.newOffer(c, now); err != nil {
			return err
		}
		o.Device = HashOf(d.secret)
		if o.Personal, err = d.agreed(tx); err != nil {
			return err
		}
		if body.Personal {
			o.Personal = now.UnixMilli()
		}
		return tx.AddOffer(o)
	})
	return o, c, err
}

// agreed returns when the device's customer agreed to personal answers, as its other offers know it.
func (d device) agreed(tx Tx) (int64, error) {
	held, err := d.held(tx)
	for _, o := range held {
		if o.Personal != 0 {
			return o.Personal, nil
		}
	}
	return 0, err
}

// openCampaign returns a campaign of which an offer may be accepted, and takes one off its limit.
func (s *Server) openCampaign(tx Tx, id string, now time.Time) (*Campaign, error) {
	c, err := tx.Campaign(id)
	if err == nil && c != nil && c.Limit > 0 {
		c, err = tx.LockCampaign(id)
	}
	switch {
	case err != nil:
		return nil, err
	case c == nil:
		return nil, fault.New(fault.NotFound, "backend.Accept", "there is no campaign %.64q", id)
	}
	if err := c.mayAccept(now.UnixMilli()); err != nil {
		return nil, err
	}
	if c.Limit > 0 {
		c.Accepted++
		err = tx.PutCampaign(*c)
	}
	return c, cmp.Or(err, c.checkBudget(tx))
}

// checkBudget returns fault.OutOfOffers where the redemptions have used the budget up.
func (c *Campaign) checkBudget(tx Tx) error {
	given, err := c.given(tx)
	if err == nil && c.Budget != 0 && given >= c.Budget {
		err = fault.New(fault.OutOfOffers, "backend.Accept", "the budget of the campaign %q is used up", c.ID)
	}
	return err
}

// given is how much of a budget was used; 0 where there is none.
func (c *Campaign) given(tx Tx) (given int64, err error) {
	if c.Budget == 0 {
		return 0, nil
	}
	tallies, err := tx.Tallies([]string{c.ID}, "", "")
	for _, t := range tallies {
		given += t.Given
	}
	return given, err
}

func (s *Server) newOffer(c *Campaign, now time.Time) (Offer, error) {
	id, alias, err := offer.NewID(), "", error(nil)
	if c.Coupon != "" {
		if alias, err = newAlias(c); err != nil {
			return Offer{}, err
		}
	}
	pass, err := s.issue(c, now, id, alias)
	if err != nil {
		return Offer{}, err
	}
	from, until := c.validity(now)
	return Offer{
		ID: id, Alias: alias, Campaign: c.ID, Accepted: now.UnixMilli(), NotBefore: from.UnixMilli(), NotAfter: until.UnixMilli(),
		MaxUses: max(c.Uses, 1), Pass: pass,
	}, nil
}

func (s *Server) issue(c *Campaign, now time.Time, id offer.ID, alias string) (string, error) {
	from, until := c.validity(now)
	if !until.After(from) {
		return "", fault.New(fault.Expired, "backend", "the campaign %q ends before an offer could be valid", c.ID)
	}
	return s.issuer.Issue(offer.Pass{
		ID: id, Audience: c.merchants(), Stores: c.Stores, Campaign: c.ID, IssuedAt: from, NotAfter: until,
		Uses: c.Uses, OfflineUses: c.OfflineUses, Alias: alias, Terms: c.Terms,
	})
}

// newAlias gives a Global Coupon Number a random serial of 12 digits, which begins with no zero.
func newAlias(c *Campaign) (string, error) {
	const least, span = 100_000_000_000, 900_000_000_000
	n, err := rand.Int(rand.Reader, big.NewInt(span))
	if err != nil {
		return "", err
	}
	return couponPrefix + c.Coupon + n.Add(n, big.NewInt(least)).String(), nil
}

// sampleAlias is as long as an alias of the campaign can be.
func sampleAlias(c *Campaign) string {
	if c.Coupon == "" {
		return ""
	}
	return couponPrefix + c.Coupon + "999999999999"
}

// getDeviceOffers answers GET /v1/device/offers.
func (s *Server) getDeviceOffers(w http.ResponseWriter, r *http.Request) error {
	answer := wire.DeviceOffers{Offers: []wire.DeviceOffer{}}
	d := deviceOf(r)
	err := s.store.View(r.Context(), func(tx Tx) error {
		held, err := d.held(tx)
		if err != nil {
			return err
		}
		for _, o := range held {
			c, err := campaignOf(tx, o.Campaign)
			if err != nil {
				return err
			}
			answer.Offers = append(answer.Offers, s.shown(o, c))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if d.secret != "" {
		s.setCookies(w, r, d) // for another year
	}
	return s.answer(w, http.StatusOK, answer)
}

// shown is an offer as its device sees it.
func (s *Server) shown(o Offer, c *Campaign) wire.DeviceOffer {
	state := wire.StateOpen
	switch {
	case o.Revoked != 0 || c.Revoked != 0:
		state = wire.StateRevoked
	case o.IsSpent():
		state = wire.StateRedeemed
	case s.now().UnixMilli() >= o.NotAfter:
		state = wire.StateExpired
	}
	return wire.DeviceOffer{
		Name: publicName(o.ID), Campaign: o.Campaign, Title: c.Title, Text: c.Text, State: state, Pass: o.Pass, Code: o.ID.Grouped(),
		NotBefore: o.NotBefore, NotAfter: o.NotAfter,
	}
}

// publicName names an offer in paths without telling its identifier.
func publicName(id offer.ID) string {
	sum := sha256.Sum256(append([]byte("offlane offer name 1\x00"), id[:]...))
	return hex.EncodeToString(sum[:12])
}

// getPass answers GET /v1/device/offers/{name}/{file}.
func (s *Server) getPass(w http.ResponseWriter, r *http.Request) error {
	var found *Offer
	err := s.store.View(r.Context(), func(tx Tx) error {
		held, err := deviceOf(r).held(tx)
		if i := slices.IndexFunc(held, func(o Offer) bool { return publicName(o.ID) == r.PathValue("name") }); i >= 0 {
			found = &held[i]
		}
		return err
	})
	if err != nil {
		return err
	}
	if found == nil {
		return fault.New(fault.NotFound, "", "this device holds no such offer")
	}
	return writePass(w, *found, r.PathValue("file"))
}

// writePass writes the pass as text or picture. The GS1 Digital Link is there for offers with a coupon number.
func writePass(w http.ResponseWriter, o Offer, file string) error {
	kind, text := "", o.Pass
	switch file {
	case "pass.txt":
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, err := w.Write([]byte(text))
		return err
	case "pass.png":
		kind = "image/png"
	case "pass.svg":
		kind = "image/svg+xml"
	case "link.svg":
		kind, text = "image/svg+xml", digitalLink(o.Alias)
	}
	if kind == "" || text == "" {
		return fault.New(fault.NotFound, "", "an offer has pass.txt, pass.png and pass.svg, and with a coupon number link.svg")
	}
	drawing, err := barcode.Encode(barcode.QRCode, text, barcode.Encoding{})
	if err != nil {
		return err
	}
	var picture bytes.Buffer
	draw := drawing.SVG
	if kind == "image/png" {
		draw = drawing.PNG
	}
	if err := draw(&picture, 0); err != nil {
		return err
	}
	w.Header().Set("Content-Type", kind)
	_, err = w.Write(picture.Bytes())
	return err
}

// digitalLink is the GS1 Digital Link URI of an offer's coupon number, empty where it has none.
func digitalLink(alias string) string {
	number, ok := strings.CutPrefix(alias, couponPrefix)
	if !ok {
		return ""
	}
	return "https://id.gs1.org/255/" + number
}

// sameSite refuses what a browser sends on behalf of another site.
func sameSite(r *http.Request) error {
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		return fault.New(fault.Forbidden, "", "requests from other sites are not answered")
	}
	return nil
}

// A Consent is the body of a PUT to PathConsent.
type Consent struct {
	// Personal says that answers may be chosen because of what was redeemed.
	Personal bool `json:"personal"`
}

// putConsent keeps the customer's word with each of the device's offers.
func (s *Server) putConsent(w http.ResponseWriter, r *http.Request) error {
	if err := sameSite(r); err != nil {
		return err
	}
	body, err := readBody[Consent](w, r)
	if err != nil {
		return err
	}
	err = s.changeHeld(r, func(o *Offer) {
		switch {
		case !body.Personal:
			o.Personal = 0
		case o.Personal == 0:
			o.Personal = s.now().UnixMilli()
		}
	})
	if err != nil {
		return err
	}
	return s.answer(w, http.StatusOK, body)
}

// deleteDevice takes the link between the device and its offers away, and the cookies. The offers stay good on paper.
func (s *Server) deleteDevice(w http.ResponseWriter, r *http.Request) error {
	if err := sameSite(r); err != nil {
		return err
	}
	if err := s.changeHeld(r, func(o *Offer) { o.Device, o.Personal = Hash{}, 0 }); err != nil {
		return err
	}
	s.setCookies(w, r, device{})
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) changeHeld(r *http.Request, change func(*Offer)) error {
	d := deviceOf(r)
	return s.store.Update(r.Context(), func(tx Tx) error {
		held, err := d.held(tx)
		if err != nil {
			return err
		}
		for i := range held {
			change(&held[i])
		}
		slices.SortFunc(held, func(a, b Offer) int { return compareOfferIDs(a.ID, b.ID) })
		return tx.PutOffers(held)
	})
}
