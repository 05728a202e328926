package journal

import (
	"context"

	"github.com/offlane/offlane/redeem/fault"
)

// Skip has the chain go on behind a number that the log does not know of, such as the last one that somebody else has of
// it: the next record gets a greater one. Notes are stored with it. A number that the log is past already skips nothing.
// Errors as of Append.
func (l *Log) Skip(ctx context.Context, number uint64, notes ...Note) error {
	return l.commit(ctx, "journal.Skip", func(v *View) ([]draft, error) {
		made := l.sheet.blank(1 + len(notes))
		if number > maxNumber {
			return nil, fault.New(fault.InvalidRequest, "", "a chain has no number %d", number)
		}
		if number > v.st.number {
			made.add(draft{kind: kindSkipped, number: number}, &envelope{written: milliseconds(l.cfg.Now())})
		}
		return made.withNotes(notes)
	})
}

// maxNumber is the last number that a chain may come to: JSON readers hold it exactly.
const maxNumber = 1<<53 - 1

// ID is the journal's own, drawn when it was made: another journal in the same folder has another one.
func (l *Log) ID() ID {
	l.mu.Lock()
	defer l.mu.Unlock()
	return ID(l.st.journal)
}
