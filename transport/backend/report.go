package backend

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/rows"
	"github.com/offlane/offlane/transport/wire"
)

// postReport takes a report of the terminal whose token the request bears.
func (s *Server) postReport(c *call) (any, error) {
	body, err := bodyOf[wire.Report](c)
	if err != nil {
		return nil, err
	}
	return s.take(c.Context(), body, func(record.Heading) (*Terminal, error) { return c.terminal, nil })
}

// postUploads takes reports that the merchant's terminals wrote to a file. Each is verified with its terminal's key.
func (s *Server) postUploads(c *call) (any, error) {
	body, err := bodyOf[wire.Upload](c)
	uploaded := wire.Uploaded{Answers: []wire.UploadAnswer{}}
	for _, report := range body.Reports {
		answer, err := s.take(c.Context(), report, func(h record.Heading) (*Terminal, error) {
			t, err := view(c.Context(), s, func(tx Tx) (*Terminal, error) { return tx.Terminal(h.Terminal) })
			if err == nil && (t == nil || t.Place.Merchant != c.merchant) {
				err = fault.New(fault.NotFound, "", "this merchant has no terminal %s", h.Terminal)
			}
			return t, err
		})
		told := wire.UploadAnswer{Answer: &answer}
		if err != nil {
			told = wire.UploadAnswer{Problem: new(wire.NewProblem(err))}
		}
		uploaded.Answers = append(uploaded.Answers, told)
	}
	return uploaded, err
}

// take verifies a report with the key of its terminal, books it in one transaction and returns what the terminal is told.
func (s *Server) take(ctx context.Context, body wire.Report, whose func(record.Heading) (*Terminal, error)) (wire.Answer, error) {
	report, err := body.Record()
	if err != nil {
		return wire.Answer{}, err
	}
	h, err := report.Peek()
	if err != nil {
		return wire.Answer{}, err
	}
	terminal, err := whose(h)
	if err != nil {
		return wire.Answer{}, err
	}
	h, items, err := open(terminal, report)
	if err != nil {
		return wire.Answer{}, err
	}
	if h.Terminal != terminal.ID {
		return wire.Answer{}, fault.New(fault.Forbidden, "", "the token is of terminal %s, the report of %s", terminal.ID, h.Terminal)
	}
	answer, err := update(ctx, s, func(tx Tx) (record.Answer, error) { return s.commit(tx, terminal, h, items) })
	if err != nil {
		return wire.Answer{}, err
	}
	answer.Time, err = s.signedTime()
	for _, v := range answer.Items { // those told again included
		s.counters.add(fmt.Sprintf("offlane_verdicts_total{status=%q}", v.Status), 1)
	}
	return wire.FromAnswer(answer), err
}

// getVerdicts answers with the verdicts after the terminal's cursor.
func (s *Server) getVerdicts(c *call) (any, error) {
	var after uint64
	if text := c.URL.Query().Get(wire.AfterParameter); text != "" {
		var err error
		if after, err = strconv.ParseUint(text, 10, 64); err != nil {
			return nil, invalid("%s=%q is no number", wire.AfterParameter, text)
		}
	}
	answer, err := view(c.Context(), s, func(tx Tx) (answer record.Answer, err error) {
		t, err := tx.Terminal(c.terminal.ID)
		if err == nil && t == nil {
			err = fault.New(fault.Unauthorized, "", "the terminal is not known: enrol it again")
		}
		if err != nil {
			return answer, err
		}
		answer.Last = t.LastNumber()
		for i := range t.Chains { // a terminal that died before it acted on the answer to its report hears it here again
			answer.Missing = append(answer.Missing, t.Missing(&t.Chains[i])...)
		}
		answer.Missing = answer.Missing[:min(len(answer.Missing), wire.MaxAnswers)]
		return answer, later(tx, t, after, &answer)
	})
	if err != nil {
		return nil, err
	}
	answer.Time, err = s.signedTime()
	return wire.FromAnswer(answer), err
}

// commit books the items under the terminal's lock.
func (s *Server) commit(tx Tx, known *Terminal, h record.Heading, items []record.Item) (answer record.Answer, err error) {
	if err := tx.LockMerchant(known.Place.Merchant, slices.ContainsFunc(items, byReceipt)); err != nil {
		return answer, err
	}
	t, err := tx.Terminal(known.ID)
	if err != nil {
		return answer, err
	}
	if t == nil || t.Place.Merchant != known.Place.Merchant || !t.Key.Equal(known.Key) {
		return answer, fault.New(fault.Unauthorized, "", "the terminal enrolled another key meanwhile: use its new token")
	}
	now := s.now().UnixMilli()
	t.LastReport, t.Waiting = now, h.Waiting
	// A backend that was restored from a backup knows fewer verdicts than the terminal; it goes on behind the terminal's.
	t.LastVerdict = max(t.LastVerdict, h.After)
	before := t.LastVerdict
	verdicts, fresh, err := (&booking{tx: tx, now: now, terminal: t, sent: h.Sent}).book(items)
	if err != nil {
		return answer, err
	}
	answer.Items = verdicts
	note(t, h, items, fresh, &answer)
	if err := tx.PutTerminal(*t); err != nil || h.After == before {
		answer.Cursor = t.LastVerdict
		return answer, err
	}
	return answer, later(tx, t, h.After, &answer)
}

// note keeps what the report says of its chain, and has the answer say what is wrong with it.
func note(t *Terminal, h record.Heading, items []record.Item, fresh bool, answer *record.Answer) {
	c := t.Chain(h.Chain)
	if len(items) > 0 {
		c.Add(rows.Run{First: h.First, Last: h.Last, Prev: items[0].Record.Prev, Head: h.Head}, fresh)
	}
	c.Lose(h.Lost)
	answer.Missing, answer.Last, answer.Forked = t.Missing(c), t.LastNumber(), c.Forked
}

// later adds the verdicts after a cursor, without those in the items.
func later(tx Tx, t *Terminal, after uint64, answer *record.Answer) error {
	verdicts, err := tx.Verdicts(t.ID, after, wire.MaxAnswers)
	if err != nil {
		return err
	}
	answer.Cursor = max(t.LastVerdict, after)
	if len(verdicts) == wire.MaxAnswers {
		answer.Cursor = verdicts[len(verdicts)-1].Number
		answer.More = answer.Cursor < t.LastVerdict
	}
	told := make(map[uint64]bool, len(answer.Items))
	for _, v := range answer.Items {
		told[v.Number] = true
	}
	answer.Later = slices.DeleteFunc(verdicts, func(v record.Verdict) bool { return told[v.Number] })
	return nil
}
