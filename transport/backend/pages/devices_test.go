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

// A visitor is a page of another origin with the snippet in JavaScript, as it stands in the documents.
type visitor struct {
	*phone
	origin, backend string
}

func openElsewhere(t *testing.T, s *shop) *visitor {
	t.Helper()
	code := snippet(t, "js")
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
	v := &visitor{newPhone(t), elsewhere.URL, strings.TrimSuffix(s.url(), "/")} // http is allowed on loopback alone
	v.do(chromedp.Navigate(v.origin), chromedp.WaitVisible("#ready"))
	return v
}

// run runs code with the device of the snippet, and returns what that returns, or how it failed.
func (v *visitor) run(do string) string {
	v.t.Helper()
	return see[string](v.phone, fmt.Sprintf(`import("/device.js").then(async ({ OfflaneDevice }) => {
		const device = new OfflaneDevice(%q);
		try { %s } catch (problem) { return "failed: " + problem.message; }
	})`, v.backend, do))
}

// What the documents tell app developers to write works, as it stands there, on a page of another origin.
func TestTheSnippetWorksOnAPageOfAnotherOrigin(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	p := openElsewhere(t, s)
	run := p.run
	take := `return (await device.accept("coffee", true)).pass;`
	assert.Contains(t, run(take), "failed: ", "nobody allowed the origin")
	s.allow(p.origin)
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
	assert.Empty(t, see[string](p.phone, `document.cookie`), "the page got no cookies")
}

// The whole story by the device API, on a page of another origin: 70 offers, an answer to the first, one that is taken
// away for good and one that is taken, and what the merchant sees of it.
func TestACustomerIsAnsweredOnAPageOfAnotherOrigin(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *shop) {
		s.addAnswers()
		p := openElsewhere(t, s)
		s.allow(p.origin)
		first := p.run(`const { pass } = await device.accept("coffee", true);
			await device.call("PUT", "/v1/device/consent", { personal: true, measurement: true, text: "v1" });
			for (let n = 1; n < 70; n++) await device.accept("bread", true);
			return pass;`)
		require.True(t, strings.HasPrefix(first, "OL1:"), first)
		s.redeem(first)
		assert.Equal(t, "69 cake jam spread", p.run(`
			const open = (await device.offers()).filter(o => o.state == "open").length;
			const { answers } = await device.visit();
			for (const { id, token } of answers)
				if (id != "spread") await device.call("POST", "/v1/device/events", { token, event: "seen" });
			return [open, ...answers.map(a => a.id).sort()].join(" ");`), "the first of 70 is matched, one is new")
		assert.Equal(t, "false", p.run(`const { answers } = await device.visit();
			await device.dismiss(answers.find(a => a.id == "cake").token);
			return String(JSON.stringify(await device.visit()).includes("cake"));`), "neither as an answer nor as new")
		second := p.run(`const { token } = (await device.visit()).answers.find(a => a.id == "jam");
			return (await device.call("POST", "/v1/device/offers", { campaign: "jam", answer: token, bearer: true })).pass;`)
		require.True(t, strings.HasPrefix(second, "OL1:"), second)
		s.redeem(second)
		used := `return String((await device.offers()).filter(o => o.state != "open").length);`
		assert.Equal(t, "2", p.run(used), "two are used")

		effects := openMerchant(t, s).texts("effects", 5)
		assert.Contains(t, effects, "Spreads | 1 | 0 | 0 | 1", "the answer was seen and taken")
		assert.Contains(t, effects, "A free coffee | 1 | 0 | 1 | 0", "the other one was seen and dismissed")
	})
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
