package localtest

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheWitnessSeesWhatIsNotInTheContract(t *testing.T) {
	good := `{"scanned":"x","saleKey":"1"}`
	for name, c := range map[string]struct {
		path, body, kind, answer string
		status                   int
		broken                   bool
	}{
		"good":            {"/v1/redeem", good, "application/json", `{"outcome":"allow","proven":true}`, 200, false},
		"a later field":   {"/v1/redeem", good, "application/json", `{"outcome":"allow","proven":true,"x":1}`, 200, false},
		"no such call":    {"/v1/dance", good, "application/json", `{}`, 200, true},
		"refused":         {"/v1/dance", good, "application/problem+json", `{}`, 404, false},
		"another type":    {"/v1/redeem", good, "text/html", `hello`, 200, true},
		"a missing field": {"/v1/redeem", good, "application/json", `{"outcome":"allow"}`, 200, true},
		"another word":    {"/v1/redeem", good, "application/json", `{"outcome":"perhaps","proven":true}`, 200, true},
		"taken, not known": {"/v1/redeem", `{"saleKey":"1","x":1}`, "application/json", `{"outcome":"ask","proven":true}`,
			200, true},
		"a problem without": {"/v1/redeem", good, "application/problem+json", `{}`, 400, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWitness(t, http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
				out.Header().Set("Content-Type", c.kind)
				out.WriteHeader(c.status)
				_, _ = out.Write([]byte(c.answer))
			}))
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, c.path, strings.NewReader(c.body))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("Offlane-Local", "1")
			answer := httptest.NewRecorder()
			w.ServeHTTP(answer, r)
			assert.Equal(t, c.broken, len(w.broken) > 0, "%v", w.broken)
			assert.Equal(t, c.answer, answer.Body.String(), "it is handed on as it is")
		})
	}
}
