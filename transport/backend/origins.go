package backend

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/internal/answer"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// settingOrigins is the setting under which a merchant's origins are kept.
const settingOrigins = "origins 1 "

func (s *Server) getOrigins(c *call) (any, error) {
	origins, err := view(c.Context(), s, func(tx store.Tx) ([]string, error) {
		return setting[[]string](tx, settingOrigins+c.merchant)
	})
	return wire.Origins{Origins: append([]string{}, origins...)}, err
}

func (s *Server) putOrigins(c *call) (any, error) {
	body, err := bodyOf[wire.Origins](c, smallBody)
	if err != nil {
		return nil, err
	}
	if err := body.Check(); err != nil {
		return nil, err
	}
	return body, s.store.Update(c.Context(), func(tx store.Tx) error {
		if err := countChange(tx); err != nil {
			return err
		}
		_, err := setting[[]string](tx, settingOrigins+c.merchant)
		if err != nil {
			return err
		}
		return putSetting(tx, settingOrigins+c.merchant, body.Origins)
	})
}

// readOrigins are those that each merchant allowed.
func (s *Server) readOrigins(tx store.Tx) (map[string][]string, error) {
	all := map[string][]string{}
	for _, m := range s.cfg.Merchants {
		origins, err := setting[[]string](tx, settingOrigins+m.Name)
		if err != nil {
			return nil, err
		}
		all[m.Name] = origins
	}
	return all, nil
}

// corsHeaders are what a page of another origin may send and see (Fetch Standard, section 3.2). Cookies are not among
// it.
func (c *call) corsHeaders() {
	h := c.w.Header()
	h.Set("Access-Control-Allow-Origin", c.origin)
	h.Add("Vary", "Origin")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("Access-Control-Expose-Headers", "Retry-After")
}

// fromOrigin has a request of another origin answered where a merchant allowed it, without cookies, and refuses what a
// browser sends on behalf of any other site. Whatever else bears a secret of its own is not a browser's doing.
func (s *Server) fromOrigin(next handler) handler {
	return func(c *call) (any, error) {
		origin := c.Header.Get("Origin")
		if origin == "" || isOwn(origin, c.Request) || s.isSameSite(c, origin) {
			return next(c)
		}
		allowed, err := s.isAllowed(c, origin)
		if err != nil {
			return nil, err
		}
		if !allowed {
			return nil, fault.New(fault.Forbidden, "", "requests from other sites are not answered: no merchant allowed %.100q",
				origin)
		}
		c.origin = origin
		c.corsHeaders()
		return next(c)
	}
}

// isOwn reports whether an origin is the one that the request is for.
func isOwn(origin string, r *http.Request) bool {
	u, err := url.Parse(origin)
	return err == nil && u.Host == r.Host
}

// isSameSite reports whether a browser says that the request comes from the backend's own origin, as where a proxy
// changed the host's name.
func (s *Server) isSameSite(c *call, origin string) bool {
	return origin != "null" && c.Header.Get("Sec-Fetch-Site") == "same-origin"
}

func (s *Server) isAllowed(c *call, origin string) (allowed bool, err error) {
	c.in, err = s.withCatalogue(c.Context(), func(store.Tx, *answer.Catalogue) error { return nil })
	return err == nil && c.in.KnowsOrigin(origin), err
}

// preflight answers what a browser asks before it lets a page of another origin ask.
func (s *Server) preflight(c *call) (any, error) {
	if c.origin == "" {
		return nil, fault.New(fault.Forbidden, "", "this is for pages of other origins")
	}
	h := c.w.Header()
	h.Set("Access-Control-Allow-Methods", strings.Join([]string{"GET", "POST", "PUT", "DELETE"}, ", "))
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type")
	h.Set("Access-Control-Max-Age", "600")
	c.status = http.StatusNoContent
	return nil, nil
}
