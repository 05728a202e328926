package pages_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"image/png"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/boltstore"
	"github.com/offlane/offlane/transport/backend/internal/storesuite"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/pages"
	"github.com/offlane/offlane/transport/backend/pgstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/transporttest/browsertest"
	"github.com/offlane/offlane/transport/wire"
)

const (
	merchant      = "shop.example"
	managementKey = "the-management-key"
)

// patience is how long a browser may take for one step.
const patience = 60 * time.Second

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // the heaps of tests are small: at 100 the collector takes up to a third of their time
	code := m.Run()
	chromium.close()
	os.Exit(code)
}

// A shop is a backend with its pages on loopback, which can be cut off and come back.
type shop struct {
	t        testing.TB
	server   *backend.Server
	address  string
	customer *http.Server
	requests atomic.Int64
	merchant string
	slow     chan struct{} // the last file that the service worker installs waits for it; nil: none does
	listed   chan struct{} // gets one for each list of offers, where slow is not nil
}

// openShop opens a shop for a browser. It skips the test without the flag -long, unless pictures of the pages are asked
// for.
func openShop(t testing.TB, st store.Store, edit ...func(*shop)) *shop {
	t.Helper()
	if os.Getenv("OFFLANE_SCREENSHOTS") == "" {
		storesuite.SkipUnlessLong(t)
	}
	server, err := backend.New(t.Context(), backend.Config{Store: st, Merchants: []backend.Merchant{
		{Name: merchant, Key: managementKey}, {Name: "mill.example"}}})
	require.NoError(t, err)
	s := &shop{t: t, server: server, address: "127.0.0.1:0"}
	for _, edit := range edit {
		edit(s)
	}
	s.open()
	t.Cleanup(s.cut)
	other := &http.Server{Handler: pages.Merchant(server)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	go other.Serve(l) // ends with Close
	t.Cleanup(func() { other.Close() })
	s.merchant = "http://" + l.Addr().String() + "/"
	for _, c := range []wire.Campaign{
		{ID: "coffee", Title: "A free coffee", Text: "One cup of any size.", FollowUps: []wire.FollowUp{{Offer: "cake"}}},
		{ID: "cake", Title: "Cake at half price"},
	} {
		_, err := server.AddCampaign(t.Context(), merchant, c)
		require.NoError(t, err)
	}
	return s
}

// open listens, on the same address again after a cut.
func (s *shop) open() {
	s.t.Helper()
	l, err := net.Listen("tcp", s.address)
	require.NoError(s.t, err)
	s.address = l.Addr().String()
	handler := pages.Customer(s.server)
	s.customer = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.requests.Add(1)
		if s.slow != nil {
			s.installing(r)
		}
		handler.ServeHTTP(w, r)
	})}
	go s.customer.Serve(l) // ends with cut
}

// installing has the service worker wait for its last file. The list of offers it gets at once.
func (s *shop) installing(r *http.Request) {
	switch {
	case r.URL.Path == "/icon.svg":
		<-s.slow
	case r.URL.Path == wire.PathDeviceOffers && r.Method == http.MethodGet:
		s.listed <- struct{}{}
	}
}

// cut closes the listener and all connections.
func (s *shop) cut() { s.customer.Close() }

func (s *shop) url() string { return "http://" + s.address + "/" }

// A phone is a browser's window that finds each server at a host name of its own: no other phone has its cookies or
// what its scripts keep.
type phone struct {
	t    testing.TB
	ctx  context.Context
	host string
}

var phones atomic.Int64

// windows are those that tests have left; a phone takes one of them before it opens another.
var windows = make(chan context.Context, 100)

func newPhone(t testing.TB) *phone {
	t.Helper()
	p := &phone{t: t, host: fmt.Sprintf("phone%d.localhost", phones.Add(1))}
	select {
	case p.ctx = <-windows:
	default:
		p.ctx, _ = chromedp.NewContext(chromium.page(t)) // it ends with the browser
		require.NoError(t, chromedp.Do(p.ctx))           // the window lives as long as the context of the first call
	}
	p.do(chromedp.EmulateViewport(400, 800))
	t.Cleanup(p.leave)
	return p
}

// leave empties the window for another phone. Where the test failed nobody takes it.
func (p *phone) leave() {
	if p.t.Failed() {
		return
	}
	p.emulate(emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme"}}})
	p.do(chromedp.Navigate("about:blank"))
	windows <- p.ctx
}

// emulate has the window show pages as on another medium or by other preferences of the user.
func (p *phone) emulate(as emulation.SetEmulatedMediaParams) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, as)
	require.NoError(p.t, err)
}

// at is a server's address on loopback as the phone calls it.
func (p *phone) at(url string) string { return strings.Replace(url, "127.0.0.1", p.host, 1) }

func (p *phone) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

func (p *phone) until(expression string) {
	p.t.Helper()
	browsertest.Until(p.t, p.ctx, expression)
}

func see[T any](p *phone, expression string) T {
	p.t.Helper()
	return browsertest.See[T](p.t, p.ctx, expression)
}

// accept takes the offer that the page lists under this title.
func (p *phone) accept(url, title string, personal bool) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.at(url)), chromedp.WaitVisible(`#campaigns button`))
	if personal {
		p.do(chromedp.Click("#personal"))
		p.until(`document.getElementById("status").textContent != ""`)
	}
	p.do(chromedp.Click(`button[aria-label="Accept `+title+`"]`), chromedp.WaitVisible(`#held button`))
	p.untilKept()
}

// untilKept waits until the service worker has the list with the offers that the page shows.
func (p *phone) untilKept() {
	p.t.Helper()
	p.until(`(async () => {
		const kept = await caches.match("/v1/device/offers");
		const shown = document.getElementById("held").children.length;
		return Boolean(kept && shown) && (await kept.json()).offers.length >= shown;
	})()`)
}

// show holds the screen up to the till, which reads what is there to be seen.
func (p *phone) show() string {
	p.t.Helper()
	p.open()
	text := p.scan()
	p.do(chromedp.Click("#show form button"), chromedp.WaitNotVisible("#picture"))
	return text
}

// open has the first offer fill the screen.
func (p *phone) open() {
	p.t.Helper()
	p.do(chromedp.Click(`#held button`), chromedp.WaitVisible("#picture"))
	p.until(`document.querySelector("#picture path") != null`)
}

// scan reads what there is to be seen.
func (p *phone) scan() string {
	p.t.Helper()
	shot, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	require.NoError(p.t, err)
	picture, err := png.Decode(bytes.NewReader(shot))
	require.NoError(p.t, err)
	symbols, err := (&barcode.Scanner{}).Scan(p.t.Context(), picture)
	require.NoError(p.t, err)
	require.Len(p.t, symbols, 1, "the till reads what is seen")
	return symbols[0].Text
}

// forYou returns what the page shows because of a redemption, as text.
func (p *phone) forYou() string {
	p.t.Helper()
	p.until(`document.querySelectorAll("#held li, #used li, #campaigns li").length > 0`)
	return see[string](p, `document.getElementById("foryou").hidden ? "" : document.getElementById("answers").innerText`)
}

// terminal is a lane as a vendor embeds it, enrolled and with the trust bundle on disk. It reports when it is told to.
func (s *shop) terminal() *redeem.Terminal {
	s.t.Helper()
	code, err := s.server.AddCode(s.t.Context(), merchant, wire.NewCode{Store: "1"})
	require.NoError(s.t, err)
	client, err := transport.New(transport.Config{URL: s.url()})
	require.NoError(s.t, err)
	terminal, err := redeem.Open(s.t.Context(), s.t.TempDir(), redeem.Config{
		Place: record.Place{Lane: "7"}, EnrolmentCode: code.Code, Reporter: client, Reporting: redeem.Reporting{Manual: true},
	})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { terminal.Close() })
	require.NoError(s.t, terminal.ReportNow(s.t.Context()))
	return terminal
}

// redeem does what a till does: enrols, books what it read, and reports.
func (s *shop) redeem(text string) {
	s.t.Helper()
	till := newTill(s.t, s.server)
	assert.Equal(s.t, record.Confirmed, till.redeem(text).Status)
}

// onBothStores runs a test on bbolt, and on PostgreSQL with the flag -long.
func onBothStores(t *testing.T, test func(*testing.T, *shop)) {
	stores := map[string]func(*testing.T) store.Store{
		"bolt": func(t *testing.T) store.Store {
			st, err := boltstore.Open(t.Context(), filepath.Join(t.TempDir(), "db"))
			require.NoError(t, err)
			return st
		},
	}
	if storesuite.IsLong() {
		stores["postgres"] = func(t *testing.T) store.Store {
			st, err := pgstore.Open(t.Context(), storesuite.StartPostgres(t).Address)
			require.NoError(t, err)
			return st
		}
	}
	for name, open := range stores {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := open(t)
			t.Cleanup(func() { st.Close() })
			test(t, openShop(t, st))
		})
	}
}

func TestTheFiveStepsInABrowser(t *testing.T) {
	t.Parallel()
	onBothStores(t, fiveSteps)
}

// Whoever accepts an offer while the service worker is being installed, with the list of before, sees it without a
// network as well.
func TestAnOfferIsKeptThatWasAcceptedBeforeTheServiceWorkerCame(t *testing.T) {
	t.Parallel()
	slow, listed := make(chan struct{}), make(chan struct{}, 100)
	s := openShop(t, memstore.New(), func(s *shop) { s.slow, s.listed = slow, listed })
	p := newPhone(t)
	p.do(chromedp.Navigate(p.at(s.url())), chromedp.WaitVisible(`#campaigns button`))
	for range 2 { // the page's and the service worker's
		<-listed
	}
	p.do(chromedp.Click(`button[aria-label="Accept A free coffee"]`), chromedp.WaitVisible(`#held button`))
	close(slow)
	p.untilKept()
	s.cut()
	p.do(chromedp.Reload(), chromedp.WaitVisible(`#held button`))
	assert.NotEmpty(t, p.show(), "the pass is shown without a network")
}

func fiveSteps(t *testing.T, s *shop) {
	p, silent := newPhone(t), newPhone(t)
	p.accept(s.url(), "A free coffee", true)
	silent.accept(s.url(), "A free coffee", false)
	online := p.show()
	unasked := silent.show()
	lane := s.terminal()

	s.cut()
	before := s.requests.Load()
	p.do(chromedp.Reload(), chromedp.WaitVisible(`#held button`))
	offline := p.show()
	assert.Equal(t, online, offline, "the pass is shown without a network")
	assert.Equal(t, before, s.requests.Load(), "the server saw no request")
	for i, scanned := range []string{offline, unasked} {
		decision, err := lane.Redeem(t.Context(), redeem.Request{Scanned: scanned, SaleKey: fmt.Sprint("sale ", i)})
		require.NoError(t, err)
		require.Equal(t, redeem.Allow, decision.Outcome, "redeemed with no network: %v", decision)
	}
	assert.Equal(t, 2, lane.Status().Pending)

	s.open()
	require.NoError(t, lane.ReportNow(t.Context()))
	assert.Zero(t, lane.Status().Pending, "the redemptions are reported")
	p.do(chromedp.Reload(), chromedp.WaitVisible("#foryou li"))
	answer := p.forYou()
	assert.Contains(t, answer, "Cake at half price")
	assert.Contains(t, answer, "Because you redeemed “A free coffee” at 1")

	presented, err := offer.Parse(online)
	require.NoError(t, err)
	thief := newPhone(t)
	thief.do(chromedp.Navigate(thief.at(s.url())), chromedp.WaitVisible("#campaigns button"))
	see[string](thief, `document.cookie = "offlane_held=`+presented.ID.Code()+
		`; path=/"; document.cookie = "offlane_device=`+strings.Repeat("A", 43)+`; path=/"`)
	thief.do(chromedp.Reload(), chromedp.WaitVisible("#campaigns button"))
	assert.Empty(t, thief.forYou(), "a second device that knows the identifier gets no personal answer")

	silent.do(chromedp.Reload(), chromedp.WaitVisible("#past"), chromedp.WaitVisible("#campaigns button"))
	silent.until(`document.querySelector("#used li.redeemed") != null`)
	assert.Empty(t, silent.forYou(), "nobody agreed")
}

// Over TLS a browser keeps the cookies by names that no other host of the domain can set, and a script neither reads
// nor plants them.
func TestThePageKeepsItsOffersOverTLS(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	secure := httptest.NewTLSServer(pages.Customer(s.server))
	t.Cleanup(secure.Close)
	p := newPhone(t)
	p.do(chromedp.Navigate(p.at(secure.URL)), chromedp.WaitVisible("#campaigns button"))
	see[string](p, `document.cookie = "__Host-offlane_device=`+strings.Repeat("A", 48)+`; path=/; secure"`)
	p.do(chromedp.Click("#personal"))
	p.until(`document.getElementById("status").textContent != ""`) // the lists were made anew
	p.do(chromedp.Click(`button[aria-label="Accept A free coffee"]`), chromedp.WaitVisible(`#held button`))
	p.do(chromedp.Reload(), chromedp.WaitVisible(`#held button`))
	assert.Equal(t, "", see[string](p, `document.cookie`), "the planted cookie gave way to one that scripts cannot read")
	assert.True(t, see[bool](p, `document.getElementById("personal").checked`), "the customer agreed")
	p.do(chromedp.WaitVisible(`button[aria-label="Accept Cake at half price"]`))
	p.do(chromedp.Click(`button[aria-label="Accept Cake at half price"]`))
	p.until(`document.getElementById("held").children.length == 2`)
	p.until(`document.getElementById("status").textContent.includes("is on this device now")`)
	see[bool](p, `window.confirm = () => true; true`)
	p.do(chromedp.Click("#forget"))
	p.until(`document.getElementById("status").textContent == "This device is forgotten."`)
	p.do(chromedp.Reload(), chromedp.WaitVisible("#campaigns button"))
	assert.Empty(t, see[string](p, `document.getElementById("held").innerText`))
}

// axe is the source of axe-core. It skips the test where it cannot be had; under CI=true it fails it.
func axe(t *testing.T) string {
	t.Helper()
	script, err := fetchAxe()
	if err != nil {
		storesuite.Missing(t, err.Error())
	}
	return script
}

// axeVersion is that of axe-core which npm fetches.
const axeVersion = "4.10.3"

// fetchAxe reads axe-core from where OFFLANE_AXE says, or from the user's folder of caches, where it comes with npm
// once.
var fetchAxe = sync.OnceValues(func() (string, error) {
	path := os.Getenv("OFFLANE_AXE")
	if path == "" {
		caches, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		path = filepath.Join(caches, "offlane", "axe-core-"+axeVersion+".js")
		if _, err := os.Stat(path); err != nil {
			if err := installAxe(path); err != nil {
				return "", err
			}
		}
	}
	script, err := os.ReadFile(path)
	return string(script), err
})

// installAxe has npm fetch axe-core to a file.
func installAxe(path string) error {
	npm, err := exec.LookPath("npm")
	if err != nil {
		return fmt.Errorf("npm, from which axe-core comes, is not installed: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), "new-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fetch := exec.Command(npm, "install", "--prefix", dir, "--prefer-offline", "--no-audit", "--no-fund",
		"axe-core@"+axeVersion)
	if out, err := fetch.CombinedOutput(); err != nil {
		return fmt.Errorf("axe-core cannot be fetched: %w: %s", err, out)
	}
	return os.Rename(filepath.Join(dir, "node_modules", "axe-core", "axe.min.js"), path)
}

// findings runs axe-core in the page and returns what it finds wrong, by all rules, or by those on colours alone.
func (p *phone) findings(script, rules string) string {
	p.t.Helper()
	if !see[bool](p, `"axe" in window`) {
		see[int](p, script+"; 0")
	}
	return see[string](p, `axe.run(document.querySelector("dialog[open]") || document, {`+rules+`}).then(r =>
		r.violations.map(v => v.id + ": " + v.help + " " + v.nodes.map(n => n.html).join(" ")).join("\n"))`)
}

// look has axe-core and the scroll bar say what is wrong with the page, at the widths of a phone and of a desk, in the
// light and in the dark. Pictures are kept in the folder that OFFLANE_SCREENSHOTS names.
func (p *phone) look(script, name string) {
	p.t.Helper()
	for _, scheme := range []string{"light", "dark"} {
		p.emulate(emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
		rules := "" // all
		if scheme == "dark" {
			rules = `runOnly: ["color-contrast"]` // what else there is was seen in the light
		}
		for _, width := range []int64{360, 1280} {
			p.do(chromedp.EmulateViewport(width, 800))
			p.lookAt(script, rules, fmt.Sprintf("%s-%s-%d", name, scheme, width))
		}
	}
}

func (p *phone) lookAt(script, rules, name string) {
	p.t.Helper()
	if dir := os.Getenv("OFFLANE_SCREENSHOTS"); dir != "" {
		shot, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
		require.NoError(p.t, err)
		require.NoError(p.t, os.WriteFile(filepath.Join(dir, name+".png"), shot, 0o644))
	}
	assert.False(p.t, see[bool](p, `document.documentElement.scrollWidth > innerWidth`),
		"%s can be scrolled sideways", name)
	inner := see[[]string](p, `[...document.querySelectorAll("main *, dialog *")].
		filter(e => e.scrollWidth > e.clientWidth && getComputedStyle(e).overflowX == "auto" && innerWidth < 500).
		map(e => e.innerText)`)
	assert.Empty(p.t, inner, "%s: a part can be scrolled sideways", name)
	assert.Empty(p.t, p.findings(script, rules), name)
}

func TestTheCustomersPageIsAccessible(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	script := axe(t)
	p := newPhone(t)
	p.do(chromedp.Navigate(p.at(s.url())), chromedp.WaitVisible("#campaigns button"))
	p.look(script, "first")
	p.accept(s.url(), "A free coffee", true)
	s.redeem(p.show())
	p.do(chromedp.Reload(), chromedp.WaitVisible("#foryou li"))
	p.look(script, "foryou")
	p.do(chromedp.Click(`button[aria-label="Accept Cake at half price"]`))
	p.until(`document.getElementById("held").children.length == 1`)
	p.do(chromedp.Click("#past summary"), chromedp.WaitVisible("#used li"))
	p.look(script, "held")
	p.open()
	p.look(script, "shown")
}

func TestTheMerchantsPageIsAccessible(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	script := axe(t)
	_, err := s.server.AddCampaign(t.Context(), merchant, wire.Campaign{ID: "long",
		Title: "Fünfzig Prozent auf alles ohne Tiernahrung, nur am Wochenende"})
	require.NoError(t, err)
	p := newPhone(t)
	p.accept(s.url(), "A free coffee", false)
	s.redeem(p.show())
	newTill(t, s.server).report(offer.NewID().Code(), 4, 1700)
	_, err = s.server.Propose(t.Context(), "mill.example", wire.NewAgreement{Owner: "mill.example", Partner: merchant})
	require.NoError(t, err)
	m := newPhone(t)
	m.do(chromedp.Navigate(s.merchant), chromedp.WaitVisible("#key"))
	m.look(script, "signin")
	m.signIn("a wrong management key")
	m.until(`document.getElementById("status").textContent != ""`)
	m.signIn(managementKey)
	m.do(chromedp.WaitVisible("#books"), chromedp.WaitVisible("#chart svg"))
	m.find("day", "")
	m.look(script, "merchant")
	m.do(chromedp.Click("#create"), chromedp.WaitVisible("#c-title"))
	m.look(script, "campaign")
	m.do(chromedp.Click("#c-cancel"), chromedp.WaitNotVisible("#c-title"))
	m.press("Withdraw", "A free coffee")
	m.look(script, "question")
}

func (p *phone) signIn(key string) {
	p.t.Helper()
	p.do(chromedp.SendKeys("#key", key), chromedp.Click("#signin button"))
}

// TestAnOfferIsPrinted looks at the page as a printer gets it: one sheet, with the offer, its symbol and its code, and
// nothing to press.
func TestAnOfferIsPrinted(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	p := newPhone(t)
	p.accept(s.url(), "A free coffee", false)
	p.open()
	see[bool](p, `window.print = () => { window.printed = true }; true`)
	p.do(chromedp.Click("#print"))
	assert.True(t, see[bool](p, `window.printed`), "the button prints")
	onScreen := p.scan()
	pdf, err := chromedp.Run(p.ctx, chromedp.PrintToPDF())
	require.NoError(t, err)
	assert.Equal(t, 1, bytes.Count(pdf, []byte("/Type /Page\n")), "one sheet")
	p.emulate(emulation.SetEmulatedMediaParams{Media: "print"})
	assert.Equal(t, onScreen, p.scan(), "the till reads the paper")
	seen := see[string](p, `document.body.innerText`)
	assert.Contains(t, seen, "A free coffee")
	assert.Contains(t, seen, "One cup of any size.")
	assert.Contains(t, seen, "Valid until")
	for _, never := range []string{"Close", "Print", "Your offers", "Hold the screen"} {
		assert.NotContains(t, seen, never)
	}
	width := see[float64](p, `document.getElementById("picture").getBoundingClientRect().width / 96 * 25.4`)
	assert.InDelta(t, 50, width, 1, "millimetres: modules of half a millimetre and more, whatever the paper")
	if dir := os.Getenv("OFFLANE_SCREENSHOTS"); dir != "" {
		shot, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(100))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, "print.png"), shot, 0o644))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "print.pdf"), pdf, 0o644))
	}
}

// What a script kept is short-lived on some browsers: whether the customer agreed is told by the backend.
func TestThePageShowsTheConsentThatTheBackendKeeps(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	p := newPhone(t)
	p.accept(s.url(), "A free coffee", true)
	see[bool](p, `localStorage.clear(); sessionStorage.clear(); true`)
	p.do(chromedp.Reload(), chromedp.WaitVisible("#held button"))
	assert.True(t, see[bool](p, `document.getElementById("personal").checked`), "the customer agreed")
	p.do(chromedp.Click("#measurement"))
	p.until(`document.getElementById("status").textContent == "It is counted."`)
	p.do(chromedp.Reload(), chromedp.WaitVisible("#held button"))
	assert.Equal(t, []bool{true, true}, see[[]bool](p, `[personal, measurement].map(box => box.checked)`),
		"one consent takes no other back")
	see[bool](p, `window.confirm = () => true; true`)
	p.do(chromedp.Click("#forget"))
	p.until(`document.getElementById("status").textContent == "This device is forgotten."`)
	assert.False(t, see[bool](p, `document.getElementById("personal").checked`),
		"what is accepted from now on is for nobody in particular")
	assert.Empty(t, see[string](p, `document.getElementById("held").innerText`))
}

// lane is what the merchant's page shows of a lane: store, lane, queue, missing and lost records, and chain.
func (p *phone) lane(row int) string {
	p.t.Helper()
	return see[string](p, fmt.Sprintf(`[...document.querySelectorAll("#lanes tr:nth-child(%d) td")].
		map(td => td.textContent).slice(0, 7).toSpliced(3, 1).join(" | ")`, row))
}

func TestTheMerchantsPageShowsEachLanesQueueAndGaps(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	newTill(t, s.server)
	behind := newTill(t, s.server)
	behind.report(offer.NewID().Code(), 4, 1700)
	m := newPhone(t)
	m.do(chromedp.Navigate(s.merchant), chromedp.WaitVisible("#key"))
	m.signIn(managementKey)
	m.do(chromedp.WaitVisible("#lanes tr"))
	rows := []string{"1 | 7 | 1700 | 1 to 3 | none | sound", "1 | 7 | not known | none | none | sound"} // trouble first
	assert.Equal(t, rows, []string{m.lane(1), m.lane(2)})
}

func TestTheMerchantsPageShowsMoneyByCampaignAndCurrency(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	till := newTill(t, s.server)
	accepted := httptest.NewRecorder()
	s.server.ServeHTTP(accepted, httptest.NewRequest(http.MethodPost, wire.PathDeviceOffers,
		strings.NewReader(`{"campaign":"coffee"}`)))
	var held wire.DeviceOffer
	require.NoError(t, json.Unmarshal(accepted.Body.Bytes(), &held), accepted.Body.String())
	require.Equal(t, record.Confirmed, till.redeem(held.Pass).Status)
	m := newPhone(t)
	m.do(chromedp.Navigate(s.merchant), chromedp.WaitVisible("#key"))
	m.signIn(managementKey)
	m.do(chromedp.WaitVisible("#money tr"))
	shown := see[string](m, `[...document.querySelectorAll("#money td")].map(td => td.textContent).join(" | ")`)
	assert.Equal(t, "A free coffee | €2.50 | €0.00 | €2.50 | no maximum | none", shown)
}

func TestTheMerchantsPageNeedsAKey(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	m := newPhone(t)
	m.do(chromedp.Navigate(s.merchant), chromedp.WaitVisible("#key"))
	m.signIn("a wrong management key")
	m.until(`document.getElementById("status").textContent != ""`)
	assert.Contains(t, see[string](m, `document.getElementById("status").textContent`), "management key is not known")
}
