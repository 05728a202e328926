package pages_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/wire"
)

// A customer shows an offer without a network, and is answered after its redemption.
func TestACustomerIsAnswered(t *testing.T) {
	t.Parallel()
	s := openShop(t, memstore.New())
	p := newPhone(t)
	p.accept(s.url(), "A free coffee", true)
	s.cut()
	before := s.requests.Load()
	p.do(chromedp.Reload(), chromedp.WaitVisible(`#held button`))
	shown := p.show()
	assert.Equal(t, before, s.requests.Load(), "the server saw no request")
	s.open()
	s.redeem(shown)
	p.do(chromedp.Reload(), chromedp.WaitVisible("#foryou li"))
	assert.Contains(t, p.forYou(), "Cake at half price", "the redemption is answered")
}

// A customer accepts more offers than a cookie holds, redeems the first of them, is answered, has one answer taken away
// for good, takes the other and redeems that.
func TestACustomerIsAnsweredAndTheMerchantSeesIt(t *testing.T) {
	t.Parallel()
	onBothStores(t, func(t *testing.T, s *shop) {
		s.addAnswers()
		p := newPhone(t)
		p.accept(s.url(), "A free coffee", true)
		p.do(chromedp.Click("#measurement"))
		p.until(`document.getElementById("status").textContent == "It is counted."`)
		first := p.show()
		p.takeMany(s, "bread", 69)
		s.redeem(first)
		p.do(chromedp.Reload(), chromedp.WaitVisible("#foryou li"))
		assert.Equal(t, 69, see[int](p, `document.getElementById("held").children.length`), "what can be used")
		answers := p.forYou()
		require.Contains(t, answers, "Cake at half price", "the first of 70 is matched")
		require.Contains(t, answers, "Jam")

		p.do(chromedp.Click(`button[aria-label="Cake at half price is not for me"]`))
		p.until(`document.getElementById("status").textContent.includes("is not shown again")`)
		p.do(chromedp.Reload(), chromedp.WaitVisible("#foryou li"))
		all := see[string](p, `document.getElementById("main").innerText`)
		assert.NotContains(t, all, "Cake at half price", "neither as an answer nor as new")

		p.do(chromedp.Click(`button[aria-label="Accept Jam"]`))
		p.until(`document.getElementById("status").textContent.includes("is on this device now")`)
		s.redeem(p.show())
		p.do(chromedp.Reload())
		p.until(`document.querySelectorAll("#used li").length == 2`)
		m := openMerchant(t, s)
		effects := m.texts("effects", 5)
		assert.Regexp(t, `Spreads \| [12] \| 0 \| 0 \| 1`, effects, "the answer was seen and taken; it may be new as well")
		assert.Contains(t, effects, "A free coffee | 1 | 0 | 1 | 0", "the other one was seen and dismissed")
	})
}

// addAnswers adds campaigns of which one answers the redemption of a coffee with jam.
func (s *shop) addAnswers() {
	s.t.Helper()
	for _, c := range []wire.Campaign{{ID: "bread", Title: "Bread"}, {ID: "jam", Title: "Jam"},
		{ID: "spread", Title: "Spreads", FollowUps: []wire.FollowUp{{Campaign: "coffee", Offer: "jam"}}}} {
		_, err := s.server.AddCampaign(s.t.Context(), merchant, c)
		require.NoError(s.t, err)
	}
}
