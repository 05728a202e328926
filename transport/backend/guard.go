package backend

import (
	"cmp"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// Limits bound what strangers may ask for, and what all requests hold together. They count in this process alone:
// addresses are personal data and are not stored. Of the rates a negative number is no bound.
//
// Callers of different kinds do not count together: devices, enrolments, terminals, merchants, and whoever asks whether
// the backend works. A caller with a credential that the backend knows (a terminal's token, a device's secret, a
// management key that was good from the same address lately) is not refused for what others at its address did. An IPv6
// address counts as its /64 network, and 16 times as much is let through for its /48.
type Limits struct {
	// PerSecond is how many requests without credentials are answered a second on average; 0: 100.
	PerSecond float64
	// Burst is how many may come at once; 0: 2000.
	Burst int
	// FailuresPerMinute is how many refusals (of tokens, codes, keys, identifiers) are answered a minute; 0: 30.
	FailuresPerMinute float64
	// FailureBurst is how many may come at once; 0: 100.
	FailureBurst int
	// AcceptsPerHour is how many offers of one campaign are given to one address an hour on average; 0: 1000. All
	// customers of a mobile carrier may have one address, so that a campaign which many of them take at once needs
	// more.
	AcceptsPerHour float64
	// AcceptBurst is how many may come at once; 0: 1000.
	AcceptBurst int
	// Memory bounds in bytes what the bodies of all reports and uploads hold together, decompressed; 0: 20 MiB, which is
	// the least: one of the largest reports, and 64 of 100 records, beside which others wait. A backend with thousands
	// of terminals on slow lines needs more. The process takes a few times as much while it works on them. What has no
	// room is answered with fault.Unavailable.
	Memory int64
	// Address says who asks; nil: the connection's IP address. Behind a proxy it reads the header that the proxy sets.
	Address func(*http.Request) string
}

// A kind of caller has buckets of its own.
type kind int

const (
	kindDevice kind = iota
	kindEnrolment
	kindTerminal
	kindMerchant
	kindService // whether it works, and what is not there
	kindCount
)

// A guard counts requests and refusals.
type guard struct {
	address  func(*http.Request) string
	requests [kindCount]byOrigin
	refusals [kindCount]byOrigin
	accepts  byOrigin

	mu     sync.Mutex
	lately generations[struct{}] // management keys that were good, with the address
}

func newGuard(l Limits) *guard {
	g := &guard{address: l.Address}
	g.accepts = newByOrigin(cmp.Or(l.AcceptsPerHour, 1000)/3600, cmp.Or(l.AcceptBurst, 1000))
	for k := range kindCount {
		g.requests[k] = newByOrigin(cmp.Or(l.PerSecond, 100), cmp.Or(l.Burst, 2000))
		g.refusals[k] = newByOrigin(cmp.Or(l.FailuresPerMinute, 30)/60, cmp.Or(l.FailureBurst, 100))
	}
	if g.address == nil {
		g.address = func(r *http.Request) string {
			host, _, _ := net.SplitHostPort(r.RemoteAddr)
			return host
		}
	}
	return g
}

// An origin is where a request comes from: one caller, or an address and, of IPv6, the wider network around it.
type origin struct{ fine, coarse string }

// maxName bounds what is kept of an address that is none.
const maxName = 64

func (g *guard) origin(r *http.Request) origin {
	text := g.address(r)
	at, err := netip.ParseAddr(text)
	if err != nil {
		return origin{fine: text[:min(len(text), maxName)]}
	}
	if at = at.Unmap().WithZone(""); at.Is4() {
		return origin{fine: at.String()}
	}
	return origin{prefix(at, 64), prefix(at, 48)}
}

func prefix(at netip.Addr, bits int) string {
	p, _ := at.Prefix(bits) // an IPv6 address has so many
	return p.String()
}

// byOrigin are two throttles: coarse is for the wider networks of IPv6.
type byOrigin struct{ fine, coarse *throttle }

// coarseTimes is how much more a wider network may have.
const coarseTimes = 16

func newByOrigin(perSecond float64, burst int) byOrigin {
	return byOrigin{newThrottle(perSecond, burst), newThrottle(coarseTimes*perSecond, coarseTimes*burst)}
}

// take is throttle.take of both; what the narrower refuses is not counted for the wider. within is what is counted
// apart, such as a campaign.
func (b byOrigin) take(o origin, within string, n int) time.Duration {
	if wait := b.fine.take(o.fine+within, 0); wait > 0 || o.coarse == "" {
		return max(wait, b.fine.take(o.fine+within, n))
	}
	if wait := b.coarse.take(o.coarse+within, n); wait > 0 {
		return wait
	}
	return b.fine.take(o.fine+within, n)
}

// limitRequests guards what anybody can call.
func (s *Server) limitRequests(k kind, next handler) handler {
	next = s.limitRefusals(k, next)
	return func(c *call) (any, error) {
		if err := tooMany(s.guard.requests[k].take(s.guard.origin(c.Request), "", 1)); err != nil {
			return nil, err
		}
		return next(c)
	}
}

// limitRefusals lets a caller fail so often; then it has to wait before it may try again. A caller whose credential is
// known fails by itself, any other with all at its address.
func (s *Server) limitRefusals(k kind, next handler) handler {
	return func(c *call) (any, error) {
		who := s.guard.origin(c.Request)
		if name := s.callerName(k, c, who); name != "" {
			who = origin{fine: name}
		}
		if err := tooMany(s.guard.refusals[k].take(who, "", 0)); err != nil {
			return nil, err
		}
		body, err := next(c)
		switch wire.StatusOf(fault.CodeOf(err)) {
		case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
			s.guard.refusals[k].take(who, "", 1)
		}
		return body, err
	}
}

func tooMany(wait time.Duration) error {
	if wait == 0 {
		return nil
	}
	wait = wait.Truncate(time.Second) + time.Second
	err := fault.New(fault.TooManyRequests, "", "too many requests: try again in %d seconds", wait/time.Second)
	return fault.WithRetryAfter(err, wait)
}

// callerName names a caller whose credential the server made, or a key that was good lately; "" for any other. It asks
// no store.
func (s *Server) callerName(k kind, c *call, from origin) string {
	switch k {
	case kindDevice:
		if d, err := s.deviceOf(c); err == nil && d.secret != "" {
			return nameOf(d.secret)
		}
	case kindTerminal:
		if token, err := c.bearer(); err == nil && s.secrets.verify(ofTerminal, token) {
			return nameOf(token)
		}
	case kindMerchant:
		if key, err := c.bearer(); err == nil && s.guard.wasGood(keyAt(key, from)) {
			return keyAt(key, from)
		}
	}
	return ""
}

// nameOf is a secret's hash.
func nameOf(secret string) string {
	hash := store.HashOf(secret)
	return hex.EncodeToString(hash[:16])
}

func keyAt(key string, from origin) string { return nameOf(key) + " " + from.fine }

// wasGood reports whether a management key was good from the same address before.
func (g *guard) wasGood(name string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	_, ok := g.lately.get(name)
	return ok
}

func (g *guard) markGood(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.lately.put(name, struct{}{})
}
