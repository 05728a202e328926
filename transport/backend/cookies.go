package backend

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/store"
)

// The cookies of a device: its secret, and its identifiers joined by dots. Over TLS their names begin with hostPrefix,
// with which a browser takes a cookie from this host alone (RFC 6265bis, section 4.1.3.2).
const (
	cookieDevice = "offlane_device"
	cookieOffers = "offlane_offers"
	hostPrefix   = "__Host-"
	maxHeld      = 64
	cookieAge    = 365 * 24 * time.Hour
)

// A device is what a request's cookies say. One whose secret this server did not make is none.
type device struct {
	secret string
	ids    []offer.ID
}

// overTLS reports whether the browser speaks TLS, with this server or with a proxy before it.
func (s *Server) overTLS(c *call) bool { return s.cfg.SecureCookies || c.TLS != nil }

func (s *Server) cookieName(c *call, name string) string {
	if s.overTLS(c) {
		return hostPrefix + name
	}
	return name
}

// deviceSecret is the secret in the request's cookies, "" where there is none that this server made.
func (s *Server) deviceSecret(c *call) string {
	cookie, err := c.Cookie(s.cookieName(c, cookieDevice))
	if err != nil || !s.secrets.made(ofDevice, cookie.Value) {
		return ""
	}
	return cookie.Value
}

// deviceOf reads the cookies; what is no identifier among them is passed over.
func (s *Server) deviceOf(c *call) (d device) {
	if d.secret = s.deviceSecret(c); d.secret == "" {
		return d
	}
	cookie, err := c.Cookie(s.cookieName(c, cookieOffers))
	if err != nil {
		return d
	}
	for _, code := range strings.SplitN(cookie.Value, ".", maxHeld+1) {
		if id, err := offer.ParseCode(code); err == nil && len(d.ids) < maxHeld {
			d.ids = append(d.ids, id)
		}
	}
	return d
}

// offers returns the newest offers that the device accepted, the newest first, whatever its cookie names.
func (d device) offers(tx store.Tx) ([]store.Offer, error) {
	if d.secret == "" {
		return nil, nil
	}
	offers, err := tx.DeviceOffers(store.HashOf(d.secret), maxAccepted)
	return slices.DeleteFunc(offers, func(o store.Offer) bool { return o.Err != nil }), err
}

// setCookies gives the device its secret and identifiers for a year from now. Of very many the oldest are left out.
// Without a secret the cookies are taken back.
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
			Name: s.cookieName(c, name), Value: value, Path: "/", MaxAge: age,
			Secure: s.overTLS(c), HttpOnly: true, SameSite: http.SameSiteLaxMode,
		})
	}
}
