package redeem

import (
	"context"
	"crypto/ed25519"
	"time"

	"github.com/offlane/offlane/redeem/fault"
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

// heed takes the backend's word on whether this terminal is blocked, if a root that it knows signed it and it is newer
// than the last. What is not signed, such as a refusal by something on the way, changes nothing; nor does an older word
// that somebody kept.
func (t *Terminal) heed(ctx context.Context, signed record.Signed) {
	if signed.IsZero() {
		return
	}
	notice, err := t.openNotice(signed)
	if err != nil {
		t.log.WarnContext(ctx, "a notice that no known root signed is not heeded", "key", signed.KeyID, errAttr(err))
		return
	}
	before := t.identity().Block
	if notice.Number <= before.Number {
		return
	}
	now := blockState{Number: notice.Number, Blocked: notice.Blocked, Made: notice.Made, Remembers: notice.Remembers}
	if err := t.changeIdentity(func(id *identity) { id.Block = now }); err != nil {
		t.log.ErrorContext(ctx, "the backend's notice cannot be kept: it counts until the next start", errAttr(err))
		t.mu.Lock()
		t.id.Block = now
		t.mu.Unlock()
	}
	if err := t.remember(ctx); err != nil {
		t.log.ErrorContext(ctx, "what the merchant ended cannot be kept: it is tried again", errAttr(err))
	}
	if now.Blocked == before.Blocked {
		return
	}
	kind := EventUnblocked
	if now.Blocked {
		kind = EventBlocked
	}
	t.log.WarnContext(ctx, "the merchant changed what this terminal may do", "event", string(kind),
		timeAttr("decided", notice.Time()))
	t.tell(Event{Kind: kind})
}

func (t *Terminal) openNotice(signed record.Signed) (record.Notice, error) {
	roots, _ := t.trusted()
	return opened(roots, signed, func(key ed25519.PublicKey) (record.Notice, error) {
		return signed.OpenNotice(t.identity().Terminal, key)
	})
}

// blocked returns nil, or fault.Blocked with what to do where the merchant blocked this terminal.
func (t *Terminal) blocked() error {
	s := t.identity().Block
	if !s.Blocked {
		return nil
	}
	return fault.New(fault.Blocked, "redeem",
		"the merchant blocked this terminal on %s: it keeps its queue and refuses everything",
		time.UnixMilli(s.Made).UTC().Format(time.RFC3339))
}

// since is when the merchant blocked this terminal; zero: it is not blocked.
func (s blockState) since() time.Time {
	if !s.Blocked {
		return time.Time{}
	}
	return time.UnixMilli(s.Made).UTC()
}
