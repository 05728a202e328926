package transporttest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// operatorMutations are of voids beyond a limit and of who makes them.
func operatorMutations() []mutation {
	return []mutation{
		{"anybody's records are found", []string{"records-own"}, asOwner(wire.PathRecords)},
		{"a manager's word for a void counts nothing", []string{"allowed-void"}, onReports(refuseAllowed)},
		{"voids of what another terminal redeemed count as all others", []string{"operators-counted"},
			onOperators(func(o *wire.OperatorTally) { o.Elsewhere = 0 })},
		{"who allowed it is not counted", []string{"operators-counted"},
			onOperators(func(o *wire.OperatorTally) { o.Allowed = 0 })},
		{"a name that was erased is still told", []string{"operator-erased"}, keepNames},
	}
}

// refuseAllowed rejects what a manager allowed.
func refuseAllowed(w http.ResponseWriter, r *http.Request, report wire.Report, next http.Handler) {
	allowed := map[record.ID]bool{}
	for _, raw := range report.Records {
		rec, err := record.Decode(raw)
		allowed[rec.ID] = err == nil && rec.Override != nil
	}
	onAnswers(func(a *wire.Answer) {
		for i := range a.Items {
			if v := &a.Items[i]; allowed[v.Record] {
				v.Status, v.Reason, v.Booked = record.Rejected, fault.OverVoids, nil
			}
		}
	})(next).ServeHTTP(w, r)
}

// onOperators changes every row of the figures by operator.
func onOperators(edit func(*wire.OperatorTally)) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			answer := httptest.NewRecorder()
			next.ServeHTTP(answer, r)
			var body wire.Operators
			if r.URL.Path == wire.PathOperators && json.Unmarshal(answer.Body.Bytes(), &body) == nil {
				for i := range body.Operators {
					edit(&body.Operators[i])
				}
				answer.Body.Reset()
				wire.Write(answer.Body, body)
			}
			(&visit{w: w, r: r}).send(answer)
		})
	}
}

// keepNames says that it erased a name, and does not.
func keepNames(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodDelete || !strings.HasPrefix(r.URL.Path, wire.PathOperators) {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", wire.ContentType)
		wire.Write(w, wire.ErasedOperator{Rows: 1})
	})
}

// asOwner has whoever asks at a path be the owner.
func asOwner(path string) func(http.Handler) http.Handler {
	return onRequests(func(r *http.Request) {
		if r.URL.Path == path {
			r.Header.Set("Authorization", "Bearer "+ManagementKey)
		}
	})
}
