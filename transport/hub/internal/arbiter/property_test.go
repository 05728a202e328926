package arbiter_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub/internal/arbiter"
)

// A counter is a lane's side of one claim in the random histories: it may record as long as its lease lasts for it, and
// tells later, never, or twice.
type counter struct {
	key      arbiter.Key
	attempt  uint64
	until    time.Duration
	override bool
	recorded bool
	told     bool
	voided   bool
	fact     arbiter.Fact
}

// A history is random work of some lanes with a few offers, and what came of it.
type history struct {
	*store
	stored   []arbiter.Changes
	counters []*counter
}

// store keeps what changed, as a journal does.
func (h *history) keep() { h.stored = append(h.stored, h.Changes()) }

func (h *history) draw(t *rapid.T, fits func(*counter) bool) *counter {
	var some []*counter
	for _, c := range h.counters {
		if fits(c) {
			some = append(some, c)
		}
	}
	if len(some) == 0 {
		t.Skip("no claim is so")
	}
	return rapid.SampledFrom(some).Draw(t, "claim")
}

func (h *history) ask(t *rapid.T) {
	n, offer := rapid.ByteRange(1, 4).Draw(t, "lane"), fmt.Sprint("offer", rapid.IntRange(1, 3).Draw(t, "offer"))
	req := h.request(n, fmt.Sprint("sale", len(h.counters)), offer)
	req.Override = rapid.IntRange(0, 9).Draw(t, "override") == 0
	if h.Claim(h.now, req).Result == arbiter.Granted {
		h.counters = append(h.counters, &counter{key: req.Key, attempt: req.Attempt, until: h.now + lease*9/10,
			override: req.Override})
	}
	h.keep()
}

// record writes the record of a claim, if the lane may still do so.
func (h *history) record(t *rapid.T) {
	c := h.draw(t, func(c *counter) bool { return !c.recorded && h.now < c.until })
	id := h.newID(c.key.Lane[0])
	c.recorded = true
	c.fact = arbiter.Fact{Kind: record.Redemption, Record: id, Group: id, Parts: 1, Lane: c.key.Lane, Sale: c.key.Sale,
		Names: []arbiter.Name{c.key.Offer}, Allowed: 1}
}

func (h *history) tell(t *rapid.T) {
	c := h.draw(t, func(c *counter) bool { return c.recorded })
	h.Tell(h.now, c.fact)
	c.told = true
	h.keep()
}

func (h *history) giveUp(t *rapid.T) {
	c := h.draw(t, func(c *counter) bool { return !c.recorded })
	h.GiveUp(h.now, c.key, c.attempt)
	c.until = 0
	h.keep()
}

func (h *history) takeBack(t *rapid.T) {
	c := h.draw(t, func(c *counter) bool { return c.told && !c.voided })
	c.voided = true
	h.Tell(h.now, arbiter.Fact{Kind: record.Void, Record: h.newID(c.key.Lane[0]),
		Lane: c.key.Lane, Of: c.fact.Record})
	h.keep()
}

func (h *history) wait(t *rapid.T) {
	h.now += time.Duration(rapid.IntRange(0, 12).Draw(t, "seconds")) * time.Second
	h.Sweep(h.now, time.Time{})
	h.keep()
}

func (h *history) crash(t *rapid.T) {
	shuffled := rapid.Permutation(h.stored).Draw(t, "order")
	h.restart(shuffled...)
}

// check holds what was recorded to what the offers allow: only a manager makes it more.
func (h *history) check(t *rapid.T) {
	used, overridden := map[arbiter.Name]int{}, map[arbiter.Name]bool{}
	for _, c := range h.counters {
		overridden[c.key.Offer] = overridden[c.key.Offer] || c.override
		if c.recorded && !c.voided || !c.recorded && h.now < c.until {
			used[c.key.Offer]++
		}
	}
	for offer, n := range used {
		if !overridden[offer] {
			assert.LessOrEqual(t, n, 1, "lanes used an offer, or may use it, more often than once, and no manager decided")
		}
	}
}

func TestNoOfferIsDoubledWithoutAManager(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := &history{store: newStore()}
		t.Repeat(map[string]func(*rapid.T){
			"ask": h.ask, "record": h.record, "tell": h.tell, "giveUp": h.giveUp, "takeBack": h.takeBack, "wait": h.wait,
			"crash": h.crash, "": h.check,
		})
	})
}
