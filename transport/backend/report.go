package backend

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/booking"
	"github.com/offlane/offlane/transport/backend/internal/terminals"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// postReport takes a report of the terminal whose token the request bears.
func (s *Server) postReport(c *call) (any, error) {
	if err := s.room.enter(c.terminal.Terminal); err != nil {
		return nil, err
	}
	defer s.room.leave(c.terminal.Terminal)
	body, err := reportOf(c)
	if err != nil {
		return nil, err
	}
	return s.takeReport(c.Context(), body, false, func(record.Heading) (*store.Credentials, error) {
		return c.terminal, nil
	})
}

// postUploads takes reports that the merchant's terminals wrote to a file, those of blocked ones too. Each is verified
// with its terminal's key.
func (s *Server) postUploads(c *call) (any, error) {
	body, err := uploadOf(c)
	uploaded := wire.Uploaded{Answers: []wire.UploadAnswer{}}
	for _, report := range body.Reports {
		answer, err := s.takeReport(c.Context(), report, true, func(h record.Heading) (*store.Credentials, error) {
			t, err := view(c.Context(), s, func(tx store.Tx) (*store.Terminal, error) { return tx.Terminal(h.Terminal) })
			if err == nil && (t == nil || t.Place.Merchant != c.merchant) {
				err = fault.New(fault.NotFound, "", "this merchant has no terminal %s", h.Terminal)
			}
			if err != nil {
				return nil, err
			}
			return new(t.Credentials()), nil
		})
		told := wire.UploadAnswer{Answer: &answer}
		if err != nil {
			s.log.WarnContext(c.Context(), "a report of an upload was not taken", "merchant", c.merchant, "error", err)
			told = wire.UploadAnswer{Problem: new(wire.NewProblem(err))}
		}
		uploaded.Answers = append(uploaded.Answers, told)
	}
	return uploaded, err
}

// takeReport verifies a report with the key of its terminal, books it in one transaction and returns what the terminal
// is told. One that the merchant uploaded is taken of a blocked terminal as well.
func (s *Server) takeReport(
	ctx context.Context, body wire.Report, uploaded bool, whose func(record.Heading) (*store.Credentials, error),
) (wire.Answer, error) {
	terminal, report, err := s.verifyReport(ctx, body, whose)
	if err != nil {
		return wire.Answer{}, err
	}
	report.uploaded = uploaded
	answer, err := s.book(ctx, terminal, report)
	if err != nil {
		return wire.Answer{}, err
	}
	if report.doubtful {
		s.renewBundle(ctx, terminal.Place.Merchant)
	}
	for _, v := range answer.Items { // those told again included
		s.metrics.add(fmt.Sprintf("offlane_verdicts_total{status=%q}", v.Status), 1)
	}
	return s.signAnswer(ctx, terminal.Terminal, answer)
}

// bookTries is how often the transaction is done where something that it did not lock came between.
const bookTries = 5

// book does the transaction, and does it again with the merchant's lock alone where that turns out to be needed.
func (s *Server) book(ctx context.Context, terminal *store.Credentials, report *verifiedReport) (record.Answer, error) {
	alone := false
	for range bookTries {
		answer, err := update(ctx, s, func(tx store.Tx) (record.Answer, error) {
			return s.commit(ctx, tx, terminal, report, alone)
		})
		switch {
		case errors.Is(err, booking.ErrAlone):
			alone = true
		case !errors.Is(err, booking.ErrAgain):
			return answer, err
		}
	}
	return record.Answer{}, fault.New(fault.Unavailable, "", "other reports were always first: try again")
}

// signAnswer is the answer with the server's signature over its verdicts, its clock and what was withdrawn of that.
func (s *Server) signAnswer(ctx context.Context, terminal record.TerminalID, answer record.Answer) (wire.Answer,
	error) {
	verdicts := slices.Concat(answer.Items, answer.Later)
	clock, err := s.clockState(ctx)
	if err != nil {
		return wire.Answer{}, err
	}
	if answer.Correction, err = clock.sign(s); err != nil {
		return wire.Answer{}, err
	}
	if len(verdicts) > 0 {
		statement := record.Statement{Terminal: terminal, Made: s.now().UnixMilli(), Verdicts: verdicts}
		if answer.Statement, err = statement.Sign(s.cfg.Root.KeyID, s.cfg.Root.Private); err != nil {
			return wire.Answer{}, err
		}
	}
	answer.Time, err = s.signedTime(ctx)
	return wire.FromAnswer(answer), err
}

// getVerdicts answers with the verdicts after the terminal's cursor.
func (s *Server) getVerdicts(c *call) (any, error) {
	var after uint64
	if text := c.URL.Query().Get(wire.AfterParameter); text != "" {
		var err error
		if after, err = strconv.ParseUint(text, 10, 64); err != nil || after > record.MaxNumber {
			return nil, fault.Invalid("%s=%.32q is no number up to %d", wire.AfterParameter, text, uint64(record.MaxNumber))
		}
	}
	if c.terminal.Awaiting > 0 {
		if err := s.giveUp(c.Context(), c.terminal.Terminal); err != nil {
			return nil, err
		}
	}
	answer, err := view(c.Context(), s, func(tx store.Tx) (answer record.Answer, err error) {
		t, err := tx.Terminal(c.terminal.Terminal)
		if err == nil && t == nil {
			err = fault.New(fault.Unauthorized, "", "the terminal is not known: enrol it again")
		}
		if err == nil {
			answer.Notice, err = s.notice(t)
		}
		if err != nil {
			return answer, err
		}
		answer.Last, answer.Taken = terminals.LastNumber(t), t.Booked
		for i := range t.Chains { // a terminal that died before it acted on the answer to its report hears it here again
			answer.Missing = append(answer.Missing, terminals.Missing(t, &t.Chains[i])...)
		}
		answer.Missing = answer.Missing[:min(len(answer.Missing), wire.MaxAnswers)]
		return answer, addLater(tx, t, after, &answer)
	})
	if err != nil {
		return nil, err
	}
	return s.signAnswer(c.Context(), c.terminal.Terminal, answer)
}

// giveUp gives the terminal's voids whose redemptions can no longer come their verdict.
func (s *Server) giveUp(ctx context.Context, id record.TerminalID) error {
	return s.store.Update(ctx, func(tx store.Tx) error {
		t, err := tx.Terminal(id)
		if err != nil || t == nil {
			return err
		}
		if any, err := booking.GiveUp(tx, &s.rules, t, s.now().UnixMilli()); err != nil || !any {
			return err
		}
		return tx.PutTerminal(*t)
	})
}

// commit books the items under the terminal's lock.
func (s *Server) commit(ctx context.Context, tx store.Tx, known *store.Credentials, report *verifiedReport,
	alone bool) (answer record.Answer, err error) {
	h := report.Heading
	if err := tx.LockMerchant(known.Place.Merchant, alone); err != nil {
		return answer, err
	}
	t, err := s.lockTerminal(tx, known, report.uploaded)
	if err != nil {
		return answer, err
	}
	if answer.Notice, err = s.notice(t); err != nil {
		return answer, err
	}
	now := s.now().UnixMilli()
	if err := bound(tx, t, &h, now); err != nil {
		return answer, err
	}
	t.LastReport, t.Waiting = now, h.Waiting
	// A backend that was restored from a backup knows fewer verdicts than the terminal; it goes on behind the terminal's.
	t.LastVerdict = max(t.LastVerdict, h.After)
	before := t.LastVerdict
	gap := s.gapBefore(t, report)
	result, err := booking.Book(tx, &s.rules, &booking.Report{Now: now, Terminal: t, Sent: h.Sent, Items: report.items,
		Passes: report.passes, Stand: report.stand, Gap: len(gap) > 0, Alone: alone,
		Withdrawals: report.withdrawals})
	if err != nil {
		return answer, err
	}
	for _, trouble := range result.Trouble {
		s.log.ErrorContext(ctx, "a record has to wait: a row is damaged", "terminal", t.ID, "error", trouble)
	}
	answer.Items, answer.Wanted = result.Verdicts, result.Wanted
	n := reportNotes{now: now}
	n.chain(t, h, runsOf(report, result.Taken), result.Fresh, &answer)
	n.keepForgotten(t, h.Forgotten)
	answer.Missing = record.Union(answer.Missing, gap)
	report.doubtful = n.doubtful
	for _, flag := range n.flags {
		if err := tx.AddFlag(flag); err != nil {
			return answer, err
		}
	}
	if err := tx.PutTerminal(*t); err != nil || h.After == before && !result.Others {
		answer.Cursor = t.LastVerdict
		return answer, err
	}
	return answer, addLater(tx, t, h.After, &answer)
}

// gapBefore are the numbers that are missing before a report, where the server was restored and did not ask for the
// records of the report yet. The terminal sends those first.
func (s *Server) gapBefore(t *store.Terminal, report *verifiedReport) []record.Range {
	if s.rules.Recover == nil || report.passes != nil || report.uploaded || len(report.items) == 0 {
		return nil
	}
	h := &report.Heading
	return terminals.MissingBefore(t, h.Chain, h.First, h.Lost, h.Aside)
}

// lockTerminal is the terminal's row as it is now, if it still lets the report in that came with the one that was
// known.
func (s *Server) lockTerminal(tx store.Tx, known *store.Credentials, uploaded bool) (*store.Terminal, error) {
	t, err := tx.Terminal(known.Terminal)
	switch {
	case err != nil:
		return nil, err
	case t == nil || t.Place.Merchant != known.Place.Merchant || !t.Key.Equal(known.Key):
		return nil, fault.New(fault.Unauthorized, "", "the terminal enrolled another key meanwhile: use its new token")
	case uploaded:
		return t, nil
	case t.Blocked != 0:
		return nil, s.blockedError(t)
	case t.Token != known.Token:
		return nil, fault.New(fault.Unauthorized, "", "the token has ended meanwhile: enrol the terminal again")
	}
	return t, nil
}

// runsOf are the runs of items that were taken, each of which names the one before it: one that has to come again is
// not here yet, and one that cannot be read names none.
func runsOf(report *verifiedReport, taken []bool) (runs []store.Run) {
	for i := range report.items {
		it, number := &report.items[i], report.First+uint64(i)
		if !taken[i] {
			continue
		}
		run := store.Run{First: number, Last: number, Prev: it.Record.Prev, Head: it.Hash}
		if last := len(runs) - 1; last >= 0 && terminals.Follows(run, runs[last]) {
			runs[last].Last, runs[last].Head = run.Last, run.Head
			continue
		}
		runs = append(runs, run)
	}
	return runs
}

// maxLater is how many verdicts on earlier records one answer has, so that the terminal can keep it.
const maxLater = 500

// addLater adds the verdicts after a cursor, without those in the items.
func addLater(tx store.Tx, t *store.Terminal, after uint64, answer *record.Answer) error {
	verdicts, err := tx.Verdicts(t.ID, after, maxLater)
	if err != nil {
		return err
	}
	answer.Cursor = max(t.LastVerdict, after)
	if len(verdicts) == maxLater {
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
