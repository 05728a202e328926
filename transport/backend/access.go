package backend

import (
	"net/http"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/store"
)

// authTerminal lets a request through that bears a terminal's token. What the server never made is refused without the
// store.
func (s *Server) authTerminal(next handler) handler {
	return s.limitRefusals(kindTerminal, func(c *call) (any, error) {
		token, err := c.bearer()
		if err != nil {
			return nil, err
		}
		if s.secrets.verify(ofTerminal, token) {
			c.terminal, err = view(c.Context(), s, func(tx store.Tx) (*store.Credentials, error) {
				return tx.Credentials(store.HashOf(token))
			})
		}
		switch {
		case err != nil:
			return nil, err
		case c.terminal == nil:
			return nil, fault.New(fault.Unauthorized, "", "the token is not known: enrol the terminal again")
		case c.terminal.Blocked != 0:
			return nil, s.blockedError(&store.Terminal{ID: c.terminal.Terminal, Blocked: c.terminal.Blocked,
				Notice: c.terminal.Notice})
		case c.terminal.Ends != 0 && s.now().UnixMilli() >= c.terminal.Ends:
			return nil, fault.New(fault.Unauthorized, "", "the token has expired: enrol the terminal again")
		}
		return next(c)
	})
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

// sameSite refuses what a browser sends on behalf of another site. A page of an origin that a merchant allowed sends it
// with a secret of its own.
func sameSite(next handler) handler {
	return func(c *call) (any, error) {
		if c.origin != "" {
			return next(c)
		}
		if err := new(http.CrossOriginProtection).Check(c.Request); err != nil {
			return nil, fault.New(fault.Forbidden, "", "requests from other sites are not answered")
		}
		return next(c)
	}
}
