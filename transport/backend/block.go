package backend

import (
	"crypto/rand"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/terminals"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// notice is the server's signed word on whether a terminal is blocked; zero where it never was.
func (s *Server) notice(t *store.Terminal) (record.Signed, error) {
	if t.Notice == 0 {
		return record.Signed{}, nil
	}
	n := record.Notice{Terminal: t.ID, Number: t.Notice, Blocked: t.Blocked != 0, Made: t.Blocked, Remembers: t.Remembers}
	if last := len(t.Blocks) - 1; !n.Blocked && last >= 0 {
		n.Made = t.Blocks[last].Until
	}
	if n.Made == 0 {
		n.Made = t.Remembers
	}
	return n.Sign(s.cfg.Root.KeyID, s.cfg.Root.Private)
}

// blockedError is what a blocked terminal hears, whatever it asks for.
func (s *Server) blockedError(t *store.Terminal) error {
	notice, err := s.notice(t)
	if err != nil {
		return err
	}
	return record.WithNotice(fault.New(fault.Blocked, "",
		"terminal %s was blocked by its merchant: it refuses everything and keeps its queue", t.ID), notice)
}

// putBlock blocks a terminal, or lets it work again.
func (s *Server) putBlock(c *call) (any, error) {
	to, err := bodyOf[wire.NewBlock](c, smallBody)
	if err != nil {
		return nil, err
	}
	changed := false
	lane, err := s.changeTerminal(c, func(_ store.Tx, t *store.Terminal) error {
		changed = terminals.SetBlocked(t, to.Blocked, s.now().UnixMilli())
		return nil
	})
	if err == nil && changed {
		s.log.WarnContext(c.Context(), "a terminal's block changed", "terminal", c.PathValue("id"), "blocked", to.Blocked)
	}
	return lane, err
}

// deleteForgotten ends what a terminal may have forgotten: it hears of that with its next answer and asks no more.
func (s *Server) deleteForgotten(c *call) (any, error) {
	lane, err := s.changeTerminal(c, func(_ store.Tx, t *store.Terminal) error {
		terminals.SetRemembers(t, s.now().UnixMilli())
		return nil
	})
	if err == nil {
		s.log.WarnContext(c.Context(), "the merchant ended what a terminal may have forgotten", "terminal",
			c.PathValue("id"))
	}
	return lane, err
}

// deleteToken ends a terminal's token: the terminal fetches another with its key.
func (s *Server) deleteToken(c *call) (any, error) {
	return s.changeTerminal(c, func(_ store.Tx, t *store.Terminal) error {
		t.Token = store.HashOf(rand.Text()) // which nobody has
		return nil
	})
}

// changeTerminal changes a terminal of the merchant, which the path names, and answers with it.
func (s *Server) changeTerminal(c *call, change func(store.Tx, *store.Terminal) error) (any, error) {
	var id record.TerminalID
	if err := id.UnmarshalText([]byte(c.PathValue("id"))); err != nil {
		return nil, fault.New(fault.NotFound, "", "%.64q is no terminal's id", c.PathValue("id"))
	}
	return update(c.Context(), s, func(tx store.Tx) (wire.Lane, error) {
		t, err := tx.Terminal(id)
		if err == nil && (t == nil || t.Place.Merchant != c.merchant) {
			err = fault.New(fault.NotFound, "", "this merchant has no terminal %s", id)
		}
		if err != nil {
			return wire.Lane{}, err
		}
		if err := change(tx, t); err != nil {
			return wire.Lane{}, err
		}
		return describeTerminal(t), tx.PutTerminal(*t)
	})
}
