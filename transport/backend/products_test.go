package backend_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// A device is answered because of a product that its redemption was about, as the till reported it.
func TestAnAnswerFollowsFromAProductThatATillReported(t *testing.T) {
	const beans, filters = "9501101530003", "96385074"
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "any", Title: "A tenth off", FollowUps: []wire.FollowUp{
		{Product: beans, Ad: &wire.Ad{ID: "grinder", Title: "Grinders"}},
		{Product: filters, Ad: &wire.Ad{ID: "kettle", Title: "Kettles"}}}})
	lane := d.till("s-1", "1")
	for product, want := range map[string]string{beans: "grinder", filters: "kettle", "": ""} {
		p := d.phone()
		r := lane.redemption(p.accept("any", true).Pass)
		if product != "" {
			r.Products = []string{product}
		}
		require.Equal(t, record.Confirmed, lane.verdict(r).Status)
		ads := ""
		for _, a := range p.visit().Answers {
			if a.Kind == "ad" {
				ads += a.ID
			}
		}
		assert.Equal(t, want, ads, "after a redemption of %q", product)
	}
}
