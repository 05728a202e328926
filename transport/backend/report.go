package backend

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// postReport answers POST /v1/reports.
func (s *Server) postReport(w http.ResponseWriter, r *http.Request) error {
	terminal, err := s.terminalOf(r)
	if err != nil {
		return err
	}
	body, err := readBody[wire.Report](w, r)
	if err != nil {
		return err
	}
	report, err := body.Record()
	if err != nil {
		return err
	}
	answer, err := s.take(r.Context(), terminal, report)
	if err != nil {
		return err
	}
	return s.answer(w, http.StatusOK, wire.FromAnswer(answer))
}

// getVerdicts answers GET /v1/verdicts.
func (s *Server) getVerdicts(w http.ResponseWriter, r *http.Request) error {
	terminal, err := s.terminalOf(r)
	if err != nil {
		return err
	}
	var after uint64
	if text := r.URL.Query().Get(wire.AfterParameter); text != "" {
		if after, err = strconv.ParseUint(text, 10, 64); err != nil {
			return invalid("%s=%q is no number", wire.AfterParameter, text)
		}
	}
	var answer record.Answer
	err = s.store.View(r.Context(), func(tx Tx) error {
		current, err := tx.Terminal(terminal.ID)
		if err != nil {
			return err
		}
		if current == nil {
			return fault.New(fault.Unauthorized, "", "the terminal is not known: enrol it again")
		}
		answer = record.Answer{}
		return later(tx, current, after, &answer)
	})
	if err != nil {
		return err
	}
	if answer.Time, err = s.signedTime(); err != nil {
		return err
	}
	return s.answer(w, http.StatusOK, wire.FromAnswer(answer))
}

// take verifies a report, books it in one transaction and returns what the terminal is told.
func (s *Server) take(ctx context.Context, terminal *Terminal, report record.Report) (record.Answer, error) {
	h, opened, err := terminal.open(report)
	if err != nil {
		return record.Answer{}, err
	}
	if h.Terminal != terminal.ID {
		return record.Answer{}, fault.New(fault.Forbidden, "", "the token is of terminal %s, the report of %s", terminal.ID, h.Terminal)
	}
	items := itemsOf(h, opened)
	var answer record.Answer
	err = s.store.Update(ctx, func(tx Tx) error {
		answer = record.Answer{}
		return s.commit(tx, terminal, h, items, &answer)
	})
	if err != nil {
		return record.Answer{}, err
	}
	answer.Time, err = s.signedTime()
	s.count(answer.Items)
	return answer, err
}

// commit books the items under the terminal's lock.
func (s *Server) commit(tx Tx, known *Terminal, h record.Heading, items []item, answer *record.Answer) error {
	if err := tx.LockMerchant(known.Place.Merchant, slices.ContainsFunc(items, func(it item) bool { return it.byReceipt() })); err != nil {
		return err
	}
	t, err := tx.Terminal(known.ID)
	if err != nil {
		return err
	}
	if t == nil || t.Place.Merchant != known.Place.Merchant || !t.Key.Equal(known.Key) {
		return fault.New(fault.Unauthorized, "", "the terminal enrolled another key meanwhile: use its new token")
	}
	now := s.now().UnixMilli()
	t.LastReport, t.Waiting = now, h.Waiting
	// A backend that was restored from a backup knows fewer verdicts than the terminal; it goes on behind the terminal's.
	t.LastVerdict = max(t.LastVerdict, h.After)
	before := t.LastVerdict
	verdicts, fresh, err := newBooking(tx, t, h.Sent, now).book(items)
	if err != nil {
		return err
	}
	answer.Items = verdicts
	t.note(h, items, fresh, answer)
	if err := tx.PutTerminal(*t); err != nil {
		return err
	}
	if h.After == before {
		answer.Cursor = t.LastVerdict
		return nil
	}
	return later(tx, t, h.After, answer)
}

// note keeps what the report says of its chain, and has the answer say what is wrong with it.
func (t *Terminal) note(h record.Heading, items []item, fresh bool, answer *record.Answer) {
	c := t.chain(h.Chain)
	if len(items) > 0 {
		c.add(Run{First: h.First, Last: h.Last, Prev: items[0].record.Prev, Head: h.Head}, fresh)
	}
	c.lose(h.Lost)
	answer.Missing, answer.Forked = t.missing(c), c.Forked
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
