package local_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/wedge"
	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/local"
	"github.com/offlane/offlane/transport/transporttest"
)

func TestASaleFromScanToReturn(t *testing.T) {
	shop := newShop(t)
	till := shop.enrolled(t, "1")
	pass := shop.backend.Accept(t, "coffee", 1)[0]
	sale := object{"scanned": pass, "saleKey": "1", "sale": basket(350), "shift": "early", "businessDate": "2026-11-26"}

	d := till.call(t, "check", sale)
	assert.Equal(t, "allow", d["outcome"])
	assert.Nil(t, d["redemption"], "a check records nothing")

	sale["holdSeconds"] = 60
	assert.NotEmpty(t, till.call(t, "reserve", sale)["reservation"])
	delete(sale, "holdSeconds")
	assert.Len(t, till.call(t, "release", object{"saleKey": "1", "saleDate": "2026-11-26"})["reservations"], 1)

	d = till.call(t, "redeem", sale)
	assert.Equal(t, "allow", d["outcome"])
	assert.Equal(t, object{"amount": 100.0, "currency": "EUR"}, d["given"])
	again := till.call(t, "redeem", sale)
	assert.Equal(t, true, again["again"])
	assert.Equal(t, d["redemption"], again["redemption"])

	no := till.call(t, "redeem", object{"scanned": pass, "saleKey": "2"}, "Accept-Language", "de-DE, en;q=0.5")
	assert.Equal(t, "refuse", no["outcome"])
	assert.Equal(t, string(fault.AlreadyRedeemed), first(t, no, "reasons")["code"])
	assert.Contains(t, no["message"], "Hier bereits eingelöst")
	assert.Equal(t, no["message"], first(t, no, "reasons")["message"])

	c := till.call(t, "correct", object{"saleKey": "1", "saleDate": "2026-11-26", "given": object{"amount": 80,
		"currency": "EUR"}})
	assert.Len(t, c["corrections"], 1)
	v := till.call(t, "void", object{"receipt": d["receipt"], "key": "r-1", "partial": true, "shift": "late",
		"returned": object{"amount": 30, "currency": "EUR"}})
	assert.Equal(t, []any{d["redemption"]}, v["redemptions"])
	v = till.call(t, "void", object{"receipt": d["receipt"], "key": "r-1", "partial": true, "shift": "late",
		"returned": object{"amount": 30, "currency": "EUR"}})
	assert.Equal(t, true, v["again"], "the key of the return makes it one")

	status := till.call(t, "status", object{})
	assert.Equal(t, 5.0, status["pending"], "a reservation, its release, a redemption, a correction, a void")

	till.call(t, "report", object{})
	assert.Equal(t, 0.0, till.call(t, "status", object{})["pending"])

	totals := till.call(t, "totals", object{"businessDate": "2026-11-26", "shift": "early"})
	early := first(t, totals, "totals")
	assert.Equal(t, 80.0, early["given"])
	assert.Equal(t, 80.0, early["net"])
}

func TestRecordsComeInPages(t *testing.T) {
	shop := newShop(t)
	till := shop.enrolled(t, "1")
	passes := shop.backend.Accept(t, "coffee", 3)
	for i, pass := range passes {
		till.call(t, "redeem", object{"scanned": pass, "saleKey": string(rune('a' + i)), "operator": "7"})
	}
	page := till.call(t, "records", object{"limit": 2})
	require.Len(t, page["records"], 2)
	assert.Equal(t, true, page["more"])
	assert.Nil(t, first(t, page, "records")["pass"], "a secret is told on demand alone")
	rest := till.call(t, "records", object{"after": 2, "passes": true})
	require.Len(t, rest["records"], 1)
	assert.Nil(t, rest["more"])
	assert.Equal(t, passes[2], first(t, rest, "records")["pass"])
	assert.Equal(t, "7", first(t, rest, "records")["operator"])
	one := till.call(t, "records", object{"saleKey": "b"})
	assert.Equal(t, 2.0, first(t, one, "records")["number"])
	since := till.call(t, "records", object{"since": time.Now().Add(time.Hour).Format(time.RFC3339)})
	assert.Empty(t, since["records"])
	status, p := till.post(t, "records", object{"limit": 1001})
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Contains(t, p["detail"], "limit")
}

// What a till hears of a redemption that another made first.
func TestAVerdictIsHandedOverOnce(t *testing.T) {
	shop := newShop(t)
	one, two := shop.enrolled(t, "1"), shop.enrolled(t, "2")
	pass := shop.backend.Accept(t, "coffee", 1)[0]
	one.call(t, "redeem", object{"scanned": pass, "saleKey": "1"})
	d := two.call(t, "redeem", object{"scanned": pass, "saleKey": "2"})
	one.call(t, "report", object{})
	two.call(t, "report", object{})
	assert.Empty(t, one.call(t, "verdicts", object{})["verdicts"])
	v := first(t, two.call(t, "verdicts", object{"waitSeconds": 60}, "Accept-Language", "fr"), "verdicts")
	assert.Equal(t, d["redemption"], v["record"])
	assert.Equal(t, "duplicate", v["status"])
	assert.Contains(t, v["message"], "Déjà utilisée à une autre caisse, magasin s-1")
	two.call(t, "acknowledge", object{"records": []any{v["record"]}})
	assert.Empty(t, two.call(t, "verdicts", object{})["verdicts"])
}

func TestAReturnAtAnotherTillWaitsForTheBackend(t *testing.T) {
	shop := newShop(t)
	one, two := shop.enrolled(t, "1"), shop.enrolled(t, "2")
	d := one.call(t, "redeem", object{"scanned": shop.backend.Accept(t, "coffee", 1)[0], "saleKey": "1",
		"sale": basket(200)})
	one.call(t, "report", object{})
	v := two.call(t, "void", object{"receipt": d["receipt"], "key": "r", "partial": true,
		"returned": object{"amount": 150, "currency": "EUR"}})
	assert.Equal(t, true, v["pending"])
	two.call(t, "report", object{})
	got := first(t, two.call(t, "verdicts", object{}), "verdicts")
	assert.Equal(t, string(fault.OverReturn), got["reason"], "more than was given")
}

func TestVerdictsAreWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shop := newShop(t)
		one, two := shop.enrolled(t, "1"), shop.enrolled(t, "2")
		pass := shop.backend.Accept(t, "coffee", 1)[0]
		one.call(t, "redeem", object{"scanned": pass, "saleKey": "1"})
		two.call(t, "redeem", object{"scanned": pass, "saleKey": "2"})
		one.call(t, "report", object{})

		began := time.Now()
		assert.Empty(t, two.call(t, "verdicts", object{"waitSeconds": 5})["verdicts"])
		assert.Equal(t, 5*time.Second, time.Since(began), "nothing came")

		answers := make(chan object)
		wait := func() { answers <- two.call(t, "verdicts", object{"waitSeconds": 60}) }
		go wait()
		synctest.Wait()
		two.call(t, "report", object{})
		assert.Len(t, (<-answers)["verdicts"], 1, "it came")
		assert.Less(t, time.Since(began), 30*time.Second, "before the wait was over")

		two.call(t, "acknowledge", object{"records": []any{}})
		for v, err := range two.terminal.Verdicts(t.Context()) {
			require.NoError(t, err)
			require.NoError(t, two.terminal.Acknowledge(t.Context(), v.Record))
		}
		go wait()
		synctest.Wait()
		two.service.Close()
		assert.Empty(t, (<-answers)["verdicts"], "a service that is closed lets nobody wait")
	})
}

func TestAManagersWord(t *testing.T) {
	shop := newShop(t)
	till := shop.enrolled(t, "1", func(c *redeem.Config) {
		c.Policy.PerHour = trust.Allowance{Number: 1}
		c.Policy.VoidsPerHour = trust.Allowance{Number: 1}
	})
	passes := shop.backend.Accept(t, "coffee", 2)
	word := object{"manager": "12", "why": "a regular"}
	till.call(t, "redeem", object{"scanned": passes[0], "saleKey": "1"})
	d := till.call(t, "redeem", object{"scanned": passes[1], "saleKey": "2"})
	assert.Equal(t, "ask", d["outcome"])
	d = till.call(t, "redeem", object{"scanned": passes[1], "saleKey": "2", "override": word})
	assert.Equal(t, "allow", d["outcome"])

	till.call(t, "void", object{"saleKey": "1", "key": "r-1"})
	status, p := till.post(t, "void", object{"saleKey": "2", "key": "r-2"}, "Accept-Language", "es")
	assert.Equal(t, http.StatusConflict, status)
	assert.Equal(t, string(fault.OverVoids), p["code"])
	assert.Equal(t, "ask", first(t, p, "reasons")["outcome"], "a manager may allow it")
	assert.NotEmpty(t, p["budgets"])
	assert.Equal(t, "Llame a un encargado.", p["message"])
	till.call(t, "void", object{"saleKey": "2", "key": "r-2", "override": word})
	r := first(t, till.call(t, "records", object{"saleKey": "2"}), "records")
	assert.Equal(t, "12", r["override"].(object)["manager"])
	assert.Equal(t, []any{string(fault.OverLimit)}, r["override"].(object)["reasons"])
}

func TestAHandScannerIsTested(t *testing.T) {
	till := newShop(t).till(t, "1")
	texts := till.call(t, "scanner-test", object{})
	assert.Equal(t, wedge.SelfTest, texts["text"])
	typed, err := wedge.Type(wedge.SelfTest, wedge.US, wedge.German, false)
	require.NoError(t, err)
	profile := till.call(t, "scanner-learn", object{"arrived": typed + "\r"})["profile"].(object)
	assert.Equal(t, "de", profile["keyboard"])
	scanned, err := wedge.Type("OL1:ZY/", wedge.US, wedge.German, false)
	require.NoError(t, err)
	r := till.call(t, "scanner-read", object{"arrived": scanned + "\r", "profile": profile})
	assert.Equal(t, "OL1:ZY/", r["scanned"])
	assert.Equal(t, true, r["separated"])
	status, p := till.post(t, "scanner-learn", object{"arrived": "4012345"})
	assert.Equal(t, http.StatusBadRequest, status)
	assert.Equal(t, string(fault.Unreadable), p["code"])
	status, p = till.post(t, "scanner-read", object{"arrived": "a\rb\r"})
	assert.Equal(t, http.StatusBadRequest, status, p)
	status, p = till.post(t, "scanner-read", object{"arrived": strings.Repeat("x", wedge.MaxScan+1)})
	assert.Equal(t, http.StatusRequestEntityTooLarge, status, p)
	status, p = till.post(t, "scanner-read", object{"arrived": "x", "profile": object{"version": 9}})
	assert.Equal(t, http.StatusBadRequest, status, p)
}

func TestACallThatFailsSaysWhy(t *testing.T) {
	shop := newShop(t)
	till := shop.till(t, "1")
	shop.backend.Inject(transporttest.Injection{Fault: transporttest.Refused, Times: -1})
	for name, c := range map[string]struct {
		call   string
		body   any
		status int
		code   fault.Code
		says   string
	}{
		"no call": {"dance", object{}, 404, fault.NotFound, "dance"},
		"no JSON": {"check", `{"scanned"`, 400, fault.Malformed, ""},
		"an unknown field": {"check", object{"scanned": "x", "saleKey": "1", "saleKez": "2"}, 400, fault.InvalidRequest,
			"saleKez"},
		"a field below": {"check", object{"scanned": "x", "saleKey": "1",
			"sale": object{"currency": "EUR", "lines": []object{{"amount": 1, "price": 2}}}}, 400, fault.InvalidRequest,
			"sale.lines[0].price"},
		"a missing field":  {"redeem", object{"scanned": "x"}, 400, fault.InvalidRequest, "saleKey"},
		"another type":     {"redeem", object{"scanned": 1, "saleKey": "1"}, 400, fault.InvalidRequest, "scanned"},
		"a field twice":    {"redeem", `{"scanned":"x","scanned":"y","saleKey":"1"}`, 400, fault.InvalidRequest, "twice"},
		"another spelling": {"redeem", `{"Scanned":"x","saleKey":"1"}`, 400, fault.InvalidRequest, "Scanned"},
		"too long": {"redeem", object{"scanned": strings.Repeat("x", 64<<10), "saleKey": "1"}, 413, fault.TooLarge,
			""},
		"no key":       {"void", object{"saleKey": "1"}, 400, fault.InvalidRequest, "key"},
		"an empty key": {"void", object{"saleKey": "1", "key": ""}, 400, fault.InvalidRequest, "key"},
		"no such sale": {"void", object{"saleKey": "1", "key": "r"}, 404, fault.NotFound, ""},
		"no such record": {"correct", object{"saleKey": "1", "given": object{"amount": 1, "currency": "EUR"}}, 404,
			fault.NotFound, ""},
		"no id":      {"void", object{"redemption": "xyz", "key": "r"}, 400, fault.InvalidRequest, "redemption"},
		"no receipt": {"records", object{"receipt": "???"}, 400, fault.Unreadable, ""},
		"a short hold": {"reserve", object{"scanned": "x", "saleKey": "1", "holdSeconds": 0}, 400,
			fault.InvalidRequest, ""},
		"a huge hold": {"reserve", object{"scanned": "x", "saleKey": "1", "holdSeconds": int64(1 << 62)}, 400,
			fault.InvalidRequest, ""},
		"a long wait":   {"verdicts", object{"waitSeconds": 61}, 400, fault.InvalidRequest, "waitSeconds"},
		"a long report": {"report", object{"waitSeconds": 601}, 400, fault.InvalidRequest, "waitSeconds"},
		"no network":    {"report", object{}, 502, fault.Unreachable, ""},
		"nothing forgotten": {"end-forgotten", object{"override": object{"manager": "m", "why": "w"}}, 404, fault.NotFound,
			""},
		"no bundle": {"install-bundle", object{"bundle": "AAAA"}, 400, fault.Malformed, ""},
		"no base64": {"install-bundle", object{"bundle": "?"}, 400, fault.InvalidRequest, "bundle"},
		"a key too long": {"check", object{"scanned": "x", "saleKey": strings.Repeat("x", 129)}, 400,
			fault.InvalidRequest, ""},
	} {
		status, p := till.post(t, c.call, c.body)
		assert.Equal(t, c.status, status, "%s: %v", name, p)
		if c.code != "" {
			assert.Equal(t, string(c.code), p["code"], name)
		}
		assert.Contains(t, p["detail"], c.says, name)
		assert.NotEmpty(t, p["message"], name)
		assert.Equal(t, float64(status), p["status"], name)
	}
	assert.Zero(t, till.terminal.Status().Pending, "nothing is recorded")
	status, _ := till.post(t, "check", object{}, "Content-Type", "text/plain")
	assert.Equal(t, http.StatusBadRequest, status, "a form of a page")
}

func TestAServiceThatCannotBeIsRefused(t *testing.T) {
	_, err := local.New(local.Config{})
	assert.ErrorIs(t, err, fault.InvalidRequest, "without a terminal")
	till := serve(t, nil)
	for _, name := range []string{"redeem", "", "two words", "../x", "Draw"} {
		_, err := local.New(local.Config{Terminal: till.terminal, Calls: map[string]local.Call{name: nil}})
		assert.ErrorIs(t, err, fault.InvalidRequest, name)
	}
}

func TestAFurtherCallIsOneOfTheService(t *testing.T) {
	till := serve(t, nil)
	service, err := local.New(local.Config{Terminal: till.terminal, Calls: map[string]local.Call{
		"weigh": func(http.ResponseWriter, *http.Request) error {
			return fault.New(fault.Unavailable, "scales",
				"switched off")
		},
	}})
	require.NoError(t, err)
	assert.Contains(t, get(t, service, "/v1/health").Body.String(), `"weigh"`)
	w := httptest.NewRecorder()
	service.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/weigh", nil))
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Contains(t, w.Body.String(), "switched off", "its error is a problem")
}
