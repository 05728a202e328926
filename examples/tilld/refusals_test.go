package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/local"
)

// Whoever may not call is refused as the contract says, over a real connection, and nothing is recorded.
func TestWhatMayNotBeIsRefusedAndNothingIsRecorded(t *testing.T) {
	t.Parallel()
	backend := newBackend(t)
	pass := backend.Accept(t, "coffee", 1)[0]
	const page = "https://pos.example"
	d := start(t, t.TempDir(), "-backend", backend.URL, "-code", backend.Code(t, "s-1", 1), "-manual",
		"-listen", "127.0.0.1:0", "-origins", page)
	d.call(t, "report", object{})
	good, sale := "Bearer "+d.token(t), object{"scanned": pass, "saleKey": "1"}
	for name, c := range map[string]struct {
		body   any
		header []string
		status int
		code   fault.Code
	}{
		"another page":       {sale, []string{"Authorization", good, "Origin", "https://evil.example"}, 403, fault.Forbidden},
		"a page, not paired": {sale, []string{"Authorization", good, "Origin", page}, 401, fault.Unauthorized},
		"a rebound host":     {sale, []string{"Authorization", good, "Host", "evil.example"}, 403, fault.Forbidden},
		"no token":           {sale, nil, 401, fault.Unauthorized},
		"a wrong token":      {sale, []string{"Authorization", "Bearer " + newToken()}, 401, fault.Unauthorized},
		"no header":          {sale, []string{"Authorization", good, local.Header, ""}, 403, fault.Forbidden},
		"an older client": {sale, []string{"Authorization", good, local.Header, "0"}, 422,
			fault.UnsupportedVersion},
		"a body too long": {object{"scanned": pass, "saleKey": strings.Repeat("x", 64<<10)},
			[]string{"Authorization", good}, 413, fault.TooLarge},
		"an unknown field": {object{"scanned": pass, "saleKey": "1", "salekey": "2"}, []string{"Authorization", good}, 400,
			fault.InvalidRequest},
		"a form": {sale, []string{"Authorization", good, "Content-Type", "text/plain"}, 400, fault.InvalidRequest},
	} {
		status, problem := post(t, http.DefaultClient, d.url, "redeem", c.body, c.header...)
		assert.Equal(t, c.status, status, "%s: %v", name, problem)
		assert.Equal(t, string(c.code), problem["code"], name)
	}
	client := overSocket(d.dir)
	defer client.CloseIdleConnections()
	status, problem := post(t, client, "http://localhost", "redeem", sale, "Origin", page)
	assert.Equal(t, http.StatusForbidden, status, "a page at the socket: %v", problem)
	assert.Equal(t, http.StatusRequestEntityTooLarge, postPicture(t, d.url, good), "a picture over 20 MB")

	var logs bytes.Buffer
	second := run(t.Context(), []string{"-dir", d.dir, "-backend", backend.URL}, nil, &logs, &logs)
	assert.Equal(t, 1, second, "a second daemon on the folder")
	assert.Contains(t, logs.String(), string(fault.InUse))
	assert.Equal(t, "refuse", d.call(t, "check", object{"scanned": "x", "saleKey": "2"})["outcome"], "the first goes on")

	counts := d.call(t, "records", object{})
	assert.Empty(t, counts["records"], "nothing is recorded")
}

func postPicture(t *testing.T, url, authorization string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/v1/read-picture",
		bytes.NewReader(make([]byte, 20_000_001)))
	require.NoError(t, err)
	r.Header.Set("Authorization", authorization)
	r.Header.Set("Content-Type", "image/png")
	r.Header.Set(local.Header, local.Version)
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	return resp.StatusCode
}

// A browser asks before it sends, and hands the answer to a configured page alone.
func TestABrowserIsToldWhichPagesMayCall(t *testing.T) {
	const page = "https://pos.example"
	d := start(t, t.TempDir(), "-listen", "127.0.0.1:0", "-origins", page)
	for origin, want := range map[string]int{page: http.StatusNoContent, "https://evil.example": http.StatusForbidden} {
		r, err := http.NewRequestWithContext(context.Background(), http.MethodOptions, d.url+"/v1/redeem", nil)
		require.NoError(t, err)
		r.Header.Set("Origin", origin)
		r.Header.Set("Access-Control-Request-Method", "POST")
		r.Header.Set("Access-Control-Request-Private-Network", "true")
		resp, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		resp.Body.Close()
		assert.Equal(t, want, resp.StatusCode, origin)
		allowed := resp.Header.Get("Access-Control-Allow-Origin")
		assert.Equal(t, want == http.StatusNoContent, allowed == origin, "%s: allowed %q", origin, allowed)
	}
}

// The code in the daemon's log pairs a page, once, and its token is good for its origin alone, also after a restart.
func TestAPageIsPairedWithTheCodeThatTheDaemonShows(t *testing.T) {
	const page = "https://pos.example"
	dir := t.TempDir()
	args := []string{"-listen", "127.0.0.1:0", "-origins", page + ",https://other.example"}
	d := start(t, dir, args...)
	_, after, _ := strings.Cut(d.logs.String(), "code=")
	require.GreaterOrEqual(t, len(after), digits, d.logs.String())
	code := strings.Trim(after, `"`)[:digits]
	status, p := post(t, http.DefaultClient, d.url, "pair", object{"code": "wrong"}, "Origin", page)
	assert.Equal(t, http.StatusBadRequest, status, p)
	status, p = post(t, http.DefaultClient, d.url, "pair", object{"code": code}, "Origin", "https://evil.example")
	assert.Equal(t, http.StatusForbidden, status, p)
	status, p = post(t, http.DefaultClient, d.url, "pair", object{"code": code})
	assert.Equal(t, http.StatusBadRequest, status, "a program: %v", p)
	status, p = post(t, http.DefaultClient, d.url, "pair", object{"code": code}, "Origin", page)
	require.Equal(t, http.StatusOK, status, p)
	token := "Bearer " + p["token"].(string)
	status, p = post(t, http.DefaultClient, d.url, "pair", object{"code": code}, "Origin", page)
	assert.Equal(t, http.StatusBadRequest, status, "a code is used once: %v", p)

	d.stop()
	d = start(t, dir, args...)
	for origin, want := range map[string]int{page: 200, "https://other.example": 401} {
		status, p := post(t, http.DefaultClient, d.url, "status", object{}, "Origin", origin, "Authorization", token)
		assert.Equal(t, want, status, "%s: %v", origin, p)
	}
	status, _ = post(t, http.DefaultClient, d.url, "status", object{}, "Authorization", token)
	assert.Equal(t, http.StatusUnauthorized, status, "it is no program's token")
}

func TestCodesAreNotGuessed(t *testing.T) {
	d := start(t, t.TempDir(), "-listen", "127.0.0.1:0", "-origins", "https://pos.example")
	for i := range maxWrong + 1 {
		status, p := post(t, http.DefaultClient, d.url, "pair", object{"code": "0"}, "Origin", "https://pos.example")
		want := http.StatusBadRequest
		if i == maxWrong {
			want = http.StatusTooManyRequests
		}
		assert.Equal(t, want, status, p)
	}
}

func FuzzPair(f *testing.F) {
	f.Add(`{"code":"12345678"}`)
	f.Fuzz(func(t *testing.T, body string) {
		p, err := readPages(t.TempDir()+"/pages.json", testLog)
		require.NoError(t, err)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/v1/pair",
			strings.NewReader(body))
		require.NoError(t, err)
		r.Header.Set("Origin", "https://pos.example")
		w := &recorder{header: http.Header{}}
		if err := p.pair(w, r); err == nil {
			var got paired
			require.NoError(t, json.Unmarshal(w.body.Bytes(), &got))
			assert.True(t, p.admits(got.Token, "https://pos.example"), "what was paired is let in")
		} else {
			assert.NotEmpty(t, fault.CodeOf(err), "an error has a code: %v", err)
		}
	})
}
