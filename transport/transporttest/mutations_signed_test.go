package transporttest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// signedMutations are of what signatures cover.
func signedMutations() []mutation {
	return []mutation{
		{"the record before an unreadable one may be another", []string{"replaced-record"},
			onReports(takeBesidePoison)},
		{"a challenge is good again and again", []string{"challenge-once"},
			onEnrolments(tellAgain(fault.StaleChallenge))},
		{"a code takes a terminal over", []string{"no-takeover"}, onEnrolments(tellAgain(fault.Unauthorized))},
		{"a block is the word of whoever says it", []string{"blocked-is-signed"}, withoutNotice},
		{"who works again does not hear of it", []string{"blocked-is-signed"},
			onAnswers(func(a *wire.Answer) { a.Notice = nil })},
	}
}

// onEnrolments changes the answers to enrolments: told are those that were good, by terminal.
func onEnrolments(change func(e wire.Enrolment, answer *httptest.ResponseRecorder,
	told map[record.TerminalID][]byte)) func(http.Handler) http.Handler {
	told := map[record.TerminalID][]byte{} // the suite enrols one terminal after the other
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			raw, err := io.ReadAll(r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			r.Header.Del("Accept-Encoding") // the answer is read here
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, again(r, raw))
			var body wire.Enrolment
			if r.URL.Path == wire.PathTerminals && json.Unmarshal(plain(r.Header, raw), &body) == nil {
				change(body, answer, told)
			}
			(&visit{w: w, r: r}).send(answer)
		})
	}
}

// tellAgain answers an enrolment that is refused with a code as the terminal was answered before.
func tellAgain(code fault.Code) func(wire.Enrolment, *httptest.ResponseRecorder, map[record.TerminalID][]byte) {
	return func(e wire.Enrolment, answer *httptest.ResponseRecorder, told map[record.TerminalID][]byte) {
		if answer.Code == http.StatusOK {
			told[e.Terminal] = bytes.Clone(answer.Body.Bytes())
			return
		}
		var p wire.Problem
		if before := told[e.Terminal]; before != nil && json.Unmarshal(answer.Body.Bytes(), &p) == nil &&
			p.Code() == code {
			answer.Code = http.StatusOK
			answer.Header().Set("Content-Type", wire.ContentType)
			answer.Body = bytes.NewBuffer(before)
		}
	}
}

func withoutNotice(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Del("Accept-Encoding") // the answer is read here
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		var p wire.Problem
		if answer.Code == http.StatusForbidden && json.Unmarshal(answer.Body.Bytes(), &p) == nil {
			p.Notice = nil
			answer.Body.Reset()
			wire.Write(answer.Body, p)
		}
		(&visit{w: w, r: r}).send(answer)
	})
}

// takeBesidePoison takes what can be read of a report that the backend refuses, if something in it cannot.
func takeBesidePoison(w http.ResponseWriter, r *http.Request, report wire.Report, next http.Handler) {
	r.Header.Del("Accept-Encoding") // the answer is read here
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	body := wire.Answer{Later: []record.Verdict{}, Time: wire.Time{Millis: 1, KeyID: "k", Signature: wire.Bytes{1}}}
	for _, raw := range report.Records {
		if _, err := record.Decode(raw); err == nil {
			body.Items = append(body.Items, record.Verdict{Number: 1, Record: record.IDOf(raw),
				Hash: record.HashOf(raw), Status: record.Confirmed})
		}
	}
	if answer.Code != http.StatusForbidden || len(body.Items) == len(report.Records) {
		(&visit{w: w, r: r}).send(answer)
		return
	}
	w.Header().Set("Content-Type", wire.ContentType)
	wire.Write(w, body)
}
