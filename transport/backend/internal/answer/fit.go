package answer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/offlane/offlane/transport/backend/internal/rules"
	"github.com/offlane/offlane/transport/backend/store"
)

// Defaults of a follow-up, in days: until when after the redemption it is shown, and how long it is not shown to a
// device that dismissed it.
const defaultWithin, defaultCoolOff = 90, 365

const dayMillis = 24 * 60 * 60 * 1000

// DayOf is the number of a moment's day since 1970 (UTC).
func DayOf(millis int64) int64 { return millis / dayMillis }

// try makes the answer of a follow-up, if it may be shown.
func (c *choosing) try(f *followUp) (Answer, bool) {
	switch {
	case c.now < f.From, f.Until != 0 && c.now >= f.Until:
		return Answer{}, false
	case !c.Allows(f.of.Merchant, c.Origin), !c.mayCount(f):
		return Answer{}, false
	}
	m := c.reason(f)
	if m == nil {
		return Answer{}, false
	}
	a := Answer{Name: f.name, Campaign: f.of.ID, Because: m, Reason: c.sentence(f, m), Cap: f.Cap,
		IsNew: !c.isShownToday(f.name)}
	if f.Ad != nil {
		words := adWords(f.Ad, f.of, c.Languages)
		a.Ad, a.Title, a.Text = f.Ad, words.Title, words.Text
		return a, c.take("ad " + f.Ad.ID)
	}
	a.Offered = c.campaigns[f.Offer]
	if a.Offered == nil || !c.mayFollow(f.of, a.Offered.Merchant) || !c.mayOffer(a.Offered) || !c.mayRepeat(f) {
		return Answer{}, false
	}
	words := Words(a.Offered, c.Languages)
	a.Title, a.Text = words.Title, words.Text
	trial, begins := c.trialIn(a.Offered)
	if begins {
		a.Begins = trial
	}
	a.Held = c.holds(trial)
	return a, c.take("offer " + f.Offer)
}

// mayOffer reports whether the device may be offered a campaign.
func (c *choosing) mayOffer(of *store.Campaign) bool {
	return rules.IsOpen(of, c.now) && !c.known.UsedUp[of.ID] && !c.quiet[of.ID] && c.Allows(of.Merchant, c.Origin) &&
		(of.PerDevice == 0 || c.held[of.ID].Counted < of.PerDevice)
}

// mayRepeat reports whether the device has no offer of the campaign that is offered, or none that is open where the
// follow-up repeats.
func (c *choosing) mayRepeat(f *followUp) bool {
	h, has := c.held[f.Offer]
	return !has || f.Repeat && h.Open == 0
}

// reason is the newest redemption that a follow-up answers; nil: none.
func (c *choosing) reason(f *followUp) (newest *Match) {
	times := 0
	for i := range c.redeemed {
		m := &c.redeemed[i]
		if !c.fits(f, m) {
			continue
		}
		times++
		if newest == nil && c.isInTime(f, m) {
			newest = m
		}
	}
	if times < max(f.Times, 1) {
		return nil
	}
	return newest
}

// fits reports whether a follow-up answers a redemption, whenever it was.
func (c *choosing) fits(f *followUp, m *Match) bool {
	of, at := c.campaigns[m.Offer.Campaign], m.Use.Place
	own := f.Campaign == "" && f.Merchant == "" && f.Category == ""
	switch {
	case own && of != f.of,
		f.Campaign != "" && f.Campaign != of.ID,
		f.Category != "" && f.Category != of.Category,
		f.Merchant != "" && f.Merchant != of.Merchant && f.Merchant != at.Merchant,
		f.Store != "" && f.Store != at.Store,
		f.Product != "" && !c.isOn(f.Product, m),
		f.MinGiven > 0 && (m.Use.Given.Currency != f.Currency || m.Use.Given.Amount < f.MinGiven):
		return false
	}
	return c.mayFollow(f.of, of.Merchant) && (f.Merchant == "" || c.mayFollow(f.of, f.Merchant))
}

// isOn reports whether a redemption gave a discount on a product: by what the terminal reported, else by what the
// offer was for.
func (c *choosing) isOn(product string, m *Match) bool {
	if len(m.Use.Products) > 0 {
		return names(m.Use.Products, product)
	}
	return names(c.campaigns[m.Offer.Campaign].Terms.Products, product)
}

// names reports whether a GTIN is one of some products, whose numbers may have more zeros before them or fewer.
func names(products []string, number string) bool {
	return slices.ContainsFunc(products, func(p string) bool {
		return strings.TrimLeft(p, "0") == strings.TrimLeft(number, "0")
	})
}

// isInTime reports whether a redemption is as many days ago as the follow-up asks for.
func (c *choosing) isInTime(f *followUp, m *Match) bool {
	ago := c.now - m.Use.Redeemed
	within := int64(cmp.Or(f.WithinDays, defaultWithin)) * dayMillis
	return ago >= int64(f.AfterDays)*dayMillis && ago < within
}

func (c *choosing) isShownToday(name string) bool {
	row := c.shown[name]
	return row != nil && slices.Contains(row.Days, DayOf(c.now))
}

// mayCount reports whether a follow-up was not dismissed and its caps let it through. What was shown today counts no
// more.
func (c *choosing) mayCount(f *followUp) bool {
	row := c.shown[f.name]
	switch {
	case row != nil && c.now < row.Quiet:
		return false
	case c.isShownToday(f.name):
		return true
	case f.Cap.Total > 0 && c.known.Full[f.name]:
		return false
	}
	return row == nil || f.Cap.Times == 0 || countDays(f.Cap, row, DayOf(c.now)) < f.Cap.Times
}

// countDays is how many of the days on which an answer was shown a cap counts on a day.
func countDays(limit store.Cap, row *store.Answer, today int64) (n int) {
	if limit.Days == 0 {
		return row.Times
	}
	for _, day := range row.Days {
		if day > today-int64(limit.Days) {
			n++
		}
	}
	return n
}

// Count is the row of an answer that a device is shown now, as it stands after that; before is nil where it was never
// shown.
func (a *Answer) Count(device store.Hash, before *store.Answer, now int64) store.Answer {
	row := store.Answer{Device: device, Name: a.Name, Campaign: a.Campaign}
	if before != nil {
		row = *before
	}
	if a.Offered != nil {
		row.Offer = a.Offered.ID
	}
	today := DayOf(now)
	days := append(slices.Clone(row.Days), today)
	row.Days = days[max(0, len(days)-max(a.Cap.Times, 1)):]
	row.Times++
	return row
}
