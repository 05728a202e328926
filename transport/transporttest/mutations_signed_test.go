package transporttest

import (
	"net/http"
	"net/http/httptest"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// signedMutations are of what signatures cover.
func signedMutations() []mutation {
	return []mutation{
		{"the record before an unreadable one may be another", []string{"replaced-record"}, onReports(takeBesidePoison)},
	}
}

// takeBesidePoison takes what can be read of a report that the backend refuses, if something in it cannot.
func takeBesidePoison(w http.ResponseWriter, r *http.Request, report wire.Report, next http.Handler) {
	r.Header.Del("Accept-Encoding") // the answer is read here
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	body := wire.Answer{Later: []record.Verdict{}, Time: wire.Time{Millis: 1, KeyID: "k", Signature: wire.Bytes{1}}}
	for _, raw := range report.Records {
		if _, err := record.Decode(raw); err == nil {
			body.Items = append(body.Items, record.Verdict{Number: 1, Record: record.IDOf(raw), Hash: record.HashOf(raw), Status: record.Confirmed})
		}
	}
	if answer.Code != http.StatusForbidden || len(body.Items) == len(report.Records) {
		(&visit{w: w, r: r}).send(answer)
		return
	}
	w.Header().Set("Content-Type", wire.ContentType)
	wire.Write(w, body)
}
