package backend

import (
	"context"
	"errors"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/rows"
	"github.com/offlane/offlane/transport/wire"
)

// postTerminal enrols a terminal.
func (s *Server) postTerminal(c *call) (any, error) {
	body, err := bodyOf[wire.Enrolment](c, enrolmentBody)
	if err != nil {
		return nil, err
	}
	enrolment, err := body.Record()
	if err == nil {
		err = enrolment.Verify()
	}
	if err != nil {
		return nil, err
	}
	enrolled, err := s.enrol(c.Context(), enrolment)
	if err == nil {
		s.log.InfoContext(c.Context(), "terminal enrolled", "terminal", enrolment.Terminal, "place", enrolled.Place)
	}
	return wire.FromEnrolled(enrolled), err
}

// enrol makes a terminal known and gives it a fresh token, of which only the hash is kept. A terminal that is known by its key
// needs no code, and is not turned away for one that has ended since.
func (s *Server) enrol(ctx context.Context, e record.Enrolment) (record.Enrolled, error) {
	token := s.secrets.make(ofTerminal)
	answer := record.Enrolled{Token: token, Roots: []offer.Key{s.cfg.Root.Key()}}
	err := s.store.Update(ctx, func(tx Tx) error {
		t, err := tx.Terminal(e.Terminal)
		if err != nil {
			return err
		}
		known := t != nil && t.Follow(e.Rotations).Equal(e.Key)
		if e.Code != "" {
			admitted, err := s.admit(tx, t, e)
			if err == nil {
				t = admitted
			} else if !known || !errors.Is(err, fault.Unauthorized) {
				return err
			}
		}
		if t == nil || !t.Key.Equal(e.Key) {
			return fault.New(fault.Unauthorized, "backend.Enrol", "terminal %s is not known with this key: give an enrolment code", e.Terminal)
		}
		now := s.now()
		t.Place.Lane, t.Token, t.Enrolled, t.TokenEnds = e.Lane, rows.HashOf(token), now.UnixMilli(), 0
		if s.cfg.TokenLife > 0 {
			t.TokenEnds = now.Add(s.cfg.TokenLife).UnixMilli()
		}
		answer.Place, answer.Zone, answer.Expires = t.Place, t.Zone, t.TokenEnds
		return tx.PutTerminal(*t)
	})
	return answer, err
}

// admit takes a code for a terminal: a new one, one that changes its key, or one that moves to another store of its merchant.
// The same terminal takes the same code once.
func (s *Server) admit(tx Tx, t *Terminal, e record.Enrolment) (*Terminal, error) {
	const op = "backend.Enrol"
	code, err := tx.Code(rows.HashOf(plainCode(e.Code)))
	if err != nil {
		return nil, err
	}
	again := t != nil && code != nil && t.Code == code.Hash
	switch {
	case code == nil:
		return nil, fault.New(fault.Unauthorized, op, "the enrolment code is not known")
	case code.Expires != 0 && s.now().UnixMilli() >= code.Expires:
		return nil, fault.New(fault.Unauthorized, op, "the enrolment code has expired: ask for another")
	case !again && code.Used >= code.Terminals:
		return nil, fault.New(fault.Unauthorized, op, "the enrolment code is used up: ask for another")
	case t != nil && t.Place.Merchant != code.Merchant:
		return nil, fault.New(fault.OtherMerchant, op, "terminal %s belongs to another merchant", e.Terminal)
	}
	if t == nil {
		t = &Terminal{ID: e.Terminal}
	}
	t.Key, t.Code = e.Key, code.Hash
	t.Place, t.Zone = record.Place{Merchant: code.Merchant, Store: code.Store}, code.Zone
	if again {
		return t, nil
	}
	code.Used++
	return t, tx.PutCode(*code)
}

// open verifies a report with the terminal's key, or with a former one as far as that one counts.
func open(t *Terminal, report record.Report) (record.Heading, []record.Item, error) {
	h, items, err := report.Open(t.Key)
	if !errors.Is(err, fault.Forged) {
		return h, items, err
	}
	for _, f := range t.Former {
		h, items, former := report.Open(f.Key)
		switch {
		case former != nil:
			continue
		case h.Last == 0 || h.Last > f.Last:
			return h, nil, fault.New(fault.Forged, "", "the report is signed with a key that terminal %s gave up after record %d: "+
				"have it report, or export, again", t.ID, f.Last)
		}
		h.Lost = nil // what is lost is for the key in use to say
		return h, items, nil
	}
	return h, items, err
}
