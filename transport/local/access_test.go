package local_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/local"
)

// guarded is a guard before a handler that counts what reaches it.
func guarded(a local.Access, reached *int) http.Handler {
	return a.Guard(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { *reached++ }))
}

const page = "https://pos.example"

// Who may not call is refused, with what the contract says, and nothing reaches the terminal.
func TestWhoMayNotCallIsRefused(t *testing.T) {
	access := local.Access{Origins: []string{page},
		Admit: func(token, origin string) bool {
			return token == "secret" && origin == "" || token == "of the page" && origin == page
		}}
	good := map[string]string{"Authorization": "Bearer secret", local.Header: local.Version}
	with := func(more ...string) map[string]string {
		header := map[string]string{}
		for name, value := range good {
			header[name] = value
		}
		for i := 0; i < len(more); i += 2 {
			header[more[i]] = more[i+1]
		}
		return header
	}
	for name, c := range map[string]struct {
		method, host string
		header       map[string]string
		status       int
		code         fault.Code
	}{
		"a program":             {"POST", "127.0.0.1:7345", good, 200, ""},
		"by name":               {"POST", "localhost", good, 200, ""},
		"by name, in capitals":  {"POST", "LOCALHOST:1", good, 200, ""},
		"by IPv6":               {"POST", "[::1]:7345", good, 200, ""},
		"rebound":               {"POST", "evil.example:7345", good, 403, fault.Forbidden},
		"rebound, a likeness":   {"POST", "127.0.0.1.evil.example", good, 403, fault.Forbidden},
		"rebound, GET":          {"GET", "evil.example", good, 403, fault.Forbidden},
		"another machine":       {"POST", "192.0.2.1", good, 403, fault.Forbidden},
		"no host":               {"POST", "", good, 403, fault.Forbidden},
		"a page":                {"POST", "localhost", with("Origin", "https://evil.example"), 403, fault.Forbidden},
		"a page, GET":           {"GET", "localhost", with("Origin", "https://evil.example"), 403, fault.Forbidden},
		"a file":                {"POST", "localhost", with("Origin", "null"), 403, fault.Forbidden},
		"a page of the machine": {"POST", "localhost", with("Origin", "http://localhost"), 403, fault.Forbidden},
		"a page, its token":     {"POST", "localhost", with("Origin", page, "Authorization", "Bearer of the page"), 200, ""},
		"a page, the program's": {"POST", "localhost", with("Origin", page), 401, fault.Unauthorized},
		"a program, a page's":   {"POST", "localhost", with("Authorization", "Bearer of the page"), 401, fault.Unauthorized},
		"no token":              {"POST", "localhost", with("Authorization", ""), 401, fault.Unauthorized},
		"no token, GET":         {"GET", "localhost", with("Authorization", ""), 401, fault.Unauthorized},
		"a wrong token":         {"POST", "localhost", with("Authorization", "Bearer guess"), 401, fault.Unauthorized},
		"another scheme":        {"POST", "localhost", with("Authorization", "Basic secret"), 401, fault.Unauthorized},
		"no header":             {"POST", "localhost", with(local.Header, ""), 403, fault.Forbidden},
		"GET needs none":        {"GET", "localhost", with(local.Header, ""), 200, ""},
		"an older client":       {"POST", "localhost", with(local.Header, "0"), 422, fault.UnsupportedVersion},
		"a later client":        {"POST", "localhost", with(local.Header, "2"), 422, fault.UnsupportedVersion},
		"a preflight, a page":   {"OPTIONS", "localhost", map[string]string{"Origin": page}, 204, ""},
		"a preflight, another": {"OPTIONS", "localhost", map[string]string{"Origin": "https://evil.example"}, 403,
			fault.Forbidden},
		"a preflight, none": {"OPTIONS", "localhost", map[string]string{}, 403, fault.Forbidden},
	} {
		reached := 0
		r := httptest.NewRequestWithContext(t.Context(), c.method, "/v1/redeem", strings.NewReader("{}"))
		r.Host = c.host
		for name, value := range c.header {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		w := httptest.NewRecorder()
		guarded(access, &reached).ServeHTTP(w, r)
		assert.Equal(t, c.status, w.Code, name)
		assert.Equal(t, c.status == http.StatusOK, reached == 1, "%s: it reaches the service or not", name)
		allowed := w.Header().Get("Access-Control-Allow-Origin")
		assert.Equal(t, c.header["Origin"] == page, allowed == page, "%s: a browser hands out %q", name, allowed)
		if c.code == "" {
			continue
		}
		var p struct {
			Code    fault.Code
			Status  int
			Message string
		}
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p), name)
		assert.Equal(t, c.code, p.Code, name)
		assert.Equal(t, c.status, p.Status, name)
		assert.NotEmpty(t, p.Message, name)
	}
}

func TestTwoOriginsAreNone(t *testing.T) {
	reached := 0
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/v1/redeem", nil)
	r.Header.Set(local.Header, local.Version)
	r.Header["Origin"] = []string{page, "https://evil.example"}
	w := httptest.NewRecorder()
	guarded(local.Access{Origins: []string{page}}, &reached).ServeHTTP(w, r)
	assert.Equal(t, http.StatusForbidden, w.Code)
	assert.Zero(t, reached)
}

// On a Unix socket the rights of its file decide, and no page gets in.
func TestTheZeroAccessLetsProgramsIn(t *testing.T) {
	reached := 0
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/v1/redeem", nil)
	r.Header.Set(local.Header, local.Version)
	guarded(local.Access{}, &reached).ServeHTTP(httptest.NewRecorder(), r)
	assert.Equal(t, 1, reached, "a program gets in")
	r.Header.Set("Origin", page)
	guarded(local.Access{}, &reached).ServeHTTP(httptest.NewRecorder(), r)
	assert.Equal(t, 1, reached, "a page does not")
}
