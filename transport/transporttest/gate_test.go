package transporttest

import (
	"crypto/ed25519"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/wire"
)

var signer = ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))

// booker is a backend that confirms everything and counts how often each record came.
type booker struct {
	requests atomic.Int32
	records  map[record.ID]int
	order    []record.ID
	now      func() time.Time
}

func (b *booker) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.requests.Add(1)
	body, err := wire.Read[wire.Report](r.Body, wire.MaxBody)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	at, err := record.SignTime(b.now(), 0, "k", signer)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	answer := record.Answer{Time: at}
	for _, raw := range body.Records {
		id := record.IDOf(raw)
		b.records[id]++
		b.order = append(b.order, id)
		answer.Items = append(answer.Items, record.Verdict{Number: 1, Record: id, Hash: record.HashOf(raw),
			Status: record.Confirmed, Judged: 1})
	}
	w.Header().Set("Content-Type", wire.ContentType)
	wire.Write(w, wire.FromAnswer(answer))
}

func sealed(t testing.TB, n int) record.Report {
	t.Helper()
	var raws [][]byte
	var prev record.Hash
	for i := range n {
		raw, err := record.Record{Kind: record.Redemption, ID: record.NewID(), Terminal: record.TerminalID{2},
			Chain:  record.ChainID{3},
			Number: uint64(i + 1), Prev: prev, Offer: offer.NewID(), Sale: record.Sale{Key: "sale"}}.Encode()
		require.NoError(t, err)
		raws, prev = append(raws, raw), record.HashOf(raw)
	}
	r, err := record.Seal(record.Heading{Terminal: record.TerminalID{2}, Chain: record.ChainID{3}}, raws, signer)
	require.NoError(t, err)
	return r
}

// lane is a client, a gate and a backend that books, in memory.
type lane struct {
	*Gate
	book   *booker
	client *transport.Client
}

func newLane(t *testing.T, secure bool) lane {
	t.Helper()
	book := &booker{records: map[record.ID]int{}}
	gate := NewGate(book)
	book.now = func() time.Time { return time.Now().Add(gate.clockSkew()) }
	net := serve(t, gate, true, secure)
	t.Cleanup(net.stop)
	client, err := transport.New(transport.Config{URL: net.url, RoundTripper: net.round, Attempts: 1,
		Timeout: 10 * time.Second})
	require.NoError(t, err)
	return lane{gate, book, client}
}

// effects says for each fault what the client sees and how often the backend takes the request.
var effects = map[Fault]struct {
	code      fault.Code
	items     int // of 4, where there is no error
	delivered int
	took      time.Duration
	retry     time.Duration
}{
	Latency:        {items: 4, delivered: 1, took: 3 * time.Second},
	Refused:        {code: fault.Unreachable},
	Portal:         {code: fault.NotTheContract},
	PortalRedirect: {code: fault.NotTheContract},
	ProxyAuth:      {code: fault.Unreachable},
	FewerItems:     {items: 2, delivered: 1},
	OtherItems:     {code: fault.NotTheContract, delivered: 1},
	RepeatedItems:  {items: 1, delivered: 1},
	ResetBefore:    {code: fault.Unreachable},
	ResetAfter:     {code: fault.Unreachable, delivered: 1},
	AnswerLost:     {code: fault.Unreachable, delivered: 1, took: 3 * time.Second},
	Busy:           {code: fault.TooManyRequests, retry: 3 * time.Second},
	ServerError:    {code: fault.Internal},
	SlowBody:       {items: 4, delivered: 1, took: 3 * time.Second},
	CutBody:        {code: fault.Unreachable, delivered: 1},
	Duplicate:      {items: 4, delivered: 2},
	Reordered:      {code: fault.Unreachable},
	BadCertificate: {code: fault.TLS},
	ExpiredToken:   {code: fault.Unauthorized},
	ClockSkew:      {items: 4, delivered: 1},
}

func TestEachFaultDoesWhatItsNameSaysAndThenIsOver(t *testing.T) {
	for _, f := range Faults() {
		t.Run(string(f), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				want, ok := effects[f]
				require.True(t, ok, "the test does not know the fault")
				l := newLane(t, f == BadCertificate)
				l.Inject(Injection{Fault: f, Wait: 3 * time.Second})
				r, begin := sealed(t, 4), time.Now()
				answer, err := l.client.Report(t.Context(), "token", r)
				assert.Equal(t, want.code, fault.CodeOf(err), "%v", err)
				assert.Len(t, answer.Items, want.items)
				assert.Equal(t, want.took, time.Since(begin).Round(time.Millisecond))
				assert.Equal(t, want.retry, fault.RetryAfter(err))
				assert.Equal(t, want.delivered, l.book.records[record.IDOf(r.Records[0])])
				if f == ClockSkew {
					assert.Equal(t, 3*time.Second, time.UnixMilli(answer.Time.Millis).Sub(begin))
				}
				answer, err = l.client.Report(t.Context(), "token", sealed(t, 4))
				require.NoError(t, err, "the fault is over")
				assert.Len(t, answer.Items, 4)
			})
		})
	}
}

func TestAReorderedRequestArrivesAfterTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLane(t, false)
		l.Inject(Injection{Fault: Reordered})
		first, second := sealed(t, 1), sealed(t, 1)
		_, err := l.client.Report(t.Context(), "", first)
		require.ErrorIs(t, err, fault.Unreachable)
		_, err = l.client.Report(t.Context(), "", second)
		require.NoError(t, err)
		synctest.Wait()
		assert.Equal(t, []record.ID{record.IDOf(second.Records[0]), record.IDOf(first.Records[0])}, l.book.order)
	})
}

func TestInjectionsWaitForTheirPathAndTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLane(t, false)
		l.Inject(Injection{Fault: Busy, Path: wire.PathVerdicts, Times: -1})
		l.Inject(Injection{Fault: ServerError, Skip: 1, Times: 2})
		var got []fault.Code
		for range 5 {
			_, err := l.client.Report(t.Context(), "", sealed(t, 1))
			got = append(got, fault.CodeOf(err))
		}
		assert.Equal(t, []fault.Code{"", fault.Internal, fault.Internal, "", ""}, got)
		for range 3 {
			_, err := l.client.Verdicts(t.Context(), "", 0)
			assert.ErrorIs(t, err, fault.TooManyRequests)
		}
		l.Clear()
		_, err := l.client.Verdicts(t.Context(), "", 0)
		assert.NotErrorIs(t, err, fault.TooManyRequests)
	})
}

func TestTheLogSaysWhatArrived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLane(t, false)
		l.Inject(Injection{Fault: ResetAfter})
		r := sealed(t, 30)
		_, err := l.client.Report(t.Context(), "token", r)
		require.Error(t, err)
		synctest.Wait()
		log := l.Arrived()
		require.Len(t, log, 1)
		assert.Equal(t, ResetAfter, log[0].Fault)
		assert.Equal(t, http.StatusBadRequest, log[0].Status, "this backend does not take compressed bodies")
		assert.True(t, log[0].Authorized, "the request has a token")
		assert.Contains(t, string(log[0].Body), `"heading":`, "the log holds the body decompressed")
		assert.Equal(t, map[Fault]int{ResetAfter: 1}, l.Met())
		l.Forget()
		assert.Empty(t, l.Arrived())
	})
}

func TestRudenessFollowsItsSeed(t *testing.T) {
	faults := func(seed uint64) (met []Fault) {
		synctest.Test(t, func(t *testing.T) {
			l := newLane(t, false)
			l.Rude(seed, 0.5)
			for range 60 {
				l.client.Report(t.Context(), "", sealed(t, 1))
			}
			l.Clear()
			_, err := l.client.Report(t.Context(), "", sealed(t, 1))
			require.NoError(t, err)
			for _, a := range l.Arrived() {
				met = append(met, a.Fault)
			}
		})
		return met
	}
	once := faults(7)
	assert.Equal(t, once, faults(7))
	assert.NotEqual(t, once, faults(8))
	assert.Contains(t, once, Fault(""))
}

func TestUnknownFaultsAreAMistakeOfTheTest(t *testing.T) {
	assert.Panics(t, func() { NewGate(nil).Inject(Injection{Fault: "gremlins"}) })
}
