package answer

import (
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"github.com/offlane/offlane/transport/backend/store"
)

// trialPrefix begins the names of rows of trials; no campaign's id has a colon.
const trialPrefix = "trial:"

// TrialOf names the row of a campaign's trial.
func TrialOf(campaign string) string { return trialPrefix + campaign }

// clickPrefix begins the names of rows of clicks.
const clickPrefix = "click:"

// ClickOf names the row of the click that led to an offer, by the offer's public name.
func ClickOf(offer string) string { return clickPrefix + offer }

// reportWait is how long after the end of a trial's days redemptions are waited for that tills report late.
const reportWait = 3 * dayMillis

// defaultTrialDays is how long a trial goes on where the campaign does not say.
const defaultTrialDays = 30

// armOf draws the arm of a device in a campaign's trial. seed is a keyed hash of the device.
func armOf(seed []byte, of *store.Campaign) store.Arm {
	sum := sha256.Sum256(append(slices.Clone(seed), of.ID...))
	if binary.BigEndian.Uint64(sum[:])%100 < uint64(of.Holdout.Percent) {
		return store.HeldOut
	}
	return store.Answered
}

// trialIn returns the row of the trial that a device is in, or enters now, with a campaign; nil: it is in none.
func (c *choosing) trialIn(of *store.Campaign) (row *store.Answer, begins bool) {
	if row := c.shown[TrialOf(of.ID)]; row != nil {
		return row, false
	}
	if of.Holdout.Percent == 0 || !c.Measured || c.wasShown(of.ID) {
		return nil, false
	}
	days := of.Holdout.Days
	if days == 0 {
		days = defaultTrialDays
	}
	return &store.Answer{Name: TrialOf(of.ID), Offer: of.ID, Trial: &store.Trial{Arm: armOf(c.Seed, of), Began: c.now,
		Ends: c.now + int64(days)*dayMillis}}, true
}

// wasShown reports whether a campaign was an answer to the device before. Such a device enters no trial.
func (c *choosing) wasShown(campaign string) bool {
	return slices.ContainsFunc(c.Answers, func(row store.Answer) bool { return row.Offer == campaign && row.Times > 0 })
}

// holds reports whether a trial keeps a campaign from being shown.
func (c *choosing) holds(row *store.Answer) bool {
	return row != nil && row.Trial != nil && row.Trial.Arm == store.HeldOut && row.Trial.Closed == 0 &&
		c.now < row.Trial.Ends
}

// Accept notes in a trial's row that its device accepted an offer of the campaign, and reports whether that is new.
func Accept(row *store.Answer, now int64) bool {
	t := row.Trial
	if t.Accepted != 0 || t.Closed != 0 || now >= t.Ends {
		return false
	}
	t.Accepted = now
	return true
}

// Outcome is what a device did within the days of its trial, as far as is known. offers are those that it holds.
func Outcome(row *store.Answer, offers []store.Offer) (accepted, redeemed bool) {
	t := row.Trial
	for i := range offers {
		o := &offers[i]
		if o.Campaign != row.Offer || o.Accepted < t.Began || o.Accepted >= t.Ends {
			continue
		}
		redeemed = redeemed || slices.ContainsFunc(o.Uses, func(u store.Use) bool { return u.Redeemed < t.Ends })
	}
	return t.Accepted != 0, redeemed
}

// Close makes the outcome of an open trial final, and counts it. early says that it is so before its time.
func Close(row *store.Answer, offers []store.Offer, early bool, now int64) store.Measure {
	accepted, redeemed := Outcome(row, offers)
	row.Trial.Closed = now
	return store.Measure{Campaign: row.Offer, Arm: row.Trial.Arm, Closed: 1, Accepted: one(accepted),
		Redeemed: one(redeemed), Erased: one(early)}
}

func one(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
