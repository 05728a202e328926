package sim

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// A proxy stands before the backend and does not let a report with some record pass.
type proxy struct {
	next   http.Handler
	record atomic.Uint64 // by its chain number; 0: none
	refuse func(http.ResponseWriter)
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if r.URL.Path == wire.PathReports && p.carries(r.Header.Get("Content-Encoding"), body) {
		p.refuse(w)
		return
	}
	p.next.ServeHTTP(w, r)
}

func (p *proxy) carries(encoding string, body []byte) bool {
	if encoding == "gzip" {
		plain, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return false
		}
		if body, err = io.ReadAll(plain); err != nil {
			return false
		}
	}
	report, err := wire.Read[wire.Report](bytes.NewReader(body), wire.MaxBody)
	if err != nil {
		return false
	}
	for _, raw := range report.Records {
		if rec, err := record.Decode(raw); err == nil && rec.Number == p.record.Load() {
			return true
		}
	}
	return false
}

func TestAProxyThatRefusesOneRecordKeepsNoOtherFromTheBackend(t *testing.T) {
	t.Parallel()
	plain := func(status int) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) { http.Error(w, "<html>no</html>", status) }
	}
	problem := func(code fault.Code) func(http.ResponseWriter) {
		return func(w http.ResponseWriter) {
			p := wire.NewProblem(fault.New(code, "", "no"))
			w.Header().Set("Content-Type", wire.ProblemType)
			w.WriteHeader(p.Status)
			wire.Write(w, p)
		}
	}
	for name, refuse := range map[string]func(http.ResponseWriter){
		"400": plain(http.StatusBadRequest), "403": plain(http.StatusForbidden),
		"413": plain(http.StatusRequestEntityTooLarge),
		"422": plain(http.StatusUnprocessableEntity), "500": plain(http.StatusInternalServerError),
		"a portal's page": plain(http.StatusOK),
		"forbidden":       problem(fault.Forbidden), "internal": problem(fault.Internal),
		"malformed": problem(fault.Malformed),
	} {
		t.Run(name, func(t *testing.T) {
			var gate proxy
			gate.refuse = refuse
			server := transporttest.NewServer(t, transporttest.Options{InMemory: true,
				Middleware: func(next http.Handler) http.Handler {
					gate.next = next
					return &gate
				}})
			server.Campaign(t, wire.Campaign{ID: campaignName, Title: "Spring"})
			client, err := transport.New(transport.Config{URL: server.URL, RoundTripper: server.RoundTripper(),
				Wait: time.Nanosecond})
			require.NoError(t, err)
			terminal, err := redeem.Open(t.Context(), t.TempDir(), redeem.Config{
				Place: record.Place{Lane: "1"}, Reporter: client, EnrolmentCode: server.Code(t, "s-1", 1), Keys: server.Keys(),
				Reporting: redeem.Reporting{Manual: true},
			})
			require.NoError(t, err)
			defer terminal.Close()
			require.NoError(t, terminal.ReportNow(t.Context()))
			for i, pass := range server.Accept(t, campaignName, 9) {
				d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: pass, SaleKey: fmt.Sprint(i)})
				require.NoError(t, err)
				require.Equal(t, redeem.Allow, d.Outcome, d.String())
			}
			gate.record.Store(5)
			for i := 0; len(terminal.Status().SetAside) == 0; i++ {
				require.Less(t, i, 6, terminal.Status().LastError)
				require.Error(t, terminal.ReportNow(t.Context()))
			}
			status := terminal.Status()
			assert.Equal(t, uint64(5), status.SetAside[0].Number)
			assert.Equal(t, 1, status.Pending)
			gate.record.Store(0)
			require.NoError(t, terminal.ReportNow(t.Context()))
			assert.Zero(t, terminal.Status().Pending)
		})
	}
}
