package replay

import (
	"bytes"
	"context"
	"fmt"
	"testing/synctest"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// A history is what happens to one terminal.
type history struct {
	chance
	ctx      context.Context
	shop     *shop
	say      *transcript
	disk     *vfs.Memory
	trouble  trouble
	marks    *marks
	clock    watch
	jitter   jitter
	passed   time.Duration // since noon, in truth
	lie      time.Time     // the backend's last wrong statement of time
	backend  *backend
	terminal record.TerminalID
	cfg      redeem.Config
	till     *redeem.Terminal // nil: it could not be opened
	events   events
	backup   *vfs.Memory // an old copy of the disk

	length int     // steps
	calm   bool    // the clock is right, limits are few, and nobody interferes: what customers do counts
	offers []shown // those that are shown in this history
	last   redeem.Request
	sold   []sold
}

// A sold is a redemption that the POS knows of.
type sold struct {
	redemption record.ID
	receipt    record.Receipt
	req        redeem.Request
}

// newHistory makes a shop of its own for one terminal.
func newHistory(ctx context.Context, s *shop, seed uint64, say *transcript) *history {
	h := &history{chance: newChance(seed, 2), ctx: ctx, shop: s, say: say, disk: &vfs.Memory{}}
	for range 2 + h.IntN(4) {
		h.offers = append(h.offers, pick(h.chance, s.shown...))
	}
	zone := pick(h.chance, time.UTC, time.UTC, time.FixedZone("", 2*60*60), time.FixedZone("", -9*60*60))
	h.clock = watch{wall: noon.In(zone), since: time.Hour, boot: 1}
	h.calm = h.in(2)
	h.length = 10 + h.IntN(11) // and now and then so many that the journal begins segments
	if h.in(60) {
		h.length = 150
	}
	h.backend = newBackend(h)
	h.watchDisk()
	h.configure(seed)
	return h
}

func (h *history) truth() time.Time { return noon.Add(h.passed) }

func (h *history) configure(seed uint64) {
	h.cfg = redeem.Config{
		Place: record.Place{Lane: "7"}, Reporter: h.backend, EnrolmentCode: "CODE", Clock: &h.clock, Policy: h.policy(),
		Reporting: redeem.Reporting{Manual: true, MaxRecords: h.IntN(2) * (1 + h.IntN(4))}, OnEvent: h.events.add,
		Random: &h.jitter,
	}
	h.cfg.Journal.SegmentSize = 16 << 10
	if h.in(3) {
		h.cfg.Journal.KeepReported = h.span(time.Hour, 48*time.Hour)
	}
	if h.in(6) { // nobody enrols it
		h.cfg.EnrolmentCode, h.cfg.Roots = "", []offer.Key{h.shop.root.Key()}
		h.cfg.Place = record.Place{Merchant: "m-1", Store: "s-1", Lane: "7"}
	}
	if h.in(3) {
		h.cfg.Keys = []offer.Key{h.shop.issuers[0].Key()}
	}
	if h.in(6) {
		h.cfg.KeyStore = &keyStore{chance: newChance(seed, 4)}
	}
	if h.in(10) {
		h.cfg.Journal.Key = bytes.Repeat([]byte{byte(seed)}, 32)
	}
	switch h.IntN(6) {
	case 0, 1:
		h.marks = &marks{}
		h.cfg.Mark = h.marks
	case 2:
		h.cfg.Mark = redeem.MarkFile("elsewhere/mark")
	}
}

func (h *history) policy() redeem.Policy {
	p := redeem.Policy{Unattended: h.in(10), Training: h.in(40)}
	if h.calm {
		p = redeem.Policy{UnprovenPerDay: trust.Allowance{Number: 100}}
	}
	hours := func(n int) time.Duration { return time.Duration(1+h.IntN(n)) * time.Hour }
	for _, limit := range []func(){
		func() { p.MaxAlone = pick(h.chance, hours(100), hours(12), -1) },
		func() { p.MaxBundleAge = hours(72) }, func() { p.MaxUnreported = hours(48) },
		func() { p.MaxUses = 1 + h.IntN(3) }, func() { p.PerHour = h.allowance() },
		func() { p.Unreported = h.allowance() }, func() { p.PerCampaign = h.allowance() },
		func() { p.UnprovenPerDay = h.allowance() }, func() { p.UnprovenPerDay = h.allowance() },
		func() { p.VoidsPerOffer = 1 + h.IntN(2) }, func() { p.VoidsPerOperator = h.allowance() },
		func() { p.VoidsPerHour = h.allowance() },
	} {
		if h.in(4) && (!h.calm || h.in(3)) {
			limit()
		}
	}
	return p
}

// open opens the terminal, and tries once more where the disk fails.
func (h *history) open() {
	for range 2 {
		till, err := redeem.Open(vfs.WithFS(h.ctx, h.disk), "till", h.cfg)
		h.say.failure(err)
		synctest.Wait()
		if h.till = till; err == nil {
			return
		}
		h.trouble.end()
	}
}

func (h *history) watchDisk() { h.disk.Before, h.disk.Reading = h.trouble.before, h.trouble.reading }

// close closes the terminal. What a crash left of the disk is the disk from then on.
func (h *history) close() {
	if h.till != nil {
		h.say.fact("closed", fmt.Sprint(fault.CodeOf(h.till.Close())))
		h.till = nil
	}
	synctest.Wait()
}

// crash is a loss of power: some of what was not flushed is on the disk, and the program is gone.
func (h *history) crash(after *vfs.Memory) {
	marks := h.marks.copy()
	h.till.Close() // on the old disk: only its goroutines matter
	synctest.Wait()
	h.till, h.marks = nil, marks
	if marks != nil {
		h.cfg.Mark = marks
	}
	h.disk = after
	h.watchDisk()
	h.trouble.end()
}
