package pages_test

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/wire"
)

// press clicks a button by its text and what it is about.
func (p *phone) press(text, about string) {
	p.t.Helper()
	p.do(chromedp.Click(fmt.Sprintf(`button[aria-label="%s: %s"]`, text, about)))
}

// answer answers the question that the page asks.
func (p *phone) answer(yes string) {
	p.t.Helper()
	p.do(chromedp.WaitVisible("#ask"), chromedp.Click(`#ask button[value="`+yes+`"]`), chromedp.WaitNotVisible("#ask"))
}

// find looks records up.
func (p *phone) find(by, what string) {
	p.t.Helper()
	see[bool](p, fmt.Sprintf(`(() => { const by = document.getElementById("by"); by.value = %q;
		document.getElementById("status").textContent = "";
		by.dispatchEvent(new Event("change")); if (%q) document.getElementById("what").value = %q; return true; })()`,
		by, what, what))
	p.do(chromedp.Click("#find button"))
	p.until(`document.getElementById("status").textContent.includes("shown")`)
}

// set fills in fields of the form.
func (p *phone) set(fields map[string]string) {
	p.t.Helper()
	for id, value := range fields {
		see[bool](p, fmt.Sprintf(`(document.getElementById(%q).value = %q, true)`, id, value))
	}
}

func (p *phone) told(text string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.getElementById("status").textContent == %q`, text))
}

// texts are those of the first cells of each row of a table.
func (p *phone) texts(table string, cells int) []string {
	p.t.Helper()
	return see[[]string](p, fmt.Sprintf(`[...document.querySelectorAll("#%s tr")].map(tr =>
		[...tr.children].slice(0, %d).map(td => td.textContent).join(" | "))`, table, cells))
}

func openMerchant(t *testing.T, s *shop) *phone {
	t.Helper()
	m := newPhone(t)
	m.do(chromedp.Navigate(s.merchant), chromedp.WaitVisible("#key"))
	m.signIn(managementKey)
	m.do(chromedp.WaitVisible("#books"))
	return m
}

func TestAMerchantManagesCampaigns(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	m := openMerchant(t, s)
	m.do(chromedp.Click("#create"), chromedp.WaitVisible("#c-title"))
	m.set(map[string]string{"c-id": "tea", "c-title": "Tea", "c-kind": "amount-off", "c-worth": "1.50",
		"c-currency": "EUR", "c-days": "2", "c-limit": "10", "c-budget": "100"})
	m.do(chromedp.Click("#campaign-form button"))
	m.told("“Tea” is saved.")
	campaign := func() wire.Campaign {
		var all wire.Campaigns
		s.manage(http.MethodGet, wire.PathCampaigns, &all)
		for _, c := range all.Campaigns {
			if c.ID == "tea" {
				return c
			}
		}
		return wire.Campaign{}
	}
	made := campaign()
	assert.Equal(t, [...]int64{150, 2 * 86400, 10, 10_000}, [...]int64{made.Terms.Amount, made.ValidSeconds, made.Limit,
		made.Budget}, "what the form says is what is stored, in minor units and seconds")
	m.press("Change", "Tea")
	m.do(chromedp.WaitVisible("#c-title"))
	m.set(map[string]string{"c-title": "Green tea", "c-worth": "1.20"})
	m.do(chromedp.Click("#campaign-form button"))
	m.told("“Green tea” is saved.")
	changed := campaign()
	made.Title, made.Terms.Amount, made.Changed = "Green tea", 120, changed.Changed
	assert.Equal(t, made, changed, "what the form was not asked to change stays")
	m.press("Pause", "Green tea")
	m.told("“Green tea” is paused now.")
	m.press("Resume", "Green tea")
	m.told("“Green tea” is active now.")
	m.press("Withdraw", "Green tea")
	m.answer("no")
	assert.Equal(t, wire.Active, campaign().State, "nothing is done without a yes")
	m.press("End", "Green tea")
	m.answer("yes")
	m.told("“Green tea” is ended now.")
	m.press("Withdraw", "Green tea")
	m.answer("yes")
	m.told("“Green tea” is revoked now.")
	assert.Equal(t, wire.Withdrawn, campaign().State)
	m.do(chromedp.Click("#create"), chromedp.WaitVisible("#c-title"))
	m.set(map[string]string{"c-id": "tea", "c-title": "Again"})
	m.do(chromedp.Click("#campaign-form button"))
	m.until(`document.getElementById("edit-status").textContent.includes("choose another")`)
}

func TestAMerchantFindsASale(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	p := newPhone(t)
	p.accept(s.url(), "A free coffee", false)
	verdict := newTill(t, s.server).redeem(p.show())
	m := openMerchant(t, s)
	receipt := string(verdict.Record.Receipt())
	for by, what := range map[string]string{"receipt": receipt, "day": time.Now().UTC().Format(time.DateOnly)} {
		m.find(by, what)
		rows := see[[]string](m, `[...document.querySelectorAll("#records tr")].map(tr =>
			[...tr.children].slice(1).map(td => td.textContent).join(" | "))`)
		want := "redemption | A free coffee | 1 | 7 | €2.50 | €0.00 | " + receipt + " | confirmed"
		assert.Equal(t, []string{want}, rows, by)
	}
	m.find("day", "2020-01-01")
	assert.Empty(t, m.texts("records", 9), "nothing was booked on that day")
}

func TestAMerchantSaysWhichLaneIsTheHub(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	newTill(t, s.server)
	newLane(t, s.server, "8")
	m := openMerchant(t, s)
	m.press("May be the hub", "1, 7")
	m.told("It is done.")
	assert.Equal(t, []string{"1 (hub: 7) | 7", "1 (hub: 7) | 8"}, m.texts("lanes", 2), "the store is shown with its hub")
	m.press("Out of service", "1, 8")
	m.answer("no")
	m.press("Out of service", "1, 8")
	m.answer("yes")
	m.until(`document.querySelector("#lanes tr:nth-child(2) td:nth-child(2)").textContent == "8 (out of service)"`)
	m.press("In service again", "1, 8")
	m.until(`document.querySelector("#lanes tr:nth-child(2) td:nth-child(2)").textContent == "8"`)
	m.press("Not the hub any more", "1, 7")
	m.until(`document.querySelector("#lanes td").textContent == "1"`)
}

func TestAMerchantBlocksWhatIsStolen(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	newTill(t, s.server)
	m := openMerchant(t, s)
	m.press("Block", "1, 7")
	m.answer("yes")
	m.told("It is done.")
	assert.Equal(t, []string{"1 | 7 (blocked)"}, m.texts("lanes", 2))
	m.press("Unblock", "1, 7")
	m.until(`document.querySelector("#lanes td:nth-child(2)").textContent == "7"`)
	m.set(map[string]string{"key-name": "office"})
	m.do(chromedp.Click("#newkey button"))
	m.until(`document.getElementById("secret").textContent != ""`)
	m.press("Block", "office")
	m.answer("yes")
	m.until(`[...document.querySelectorAll("#keys tr")].some(tr => tr.textContent.includes("blocked"))`)
	m.set(map[string]string{"search": "no such lane"})
	see[bool](m, `document.getElementById("search").dispatchEvent(new Event("input"))`)
	assert.Empty(t, m.texts("lanes", 2), "the search leaves out what does not fit")
}

// What the merchant says of its shop stands on the customer's page.
func TestCustomersSeeWhoseAnOfferIs(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	_, err := s.server.AddCampaign(t.Context(), merchant, wire.Campaign{ID: "bread", Title: "Bread", Uses: 3,
		Terms: terms.Terms{Kind: terms.PercentOff, Percent: 2050, Cap: 300, Currency: "EUR", MinSpend: 1000}})
	require.NoError(t, err)
	m := openMerchant(t, s)
	m.set(map[string]string{"shop-name": "Corner Café", "shop-color": "#7a1f3d"})
	m.do(chromedp.Click("#shop button"))
	m.told("It is done.")
	p := newPhone(t)
	p.accept(s.url(), "Bread", false)
	card := see[string](p, `document.querySelector("#held li").innerText`)
	for _, want := range []string{"Corner Café", "Bread", "3 of 3 uses left",
		"20.5 % off · at most €3.00 · from €10.00 on · not together with other offers"} {
		assert.Contains(t, card, want)
	}
	assert.Equal(t, "rgb(122, 31, 61)", see[string](p, `getComputedStyle(document.querySelector("#held .shop")).
		backgroundColor`), "in the shop's colour")
}

func TestAMerchantMakesAgreements(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	_, err := s.server.Propose(t.Context(), "mill.example", wire.NewAgreement{Owner: "mill.example", Partner: merchant})
	require.NoError(t, err)
	m := openMerchant(t, s)
	m.press("Accept", "mill.example")
	m.told("It is done.")
	m.press("End", "mill.example")
	m.answer("yes")
	m.until(`document.querySelector("#agreements td:nth-child(4)").textContent == "ended"`)
	m.set(map[string]string{"other": "mill.example"})
	m.do(chromedp.Click("#propose button"))
	m.until(`document.querySelectorAll("#agreements tr").length == 2`)
	assert.Contains(t, m.texts("agreements", 4), "shop.example | mill.example | all | proposed by shop.example")
}

// The chart has a scale, and its days are read with the keyboard.
func TestTheChartIsRead(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	p := newPhone(t)
	p.accept(s.url(), "A free coffee", false)
	newTill(t, s.server).redeem(p.show())
	m := openMerchant(t, s)
	today := time.Now().UTC().Format(time.DateOnly)
	press := func(key string) {
		see[bool](m, fmt.Sprintf(`document.querySelector("#chart svg").dispatchEvent(new KeyboardEvent("keydown",
			{key: %q, cancelable: true}))`, key))
	}
	press("ArrowLeft")
	reading := `document.getElementById("reading").textContent`
	assert.Equal(t, today+": 1", see[string](m, reading), "the last day")
	press("ArrowLeft")
	assert.NotContains(t, see[string](m, reading), today, "the day before")
	see[bool](m, `(() => { const s = document.getElementById("measure"); s.selectedIndex = s.length - 1;
		s.dispatchEvent(new Event("change")); return true; })()`)
	press("ArrowLeft")
	assert.Equal(t, today+": €2.50", see[string](m, reading), "money in its currency")
	axis := see[[]string](m, `[...document.querySelectorAll("#chart text[text-anchor=end]")].map(e => e.textContent)`)
	assert.Equal(t, "€0.00", axis[0], "the scale begins at nothing")
	assert.GreaterOrEqual(t, len(axis), 3, "and has several lines: %v", axis)
	scales := see[[]float64](m, `import("/chart.js").then(c => [0, 1, 7, 12, 99, 1234].map(c.scale))`)
	assert.Equal(t, []float64{1, 1, 2, 5, 20, 500}, scales)
}

func TestTheMerchantsPageSpeaksGerman(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	m := newPhone(t)
	askIn := func(languages, agent string) {
		_, err := chromedp.Call(m.ctx, emulation.SetUserAgentOverride,
			emulation.SetUserAgentOverrideParams{UserAgent: agent, AcceptLanguage: languages})
		require.NoError(t, err)
	}
	askIn("de-CH,en", see[string](m, `navigator.userAgent`))
	t.Cleanup(func() { askIn("", "") })
	m.do(chromedp.Navigate(s.merchant), chromedp.WaitVisible("#key"))
	m.signIn(managementKey)
	m.do(chromedp.WaitVisible("#books"))
	assert.Equal(t, "de", see[string](m, `document.documentElement.lang`))
	text := see[string](m, `document.body.innerText`)
	for _, want := range []string{"Kampagnen und Einlösungen", "Neue Kampagne", "läuft", "Vereinbarungen"} {
		assert.Contains(t, text, want)
	}
	assert.NotContains(t, text, "Campaigns", "nothing is left in English")
}
