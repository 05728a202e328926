package redeem

import (
	"context"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/limits"
	"github.com/offlane/offlane/redeem/internal/reporter"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// A host is the rest of the terminal for its reporter.
type host struct {
	ids      *identities
	enroller *enroller
	bundles  *bundles
	lapses   *lapses
	notices  *notices
	events   *eventQueue
	marker   *marker
	journal  *journal.Log
	limits   *limits.Counters
}

func (h *host) Self() reporter.Self {
	id := h.ids.now()
	return reporter.Self{Terminal: id.Terminal, Token: id.Token, Signer: id.signer, Roots: id.roots,
		Blocked: id.Block.Blocked}
}

func (h *host) WithToken(ctx context.Context, do func(context.Context) error) error {
	return h.enroller.withToken(ctx, do)
}

func (h *host) Enrol(ctx context.Context) error { return h.enroller.enrol(ctx) }

func (h *host) CodeRefusal() error { return h.enroller.refusal }

func (h *host) FetchBundle(ctx context.Context) error {
	return h.bundles.noteRefusal(ctx, h.enroller.withToken(ctx, h.bundles.fetch))
}

func (h *host) HeedNotice(ctx context.Context, signed record.Signed) { h.notices.heed(ctx, signed) }

func (h *host) NoticeLosses(ctx context.Context) (bool, error) { return h.lapses.noticeLosses(ctx) }

func (h *host) Lapses() *record.Forgotten { return h.lapses.now().report() }

func (h *host) HasUnreported() bool { return h.lapses.hasUnreported() }

func (h *host) NoteForgotten(ctx context.Context, f *record.Forgotten) error {
	return h.lapses.markReported(ctx, f)
}

func (h *host) HearAnswer(ctx context.Context, chain record.ChainID, answer *record.Answer, signed bool) error {
	return h.lapses.hear(ctx, chain, answer, signed)
}

// Settle keeps the counts of the limits in step.
func (h *host) Settle(
	ctx context.Context, settled []journal.Settlement, evidence []byte, notes []journal.Note,
) error {
	if err := h.journal.Settle(ctx, settled, evidence, notes...); err != nil {
		return err
	}
	h.limits.Answer(settled)
	return nil
}

// Requeue has the limits counted anew: what was answered waits again.
func (h *host) Requeue(ctx context.Context, ids []journal.ID) error {
	defer h.limits.Reset()
	return h.journal.Requeue(ctx, ids...)
}

func (h *host) PassOf(stored journal.Stored) string { return PassOf(stored) }

func (h *host) TellReported(count int) { h.events.add(Event{Kind: EventReported, Count: count}) }

func (h *host) TellVerdict(v record.Verdict) { h.events.add(Event{Kind: EventVerdict, Verdict: v}) }

func (h *host) TellSetAside(s reporter.SetAside) {
	h.events.add(Event{Kind: EventSetAside, SetAside: s, Code: s.Code})
}

func (h *host) TellHeld(code fault.Code) { h.events.add(Event{Kind: EventHeld, Code: code}) }

func (h *host) TellFailed(code fault.Code) { h.events.add(Event{Kind: EventReportFailed, Code: code}) }

func (h *host) ExchangeEnded() { h.marker.follow(1) }
