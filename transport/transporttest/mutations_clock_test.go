package transporttest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// clockMutations are of a clock that was wrong, and of bundles that were forgotten.
func clockMutations() []mutation {
	return []mutation{
		{"a till with a newer bundle is told that it has the newest", []string{"bundle-forgotten"}, newestOfAll},
		{"nobody hears of a correction", []string{"clock-withdrawn"}, onAnswers(func(a *wire.Answer) { a.Correction = nil })},
		{"the correction of another backend is told", []string{"clock-withdrawn"},
			onAnswers(func(a *wire.Answer) {
				if a.Correction != nil {
					a.Correction.Signature[0] ^= 1
				}
			})},
		{"the clock does not say under which correction it is", []string{"clock-withdrawn", "signed-clock"},
			onAnswers(func(a *wire.Answer) { a.Time.Correction++ })},
		{"evidence of a withdrawn clock counts", []string{"clock-withdrawn"}, onReports(rejectFuture)},
		{"evidence from the future counts", []string{"clock-withdrawn"}, onAnswers(forgive(fault.ClockUntrusted))},
	}
}

// newestOfAll answers 304 to whoever has a bundle of a later epoch.
func newestOfAll(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == wire.PathBundle && strings.HasPrefix(r.Header.Get("If-None-Match"), `"1844`) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// rejectFuture rejects records that can have been made in an hour at the earliest, whatever they rest on.
func rejectFuture(w http.ResponseWriter, r *http.Request, report wire.Report, next http.Handler) {
	r.Header.Del("Accept-Encoding") // the answer is read here
	answer := httptest.NewRecorder()
	next.ServeHTTP(answer, r)
	ahead := map[record.ID]bool{}
	for _, raw := range report.Records {
		if rec, err := record.Decode(raw); err == nil && rec.Time.Earliest > time.Now().Add(time.Hour).UnixMilli() {
			ahead[rec.ID] = true
		}
	}
	var body wire.Answer
	if answer.Code == http.StatusOK && json.Unmarshal(answer.Body.Bytes(), &body) == nil {
		for i := range body.Items {
			if v := &body.Items[i]; ahead[v.Record] {
				v.Status, v.Reason = record.Rejected, fault.ClockUntrusted
			}
		}
		answer.Body.Reset()
		wire.Write(answer.Body, body)
	}
	(&visit{w: w, r: r}).send(answer)
}
