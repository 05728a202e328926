package redeem

import (
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// believe moves the evidence of time forward if the backend's clock is signed by a root that we know. Verifying takes longer than a
// decision may wait, so that it is done before the lock is taken.
func (t *Terminal) believe(at record.ServerTime) {
	now := t.clock.Read()
	roots, _ := t.trusted()
	signed := vouches(roots, at)
	t.mu.Lock()
	t.progress.lastAnswer, t.progress.strange = now.Wall, !signed
	if signed {
		t.progress.offset = now.Wall.Sub(at.Time()).Round(time.Millisecond)
		t.anchor = t.anchor.advance(at.Millis, now)
	}
	t.mu.Unlock()
	if !signed {
		t.log.Warn("the backend's clock is not signed by a known root: it is not used", "key", at.KeyID)
	}
}

// vouches reports whether one of the roots signed the time.
func vouches(roots offer.Keys, at record.ServerTime) bool {
	for root := range roots.All() {
		if root.ID == at.KeyID && at.Verify(root.Public) == nil {
			return true
		}
	}
	return false
}
