package pages_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/transport/backend/memstore"
)

// What a customer sees and takes because of an answer stands on the merchant's page, however often the page is loaded,
// and nothing of a customer who did not agree.
func TestWhatBecameOfAnswersStandsOnTheMerchantsPage(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	shop := func(agrees bool) {
		p := newPhone(t)
		p.accept(s.url(), "A free coffee", true)
		if agrees {
			p.do(chromedp.Click("#measurement"))
			p.until(`document.getElementById("status").textContent == "It is counted."`)
		}
		s.redeem(p.show())
		for range 2 {
			p.do(chromedp.Reload(), chromedp.WaitVisible("#foryou li"))
			see[bool](p, `(document.querySelector("#foryou li").scrollIntoView(), true)`)
			p.until(`performance.getEntriesByType("resource").some(e => e.name.endsWith("/v1/device/events")) == ` +
				map[bool]string{true: "true", false: "false"}[agrees])
		}
		p.do(chromedp.Click(`button[aria-label="Accept Cake at half price"]`))
		p.until(`document.getElementById("status").textContent.includes("is on this device now")`)
	}
	shop(true)
	shop(false)
	m := openMerchant(t, s)
	assert.Contains(t, m.texts("effects", 5), "A free coffee | 1 | 0 | 0 | 1", "one customer agreed")
}
