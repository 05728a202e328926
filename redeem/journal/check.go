package journal

import (
	"context"
	"errors"
	"slices"

	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
	"github.com/offlane/offlane/redeem/journal/internal/recovery"
)

// startCheckLocked has read, in the background, what a snapshot has spared Open from reading, which are the segments
// with an ordinal below covered: damage there is to be known as well. The goroutine ends by itself, or when Close stops
// it.
func (l *Log) startCheckLocked(ctx context.Context, covered uint64) {
	var segments []*index.Segment
	for _, s := range l.index.All {
		if s.Ordinal >= covered {
			break
		}
		segments = append(segments, &index.Segment{Header: s.Header, Base: s.Base, End: s.End, Sealer: s.Sealer})
	}
	if len(segments) == 0 {
		return
	}
	ctx, l.stopCheck = context.WithCancel(context.WithoutCancel(ctx))
	l.checking = true
	go l.check(ctx, segments, l.index.LogStart)
}

func (l *Log) check(ctx context.Context, segments []*index.Segment, start format.LogStart) {
	damage, err := recovery.Check(ctx, l.folder, segments, start)
	l.mu.Lock()
	defer l.unlock()
	l.stopCheck()
	l.checking = false
	if err != nil && !errors.Is(err, context.Canceled) {
		l.logLocked("the journal could not be read through", "error", err)
	}
	for _, d := range damage {
		if !slices.Contains(l.damage, d) {
			l.addDamageLocked(d)
		}
	}
	l.compactSoonLocked()
	l.changed.Broadcast()
}

// waitWhileLocked waits until something that goes on in the background is over or ctx ends.
func (l *Log) waitWhileLocked(ctx context.Context, goesOn *bool) error {
	stop := context.AfterFunc(ctx, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.changed.Broadcast()
	})
	defer stop()
	for *goesOn && ctx.Err() == nil {
		l.changed.Wait()
	}
	return ctx.Err()
}
