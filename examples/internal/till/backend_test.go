package till_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/examples/internal/till"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// talk says lines to a till that reports to the address, and returns what it answers.
func talk(t *testing.T, url, code string, lines ...string) string {
	t.Helper()
	shop, err := till.Open(t.Context(), till.Options{Dir: t.TempDir(), Backend: url, Code: code})
	require.NoError(t, err)
	defer shop.Terminal.Close()
	var out bytes.Buffer
	person := till.Person{Till: shop}
	require.NoError(t, person.Talk(t.Context(), strings.NewReader(strings.Join(lines, "\n")), &out))
	return out.String()
}

func TestATillCountsWhatHappens(t *testing.T) {
	server := transporttest.NewServer(t, transporttest.Options{})
	server.Campaign(t, wire.Campaign{ID: "spring", Title: "Spring"})
	pass := server.Accept(t, "spring", 1)[0]
	said := talk(t, server.URL, server.Code(t, "s-1", 1), "report", "redeem "+pass+" sale-1", "redeem "+pass+" sale-2",
		"report", "status", "backend")
	for _, want := range []string{"decision allow: 1\n", "decision refuse: 1\n", "reason already-redeemed: 1\n",
		"records reported: 1\n", "bundle: 1\n", "ok; it can do [enrol"} {
		assert.Contains(t, said, want)
	}
	assert.NotContains(t, said, "earlier version")
}

func TestATillSaysWhatAnOlderBackendLacks(t *testing.T) {
	var most atomic.Int64 // of what a terminal needs
	most.Store(int64(len(wire.Needed())))
	older := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != wire.PathHealth {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", wire.ContentType)
		assert.NoError(t, wire.Write(w, wire.Health{Status: "ok", Can: append(wire.Needed()[:most.Load()], "something-new")}))
	}))
	defer older.Close()
	said := talk(t, older.URL, "", "backend")
	assert.Contains(t, said, "earlier version, which lacks [gzip upload gaps rotate device]")
	most.Store(2)
	said = talk(t, older.URL, "CODE", "report", "backend")
	assert.Equal(t, 2, strings.Count(said, "cannot do [verdicts bundle], which a terminal needs"), said)
	assert.Contains(t, said, fmt.Sprint("(", fault.UnsupportedVersion, ")"))
}
