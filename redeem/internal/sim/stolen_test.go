package sim

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// An interloper stands between tills and their backend: it keeps what passes, and may answer in the backend's place.
type interloper struct {
	enrolment atomic.Pointer[[]byte] // the last one that passed
	says      atomic.Pointer[string] // a problem's code; nil: it lets everything pass
}

func (i *interloper) stand(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		fromTill := !strings.HasPrefix(path, wire.PathDevice) && !strings.HasPrefix(path, wire.PathManagement)
		if code := i.says.Load(); code != nil && fromTill {
			w.Header().Set("Content-Type", wire.ProblemType)
			w.WriteHeader(http.StatusForbidden)
			wire.Write(w, wire.NewProblem(fault.New(fault.Code(*code), "", "go away")))
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		if r.URL.Path == wire.PathTerminals {
			i.enrolment.Store(&body)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, r)
	})
}

// A lab is one till, its backend, and what stands between.
type lab struct {
	*interloper
	server   *transporttest.Server
	terminal *redeem.Terminal
	config   redeem.Config
	dir      string
}

func newLab(t *testing.T) *lab {
	t.Helper()
	l := &lab{interloper: &interloper{}, dir: vfstest.Folder(t)}
	l.server = transporttest.NewServer(t, transporttest.Options{Middleware: l.stand})
	client, err := transport.New(transport.Config{URL: l.server.URL, RoundTripper: l.server.RoundTripper(),
		Attempts: 1})
	require.NoError(t, err)
	t.Cleanup(func() { client.Close() })
	l.config = redeem.Config{
		Place: record.Place{Lane: "7"}, Reporter: client, EnrolmentCode: l.server.Code(t, "s-1", 1),
		Reporting: redeem.Reporting{Manual: true},
	}
	l.open(t)
	require.NoError(t, l.terminal.ReportNow(t.Context()))
	return l
}

// open opens the till, anew if it is open.
func (l *lab) open(t *testing.T) {
	t.Helper()
	if l.terminal != nil {
		require.NoError(t, l.terminal.Close())
	}
	terminal, err := redeem.Open(t.Context(), l.dir, l.config)
	require.NoError(t, err)
	l.terminal = terminal
	t.Cleanup(func() { terminal.Close() })
}

func (l *lab) sell(t *testing.T, campaign, sale string) redeem.Decision {
	t.Helper()
	d, err := l.terminal.Redeem(t.Context(), redeem.Request{Scanned: l.server.Accept(t, campaign, 1)[0], SaleKey: sale})
	require.NoError(t, err)
	return d
}

func TestAStolenTillIsBlockedAndAFoundOneWorksAgain(t *testing.T) {
	l := newLab(t)
	l.server.Campaign(t, wire.Campaign{ID: campaignName, Title: "Spring"})
	require.NoError(t, l.terminal.ReportNow(t.Context()))
	require.Equal(t, redeem.Allow, l.sell(t, campaignName, "1").Outcome)

	for _, code := range []string{"blocked", "forbidden"} { // a portal's word
		l.says.Store(&code)
		assert.Error(t, l.terminal.ReportNow(t.Context()))
		assert.Zero(t, l.terminal.Status().Blocked, code)
		assert.Equal(t, redeem.Allow, l.sell(t, campaignName, "2 "+code).Outcome)
	}
	l.says.Store(nil)

	l.server.Block(t, l.terminal.Status().Terminal, true)
	assert.ErrorIs(t, l.terminal.ReportNow(t.Context()), fault.Blocked)
	for range 2 {
		d := l.sell(t, campaignName, "3")
		assert.Equal(t, redeem.Refuse, d.Outcome)
		assert.True(t, d.Because(fault.Blocked), d.String())
		assert.Equal(t, 3, l.terminal.Status().Pending, "the queue is all there")
		l.open(t)
	}
	l.server.Block(t, l.terminal.Status().Terminal, false)
	require.NoError(t, l.terminal.ReportNow(t.Context()))
	assert.Zero(t, l.terminal.Status().Pending)
	assert.Equal(t, redeem.Allow, l.sell(t, campaignName, "4").Outcome)
}

func TestAnEnrolmentThatWasOverheardIsWorthNothing(t *testing.T) {
	l := newLab(t)
	l.server.Campaign(t, wire.Campaign{ID: campaignName, Title: "Spring"})
	require.NoError(t, l.terminal.ReportNow(t.Context()))
	overheard := *l.enrolment.Load()
	client := &http.Client{Transport: l.server.RoundTripper()}
	response, err := client.Post(l.server.URL+wire.PathTerminals, wire.RequestType, bytes.NewReader(overheard))
	require.NoError(t, err)
	defer response.Body.Close()
	var p wire.Problem
	require.NoError(t, json.NewDecoder(response.Body).Decode(&p))
	assert.Equal(t, fault.StaleChallenge, p.Code())
	l.sell(t, campaignName, "1")
	require.NoError(t, l.terminal.ReportNow(t.Context()))
	assert.Equal(t, overheard, *l.enrolment.Load(), "the till kept its token: it had no need to enrol again")
}

// The answer to an enrolment is lost, also between two attempts of one exchange, where the second comes with a used
// challenge.
func TestATillWhoseEnrolmentLostItsAnswerEnrolsAgain(t *testing.T) {
	t.Parallel()
	for name, attempts := range map[string]int{"and nobody tries again at once": 1,
		"and the client tries again at once": 3} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := transporttest.NewServer(t, transporttest.Options{})
			client, err := transport.New(transport.Config{URL: server.URL, RoundTripper: server.RoundTripper(),
				Attempts: attempts, Wait: 1})
			require.NoError(t, err)
			defer client.Close()
			terminal, err := redeem.Open(t.Context(), vfstest.Folder(t), redeem.Config{Place: record.Place{Lane: "7"},
				Reporter:      client,
				EnrolmentCode: server.Code(t, "s-1", 1), Reporting: redeem.Reporting{Manual: true}})
			require.NoError(t, err)
			defer terminal.Close()
			server.Inject(transporttest.Injection{Fault: transporttest.AnswerLost, Path: wire.PathTerminals})
			if attempts == 1 {
				require.Error(t, terminal.ReportNow(t.Context()))
			}
			require.NoError(t, terminal.ReportNow(t.Context()))
			assert.True(t, terminal.Status().Enrolled, "it is enrolled")
		})
	}
}

func TestATillMovesAndWhatItSoldCountsWhereItStood(t *testing.T) {
	l := newLab(t)
	l.server.Campaign(t, wire.Campaign{ID: "here", Title: "Here", Stores: []string{"s-1"}})
	l.server.Campaign(t, wire.Campaign{ID: "there", Title: "There", Stores: []string{"s-2"}})
	require.NoError(t, l.terminal.ReportNow(t.Context()))
	require.Equal(t, redeem.Allow, l.sell(t, "here", "1").Outcome)
	l.config.EnrolmentCode = l.server.CodeFor(t, "s-2", l.terminal.Status().Terminal)
	l.open(t)
	require.Equal(t, redeem.Allow, l.sell(t, "here", "2").Outcome,
		"until it heard that it moved it stands where it stood")
	require.NoError(t, l.terminal.ReportNow(t.Context()))
	assert.Equal(t, "s-2", l.terminal.Status().Place.Store)
	assert.True(t, l.sell(t, "here", "3").Because(fault.OtherStore), "the reason is the other store")
	require.Equal(t, redeem.Allow, l.sell(t, "there", "4").Outcome)
	require.NoError(t, l.terminal.ReportNow(t.Context()))
	for v := range l.terminal.Verdicts(t.Context()) {
		assert.Fail(t, "a verdict that is not confirmed", "%+v", v)
	}
	assert.Zero(t, l.terminal.Status().Pending)
}
