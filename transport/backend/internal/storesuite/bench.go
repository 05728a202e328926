package storesuite

import (
	"errors"
	"testing"
	"time"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
)

// BatchSize is how many entries one transaction of Compare books.
const BatchSize = 100

// Compare books batches of entries with the store and with a bare program by turns, each batch in one durable
// transaction, and reports how fast the store is as a multiple of the bare program.
func Compare(b *testing.B, st store.Store, bare func([]store.Entry) error) {
	var ours, theirs time.Duration
	terminal, number := record.NewTerminalID(), uint64(0)
	batch := func() (entries []store.Entry, ids []record.ID) {
		for range BatchSize {
			number++
			e := anEntry(terminal, number, func(e *store.Entry) { e.Raw = make([]byte, 300) })
			entries, ids = append(entries, e), append(ids, e.ID)
		}
		return entries, ids
	}
	for b.Loop() {
		entries, ids := batch()
		start := time.Now()
		err := st.Update(b.Context(), func(tx store.Tx) error {
			if _, err := tx.Entries(ids); err != nil {
				return err
			}
			var sums posting.Sums
			for i := range entries {
				sums.Count(nil, &entries[i])
			}
			return errors.Join(tx.PutEntries(entries), tx.Post(sums.Posting()))
		})
		ours += time.Since(start)
		if err != nil {
			b.Fatal(err)
		}
		entries, _ = batch()
		start = time.Now()
		if err := bare(entries); err != nil {
			b.Fatal(err)
		}
		theirs += time.Since(start)
	}
	b.ReportMetric(float64(theirs)/float64(ours), "×bare")
	b.ReportMetric(float64(BatchSize*b.N)/ours.Seconds(), "records/s")
}
