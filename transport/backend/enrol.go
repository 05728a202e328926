package backend

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// postTerminal answers POST /v1/terminals.
func (s *Server) postTerminal(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody[wire.Enrolment](w, r)
	if err != nil {
		return err
	}
	enrolment, err := body.Record()
	if err != nil {
		return err
	}
	if err := enrolment.Verify(); err != nil {
		return err
	}
	enrolled, err := s.enrol(r.Context(), enrolment)
	if err != nil {
		return err
	}
	s.log.InfoContext(r.Context(), "terminal enrolled", "terminal", enrolment.Terminal, "place", enrolled.Place)
	return s.answer(w, http.StatusOK, wire.FromEnrolled(enrolled))
}

// enrol makes a terminal known and gives it a fresh token, of which only the hash is kept. A terminal that is known by its key
// needs no code, and is not turned away for one that has ended since.
func (s *Server) enrol(ctx context.Context, e record.Enrolment) (record.Enrolled, error) {
	token := secret()
	answer := record.Enrolled{Token: token, Roots: []offer.Key{s.root.Key()}}
	err := s.store.Update(ctx, func(tx Tx) error {
		t, err := tx.Terminal(e.Terminal)
		if err != nil {
			return err
		}
		known := t != nil && t.follow(e.Rotations).Equal(e.Key)
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
		t.Place.Lane, t.Token, t.Enrolled, t.TokenEnds = e.Lane, HashOf(token), now.UnixMilli(), 0
		if s.tokenLife > 0 {
			t.TokenEnds = now.Add(s.tokenLife).UnixMilli()
		}
		answer.Place, answer.Expires = t.Place, t.TokenEnds
		return tx.PutTerminal(*t)
	})
	return answer, err
}

// admit takes a code for a terminal: a new one, one that changes its key, or one that moves to another store of its merchant.
// The same terminal takes the same code once.
func (s *Server) admit(tx Tx, t *Terminal, e record.Enrolment) (*Terminal, error) {
	const op = "backend.Enrol"
	code, err := tx.Code(HashOf(plainCode(e.Code)))
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
	t.Place = record.Place{Merchant: code.Merchant, Store: code.Store}
	if again {
		return t, nil
	}
	code.Used++
	return t, tx.PutCode(*code)
}

// terminalOf returns the terminal whose token the request bears.
func (s *Server) terminalOf(r *http.Request) (t *Terminal, err error) {
	token, err := bearer(r)
	if err != nil {
		return nil, err
	}
	err = s.store.View(r.Context(), func(tx Tx) error {
		t, err = tx.TerminalByToken(HashOf(token))
		return err
	})
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

func bearer(r *http.Request) (string, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" || len(token) > maxToken {
		return "", fault.New(fault.Unauthorized, "", "the request bears no token")
	}
	return token, nil
}

const maxToken = 256

// secret returns 256 random bits as text.
func secret() string {
	var b [32]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// codeSymbols are those of an offer's short code.
const codeSymbols = "0123456789ABCDEFGHJKLMNPRSTUVWXY"

// newCodeText returns an enrolment code of 80 random bits in groups, for typing.
func newCodeText() string {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	var text strings.Builder
	for i, v := range b {
		if i > 0 && i%4 == 0 {
			text.WriteByte('-')
		}
		text.WriteByte(codeSymbols[v%32])
	}
	return text.String()
}

// plainCode is a code without what people add or change when they type it.
func plainCode(text string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(text))
}
