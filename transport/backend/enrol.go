package backend

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/flags"
	"github.com/offlane/offlane/transport/backend/internal/terminals"
	"github.com/offlane/offlane/transport/backend/store"
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

// enrol makes a terminal known and gives it a fresh token, of which only the hash is kept. What fails changes nothing,
// and so does a challenge that was used: a terminal that lost the answer enrols again with another one and its key.
func (s *Server) enrol(ctx context.Context, e record.Enrolment) (record.Enrolled, error) {
	token := s.secrets.make(ofTerminal)
	answer := record.Enrolled{Token: token, Roots: []offer.Key{s.cfg.Root.Key()}}
	challenge, err := s.readChallenge(e.Challenge)
	if err != nil {
		return answer, err
	}
	err = s.store.Update(ctx, func(tx store.Tx) error {
		t, err := tx.Terminal(e.Terminal)
		if err == nil && t != nil && t.Blocked != 0 {
			err = s.blockedError(t)
		}
		if err != nil {
			return err
		}
		a := admission{tx: tx, Enrolment: e, now: s.now().UnixMilli()}
		if err := a.useChallenge(challenge); err != nil {
			return err
		}
		if t, err = a.allowRequest(t); err != nil {
			return err
		}
		t.Place.Lane, t.Token, t.Enrolled, t.TokenEnds = e.Lane, store.HashOf(token), a.now, 0
		if s.cfg.TokenLife > 0 {
			t.TokenEnds = a.now + s.cfg.TokenLife.Milliseconds()
		}
		answer.Place, answer.Zone, answer.Expires = t.Place, t.Zone, t.TokenEnds
		if answer.Second, err = a.flagSecond(t); err != nil {
			return err
		}
		return a.save(t)
	})
	if err == nil && answer.Second != 0 {
		s.renewBundle(ctx, answer.Place.Merchant)
	}
	return answer, err
}

// An admission is one enrolment in its transaction.
type admission struct {
	tx store.Tx
	record.Enrolment
	now   int64
	fresh bool // the terminal was not known
	flags []store.Flag
}

func (a *admission) useChallenge(c store.Challenge) error {
	fresh, err := a.tx.UseChallenge(c, a.now-challengeKept.Milliseconds())
	if err == nil && !fresh {
		err = staleChallenge("was used")
	}
	return err
}

func (a *admission) save(t *store.Terminal) error {
	for _, f := range a.flags {
		if err := a.tx.AddFlag(f); err != nil {
			return err
		}
	}
	return a.tx.PutTerminal(*t)
}

func (a *admission) flag(t *store.Terminal, kind store.FlagKind, format string, args ...any) {
	terminals.Raise(t, kind)
	a.flags = append(a.flags, terminals.FlagOfTerminal(kind, t, a.now, fmt.Sprintf(format, args...)))
}

// allowRequest says whether the terminal may have a token, and what the enrolment changes of it; t is nil where it is
// not known. Its key changes with its old key's word, or with a code that was made for it, and it moves with such a
// code alone: whoever has any other code has no say in a terminal that is known.
func (a *admission) allowRequest(t *store.Terminal) (*store.Terminal, error) {
	code, err := a.findCode(t)
	switch {
	case err != nil && !errors.Is(err, fault.Unauthorized):
		return nil, err
	case t == nil && err == nil:
		t = &store.Terminal{ID: a.Terminal, Key: a.Key, Place: record.Place{Merchant: code.Merchant, Store: code.Store},
			Zone: code.Zone, Code: code.Hash}
		a.fresh = true
		return t, a.consumeCode(code)
	case t == nil:
		return nil, err
	}
	was := t.Key
	known := terminals.Follow(t, a.Rotations).Equal(a.Key)
	if known && !was.Equal(t.Key) {
		t.KeyChanged = a.now
		a.flag(t, flags.KeyChanged, "%s gave way to %s, by its own word", terminals.KeyID(was), terminals.KeyID(t.Key))
	}
	switch {
	case known && (err != nil || code.Hash == t.Code):
		terminals.StaysUntil(t, a.believedNumber(t)) // it may have sold since an enrolment of which it lost the answer
		return t, nil
	case known && code.Terminal.IsZero() && code.Store == t.Place.Store:
		return t, nil
	case known && code.Terminal.IsZero():
		return nil, fault.New(fault.Forbidden, "",
			"terminal %s stands in store %q: to move it to %q, make a code for this terminal",
			t.ID, t.Place.Store, code.Store)
	case err != nil:
		return nil, err
	case code.Terminal.IsZero():
		return nil, fault.New(fault.Unauthorized, "",
			"terminal %s is known with another key: make a code for this terminal", t.ID)
	}
	a.applyCode(t, code)
	return t, a.consumeCode(code)
}

// flagSecond flags a terminal that is new in a lane which has another one that is not blocked, and returns the moment;
// 0: there is none. A lane without a name is not looked at. A merchant's new terminals enrol one after another here, so
// that of two in one lane the second sees the first.
func (a *admission) flagSecond(t *store.Terminal) (int64, error) {
	if !a.fresh || t.Place.Lane == "" {
		return 0, nil
	}
	if err := a.tx.LockMerchant(t.Place.Merchant, true); err != nil {
		return 0, err
	}
	all, err := a.tx.Terminals(t.Place.Merchant)
	i := slices.IndexFunc(all, func(other store.Terminal) bool {
		return other.ID != t.ID && other.Place == t.Place && other.Blocked == 0
	})
	if err != nil || i < 0 {
		return 0, err
	}
	a.flag(t, flags.Second, "the lane %q of store %q has the terminal %s as well: block that one if this one "+
		"replaces it",
		t.Place.Lane, t.Place.Store, all[i].ID)
	return a.now, nil
}

// applyCode does what a code is for that was made for the terminal.
func (a *admission) applyCode(t *store.Terminal, code *store.Code) {
	if !t.Key.Equal(a.Key) {
		a.flag(t, flags.KeyChanged, "%s gave way to %s, with the code %s", terminals.KeyID(t.Key), terminals.KeyID(a.Key),
			terminals.SecretID(code.Hash))
		t.Key, t.KeyChanged = a.Key, a.now
	}
	if code.Store != t.Place.Store {
		last := a.believedNumber(t)
		a.flag(t, flags.Moved, "from store %q to %q after record %d, with the code %s", t.Place.Store, code.Store,
			last, terminals.SecretID(code.Hash))
		terminals.Move(t, code.Store, code.Zone, last, a.now)
	}
	t.Zone, t.Code = code.Zone, code.Hash
}

// believedNumber is the number of the terminal's newest record as it says, but not far above those that came.
func (a *admission) believedNumber(t *store.Terminal) uint64 {
	return min(a.Last, terminals.HighestNumber(t)+maxUnseen)
}

// findCode returns the code of the enrolment if it is one that may be used. Errors: fault.Unauthorized,
// fault.OtherMerchant.
func (a *admission) findCode(t *store.Terminal) (*store.Code, error) {
	if a.Code == "" {
		return nil, fault.New(fault.Unauthorized, "",
			"terminal %s is not known with this key: give an enrolment code", a.Terminal)
	}
	code, err := a.tx.Code(store.HashOf(plainCode(a.Code)))
	switch {
	case err != nil:
		return nil, err
	case code == nil:
		return nil, fault.New(fault.Unauthorized, "", "the enrolment code is not known")
	case t != nil && t.Place.Merchant != code.Merchant:
		return nil, fault.New(fault.OtherMerchant, "", "terminal %s belongs to another merchant", a.Terminal)
	case code.Blocked != 0:
		return nil, fault.New(fault.Unauthorized, "", "the enrolment code was blocked: ask for another")
	case code.Expires != 0 && a.now >= code.Expires:
		return nil, fault.New(fault.Unauthorized, "", "the enrolment code has expired: ask for another")
	case code.Used >= code.Terminals:
		return nil, fault.New(fault.Unauthorized, "", "the enrolment code is used up: ask for another")
	case !code.Terminal.IsZero() && code.Terminal != a.Terminal:
		return nil, fault.New(fault.Unauthorized, "",
			"the enrolment code is for another terminal: ask for one for %s", a.Terminal)
	}
	return code, nil
}

func (a *admission) consumeCode(code *store.Code) error {
	code.Used++
	return a.tx.PutCode(*code)
}
