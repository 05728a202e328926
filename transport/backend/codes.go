package backend

import (
	"context"
	"crypto/rand"
	"net/http"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/terminals"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

func (s *Server) getCodes(c *call) (any, error) {
	return view(c.Context(), s, func(tx store.Tx) (wire.Codes, error) {
		answer := wire.Codes{Codes: []wire.Code{}}
		codes, err := tx.Codes(c.merchant)
		for _, code := range codes {
			answer.Codes = append(answer.Codes, wireCode(code))
		}
		return answer, err
	})
}

func wireCode(c store.Code) wire.Code {
	return wire.Code{ID: terminals.SecretID(c.Hash), Store: c.Store, Zone: c.Zone, Terminals: c.Terminals, Used: c.Used,
		Terminal: c.Terminal,
		Expires:  c.Expires, Blocked: c.Blocked}
}

func (s *Server) postCode(c *call) (any, error) {
	want, err := bodyOf[wire.NewCode](c, smallBody)
	if err != nil {
		return nil, err
	}
	c.status = http.StatusCreated
	return s.addCode(c.Context(), c.merchant, want, s.byKey(c))
}

// AddCode makes an enrolment code for a store of the merchant. The answer alone has its text: the store keeps its hash.
// Errors: fault.InvalidRequest, which names the field that cannot be meant; fault.NotFound for a terminal that is none
// of the merchant's.
func (s *Server) AddCode(ctx context.Context, merchant string, want wire.NewCode) (made wire.Code, err error) {
	defer setOp("backend.AddCode", &err)
	return s.addCode(ctx, merchant, want, always)
}

func (s *Server) addCode(ctx context.Context, merchant string, want wire.NewCode, allow permission) (
	made wire.Code, err error,
) {
	if err := want.Check(s.now().UnixMilli()); err != nil {
		return wire.Code{}, err
	}
	if _, err := time.LoadLocation(want.Zone); err != nil || want.Zone == "Local" {
		return wire.Code{}, fault.Invalid("zone: %.64q is no time zone that this machine knows: give an IANA name such as "+
			"Europe/Berlin", want.Zone)
	}
	plain := rand.Text()[:16] // 80 bits, without digits that look like letters
	text := strings.Join([]string{plain[:4], plain[4:8], plain[8:12], plain[12:]}, "-")
	code := store.Code{Hash: store.HashOf(plain), Merchant: merchant, Store: want.Store, Zone: want.Zone,
		Terminals: max(want.Terminals, 1),
		Terminal:  want.Terminal, Expires: want.Expires}
	made = wireCode(code)
	made.Code = text
	return made, s.store.Update(ctx, func(tx store.Tx) error {
		if err := allow(tx); err != nil {
			return err
		}
		if err := hasTerminal(tx, merchant, want.Terminal); err != nil {
			return err
		}
		return tx.PutCode(code)
	})
}

// hasTerminal looks whether a terminal is the merchant's; the zero one is not asked about.
func hasTerminal(tx store.Tx, merchant string, id record.TerminalID) error {
	if id.IsZero() {
		return nil
	}
	t, err := tx.Terminal(id)
	if err == nil && (t == nil || t.Place.Merchant != merchant) {
		err = fault.New(fault.NotFound, "", "this merchant has no terminal %s", id)
	}
	return err
}

// plainCode is a code without what people add or take for something else when they type it.
func plainCode(text string) string {
	return strings.NewReplacer("-", "", " ", "", "0", "O", "1", "I", "8", "B").Replace(strings.ToUpper(text))
}

// deleteCode blocks an enrolment code, which its short id names: no terminal takes it any more.
func (s *Server) deleteCode(c *call) (any, error) {
	return update(c.Context(), s, func(tx store.Tx) (wire.Code, error) {
		codes, err := tx.Codes(c.merchant)
		for _, code := range codes {
			if err != nil || terminals.SecretID(code.Hash) != c.PathValue("id") {
				continue
			}
			locked, err := tx.Code(code.Hash)
			if err != nil {
				return wire.Code{}, err
			}
			if locked.Blocked == 0 {
				locked.Blocked = s.now().UnixMilli()
			}
			return wireCode(*locked), tx.PutCode(*locked)
		}
		if err == nil {
			err = fault.New(fault.NotFound, "", "this merchant has no code %.64q", c.PathValue("id"))
		}
		return wire.Code{}, err
	})
}
