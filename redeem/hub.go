package redeem

import (
	"context"

	"github.com/offlane/offlane/redeem/record"
)

// A Hub is the arbiter of the lanes of one store, by which two lanes do not redeem one offer at the same moment, also
// without the internet. hub.Client of package transport/hub is one. Its methods may be called by several goroutines at
// once.
//
// With a hub Redeem and Reserve decide, claim the offer, decide again under the journal's lock, and record. The hub
// hears of the record in the background. Where it does not answer, the terminal decides alone as far as
// Policy.WithoutHub allows, and its records have the note record.HubUnreachable.
type Hub interface {
	// Start connects the terminal, in the background. Open calls it once. The lane is good until Stop returns.
	Start(ctx context.Context, lane record.HubLane) error
	// Claim asks for uses of an offer. With any error but ctx's own the terminal decides alone, so it comes soon.
	Claim(ctx context.Context, req record.ClaimRequest) (record.ClaimAnswer, error)
	// GiveUp ends a claim that came to nothing. It does not wait.
	GiveUp(req record.ClaimRequest, c record.Claim)
	// Tell names records that are on disk, in which the hub finds what became of claims, and what was voided. Without ids
	// something may have been recorded, and the hub's client looks at the journal. It does not wait.
	Tell(ids ...record.ID)
	// Status tells how the terminal stands to the hub.
	Status() record.HubStatus
	// Stop ends the connection and returns when nothing uses the lane any more.
	Stop()
}

func (t *Terminal) startHub(ctx context.Context) error {
	if t.cfg.Hub == nil {
		return nil
	}
	return t.cfg.Hub.Start(ctx, &hubLane{journal: t.journal, clock: t.clock, ids: t.ids,
		bundles: t.bundles, events: t.events})
}

func (t *Terminal) stopHub() {
	if t.cfg.Hub != nil {
		t.cfg.Hub.Stop()
	}
}
