package booking

import (
	"time"

	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
)

// Accept posts that an offer was accepted: one more, and what all its uses may have to be given for.
func Accept(p *posting.Sums, c *store.Campaign, o *store.Offer, alone time.Duration) {
	p.Add(store.Tally{Campaign: c.ID, Day: posting.DayOf(o.Accepted), Currency: c.Terms.Currency, Accepted: 1}, 1)
	Owe(p, Promise(c, o), o, int64(o.MaxUses), alone)
}
