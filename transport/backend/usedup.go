package backend

import (
	"maps"
	"slices"
	"sync"

	"github.com/offlane/offlane/transport/backend/store"
)

// How long it is believed, in milliseconds, that offers of a campaign can be accepted, and that its limit or budget is
// used up. A campaign that is used up is thus shown for five seconds at most, and never accepted.
const openFor, usedUpFor = 5_000, 10_000

// usedUp knows of which campaigns with a limit or a budget nothing is left, as this process last saw it. A visit asks
// the store for the few that it is about to show, and again for one that was used up, so that its cost does not grow
// with the number of campaigns.
type usedUp struct {
	mu    sync.Mutex
	fresh map[string]int64 // when it was seen that offers can be accepted
	used  map[string]bool  // replaced when it changes
	order []aged           // those in used, each once, the longest seen first
}

type aged struct {
	campaign string
	seen     int64
}

// campaigns returns the campaigns that are used up; it is not to be changed.
func (u *usedUp) campaigns() map[string]bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.used
}

// isOpen reports whether it was seen lately that offers can be accepted.
func (u *usedUp) isOpen(campaign string, now int64) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	seen, ok := u.fresh[campaign]
	return ok && now-seen < openFor && seen <= now
}

// put notes what was seen at a moment.
func (u *usedUp) put(campaign string, isUsed bool, now int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if !isUsed {
		if u.fresh == nil {
			u.fresh = map[string]int64{}
		}
		u.fresh[campaign] = now
	}
	if u.used[campaign] {
		u.order = slices.DeleteFunc(u.order, func(a aged) bool { return a.campaign == campaign })
	}
	if u.used[campaign] != isUsed {
		used := make(map[string]bool, len(u.used)+1)
		maps.Copy(used, u.used)
		if used[campaign] = isUsed; !isUsed {
			delete(used, campaign)
		}
		u.used = used
	}
	if isUsed {
		u.order = append(u.order, aged{campaign, now})
	}
}

// oldest returns the campaign that was seen to be used up longest ago, to be looked at again; "": none is old. Until
// that is done it stays the oldest: a look may fail.
func (u *usedUp) oldest(now int64) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	if len(u.order) == 0 {
		return ""
	}
	first := u.order[0]
	if first.seen <= now && now-first.seen < usedUpFor {
		return ""
	}
	return first.campaign
}

// look asks the store whether a campaign is used up, and notes it.
func (u *usedUp) look(tx store.Tx, campaign string, now int64) (bool, error) {
	c, err := tx.Campaign(campaign)
	if err != nil {
		return true, err
	}
	isUsed := c == nil || c.Limit > 0 && c.Accepted >= c.Limit
	if !isUsed {
		isUsed, err = isUsedUp(tx, c, now)
	}
	if err == nil {
		u.put(campaign, isUsed, now)
	}
	return isUsed, err
}
