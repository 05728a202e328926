package replay

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
)

var (
	histories = flag.Int("histories", 30, "how many histories are replayed")
	from      = flag.Uint64("from", 1, "the seed of the first history")
	digests   = flag.String("digests", "", "the file that gets a line for each history: seed, facts, words")
	troubles  = flag.Bool("trouble", true, "flushes fail, the disk is full or damaged, and the power fails at a flush")
	trace     = flag.Bool("trace", false, "print what the terminal said")
)

// perShop is how many histories have a shop in common.
const perShop = 256

// A player plays histories.
type player struct {
	source *source
	number uint64 // of the shop
	shop   *shop
}

// play returns what the terminal says in the history of a seed.
func (p *player) play(t *testing.T, seed uint64) (said transcript) {
	synctest.Test(t, func(t *testing.T) {
		p.source.install(t, seed)
		if number := seed / perShop; p.shop == nil || p.number != number {
			p.source.begin(number, 0)
			p.number, p.shop = number, newShop(number)
			p.source.begin(seed, 0)
		}
		newHistory(t.Context(), p.shop, seed, &said).run(p.source, seed)
	})
	return said
}

// run takes the steps of a history. Each step has sources of its own, so that code which draws once more in one step
// draws the same in the next.
func (h *history) run(source *source, seed uint64) {
	begin := func(step uint64) {
		source.begin(seed, step)
		h.jitter.Seed(seed, step)
		h.chance, h.backend.chance = newChance(seed, 1000+2*step), newChance(seed, 1001+2*step)
	}
	begin(1)
	h.open()
	if h.till != nil && !h.in(5) {
		h.report()
	}
	for i := range h.length {
		begin(uint64(i) + 2)
		if h.till == nil {
			h.open()
		}
		if h.till == nil {
			break
		}
		h.take(h.anyStep())
	}
	begin(uint64(h.length) + 2)
	h.end()
}

// end reports what is left and lists everything.
func (h *history) end() {
	if h.till == nil {
		return
	}
	h.backend.rude, h.backend.poison = false, false
	h.say.fact("# end")
	h.report()
	h.verdicts()
	for l, err := range h.till.Records(h.ctx, redeem.Query{}) {
		h.say.failure(err)
		h.say.listed(l)
	}
	h.close()
	h.events.tell(h.say)
}

// TestReplay replays histories. A seed says the same again each time.
func TestReplay(t *testing.T) {
	p := &player{source: newSource()}
	out := io.Discard
	if *digests != "" {
		f, err := os.Create(*digests)
		require.NoError(t, err)
		defer func() { assert.NoError(t, f.Close(), "the digests are written") }()
		w := bufio.NewWriter(f)
		defer w.Flush()
		out = w
	}
	for i := range *histories {
		seed := *from + uint64(i)
		said := p.play(t, seed)
		facts, words := said.digests()
		fmt.Fprintln(out, seed, facts, words)
		if *trace {
			fmt.Printf("history %d\n%s%s", seed, said.facts, said.words)
		}
	}
}

// TestAHistoryFollowsFromItsSeed plays histories twice.
func TestAHistoryFollowsFromItsSeed(t *testing.T) {
	once, twice := &player{source: newSource()}, &player{source: newSource()}
	for seed := range uint64(40) {
		first, second := once.play(t, seed), twice.play(t, seed)
		require.Equal(t, string(first.facts), string(second.facts), "seed %d", seed)
		require.Equal(t, string(first.words), string(second.words), "seed %d", seed)
	}
}
