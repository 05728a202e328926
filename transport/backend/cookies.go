package backend

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// The cookies of a browser: the device's secret, for all paths, and its identifiers, joined by dots, of which so many
// as fit a slot are in one cookie, for a path of its own: a request carries one slot at most. Over TLS the secret's
// name begins with hostPrefix, with which a browser takes a cookie from this host alone (RFC 6265bis, section
// 4.1.3.2). With a path that prefix is not allowed: another host of the domain may plant identifiers, and one that the
// secret's device did not accept is none.
const (
	cookieDevice = "offlane_device"
	cookieHeld   = "offlane_held"
	hostPrefix   = "__Host-"
	securePrefix = "__Secure-"
	slotSize     = 64 // which makes 1.9 kB: proxies take 4 kB of headers and less than a browser does
	cookieAge    = 365 * 24 * time.Hour
)

// slotOf is the slot of an offer by its number on its device, which begins at 1.
func slotOf(number int) int { return (number - 1) / slotSize }

func slotPath(slot int) string {
	return strings.Replace(wire.PathHeld, "{slot}", strconv.Itoa(slot), 1)
}

// isOverTLS reports whether the browser speaks TLS, with this server or with a proxy before it.
func (s *Server) isOverTLS(c *call) bool { return s.cfg.SecureCookies || c.TLS != nil }

// cookieName is the name of a cookie, whose prefix over TLS is the first.
func (s *Server) cookieName(c *call, prefix, name string) string {
	if s.isOverTLS(c) {
		return prefix + name
	}
	return name
}

// cookieSecret is the secret in the request's cookies, "" where there is none that this server made.
func (s *Server) cookieSecret(c *call) string {
	cookie, err := c.Cookie(s.cookieName(c, hostPrefix, cookieDevice))
	if err != nil || !s.secrets.verify(ofDevice, cookie.Value) {
		return ""
	}
	return cookie.Value
}

// heldIDs are the identifiers in the request's cookie, each once; what is none is passed over.
func (s *Server) heldIDs(c *call) map[offer.ID]bool {
	ids := map[offer.ID]bool{}
	cookie, err := c.Cookie(s.cookieName(c, securePrefix, cookieHeld))
	if err != nil {
		return ids
	}
	for _, code := range strings.SplitN(cookie.Value, ".", slotSize+1) {
		if id, err := offer.ParseCode(code); err == nil && len(ids) < slotSize {
			ids[id] = true
		}
	}
	return ids
}

// setSecret gives a browser its secret for a year from now; "" takes it back.
func (s *Server) setSecret(c *call, secret string) {
	s.setCookie(c, s.cookieName(c, hostPrefix, cookieDevice), "/", secret)
}

// setSlot gives a browser the identifiers of a slot for a year from now; of none it takes them back.
func (s *Server) setSlot(c *call, slot int, offers []store.Offer) {
	codes := make([]string, len(offers))
	for i := range offers {
		codes[i] = offers[i].ID.Code()
	}
	s.setCookie(c, s.cookieName(c, securePrefix, cookieHeld), slotPath(slot), strings.Join(codes, "."))
}

func (s *Server) setCookie(c *call, name, path, value string) {
	age := int(cookieAge / time.Second)
	if value == "" {
		age = -1
	}
	http.SetCookie(c.w, &http.Cookie{Name: name, Value: value, Path: path, MaxAge: age, Secure: s.isOverTLS(c),
		HttpOnly: true, SameSite: http.SameSiteLaxMode})
}
