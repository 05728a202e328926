package backend_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/wire"
)

// zip compresses a text.
func zip(t testing.TB, text string) []byte {
	t.Helper()
	var body bytes.Buffer
	w := gzip.NewWriter(&body)
	_, err := io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return body.Bytes()
}

// packed sends a body as gzip.
func (d *desk) packed(h http.Handler, method, path, token string, body []byte) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	r.Header.Set("Content-Encoding", "gzip")
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestEachRouteHasItsLimit(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	management := d.server.Management()
	for _, c := range []struct {
		h                   http.Handler
		method, path, token string
		most                int
		packed              bool
	}{
		{d.server, "POST", wire.PathTerminals, "", 8 << 10, false}, {d.server, "POST", wire.PathDeviceOffers, "", 4 << 10,
			false},
		{d.server, "PUT", wire.PathConsent, "", 4 << 10, false}, {d.server, "POST", wire.PathReports, lane.token,
			wire.MaxBody, true},
		{management, "POST", wire.PathCampaigns, managementKey, 512 << 10, false}, {management, "POST", wire.PathCodes,
			managementKey, 4 << 10, false},
		{management, "PUT", wire.PathCampaigns + "/coffee/state", managementKey, 4 << 10, false},
		{management, "POST", wire.PathAgreements, managementKey, 512 << 10, false},
		{management, "PUT", wire.PathAgreements + "/x/state", managementKey, 4 << 10, false},
		{management, "POST", wire.PathRevocations, managementKey, 1 << 20, false}, {management, "POST", wire.PathUploads,
			managementKey, wire.MaxBody, true},
	} {
		name := c.method + " " + c.path
		body := slices.Concat([]byte(`{"reports":[{"x":"`), bytes.Repeat([]byte("x"), c.most), []byte(`"}]}`))
		w := d.do(c.h, c.method, c.path, c.token, body)
		assert.Equal(t, "too-large", codeOf(t, w), name)
		w = d.do(c.h, c.method, c.path, c.token, []byte(`{"x":1}`))
		assert.NotEqual(t, http.StatusRequestEntityTooLarge, w.Code, name)
		w = d.packed(c.h, c.method, c.path, c.token, zip(t, `{"x":1}`))
		if c.packed {
			assert.NotEqual(t, http.StatusUnsupportedMediaType, w.Code, name)
			continue
		}
		assert.Equal(t, http.StatusUnsupportedMediaType, w.Code, name)
		assert.Equal(t, "invalid-request", codeOf(t, w), name)
		assert.Equal(t, "identity", w.Header().Get("Accept-Encoding"), name)
	}
	r := httptest.NewRequest("POST", wire.PathReports, strings.NewReader("{}"))
	r.Header.Set("Authorization", "Bearer "+lane.token)
	r.Header.Set("Content-Encoding", "br")
	w := httptest.NewRecorder()
	d.server.ServeHTTP(w, r)
	assert.Equal(t, http.StatusUnsupportedMediaType, w.Code)
	assert.Equal(t, "gzip, identity", w.Header().Get("Accept-Encoding"))
}

// What the contract allows fits: the longest of each body that a client can make.
func TestTheLongestOfEachIsTaken(t *testing.T) {
	d := newDesk(t)
	long := func(n int) string { return strings.Repeat("ü", n/2) }
	c := wire.Campaign{ID: "long", Title: strings.Repeat("x", 200), Text: long(2000)}
	for i := range 50 {
		link := "https://shop.example/" + strings.Repeat("x", 1900)
		c.FollowUps = append(c.FollowUps, wire.FollowUp{Ad: &wire.Ad{ID: fmt.Sprint(i), Title: long(200), Text: long(2000),
			Link: link}})
	}
	raw, err := json.Marshal(c)
	require.NoError(t, err)
	escaped := strings.ReplaceAll(string(raw), "ü", `\u00fc`)
	require.Equal(t, http.StatusCreated, d.manage("POST", wire.PathCampaigns, []byte(escaped)).Code)

	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	lane := &till{desk: d, key: key, id: record.NewTerminalID(), chain: record.NewChainID(),
		place: record.Place{Lane: strings.Repeat("7", 64)}}
	lane.token = read[wire.Enrolled](t, lane.enrol(d.code("s", 1)), http.StatusOK).Token
	e := record.Enrolment{Code: strings.Repeat("X", 128)}
	for range record.MaxRotations {
		_, next, err := ed25519.GenerateKey(nil)
		require.NoError(t, err)
		rotation, err := record.Rotate(lane.id, lane.key, next.Public().(ed25519.PublicKey), 1<<63)
		require.NoError(t, err)
		e.Rotations, lane.key = append(e.Rotations, rotation), next
	}
	lane.token = read[wire.Enrolled](t, lane.enrolWith(lane.enrolment(e)), http.StatusOK).Token

	list := wire.Revocation{}
	for range record.MaxReport {
		list.Offers = append(list.Offers, strings.Repeat("x", offer.MaxPassText))
	}
	assert.Equal(t, http.StatusOK, d.manage("POST", wire.PathRevocations, list).Code)

	var raws [][]byte
	for range record.MaxReport {
		raws = append(raws, lane.encode(lane.next(record.Record{Kind: record.Redemption, Offer: offer.NewID()})))
	}
	for i := range raws[1:] {
		raws[i+1] = append(raws[i+1], make([]byte, record.MaxSize-len(raws[i+1]))...) // as long as a record can be, and none
	}
	report := wire.FromReport(lane.sealRaw(raws...))
	for range raws {
		report.Passes = append(report.Passes, strings.Repeat("x", offer.MaxPassText))
	}
	assert.Len(t, read[wire.Answer](t, d.do(d.server, "POST", wire.PathReports, lane.token, report), http.StatusOK).Items,
		record.MaxReport)
}

// A bomb becomes no more than fifty times as long as it came.
func TestAGzipBombIsNotUnpacked(t *testing.T) {
	d := newDesk(t)
	lane := d.till("s-1", "7")
	bomb := zip(t, `{"heading":"AA","x":"`+strings.Repeat("x", 2<<20)+`"}`)
	w := d.packed(d.server, "POST", wire.PathReports, lane.token, bomb)
	assert.Equal(t, "too-large", codeOf(t, w))
	assert.Contains(t, w.Body.String(), "50 times")
	report, err := json.Marshal(wire.FromReport(lane.seal(lane.redemption(offer.NewID().Code()))))
	require.NoError(t, err)
	w = d.packed(d.server, "POST", wire.PathReports, lane.token, zip(t, string(report)))
	assert.Equal(t, http.StatusOK, w.Code)
}

// A slow body is a body of which the beginning came.
type slowBody struct {
	begin io.Reader
	end   chan struct{}
}

func (b *slowBody) Read(p []byte) (int, error) {
	if n, err := b.begin.Read(p); n > 0 || err != io.EOF {
		return n, err
	}
	<-b.end
	return 0, io.ErrUnexpectedEOF
}

// slow sends a report of which so many bytes come, and returns what ends it.
func (t *till) slow(bytes, length int) (end func() *httptest.ResponseRecorder) {
	body := &slowBody{strings.NewReader(`{"x":"` + strings.Repeat("x", bytes)), make(chan struct{})}
	r := httptest.NewRequest("POST", wire.PathReports, body)
	r.Header.Set("Authorization", "Bearer "+t.token)
	r.ContentLength = int64(length)
	w, done := httptest.NewRecorder(), make(chan struct{})
	go func() { defer close(done); t.server.ServeHTTP(w, r) }()
	synctest.Wait()
	return func() *httptest.ResponseRecorder { close(body.end); <-done; return w }
}

func TestAReportWithoutRoomComesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		good := d.till("s-1", "7")
		report := good.seal(good.redemption(offer.NewID().Code()))
		post := func() *httptest.ResponseRecorder {
			return d.do(d.server, "POST", wire.PathReports, good.token, wire.FromReport(report))
		}
		var ends []func() *httptest.ResponseRecorder
		for i := range 8 { // large bodies, more than there is room for
			thief := d.till("s-1", fmt.Sprint("large ", i))
			ends = append(ends, thief.slow(2_700_000, wire.MaxBody))
		}
		assert.Equal(t, http.StatusOK, post().Code, "large bodies keep no usual report out")
		refused := 0
		for _, end := range ends {
			if w := end(); w.Code == http.StatusServiceUnavailable {
				refused++
				assert.Equal(t, "unavailable", codeOf(t, w))
				assert.Regexp(t, `^([1-9]|10)$`, w.Header().Get("Retry-After"))
			}
		}
		assert.Positive(t, refused, "not all had room")

		ends = nil
		for i := range 64 {
			ends = append(ends, d.till("s-1", fmt.Sprint("usual ", i)).slow(1000, 60_000))
		}
		start := time.Now()
		w := post()
		assert.Equal(t, "unavailable", codeOf(t, w))
		assert.NotEmpty(t, w.Header().Get("Retry-After"))
		assert.Equal(t, 5*time.Second, time.Since(start), "it waited for room")
		answered := make(chan int)
		go func() { answered <- post().Code }()
		synctest.Wait()
		for _, end := range ends {
			end()
		}
		assert.Equal(t, http.StatusOK, <-answered, "it had the room that was given back")
	})
}

func TestATerminalHasFewReportsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDesk(t)
		thief, good := d.till("s-1", "1"), d.till("s-1", "7")
		var ends []func() *httptest.ResponseRecorder
		for range 4 {
			ends = append(ends, thief.slow(10, 100))
		}
		w := d.do(d.server, "POST", wire.PathReports, thief.token, wire.FromReport(thief.seal()))
		assert.Equal(t, "too-many-requests", codeOf(t, w))
		assert.NotEmpty(t, w.Header().Get("Retry-After"))
		assert.Equal(t, http.StatusOK, d.do(d.server, "POST", wire.PathReports, good.token,
			wire.FromReport(good.seal())).Code)
		for _, end := range ends {
			end()
		}
		assert.Equal(t, http.StatusOK, d.do(d.server, "POST", wire.PathReports, thief.token,
			wire.FromReport(thief.seal())).Code)
	})
}

// A pipe is a listener for connections in memory.
type pipe struct{ conns chan net.Conn }

func (p pipe) Accept() (net.Conn, error) {
	if conn, ok := <-p.conns; ok {
		return conn, nil
	}
	return nil, net.ErrClosed
}

func (pipe) Close() error   { return nil }
func (pipe) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// A body that does not come keeps nothing for long.
func TestABodyHasADeadline(t *testing.T) {
	for path, most := range map[string]time.Duration{
		wire.PathDeviceOffers: 10 * time.Second, wire.PathTerminals: 10 * time.Second, wire.PathReports: 110 * time.Second,
	} {
		synctest.Test(t, func(t *testing.T) {
			d := newDesk(t)
			lane := d.till("s-1", "7")
			here, there := net.Pipe()
			listener := pipe{make(chan net.Conn, 1)}
			listener.conns <- there
			server := backend.NewHTTPServer(d.server)
			go server.Serve(listener) // ends with Close
			defer server.Close()
			defer close(listener.conns)
			_, err := fmt.Fprintf(here, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Length: "+
				"100\r\n\r\n{", path, lane.token)
			require.NoError(t, err)
			start := time.Now() // and nothing more comes
			response, err := http.ReadResponse(bufio.NewReader(here), nil)
			require.NoError(t, err, path)
			text, err := io.ReadAll(response.Body)
			require.NoError(t, err)
			assert.Equal(t, http.StatusBadRequest, response.StatusCode, path)
			assert.Equal(t, most, time.Since(start), path)
			assert.NotContains(t, string(text), "pipe", "an address of the server's is nobody's business")
		})
	}
}
