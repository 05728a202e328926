package backend_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// A customer reads whose offer it is, what it is worth, and how often it can still be used.
func TestAnOfferSaysWhoseItIsAndWhatItIsWorth(t *testing.T) {
	d := newDesk(t)
	assert.Equal(t, wire.Shop{Merchant: "m-1"},
		read[wire.Shop](t, d.manage("GET", wire.PathShop, nil), http.StatusOK), "nobody said anything yet")
	d.campaign(wire.Campaign{ID: "coffee", Title: "Coffee", Terms: off(300), Uses: 2})
	d.campaign(wire.Campaign{ID: "tea", Title: "Tea", Terms: off(100)})
	p := d.phone()
	o := p.accept("coffee", true)
	assert.Equal(t, wire.Shop{Merchant: "m-1", Name: "m-1"}, o.Shop, "the merchant's own name")
	for range 2 { // the second time it is there already
		want := wire.Shop{Merchant: "m-1", Name: "Corner Café", Color: "#0b5c4a"}
		assert.Equal(t, want, read[wire.Shop](t, d.manage("PUT", wire.PathShop, wire.Shop{Name: want.Name,
			Color: want.Color}), http.StatusOK))
		lane := d.till("s-1", "1")
		lane.verdict(lane.redemption(o.Pass, func(r *record.Record) {
			r.Given = record.Money{Amount: 300, Currency: "EUR"}
		}))
		listed := read[wire.DeviceOffers](t, p.ask("GET", wire.PathDeviceOffers, nil), http.StatusOK).Offers[0]
		assert.Equal(t, want, listed.Shop)
		assert.Equal(t, off(300), listed.Terms)
		assert.Equal(t, 2, listed.Uses)
		o.Left--
		if o.Left == 1 {
			assert.Equal(t, 1, listed.Left, "one use was reported")
		}
		shown := p.visit().Answers
		if assert.NotEmpty(t, shown, "the other campaign is shown") {
			assert.Equal(t, want, shown[0].Shop)
			assert.Equal(t, off(100), shown[0].Terms)
		}
	}
	other := read[wire.Shop](t, d.manageAs("m-2", "GET", wire.PathShop, nil), http.StatusOK)
	assert.Equal(t, wire.Shop{Merchant: "m-2"}, other, "another merchant's is its own")
}
