package pages_test

import (
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/wire"
)

// loseCookies removes all cookies of the phone's host.
func (p *phone) loseCookies() {
	p.t.Helper()
	all, err := chromedp.Call(p.ctx, storage.GetCookies, storage.GetCookiesParams{})
	require.NoError(p.t, err)
	mine := slices.DeleteFunc(all.Cookies, func(c *network.Cookie) bool { return c.Domain != p.host })
	require.NotEmpty(p.t, mine, "there are cookies to lose")
	for _, c := range mine {
		_, err := chromedp.Call(p.ctx, network.DeleteCookies,
			network.DeleteCookiesParams{Name: c.Name, Domain: c.Domain, Path: c.Path})
		require.NoError(p.t, err)
	}
}

// takeMany accepts offers with the cookies of the browser, as the page would.
func (p *phone) takeMany(s *shop, campaign string, n int) {
	p.t.Helper()
	cookies, err := chromedp.Call(p.ctx, network.GetCookies, network.GetCookiesParams{})
	require.NoError(p.t, err)
	for range n {
		r := httptest.NewRequest(http.MethodPost, wire.PathDeviceOffers, strings.NewReader(`{"campaign":"`+campaign+`"}`))
		for _, c := range cookies.Cookies {
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
		w := httptest.NewRecorder()
		s.server.ServeHTTP(w, r)
		require.Equal(p.t, http.StatusCreated, w.Code, w.Body.String())
	}
}

// passAt is the pass of an offer that is listed, counted from the newest.
func (s *shop) passAt(p *phone, i int) string {
	s.t.Helper()
	return see[string](p, fmt.Sprintf(`caches.match("/v1/device/offers").then(r => r.json()).then(l => l.offers[%d].pass)`,
		i))
}

// Of a thousand offers none is lost: not from the cookies, not without a network, and not with the cookies.
func TestManyOffersAreKept(t *testing.T) {
	t.Parallel()
	const many = 1000
	s := openShop(t, memstore.New())
	p := newPhone(t)
	p.accept(s.url(), "A free coffee", false)
	p.takeMany(s, "cake", many-1)
	all := fmt.Sprintf(`document.getElementById("held").children.length == %d`, many)
	p.do(chromedp.Reload())
	p.until(all)
	p.untilKept()
	told := see[string](p, `(async () => {
		const slots = (await (await fetch("/v1/device/offers")).json()).slots, held = { offers: [], lost: 0 };
		for (let slot = 0; slot < slots; slot++) {
			const one = await (await fetch("/v1/device/held/" + slot)).json();
			held.offers.push(...one.offers);
			held.lost += one.lost;
		}
		return JSON.stringify({ offers: new Set(held.offers).size, lost: held.lost });
	})()`)
	assert.JSONEq(t, fmt.Sprintf(`{"offers": %d, "lost": 0}`, many), told, "the cookies hold all identifiers")
	oldest := s.passAt(p, many-1)

	s.cut()
	p.do(chromedp.Reload())
	p.until(all)
	last := func() string {
		p.do(chromedp.Click(`#held li:last-child button`), chromedp.WaitVisible("#picture"))
		text := p.scan()
		p.do(chromedp.Click("#show form button"), chromedp.WaitNotVisible("#picture"))
		return text
	}
	assert.Equal(t, oldest, last(), "the oldest is shown without a network")

	s.open()
	p.loseCookies()
	p.do(chromedp.Reload(), chromedp.WaitVisible("#campaigns button"))
	p.until(all)
	assert.Contains(t, see[string](p, `document.querySelector("#held li").innerText`), "Kept on this device alone")
	assert.Equal(t, oldest, last(), "the script kept it when the cookies were lost")
	see[bool](p, `window.confirm = () => true; true`)
	p.do(chromedp.Click("#forget"))
	p.until(`document.getElementById("status").textContent == "This device is forgotten."`)
	p.do(chromedp.Reload(), chromedp.WaitVisible("#campaigns button"))
	assert.Zero(t, see[int](p, `document.getElementById("held").children.length`), "what is forgotten is gone")
}

// The page draws its symbols by itself. A scanner reads those of all versions that a pass can need.
func TestThePageDrawsWhatScannersRead(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	p := newPhone(t)
	p.do(chromedp.Navigate(p.at(s.url())), chromedp.WaitVisible("#campaigns button"))
	texts := []string{"grüße, https://shop.example/?a=b"}
	for n := 5; n < 800; n += 41 {
		texts = append(texts, "OL1:"+strings.Repeat("A7$K0:Z", n)[:n])
	}
	asked, err := json.Marshal(texts)
	require.NoError(t, err)
	drawn := see[[][]string](p, `import("/qr.js").then(({ encode }) => `+string(asked)+`.map(text =>
		encode(text).map(row => row.map(dark => dark ? "1" : "0").join(""))))`)
	sizes := map[int]bool{}
	for i, rows := range drawn {
		symbols, err := (&barcode.Scanner{}).Scan(t.Context(), picture(rows))
		require.NoError(t, err, texts[i])
		if assert.Len(t, symbols, 1, "%d letters in %d modules", len(texts[i]), len(rows)) {
			assert.Equal(t, texts[i], symbols[0].Text)
		}
		sizes[len(rows)] = true
	}
	assert.Greater(t, len(sizes), 12, "symbols of many sizes were drawn")
	assert.Equal(t, "too long", see[string](p, `import("/qr.js").then(({ encode }) => {
		try { encode("A".repeat(5000)); return "drawn"; } catch { return "too long"; } })`))
}

// picture draws rows of modules, each 4 pixels wide, with a quiet zone.
func picture(rows []string) image.Image {
	const size, quiet = 4, 4
	side := (len(rows) + 2*quiet) * size
	img := image.NewGray(image.Rect(0, 0, side, side))
	for y := range side {
		for x := range side {
			row, column := y/size-quiet, x/size-quiet
			isDark := row >= 0 && row < len(rows) && column >= 0 && column < len(rows) && rows[row][column] == '1'
			if !isDark {
				img.SetGray(x, y, color.Gray{Y: 255})
			}
		}
	}
	return img
}
