package redeem

import (
	"context"
	"iter"

	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// Verdicts returns the verdicts that the POS has not acknowledged yet, oldest first; confirmed ones need no such word
// and do not appear. They are handed out again, also after a restart, until Acknowledge is called for them. An error
// ends the sequence.
func (t *Terminal) Verdicts(ctx context.Context) iter.Seq2[record.Verdict, error] {
	return func(yield func(record.Verdict, error) bool) {
		for stored, err := range t.journal.Verdicts() {
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				yield(record.Verdict{}, err)
				return
			}
			verdict, err := record.DecodeVerdict(stored.Verdict)
			if !yield(verdict, err) || err != nil {
				return
			}
		}
	}
}

// Acknowledge says that the POS has the verdicts on these records: they are not handed out again. It returns when that
// is on disk. A record without an open verdict is passed over.
func (t *Terminal) Acknowledge(ctx context.Context, ids ...record.ID) error {
	refs := make([]journal.ID, len(ids))
	for i, id := range ids {
		refs[i] = journal.ID(id)
	}
	return t.journal.HandOver(ctx, refs...)
}
