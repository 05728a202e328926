package transporttest

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"net/http"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

var signedRules = []Rule{
	{"replaced-record",
		"A report in which its carrier replaced a record is refused as a whole, also beside one that cannot be read.",
		checkReplaced},
	{"challenge-once",
		"An enrolment that comes again changes nothing, and neither does one with a challenge that was never given.",
		checkChallenge},
	{"no-takeover", "A code does not give a terminal that is known another key.", checkTakeover},
	{"second-terminal", "A new terminal hears that its lane has another one, a terminal that is known does not.",
		checkSecond},
	{"forgotten-ends", "The merchant ends what a terminal may have forgotten, and the terminal hears that signed.",
		checkEndsForgotten},
	{"blocked-is-signed",
		"A blocked terminal is refused with the backend's signed word, and hears signed that it works again.",
		checkBlocked},
}

// works wants the till's token to be good.
func (t *till) works(ctx context.Context) error {
	if _, err := t.verdicts(ctx, 0); err != nil {
		return breach("the terminal's token has ended: %w", err)
	}
	return nil
}

func checkChallenge(ctx context.Context, s *suite) error {
	t, err := s.till(ctx)
	if err != nil {
		return err
	}
	e, err := t.enrolment(ctx, "")
	if err != nil {
		return err
	}
	if t.told, err = t.enrol(ctx, e); err != nil {
		return err
	}
	resp, err := s.post(ctx, wire.PathTerminals, "", wire.FromEnrolment(e))
	if err := wantClientError(resp, err, fault.StaleChallenge); err != nil {
		return breach("the same enrolment again: %w", err)
	}
	e.Challenge = strings.Repeat("A", len(e.Challenge))
	if e, err = e.Prove(t.key); err != nil {
		return err
	}
	resp, err = s.post(ctx, wire.PathTerminals, "", wire.FromEnrolment(e))
	if err := wantClientError(resp, err, fault.StaleChallenge); err != nil {
		return breach("a challenge that was made up: %w", err)
	}
	return t.works(ctx)
}

func checkTakeover(ctx context.Context, s *suite) error {
	t, err := s.till(ctx)
	if err != nil {
		return err
	}
	thief := *t
	if _, thief.key, err = ed25519.GenerateKey(nil); err != nil {
		return err
	}
	e, err := thief.enrolment(ctx, s.Code)
	if err != nil {
		return err
	}
	resp, err := s.post(ctx, wire.PathTerminals, "", wire.FromEnrolment(e))
	if err := wantClientError(resp, err, fault.Unauthorized, fault.Forbidden); err != nil {
		return err
	}
	return t.works(ctx)
}

// side speaks with the management side.
func (s *suite) side() *suite {
	side := s.Target
	side.URL = strings.TrimRight(cmp.Or(s.Management, s.URL), "/")
	return &suite{side}
}

// block blocks a terminal with a management key, or lets it work again.
func (s *suite) block(ctx context.Context, key string, terminal record.TerminalID, blocked bool) error {
	path := strings.Replace(wire.PathBlock, "{id}", terminal.String(), 1)
	_, err := good[wire.Lane](s.send(ctx, http.MethodPut, path, key, wire.NewBlock{Blocked: blocked}))
	return err
}

// tillOfOwner makes a terminal of the owner's.
func (s *suite) tillOfOwner(ctx context.Context) (*till, error) {
	made, err := s.side().post(ctx, wire.PathCodes, s.Owner.Key, wire.NewCode{Store: "conformance"})
	code, err := wantCreated[wire.Code](made, err)
	if err != nil {
		return nil, err
	}
	of := *s
	of.Code = code.Code
	return of.till(ctx)
}

func checkBlocked(ctx context.Context, s *suite) error {
	if s.Owner.Key == "" {
		return skip("the target names no merchant with its management keys")
	}
	t, err := s.tillOfOwner(ctx)
	if err != nil {
		return err
	}
	if err := s.side().block(ctx, s.Owner.Key, t.id, true); err != nil {
		return err
	}
	e, err := t.enrolment(ctx, "")
	if err != nil {
		return err
	}
	asked, err := s.call(ctx, http.MethodGet, wire.PathVerdicts, t.told.Token, nil, nil)
	blocked, err := t.wantBlocked(asked, err)
	if err != nil {
		return breach("asking for verdicts: %w", err)
	}
	again, err := s.post(ctx, wire.PathTerminals, "", wire.FromEnrolment(e))
	if _, err := t.wantBlocked(again, err); err != nil {
		return breach("enrolling again: %w", err)
	}
	if err := s.side().block(ctx, s.Owner.Key, t.id, false); err != nil {
		return err
	}
	answer, err := t.verdicts(ctx, 0)
	if err != nil {
		return err
	}
	works, err := t.openNotice(answer.Notice)
	if err == nil && (works.Blocked || works.Number <= blocked.Number) {
		err = breach("the notice says blocked %t with number %d, after one with %d", works.Blocked, works.Number,
			blocked.Number)
	}
	return err
}

// wantBlocked wants a refusal with the signed word that the till is blocked.
func (t *till) wantBlocked(resp response, err error) (record.Notice, error) {
	if err := wantClientError(resp, err, fault.Blocked); err != nil {
		return record.Notice{}, err
	}
	p, err := wire.Read[wire.Problem](bytes.NewReader(resp.body), wire.MaxProblem)
	if err != nil {
		return record.Notice{}, err
	}
	n, err := t.openNotice(p.Notice.Record())
	if err == nil && !n.Blocked {
		err = breach("the notice says that the terminal works")
	}
	return n, err
}

// openNotice opens a notice with the keys of the enrolment.
func (t *till) openNotice(signed record.Signed) (record.Notice, error) {
	for _, root := range t.told.Roots {
		if n, err := signed.OpenNotice(t.id, root.Public); root.ID == signed.KeyID && err == nil {
			return n, nil
		}
	}
	return record.Notice{}, breach("the notice is not signed by a key of the enrolment")
}

// checkReplaced replaces the record before one that cannot be read, and so names nothing before it.
func checkReplaced(ctx context.Context, s *suite) error {
	t, raws, err := s.tillWith(ctx, 1)
	if err != nil {
		return err
	}
	p, err := s.offer(ctx)
	if err != nil {
		return err
	}
	carrier := *t
	carrier.number, carrier.prev = 0, record.Hash{}
	_, other, err := carrier.redeem(p)
	if err != nil {
		return err
	}
	poison := []byte("no record at all")
	t.number, t.prev = t.number+1, record.HashOf(poison)
	more, err := t.several(ctx, 1)
	if err != nil {
		return err
	}
	r, err := t.seal(raws[0], poison, more[0])
	if err != nil {
		return err
	}
	r.Records[0] = other
	resp, err := s.post(ctx, wire.PathReports, t.told.Token, wire.FromReport(r))
	if err := wantClientError(resp, err, fault.Forged); err != nil {
		return err
	}
	answer, err := t.report(ctx, raws[0], poison, more[0])
	if err != nil {
		return err
	}
	return allConfirmed(answer, [][]byte{raws[0], more[0]}) // nothing was booked before
}

func checkSecond(ctx context.Context, s *suite) error {
	first, err := s.till(ctx)
	if err != nil {
		return err
	}
	if first.told.Second != 0 {
		return breach("the first terminal of a lane is told that it has another one")
	}
	second := &till{suite: s, named: first.lane()}
	if err := second.invent(); err != nil {
		return err
	}
	for _, want := range []bool{true, false} {
		e, err := second.enrolment(ctx, s.Code)
		if err != nil {
			return err
		}
		if second.told, err = second.enrol(ctx, e); err != nil {
			return err
		}
		if got := second.told.Second != 0; got != want {
			return breach("a second terminal of a lane is told that it has another one: %t, new: %t", got, want)
		}
	}
	return nil
}

func checkEndsForgotten(ctx context.Context, s *suite) error {
	if s.Owner.Key == "" {
		return skip("the target names no merchant with its management keys")
	}
	t, err := s.tillOfOwner(ctx)
	if err != nil {
		return err
	}
	path := strings.Replace(wire.PathForgotten, "{id}", t.id.String(), 1)
	if _, err := good[wire.Lane](s.side().call(ctx, http.MethodDelete, path, s.Owner.Key, nil, nil)); err != nil {
		return err
	}
	answer, err := t.verdicts(ctx, 0)
	if err != nil {
		return err
	}
	n, err := t.openNotice(answer.Notice)
	if err == nil && (n.Remembers == 0 || n.Blocked) {
		err = breach("the notice says that it ended at %d, blocked %t", n.Remembers, n.Blocked)
	}
	return err
}
