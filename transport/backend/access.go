package backend

import (
	"cmp"
	"crypto/subtle"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/rows"
	"github.com/offlane/offlane/transport/wire"
)

// Limits bound what one address may ask for. A negative number is no bound.
type Limits struct {
	// PerSecond is how many requests without credentials are answered a second on average; 0: 100.
	PerSecond float64
	// Burst is how many may come at once; 0: 2000.
	Burst int
	// FailuresPerMinute is how many refusals (of tokens, codes, keys, identifiers) are answered a minute; 0: 30.
	FailuresPerMinute float64
	// FailureBurst is how many may come at once; 0: 100.
	FailureBurst int
	// Address says who asks; nil: the connection's IP address. Behind a proxy it reads the header that the proxy sets.
	Address func(*http.Request) string
}

// A guard counts requests and refusals by address.
type guard struct {
	address  func(*http.Request) string
	requests *bucket
	refusals *bucket
}

func newGuard(l Limits) *guard {
	g := &guard{
		address:  l.Address,
		requests: newBucket(cmp.Or(l.PerSecond, 100), cmp.Or(l.Burst, 2000)),
		refusals: newBucket(cmp.Or(l.FailuresPerMinute, 30)/60, cmp.Or(l.FailureBurst, 100)),
	}
	if g.address == nil {
		g.address = func(r *http.Request) string {
			host, _, _ := net.SplitHostPort(r.RemoteAddr)
			return host
		}
	}
	return g
}

// strangers guards what anybody can call.
func (g *guard) strangers(next handler) handler {
	next = g.failures(next)
	return func(c *call) (any, error) {
		if err := g.admit(c, g.requests, 1); err != nil {
			return nil, err
		}
		return next(c)
	}
}

// failures lets an address fail so often; then it has to wait before it may try again.
func (g *guard) failures(next handler) handler {
	return func(c *call) (any, error) {
		if err := g.admit(c, g.refusals, 0); err != nil {
			return nil, err
		}
		body, err := next(c)
		switch wire.StatusOf(fault.CodeOf(err)) {
		case http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
			g.refusals.take(g.address(c.Request), 1)
		}
		return body, err
	}
}

func (g *guard) admit(c *call, from *bucket, n int) error {
	wait := from.take(g.address(c.Request), n)
	if wait == 0 {
		return nil
	}
	seconds := int(wait/time.Second) + 1
	c.w.Header().Set("Retry-After", strconv.Itoa(seconds))
	return fault.New(fault.TooManyRequests, "", "too many requests from this address: try again in %d seconds", seconds)
}

// A bucket holds for each address when it would be empty again: a token bucket in one number (GCRA).
type bucket struct {
	every time.Duration // between two tokens; 0: no bound
	burst time.Duration

	mu    sync.Mutex
	empty map[string]time.Time
}

// maxAddresses bounds the memory of a bucket. When it is full, whoever has all tokens again is forgotten, then everybody.
const maxAddresses = 100_000

func newBucket(perSecond float64, burst int) *bucket {
	b := &bucket{empty: map[string]time.Time{}}
	if perSecond > 0 && burst > 0 {
		b.every = time.Duration(float64(time.Second) / perSecond)
		b.burst = b.every * time.Duration(burst)
	}
	return b
}

// take takes n tokens and returns 0, or takes none and returns how long to wait for one.
func (b *bucket) take(who string, n int) (wait time.Duration) {
	if b.every == 0 {
		return 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	at := b.empty[who]
	if at.Before(now) {
		at = now
	}
	if over := at.Add(b.every).Sub(now) - b.burst; over > 0 {
		return over
	}
	if n > 0 {
		if len(b.empty) >= maxAddresses {
			maps.DeleteFunc(b.empty, func(_ string, at time.Time) bool { return at.Before(now) })
		}
		if len(b.empty) >= maxAddresses {
			clear(b.empty)
		}
		b.empty[who] = at.Add(b.every * time.Duration(n))
	}
	return 0
}

// ofTerminals lets a request through that bears a terminal's token.
func (s *Server) ofTerminals(next handler) handler {
	return func(c *call) (any, error) {
		token, err := c.bearer()
		if err != nil {
			return nil, err
		}
		c.terminal, err = view(c.Context(), s, func(tx Tx) (*Terminal, error) { return tx.TerminalByToken(rows.HashOf(token)) })
		switch {
		case err != nil:
			return nil, err
		case c.terminal == nil:
			return nil, fault.New(fault.Unauthorized, "", "the token is not known: enrol the terminal again")
		case c.terminal.TokenEnds != 0 && s.now().UnixMilli() >= c.terminal.TokenEnds:
			return nil, fault.New(fault.Unauthorized, "", "the token has expired: enrol the terminal again")
		}
		return next(c)
	}
}

// ofMerchants lets a request through that bears a management key. All keys are compared, so that the time tells nothing.
func (s *Server) ofMerchants(next handler) handler {
	return func(c *call) (any, error) {
		key, err := c.bearer()
		if err != nil {
			return nil, err
		}
		hash := rows.HashOf(key)
		for _, m := range s.cfg.Merchants {
			known := rows.HashOf(m.Key)
			if subtle.ConstantTimeCompare(hash[:], known[:]) == 1 {
				c.merchant = m.Name
			}
		}
		if c.merchant == "" {
			return nil, fault.New(fault.Unauthorized, "", "the management key is not known")
		}
		return next(c)
	}
}

// minKey and maxToken bound keys and tokens in bytes.
const minKey, maxToken = 16, 256

func (c *call) bearer() (string, error) {
	scheme, token, _ := strings.Cut(c.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" || len(token) > maxToken {
		return "", fault.New(fault.Unauthorized, "", "the request bears no token")
	}
	return token, nil
}

// sameSite refuses what a browser sends on behalf of another site.
func sameSite(next handler) handler {
	return func(c *call) (any, error) {
		if err := new(http.CrossOriginProtection).Check(c.Request); err != nil {
			return nil, fault.New(fault.Forbidden, "", "requests from other sites are not answered")
		}
		return next(c)
	}
}
