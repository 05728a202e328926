package reporter

import (
	"slices"

	"github.com/offlane/offlane/redeem/internal/slot"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// The journal's slot slot.Received holds the ids of the records that the backend keeps without a verdict, one behind
// the other. They are there to be counted: the verdict finds its record without them.

// mostReceived is how many ids are kept; of more the oldest are not counted.
const mostReceived = journal.MaxPayload / len(record.ID{})

// countReceived counts the records that wait for their verdict.
func (r *Reporter) countReceived() int {
	raw, _ := r.journal.Note(slot.Received)
	return len(raw) / len(record.ID{})
}

// noteReceived is the slot's value after an answer of which these verdicts are on records of this journal; changed is
// false where that changes nothing. A verdict on a record that the journal gave back long ago ends its wait as well.
func (r *Reporter) noteReceived(ours []record.Verdict, answer record.Answer) (note journal.Note, changed bool) {
	raw, _ := r.journal.Note(slot.Received)
	waiting := slices.Collect(slices.Chunk(raw, len(record.ID{})))
	place := func(of record.ID) int {
		return slices.IndexFunc(waiting, func(id []byte) bool { return string(id) == string(of[:]) })
	}
	for _, v := range ours {
		if v.Status == record.Received && place(v.Record) < 0 {
			waiting, changed = append(waiting, v.Record[:]), true
		}
	}
	if len(waiting) == 0 {
		return note, false
	}
	for _, v := range slices.Concat(answer.Items, answer.Later) {
		if i := place(v.Record); v.Status != record.Received && i >= 0 {
			waiting, changed = slices.Delete(waiting, i, i+1), true
		}
	}
	waiting = waiting[max(0, len(waiting)-mostReceived):]
	return journal.Note{Slot: slot.Received, Value: slices.Concat(waiting...)}, changed
}
