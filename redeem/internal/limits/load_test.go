package limits_test

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/internal/limits"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// A till appends records to a journal and has them counted, as a terminal does.
type till struct {
	log      *journal.Log
	counters limits.Counters
	number   atomic.Uint64
}

func newTill(ctx context.Context, t *testing.T) *till {
	t.Helper()
	at := func() time.Time { return time.UnixMilli(noon) }
	log, err := journal.Open(ctx, "j", journal.Config{Now: at})
	require.NoError(t, err)
	t.Cleanup(func() { log.Close() })
	return &till{log: log}
}

func (x *till) make(kind record.Kind, of record.ID, cents int64) record.Record {
	n := x.number.Add(1)
	rec := record.Record{Kind: kind, Terminal: record.TerminalID{1}, Chain: record.ChainID{1}, Number: n, Of: of,
		Alias: "alias", Campaign: "spring", Given: record.Money{Amount: cents, Currency: "EUR"},
		Time: record.Evidence{Wall: noon, Earliest: noon, Latest: noon, Trusted: true},
		Sale: record.Sale{Key: "s", Operator: "a"}}
	binary.BigEndian.PutUint64(rec.ID[:], n)
	return rec
}

// append appends a record about another one, if of is not zero, and has count count it under the journal's lock.
func (x *till) append(t *testing.T, rec *record.Record, count func()) {
	raw, err := rec.Encode()
	assert.NoError(t, err)
	entry := journal.Entry{ID: journal.ID(rec.ID), Ref: journal.ID(rec.Of), Payload: raw}
	switch rec.Kind {
	case record.Redemption:
		entry.Uses, entry.CountedKeys = 1, []string{rec.ID.String()}
	case record.Void:
		entry.Uses = -1
	}
	assert.NoError(t, x.log.Append(t.Context(), func(*journal.View) ([]journal.Entry, error) {
		count()
		return []journal.Entry{entry}, nil
	}))
}

func (x *till) redeem(t *testing.T, cents int64) record.ID {
	rec := x.make(record.Redemption, record.ID{}, cents)
	x.append(t, &rec, func() { x.counters.Add(&rec, noon) })
	return rec.ID
}

func (x *till) void(t *testing.T, of record.ID, cents int64) {
	rec := x.make(record.Void, of, cents)
	x.append(t, &rec, func() { x.counters.AddVoid(&rec, noon) })
	x.counters.Remove(of)
}

func (x *till) correct(t *testing.T, of record.ID, cents int64) {
	rec := x.make(record.Correction, of, cents)
	x.append(t, &rec, func() {})
	x.counters.Correct(&rec)
}

func (x *till) settle(t *testing.T, id record.ID) {
	settled := []journal.Settlement{{Ref: journal.ID(id)}}
	assert.NoError(t, x.log.Settle(t.Context(), settled, nil))
	x.counters.Answer(settled)
}

// fail counts a redemption whose record does not come into the journal.
func (x *till) fail(t *testing.T) {
	rec := x.make(record.Redemption, record.ID{}, 1)
	assert.Error(t, x.log.Append(t.Context(), func(*journal.View) ([]journal.Entry, error) {
		x.counters.Add(&rec, noon)
		return nil, assert.AnError
	}), "the callback's error")
	x.counters.Remove(rec.ID)
}

// A summary is all that counters tell.
type summary struct {
	numbers, values [4]int64
	worth           []record.Money
	voids           []decision.Budget
}

func summarize(c *limits.Counters) (s summary) {
	s.numbers, s.values, _ = counts(c, noon)
	s.worth, s.voids = c.UnansweredWorth(), c.EveryVoidBudget(&decision.Policy{}, noon)
	return s
}

// Whoever needs no sums does not wait while the journal is read for them, and what happens meanwhile counts.
func TestNobodyWaitsWhileTheJournalIsCounted(t *testing.T) {
	disk := &vfstest.Slow{Reads: make(chan struct{}, 1)}
	x := newTill(disk.Context(t.Context()), t)
	first, second, third := x.redeem(t, 1), x.redeem(t, 10), x.redeem(t, 100)
	for range 500 { // what was appended last is not read from the disk
		x.redeem(t, 0)
	}
	for len(disk.Reads) > 0 {
		<-disk.Reads
	}
	disk.Hold.Lock()
	counted := make(chan error)
	go func() { counted <- x.counters.Load(x.log, noon) }()
	<-disk.Reads
	sold := make(chan struct{})
	go func() {
		defer close(sold)
		x.redeem(t, 1000)
		x.settle(t, first)
		x.void(t, second, 10)
		x.correct(t, third, 107)
		x.fail(t)
	}()
	select {
	case <-sold:
	case err := <-counted:
		t.Errorf("the journal was counted without its disk: %v", err)
	case <-time.After(10 * time.Second):
		t.Error("a sale waits for the reading of the journal")
	}
	disk.Hold.Unlock()
	require.NoError(t, <-counted, "the disk can be read again")
	var afterwards limits.Counters
	require.NoError(t, afterwards.Load(x.log, noon))
	got := summarize(&x.counters)
	assert.Equal(t, summarize(&afterwards), got, "what a count of the journal afterwards comes to")
	assert.Equal(t, [4]int64{503, 502, 502, 503}, got.numbers, "all but the voided one; one is answered")
	assert.Equal(t, [4]int64{1108, 1107, 1107, 1108}, got.values, "one is corrected")
}

// A failed count is an error for whoever waits for it, and the next call counts again.
func TestACountThatFailedIsRepeated(t *testing.T) {
	x := newTill(vfstest.WithMemory(t.Context()), t)
	x.redeem(t, 5)
	closed := newTill(vfstest.WithMemory(t.Context()), t)
	require.NoError(t, closed.log.Close())
	require.Error(t, x.counters.Load(closed.log, noon), "the journal is closed")
	assert.False(t, x.counters.Add(redemption(1, "EUR", 1), noon), "nothing is counted")
	require.NoError(t, x.counters.Load(x.log, noon))
	assert.Equal(t, []record.Money{{Amount: 5, Currency: "EUR"}}, x.counters.UnansweredWorth())
}

// Whenever the journal is counted, the sums are in the end those of a count in which nobody sells.
func TestSumsAreTheSameWheneverTheJournalIsCounted(t *testing.T) {
	for seed := range uint64(10) {
		x := newTill(vfstest.WithMemory(t.Context()), t)
		require.NoError(t, x.counters.Load(x.log, noon))
		var sellers, counting sync.WaitGroup
		var over atomic.Bool
		for i := range uint64(4) {
			sellers.Go(func() { x.sell(t, rand.New(rand.NewPCG(seed, i)), 60) })
		}
		counting.Go(func() {
			for !over.Load() {
				assert.NoError(t, x.counters.Load(x.log, noon), "seed %d", seed)
				x.counters.Reset()
			}
		})
		sellers.Wait()
		before := x.counters.UnansweredWorth() // of a count that saw some and heard the rest
		over.Store(true)
		counting.Wait()
		var afterwards limits.Counters
		require.NoError(t, afterwards.Load(x.log, noon))
		require.Equal(t, summarize(&afterwards), summarize(&x.counters), "seed %d: the sums, counted in between", seed)
		require.Equal(t, before, x.counters.UnansweredWorth(), "seed %d: what is unanswered", seed)
	}
}

// sell redeems, voids, corrects and settles in turns, each redemption by the goroutine that made it.
func (x *till) sell(t *testing.T, random *rand.Rand, n int) {
	open := []record.ID{x.redeem(t, 1)}
	for range n {
		i := random.IntN(len(open))
		switch random.IntN(6) {
		case 0, 1:
			open = append(open, x.redeem(t, random.Int64N(100)))
		case 2:
			x.correct(t, open[i], random.Int64N(100))
		case 3:
			x.settle(t, open[i])
		case 4:
			x.fail(t)
		case 5:
			if len(open) > 1 {
				x.void(t, open[i], 1)
				open = append(open[:i], open[i+1:]...)
			}
		}
	}
}
