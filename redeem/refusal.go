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

// A refused error is about a bundle itself, and not about how it came or where it is kept.
type refused struct{ error }

func (r refused) Unwrap() error { return r.error }

// noteRefusal keeps why a bundle was not taken, for Status and ReportNow: reports go on as if it had been. An error of
// another kind is returned. The backend that hands out one that is taken, or has none that is newer, ends the refusal.
func (t *Terminal) noteRefusal(ctx context.Context, err error) error {
	why, isRefused := errors.AsType[refused](err)
	if err != nil && !isRefused {
		return err
	}
	t.mu.Lock()
	before := t.progress.refusal
	if isRefused {
		t.progress.refusal = refusal{why.error, before.since}
		if before.err == nil {
			t.progress.refusal.since = t.clock.Read().Wall
		}
	} else {
		t.progress.refusal = refusal{}
	}
	t.mu.Unlock()
	if isRefused && fault.CodeOf(before.err) != fault.CodeOf(why) {
		t.log.WarnContext(ctx, "the backend's trust bundle is refused; the one in force stays", errAttr(why.error))
		t.tell(Event{Kind: EventBundleRefused, Code: fault.CodeOf(why)})
	}
	return nil
}

// refusalError says that the backend's bundle is refused; nil: it is not.
func (t *Terminal) refusalError() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	r := t.progress.refusal
	if r.err == nil {
		return nil
	}
	return fault.New(fault.CodeOf(r.err), "redeem.ReportNow",
		"the reports were taken, and the backend's trust bundle has been refused since %s: %w",
		r.since.UTC().Format(time.RFC3339), r.err)
}
