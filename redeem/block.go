package redeem

import (
	"context"
	"crypto/ed25519"
	"log/slog"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/reporter"
	"github.com/offlane/offlane/redeem/record"
)

// A blockState is what the backend's last notice says of this terminal.
type blockState struct {
	Number  uint64 `json:"number"`
	Blocked bool   `json:"blocked,omitempty"`
	// Made is when that was decided, in milliseconds since 1970.
	Made int64 `json:"made"`
	// Remembers is when the merchant ended what the terminal may have forgotten; 0: never.
	Remembers int64 `json:"remembers,omitempty"`
}

// notices takes the backend's word on whether this terminal is blocked.
type notices struct {
	ids    *identities
	lapses *lapses
	events *eventQueue
	log    *slog.Logger
}

// heed takes a notice, if a root that is known signed it and it is newer than the last. What is not signed, such as a
// refusal by something on the way, changes nothing; nor does an older word that somebody kept.
func (n *notices) heed(ctx context.Context, signed record.Signed) {
	if signed.IsZero() {
		return
	}
	id := n.ids.now()
	notice, err := reporter.Open(id.roots, signed, func(key ed25519.PublicKey) (record.Notice, error) {
		return signed.OpenNotice(id.Terminal, key)
	})
	if err != nil {
		n.log.WarnContext(ctx, "a notice that no known root signed is not heeded", "key", signed.KeyID, errAttr(err))
		return
	}
	before := id.Block
	if notice.Number <= before.Number {
		return
	}
	now := blockState{Number: notice.Number, Blocked: notice.Blocked, Made: notice.Made, Remembers: notice.Remembers}
	n.keep(ctx, now)
	if now.Blocked == before.Blocked {
		return
	}
	kind := EventUnblocked
	if now.Blocked {
		kind = EventBlocked
	}
	n.log.WarnContext(ctx, "the merchant changed what this terminal may do", "event", string(kind),
		slog.Time("decided", time.UnixMilli(notice.Made).UTC()))
	n.events.add(Event{Kind: kind})
}

// keep puts the backend's word on disk and then into use. Where it cannot be kept it counts until the next start.
func (n *notices) keep(ctx context.Context, now blockState) {
	change := func(id *identity) { id.Block = now }
	if err := n.ids.change(change); err != nil {
		n.log.ErrorContext(ctx, "the backend's notice cannot be kept: it counts until the next start", errAttr(err))
		n.ids.changeUnsaved(change)
	}
	if err := n.lapses.look(ctx); err != nil {
		n.log.ErrorContext(ctx, "what the merchant ended cannot be kept: it is tried again", errAttr(err))
	}
}

// blockError returns nil, or fault.Blocked with what to do where the merchant blocked this terminal.
func (id *identity) blockError() error {
	s := id.Block
	if !s.Blocked {
		return nil
	}
	return fault.New(fault.Blocked, "redeem",
		"the merchant blocked this terminal on %s: it keeps its queue and refuses everything",
		time.UnixMilli(s.Made).UTC().Format(time.RFC3339))
}

// start is when the merchant blocked this terminal; zero: it is not blocked.
func (s blockState) start() time.Time {
	if !s.Blocked {
		return time.Time{}
	}
	return time.UnixMilli(s.Made).UTC()
}
