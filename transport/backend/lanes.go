package backend

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

func (s *Server) getCodes(c *call) (any, error) {
	return view(c.Context(), s, func(tx Tx) (wire.Codes, error) {
		answer := wire.Codes{Codes: []wire.Code{}}
		codes, err := tx.Codes(c.merchant)
		for _, code := range codes {
			answer.Codes = append(answer.Codes, wireCode(code))
		}
		return answer, err
	})
}

func wireCode(c Code) wire.Code {
	return wire.Code{ID: c.Hash.ID(), Store: c.Store, Zone: c.Zone, Terminals: c.Terminals, Used: c.Used,
		Terminal: c.Terminal,
		Expires:  c.Expires, Blocked: c.Blocked}
}

func (s *Server) postCode(c *call) (any, error) {
	want, err := bodyOf[wire.NewCode](c, smallBody)
	if err != nil {
		return nil, err
	}
	c.status = http.StatusCreated
	return s.AddCode(c.Context(), c.merchant, want)
}

// AddCode makes an enrolment code for a store of the merchant. The answer alone has its text: the store keeps its hash.
// Errors: fault.InvalidRequest, which names the field that cannot be meant; fault.NotFound for a terminal that is none
// of the merchant's.
func (s *Server) AddCode(ctx context.Context, merchant string, want wire.NewCode) (made wire.Code, err error) {
	defer at("backend.AddCode", &err)
	if err := want.Check(s.now().UnixMilli()); err != nil {
		return wire.Code{}, err
	}
	if _, err := time.LoadLocation(want.Zone); err != nil || want.Zone == "Local" {
		return wire.Code{}, fault.Invalid("zone: %.64q is no time zone that this machine knows: give an IANA name such as Europe/Berlin", want.Zone)
	}
	plain := rand.Text()[:16] // 80 bits, without digits that look like letters
	text := strings.Join([]string{plain[:4], plain[4:8], plain[8:12], plain[12:]}, "-")
	code := Code{Hash: store.HashOf(plain), Merchant: merchant, Store: want.Store, Zone: want.Zone,
		Terminals: max(want.Terminals, 1),
		Terminal:  want.Terminal, Expires: want.Expires}
	made = wireCode(code)
	made.Code = text
	return made, s.store.Update(ctx, func(tx Tx) error {
		if err := hasTerminal(tx, merchant, want.Terminal); err != nil {
			return err
		}
		return tx.PutCode(code)
	})
}

// hasTerminal looks whether a terminal is the merchant's; the zero one is not asked about.
func hasTerminal(tx Tx, merchant string, id record.TerminalID) error {
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

// terminals lists a merchant's terminals by store and lane.
func (s *Server) terminals(c *call) ([]Terminal, error) {
	terminals, err := view(c.Context(), s, func(tx Tx) ([]Terminal, error) { return tx.Terminals(c.merchant) })
	slices.SortFunc(terminals, func(a, b Terminal) int {
		return slices.Compare([]string{a.Place.Store, a.Place.Lane, a.ID.String()}, []string{b.Place.Store, b.Place.Lane, b.ID.String()})
	})
	return terminals, err
}

func (s *Server) getTerminals(c *call) (any, error) {
	answer := wire.Lanes{Terminals: []wire.Lane{}}
	terminals, err := s.terminals(c)
	for i := range terminals {
		answer.Terminals = append(answer.Terminals, laneOf(&terminals[i]))
	}
	return answer, err
}

func laneOf(t *Terminal) wire.Lane {
	lane := wire.Lane{Terminal: t.ID, Place: t.Place, Enrolled: t.Enrolled, LastReport: t.LastReport, Waiting: t.Waiting, Verdicts: t.LastVerdict}
	lane.Waits, lane.Key, lane.KeyChanged, lane.Code, lane.Blocked = t.Awaiting, store.KeyID(t.Key), t.KeyChanged,
		t.Code.ID(), t.Blocked
	lane.Forgotten = t.Forgets
	for _, f := range t.Places {
		lane.Places = append(lane.Places, wire.FormerPlace{Place: f.Place, Last: f.Last, Moved: f.Moved})
	}
	for kind, times := range t.Flags {
		if lane.Flags == nil {
			lane.Flags = map[string]uint64{}
		}
		lane.Flags[string(kind)] = times
	}
	for _, gap := range t.Gaps() {
		lane.Awaited += total(gap.Missing)
		lane.Aside += total(gap.Aside)
		lane.Lost += total(gap.Lost)
		lane.Forked = lane.Forked || gap.Forked
	}
	return lane
}

func total(ranges []record.Range) (n uint64) {
	for _, r := range ranges {
		n += r.Last - r.First + 1
	}
	return n
}

func (s *Server) getGaps(c *call) (any, error) {
	answer := wire.Gaps{Gaps: []wire.Gap{}}
	terminals, err := s.terminals(c)
	for i := range terminals {
		answer.Gaps = append(answer.Gaps, terminals[i].Gaps()...)
	}
	if err == nil && c.URL.Query().Get("format") == "csv" {
		return c.csv(gapRows(answer.Gaps))
	}
	return answer, err
}
