package backend

import (
	"context"
	"crypto/ed25519"
	"errors"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// A verifiedReport is a report that was verified and taken apart.
type verifiedReport struct {
	record.Heading
	items  []record.Item
	passes []string
	stand  map[record.Hash]record.Verdict
	// uploaded says that the merchant brought it.
	uploaded bool
	// withdrawals name what the server said of the time and said wrong.
	withdrawals []record.Withdrawal
	// doubtful says that its terminal waits for a bundle that is made after it.
	doubtful bool
}

// verifyReport reads a report and verifies it with the key of its terminal.
func (s *Server) verifyReport(
	ctx context.Context, body wire.Report, whose func(record.Heading) (*store.Credentials, error),
) (*store.Credentials, *verifiedReport, error) {
	report, err := body.Record()
	if err != nil {
		return nil, nil, err
	}
	h, err := report.Peek()
	if err != nil {
		return nil, nil, err
	}
	terminal, err := whose(h)
	if err != nil {
		return nil, nil, err
	}
	h, items, err := openReport(terminal, report)
	if err != nil {
		return nil, nil, err
	}
	if h.Terminal != terminal.Terminal {
		return nil, nil, fault.New(fault.Forbidden, "", "the token is of terminal %s, the report of %s", terminal.Terminal,
			h.Terminal)
	}
	clock, err := s.clockState(ctx)
	if err != nil {
		return nil, nil, err
	}
	return terminal, &verifiedReport{Heading: h, items: items, passes: report.Passes,
		stand: s.standing(report.Statements, terminal.Terminal), withdrawals: clock.records()}, nil
}

// openReport verifies a report with the terminal's key, or with a former one as far as that one counts.
func openReport(t *store.Credentials, report record.Report) (record.Heading, []record.Item, error) {
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
			return h, nil, fault.New(fault.Forged, "",
				"the report is signed with a key that terminal %s gave up after record %d: "+
					"have it report, or export, again", t.Terminal, f.Last)
		}
		h.Lost = nil // what is lost is for the key in use to say
		return h, items, nil
	}
	return h, items, err
}

// standing are the verdicts that the server signed for a terminal, by their records. A statement that it did not sign
// is passed over.
func (s *Server) standing(statements []record.Signed, terminal record.TerminalID) map[record.Hash]record.Verdict {
	stand := map[record.Hash]record.Verdict{}
	for _, signed := range statements {
		statement, err := signed.Open(s.cfg.Root.Private.Public().(ed25519.PublicKey))
		if err != nil || statement.Terminal != terminal {
			s.log.Warn("a statement is not this server's", "terminal", terminal, "error", err)
			continue
		}
		for _, v := range statement.Verdicts {
			stand[v.Hash] = v
		}
	}
	return stand
}
