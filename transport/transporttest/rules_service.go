package transporttest

import (
	"context"
	"net/http"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

var serviceRules = []Rule{
	{"health", "GET /v1/health lists what a terminal needs, in the contract's own media type.", checkHealth},
	{"problems", "What a client does wrong is a problem with a code and a status from 400 to 499.", checkProblems},
}

func checkHealth(ctx context.Context, s *suite) error {
	health, err := good[wire.Health](s.call(ctx, http.MethodGet, wire.PathHealth, "", nil, nil))
	if err != nil {
		return err
	}
	if lacks := health.Lacks(wire.Needed()...); len(lacks) > 0 {
		return breach("it cannot do %v", lacks)
	}
	if health.Status != "ok" || health.Time.Millis == 0 || len(health.Time.Signature) == 0 {
		return breach("status %q, clock %d, signature of %d bytes", health.Status, health.Time.Millis,
			len(health.Time.Signature))
	}
	return nil
}

func checkProblems(ctx context.Context, s *suite) error {
	t, err := s.till(ctx)
	if err != nil {
		return err
	}
	header := http.Header{"Content-Type": {wire.RequestType}}
	for what, body := range map[string]string{
		"nothing": "", "a page": "<html>", "half a report": `{"heading":"AA`, "a report of nothing": `{}`,
		"a heading that is none": `{"heading":"AAAA","signature":"AAAA","records":[]}`,
	} {
		resp, err := s.call(ctx, http.MethodPost, wire.PathReports, t.told.Token, header, []byte(body))
		if err := wantClientError(resp, err); err != nil {
			return breach("%s as a report: %w", what, err)
		}
	}
	resp, err := s.call(ctx, http.MethodGet, wire.PathVerdicts+"?after=soon", t.told.Token, nil, nil)
	return wantClientError(resp, err)
}

var enrolmentRules = []Rule{
	{"enrol", "An enrolment brings a token, the place and the keys that sign the clock.", checkEnrol},
	{"enrol-needs-a-code", "A terminal that is not known needs a good code.", checkEnrolCode},
	{"enrol-needs-proof", "Whoever enrols a key proves to have it.", checkEnrolProof},
	{"enrol-again", "A terminal that is known by its key gets a fresh token without a code.", checkEnrolAgain},
	{"token-needed", "Reports, verdicts and the bundle need a good token.", checkToken},
	{"token-of-another", "A terminal cannot report for another.", checkTokenOfAnother},
}

func checkEnrol(ctx context.Context, s *suite) error {
	t, err := s.till(ctx)
	if err != nil {
		return err
	}
	if t.told.Place.Store == "" || t.told.Place.Lane != t.lane() {
		return breach("the place is %+v: a store and the lane as the terminal named it are missing", t.told.Place)
	}
	return nil
}

func checkEnrolCode(ctx context.Context, s *suite) error {
	for _, code := range []string{"", "no-such-code"} {
		t := &till{suite: s}
		if err := t.invent(); err != nil {
			return err
		}
		e, err := t.enrolment(ctx, code)
		if err != nil {
			return err
		}
		resp, err := s.post(ctx, wire.PathTerminals, "", wire.FromEnrolment(e))
		if err := wantClientError(resp, err); err != nil {
			return breach("code %q: %w", code, err)
		}
	}
	return nil
}

func checkEnrolProof(ctx context.Context, s *suite) error {
	t := &till{suite: s}
	if err := t.invent(); err != nil {
		return err
	}
	e, err := t.enrolment(ctx, s.Code)
	if err != nil {
		return err
	}
	e.Proof[0] ^= 1
	resp, err := s.post(ctx, wire.PathTerminals, "", wire.FromEnrolment(e))
	return wantClientError(resp, err, fault.Forged)
}

func checkEnrolAgain(ctx context.Context, s *suite) error {
	t, err := s.till(ctx)
	if err != nil {
		return err
	}
	e, err := t.enrolment(ctx, "")
	if err != nil {
		return err
	}
	again, err := t.enrol(ctx, e)
	if err != nil {
		return err
	}
	if again.Place != t.told.Place {
		return breach("the place was %+v and is %+v", t.told.Place, again.Place)
	}
	t.told = again
	_, err = t.verdicts(ctx, 0)
	return err
}

func checkToken(ctx context.Context, s *suite) error {
	t, err := s.till(ctx)
	if err != nil {
		return err
	}
	r, err := t.seal()
	if err != nil {
		return err
	}
	for _, token := range []string{"", "no-such-token"} {
		resp, err := s.post(ctx, wire.PathReports, token, wire.FromReport(r))
		if err := wantClientError(resp, err, fault.Unauthorized); err != nil {
			return breach("a report with token %q: %w", token, err)
		}
		for _, path := range []string{wire.PathVerdicts, wire.PathBundle} {
			resp, err := s.call(ctx, http.MethodGet, path, token, nil, nil)
			if err := wantClientError(resp, err, fault.Unauthorized); err != nil {
				return breach("GET %s with token %q: %w", path, token, err)
			}
		}
	}
	return nil
}

func checkTokenOfAnother(ctx context.Context, s *suite) error {
	p, err := s.offer(ctx)
	if err != nil {
		return err
	}
	owner, err := s.till(ctx)
	if err != nil {
		return err
	}
	thief, err := s.till(ctx)
	if err != nil {
		return err
	}
	_, raw, err := owner.redeem(p)
	if err != nil {
		return err
	}
	r, err := owner.seal(raw)
	if err != nil {
		return err
	}
	resp, err := s.post(ctx, wire.PathReports, thief.told.Token, wire.FromReport(r))
	if err := wantClientError(resp, err); err != nil {
		return err
	}
	_, _, err = thief.bookOffer(ctx, p, record.Confirmed) // nothing was booked
	return err
}
