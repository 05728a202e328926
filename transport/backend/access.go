package backend

import (
	"context"
	"crypto/subtle"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/rows"
)

// ofTerminals lets a request through that bears a terminal's token.
func (s *Server) ofTerminals(next handler) handler {
	return func(c *call) (any, error) {
		token, err := c.bearer()
		if err != nil {
			return nil, err
		}
		c.terminal, err = s.terminalOf(c.Context(), token)
		if err != nil {
			return nil, err
		}
		return next(c)
	}
}

func (s *Server) terminalOf(ctx context.Context, token string) (*Terminal, error) {
	t, err := view(ctx, s, func(tx Tx) (*Terminal, error) { return tx.TerminalByToken(rows.HashOf(token)) })
	switch {
	case err != nil:
		return nil, err
	case t == nil:
		return nil, fault.New(fault.Unauthorized, "", "the token is not known: enrol the terminal again")
	case t.TokenEnds != 0 && s.now().UnixMilli() >= t.TokenEnds:
		return nil, fault.New(fault.Unauthorized, "", "the token has expired: enrol the terminal again")
	}
	return t, nil
}

// ofMerchants lets a request through that bears a management key. All keys are compared, so that the time tells nothing.
func (s *Server) ofMerchants(next handler) handler {
	return func(c *call) (any, error) {
		key, err := c.bearer()
		if err != nil {
			return nil, err
		}
		hash := rows.HashOf(key)
		for _, m := range s.merchants {
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
const (
	minKey   = 16
	maxToken = 256
)

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
		if site := c.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
			return nil, fault.New(fault.Forbidden, "", "requests from other sites are not answered")
		}
		return next(c)
	}
}
