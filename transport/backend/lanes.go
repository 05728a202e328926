package backend

import (
	"context"
	"crypto/rand"
	"net/http"
	"slices"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/rows"
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
	return wire.Code{Code: c.Text, Store: c.Store, Terminals: c.Terminals, Used: c.Used, Expires: c.Expires}
}

func (s *Server) postCode(c *call) (any, error) {
	want, err := bodyOf[wire.NewCode](c)
	if err != nil {
		return nil, err
	}
	c.status = http.StatusCreated
	return s.AddCode(c.Context(), c.merchant, want)
}

const maxTerminals = 100_000

// AddCode makes an enrolment code for a store of the merchant. Error: fault.InvalidRequest.
func (s *Server) AddCode(ctx context.Context, merchant string, want wire.NewCode) (wire.Code, error) {
	if want.Store == "" || len(want.Store) > offer.MaxName || want.Terminals < 0 || want.Terminals > maxTerminals {
		return wire.Code{}, invalid("a code needs a store of at most %d bytes and is for at most %d terminals", offer.MaxName, maxTerminals)
	}
	text := newCodeText()
	code := Code{Hash: rows.HashOf(plainCode(text)), Text: text, Merchant: merchant, Store: want.Store, Terminals: max(want.Terminals, 1), Expires: want.Expires}
	return wireCode(code), s.store.Update(ctx, func(tx Tx) error { return tx.PutCode(code) })
}

// newCodeText returns an enrolment code of 80 random bits in groups, for typing, in the symbols of an offer's short code.
func newCodeText() string {
	const symbols = "0123456789ABCDEFGHJKLMNPRSTUVWXY"
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	var text strings.Builder
	for i, v := range b {
		if i > 0 && i%4 == 0 {
			text.WriteByte('-')
		}
		text.WriteByte(symbols[v%32])
	}
	return text.String()
}

// plainCode is a code without what people add or change when they type it.
func plainCode(text string) string {
	return strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(text))
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
	for _, gap := range gapsOf(t) {
		lane.Awaited += total(gap.Missing)
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
		answer.Gaps = append(answer.Gaps, gapsOf(&terminals[i])...)
	}
	return answer, err
}

// gaps are the chains with which something is wrong.
func gapsOf(t *Terminal) (gaps []wire.Gap) {
	for i := range t.Chains {
		c := &t.Chains[i]
		missing := t.Missing(c)
		if len(missing) > 0 || len(c.Lost) > 0 || c.Forked {
			gaps = append(gaps, wire.Gap{Terminal: t.ID, Chain: c.ID, Place: t.Place, Missing: missing, Lost: c.Lost,
				Forked: c.Forked, Highest: c.Highest(), LastReport: t.LastReport})
		}
	}
	return gaps
}

// postUploads takes reports that a terminal wrote to a file. Each is verified with its terminal's key.
func (s *Server) postUploads(c *call) (any, error) {
	body, err := bodyOf[wire.Upload](c)
	answer := wire.Uploaded{Answers: []wire.UploadAnswer{}}
	for _, report := range body.Reports {
		answer.Answers = append(answer.Answers, s.upload(c, report))
	}
	return answer, err
}

func (s *Server) upload(c *call, body wire.Report) wire.UploadAnswer {
	answer, err := s.takeUpload(c, body)
	if err != nil {
		problem := wire.NewProblem(err)
		return wire.UploadAnswer{Problem: &problem}
	}
	taken := wire.FromAnswer(answer)
	return wire.UploadAnswer{Answer: &taken}
}

func (s *Server) takeUpload(c *call, body wire.Report) (answer record.Answer, err error) {
	report, err := body.Record()
	if err != nil {
		return answer, err
	}
	h, err := report.Peek()
	if err != nil {
		return answer, err
	}
	t, err := view(c.Context(), s, func(tx Tx) (*Terminal, error) { return tx.Terminal(h.Terminal) })
	if err != nil {
		return answer, err
	}
	if t == nil || t.Place.Merchant != c.merchant {
		return answer, fault.New(fault.NotFound, "", "this merchant has no terminal %s", h.Terminal)
	}
	return s.take(c.Context(), t, report)
}
