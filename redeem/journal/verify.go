package journal

import (
	"context"
	"errors"
	"slices"
)

// afterwards reads, in the background, what a snapshot has spared Open from reading, which are the segments with an
// ordinal below covered: damage there is to be known as well.
func (l *Log) afterwards(ctx context.Context, covered uint64) {
	check := newLoader(l.fs, l.dir, l.keys)
	check.check = true
	check.journal, check.given = l.st.journal, l.st.given
	for _, s := range l.st.segments {
		if s.ordinal >= covered {
			break
		}
		copied := &segment{header: s.header, base: s.base, end: s.end, sealer: s.sealer}
		check.segments = append(check.segments, copied)
		check.first[copied] = s.first
	}
	if len(check.segments) == 0 {
		return
	}
	ctx, l.stopCheck = context.WithCancel(context.WithoutCancel(ctx))
	l.checking = true
	go l.check(ctx, check)
}

func (l *Log) check(ctx context.Context, check *loader) {
	err := check.readAll(ctx)
	check.tail.vouched = check.expect - 1
	check.finish()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.stopCheck()
	l.checking = false
	if err != nil && !errors.Is(err, context.Canceled) {
		l.log("the journal could not be read through", "error", err)
	}
	for _, d := range check.damage {
		if !slices.Contains(l.st.damage, d) {
			l.st.damage = append(l.st.damage, d)
			l.log("damage", "what", d.String())
		}
	}
	l.reclaimSoon()
	l.changed.Broadcast()
}

// Verify returns when everything that was on the medium at Open has been read, so that Damage is complete, or when ctx
// ends. Open itself reads only what is younger than the snapshot that a clean Close has left, and has the rest read in
// the background.
func (l *Log) Verify(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waitWhile(ctx, &l.checking)
}

// waitWhile waits, with the lock, until something that goes on in the background is over or ctx ends.
func (l *Log) waitWhile(ctx context.Context, goesOn *bool) error {
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
