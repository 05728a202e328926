package redeem

import (
	"context"
	"errors"
	"time"

	"github.com/offlane/offlane/redeem/fault"
)

// A refusal is why the bundle that the backend hands out is not taken, and since when by the wall clock none was.
type refusal struct {
	err   error
	since time.Time
}

// A refusedBundle error is about a bundle itself, and not about how it came or where it is kept.
type refusedBundle struct{ error }

func (r refusedBundle) Unwrap() error { return r.error }

// noteRefusal keeps why a bundle was not taken, for Status and ReportNow: reports go on as if it had been. An error of
// another kind is returned. The backend that hands out one that is taken, or has none that is newer, ends the refusal.
func (b *bundles) noteRefusal(ctx context.Context, err error) error {
	why, isRefused := errors.AsType[refusedBundle](err)
	if err != nil && !isRefused {
		return err
	}
	before := b.keepRefusal(why.error, b.clock.Read().Wall)
	if isRefused && fault.CodeOf(before) != fault.CodeOf(why) {
		b.log.WarnContext(ctx, "the backend's trust bundle is refused; the one in force stays", errAttr(why.error))
		b.events.add(Event{Kind: EventBundleRefused, Code: fault.CodeOf(why)})
	}
	return nil
}

// keepRefusal keeps why the backend's bundle is refused since a moment, or since an earlier one; nil: it is not. It
// returns why it was before.
func (b *bundles) keepRefusal(why error, since time.Time) (before error) {
	b.changing.Lock()
	defer b.changing.Unlock()
	next := *b.now()
	before = next.refusal.err
	if why == nil {
		next.refusal = refusal{}
	} else {
		if before != nil {
			since = next.refusal.since
		}
		next.refusal = refusal{why, since}
	}
	b.inForce.Store(&next)
	return before
}

// refusalError says that the backend's bundle is refused; nil: it is not.
func (t *trusted) refusalError() error {
	r := t.refusal
	if r.err == nil {
		return nil
	}
	return fault.New(fault.CodeOf(r.err), "redeem.ReportNow",
		"the reports were taken, and the backend's trust bundle has been refused since %s: %w",
		r.since.UTC().Format(time.RFC3339), r.err)
}
