package journal

import (
	"context"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal/internal/format"
)

// Skip has the chain go on behind a number that the log does not know of, such as the last one that somebody else has
// of it: the next record gets a greater one. Notes are stored with it. A number that the log is past already skips
// nothing. Errors as of Append.
func (l *Log) Skip(ctx context.Context, number uint64, notes ...Note) error {
	return l.commit(ctx, "journal.Skip", func(*View) ([]draft, error) {
		made := l.plan.reset(1 + len(notes))
		if number > maxNumber {
			return nil, fault.New(fault.InvalidRequest, "", "a chain has no number %d", number)
		}
		if number > l.index.Number {
			made.add(draft{kind: format.KindSkipped, number: number},
				&format.Envelope{Written: format.Milliseconds(l.cfg.Now())})
		}
		return made.withNotes(notes)
	})
}

// maxNumber is the last number that a chain may come to: JSON readers hold it exactly.
const maxNumber = 1<<53 - 1
