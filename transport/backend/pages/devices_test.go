package pages_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/wire"
)

// snippet is the code in one language of the page on the device API.
func snippet(t *testing.T, language string) string {
	t.Helper()
	page, err := os.ReadFile("../../../.github/DEVICES.md")
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(page), "```"+language+"\n")
	require.True(t, found, "the page has code in %s", language)
	code, _, _ := strings.Cut(rest, "```")
	return code
}

// allow lets a page of an origin use the device API.
func (s *shop) allow(origin string) {
	s.t.Helper()
	raw, err := json.Marshal(wire.Origins{Origins: []string{origin}})
	require.NoError(s.t, err)
	r := httptest.NewRequest(http.MethodPut, wire.PathOrigins, bytes.NewReader(raw))
	r.Header.Set("Authorization", "Bearer "+managementKey)
	w := httptest.NewRecorder()
	s.server.Management().ServeHTTP(w, r)
	require.Equal(s.t, http.StatusOK, w.Code, w.Body.String())
}

// What the documents tell app developers to write works, as it stands there, on a page of another origin.
func TestTheSnippetWorksOnAPageOfAnotherOrigin(t *testing.T) {
	t.Parallel()
	code := snippet(t, "js")
	s := openShop(t, memstore.New())
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/device.js" {
			w.Header().Set("Content-Type", "text/javascript")
			fmt.Fprint(w, code)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, "<!DOCTYPE html><title>A shop's own page</title><p id=ready>ready</p>")
	}))
	t.Cleanup(elsewhere.Close)
	p := newPhone(t, chromium.Page(t))
	p.do(chromedp.Navigate(elsewhere.URL), chromedp.WaitVisible("#ready"))
	run := func(do string) string {
		return see[string](p, fmt.Sprintf(`import("/device.js").then(async ({ OfflaneDevice }) => {
			const device = new OfflaneDevice(%q);
			try { %s } catch (problem) { return "failed: " + problem.message; }
		})`, strings.TrimSuffix(s.url(), "/"), do))
	}
	take := `return (await device.accept("coffee", true)).pass;`
	assert.Contains(t, run(take), "failed: ", "nobody allowed the origin")
	s.allow(elsewhere.URL)
	pass := run(take)
	require.True(t, strings.HasPrefix(pass, "OL1:"), pass)
	assert.Equal(t, "1 open", run(`const all = await device.offers(); return all.length + " " + all[0].state;`))
	s.redeem(pass)
	assert.Equal(t, "cake: Because you redeemed “A free coffee” at 1", run(
		`const [first] = (await device.visit()).answers; return first.id + ": " + first.why.text;`))
	assert.Equal(t, "0", run(`const [first] = (await device.visit()).answers;
		await device.dismiss(first.token);
		return String((await device.visit()).answers.filter(a => a.id === "cake").length);`), "what was dismissed is away")
	assert.Equal(t, "0", run(`await device.consent(false); return String((await device.visit()).matches.length);`))
	assert.Equal(t, "0 null", run(`await device.forget();
		return (await device.offers()).length + " " + localStorage.getItem("offlane-secret");`))
	assert.Empty(t, see[string](p, `document.cookie`), "the page got no cookies")
}

// The snippets call what the contract has, and each other's calls.
func TestTheSnippetsCallTheContract(t *testing.T) {
	for _, language := range []string{"js", "kotlin", "swift"} {
		code := snippet(t, language)
		for _, call := range []string{"POST " + wire.PathDeviceOffers, "GET " + wire.PathDeviceOffers,
			"GET " + wire.PathDeviceVisit, "POST " + wire.PathDeviceEvents, "PUT " + wire.PathConsent,
			"DELETE " + wire.PathDevice} {
			method, path, _ := strings.Cut(call, " ")
			assert.Contains(t, code, fmt.Sprintf("%q, %q", method, path), "%s calls %s", language, call)
		}
	}
}
