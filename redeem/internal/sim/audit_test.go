package sim

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// The simulation is worth something only if it sees what it looks for.

func TestTheAuditSeesABackendThatForgets(t *testing.T) {
	err := spoilt(t, func(next http.Handler) http.Handler {
		var reports atomic.Int32
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != wire.PathReports || reports.Add(1) < 8 { // a single hole it would ask for again
				next.ServeHTTP(w, r)
				return
			}
			confirmUnseen(w, r, next)
		})
	})
	assert.ErrorContains(t, err, "was acknowledged and is not in the books")
}

// confirmUnseen confirms a report without booking it, with the backend's own clock.
func confirmUnseen(w http.ResponseWriter, r *http.Request, next http.Handler) {
	body, err := io.ReadAll(unpacked(r))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	var report wire.Report
	var health wire.Health
	clock := httptest.NewRecorder()
	next.ServeHTTP(clock, httptest.NewRequest(http.MethodGet, wire.PathHealth, nil))
	if json.Unmarshal(body, &report) != nil || json.Unmarshal(clock.Body.Bytes(), &health) != nil {
		panic(http.ErrAbortHandler)
	}
	answer := wire.Answer{Later: []record.Verdict{}, Time: health.Time}
	for _, raw := range report.Records {
		answer.Items = append(answer.Items, record.Verdict{Record: record.IDOf(raw), Hash: record.HashOf(raw),
			Status: record.Confirmed})
	}
	w.Header().Set("Content-Type", wire.ContentType)
	wire.Write(w, answer)
}

func TestTheAuditSeesABackendThatCountsTwice(t *testing.T) {
	err := spoilt(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.Header.Del("Accept-Encoding") // the answer is read here
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, r)
			var body wire.Answer
			if r.URL.Path == wire.PathReports || r.URL.Path == wire.PathVerdicts {
				if json.Unmarshal(answer.Body.Bytes(), &body) == nil && answer.Code == http.StatusOK {
					confirmAll(body.Items)
					confirmAll(body.Later)
					body.Statement = nil // a till would see that the verdicts are others than those that were signed
					answer.Body.Reset()
					wire.Write(answer.Body, body)
				}
			}
			for name, values := range answer.Header() {
				w.Header()[name] = values
			}
			w.WriteHeader(answer.Code)
			w.Write(answer.Body.Bytes())
		})
	})
	assert.ErrorContains(t, err, "uses in the books")
}

func confirmAll(verdicts []record.Verdict) {
	for i := range verdicts {
		v := &verdicts[i]
		v.Status, v.Reason, v.First = record.Confirmed, "", nil
	}
}

// spoilt runs a plan without faults against a backend with something wrong before it.
func spoilt(t *testing.T, middleware func(http.Handler) http.Handler) (err error) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := emptyWorld(t, plan{seed: 3, lanes: 6, days: 2, sales: 30})
		w.connect(t, transporttest.NewServer(t, transporttest.Options{InMemory: true, Store: w.store,
			Middleware: middleware}))
		w.prepare(t)
		err = w.run(t.Context())
	})
	return err
}

func unpacked(r *http.Request) io.Reader {
	if r.Header.Get("Content-Encoding") == "gzip" {
		if plain, err := gzip.NewReader(r.Body); err == nil {
			return plain
		}
	}
	return r.Body
}
