package limits_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/internal/limits"
	"github.com/offlane/offlane/redeem/internal/vfs/vfstest"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

const (
	minute = int64(time.Minute / time.Millisecond)
	hour   = 60 * minute
	day    = 24 * hour
	noon   = 1_800_000_000_000
)

// all are limits of every kind, in euros.
var all = []decision.Limit{
	{Counter: decision.CounterKey{Kind: decision.Hourly}, Allowed: trust.Allowance{Currency: "EUR"}},
	{Counter: decision.CounterKey{Kind: decision.Unanswered}, Allowed: trust.Allowance{Currency: "EUR"}},
	{Counter: decision.CounterKey{Kind: decision.UnansweredOf, Campaign: "spring"},
		Allowed: trust.Allowance{Currency: "EUR"}},
	{Counter: decision.CounterKey{Kind: decision.UnprovenDaily}, Allowed: trust.Allowance{Currency: "EUR"}},
}

// newCounters are those of an empty journal.
func newCounters(t *testing.T) *limits.Counters {
	log, err := journal.Open(t.Context(), vfstest.Folder(t), journal.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { log.Close() })
	c := &limits.Counters{}
	require.False(t, c.Add(redemption(1, "EUR", 1), noon), "before Load nothing is counted")
	require.NoError(t, c.Load(log, noon))
	return c
}

func redemption(n byte, currency string, cents int64) *record.Record {
	return &record.Record{Kind: record.Redemption, ID: record.ID{n}, Campaign: "spring",
		Given: record.Money{Amount: cents, Currency: currency}}
}

// counts are the numbers and the values of all limits at a moment, and for how many milliseconds the oldest waits.
func counts(c *limits.Counters, now int64) (numbers, values [4]int64, waiting int64) {
	var read decision.Counters
	c.Read(now, all, &read)
	for i, used := range read.Used[:len(all)] {
		numbers[i], values[i] = int64(used.Number), used.Value
	}
	return numbers, values, read.Waiting.Milliseconds()
}

func TestCountersOfRedemptions(t *testing.T) {
	c := newCounters(t)
	proven := redemption(2, "EUR", 20)
	proven.Proven = true
	for i, rec := range []*record.Record{redemption(1, "EUR", 1), proven, redemption(3, "CHF", 300)} {
		require.True(t, c.Add(rec, noon+int64(i)), "it is counted")
	}
	check := func(why string, at int64, wantNumbers, wantValues [4]int64, wantWaiting int64) {
		t.Helper()
		numbers, values, waiting := counts(c, at)
		assert.Equal(t, wantNumbers, numbers, why)
		assert.Equal(t, wantValues, values, why)
		assert.Equal(t, wantWaiting, waiting, why)
	}
	check("all", noon+2, [4]int64{3, 3, 3, 2}, [4]int64{21, 21, 21, 1}, 2)
	assert.Equal(t, []record.Money{{Amount: 21, Currency: "EUR"}, {Amount: 300, Currency: "CHF"}}, c.UnansweredWorth())
	correction := redemption(9, "EUR", 25)
	correction.Of, correction.Number = record.ID{2}, 9
	c.Correct(correction)
	older := redemption(8, "EUR", 24)
	older.Of, older.Number = record.ID{2}, 8
	c.Correct(older)
	check("an amount was corrected", noon+2, [4]int64{3, 3, 3, 2}, [4]int64{26, 26, 26, 1}, 2)
	check("an hour less a moment", noon+hour-1, [4]int64{3, 3, 3, 2}, [4]int64{26, 26, 26, 1}, hour-1)
	check("the first is an hour old", noon+hour, [4]int64{2, 3, 3, 2}, [4]int64{25, 26, 26, 1}, hour)
	c.Answer([]journal.Settlement{{Ref: journal.ID{1}}})
	check("the backend answered the first", noon+hour, [4]int64{2, 2, 2, 2}, [4]int64{25, 25, 25, 1}, hour-1)
	c.Remove(record.ID{2})
	check("the second was voided", noon+hour, [4]int64{1, 1, 1, 2}, [4]int64{0, 0, 0, 1}, hour-2)
	check("the first is a day old", noon+day, [4]int64{0, 1, 1, 1}, [4]int64{0, 0, 0, 0}, day-2)
	c.Reset()
	check("the journal is to be read anew", noon+day, [4]int64{0, 1, 1, 1}, [4]int64{0, 0, 0, 0}, day-2)
}

// Where time goes back by more than calls overtake each other, the clock had been wrong: what was counted counts from
// then on, and leaves the hour an hour after that.
func TestTimeThatGoesBack(t *testing.T) {
	for back, left := range map[int64]int64{minute - 1: 1, minute: 0} {
		c := newCounters(t)
		c.Add(redemption(1, "EUR", 1), noon+minute)
		counts(c, noon+minute-back)
		numbers, _, _ := counts(c, noon+hour)
		assert.Equal(t, left, numbers[0], "back by %d ms", back)
	}
}

func TestCountersOfVoids(t *testing.T) {
	c := newCounters(t)
	policy := &decision.Policy{VoidsPerHour: trust.Allowance{Currency: "EUR"},
		VoidsPerOperator: trust.Allowance{Currency: "EUR"}}
	void := func(n byte, operator string, at int64) {
		rec := redemption(n, "EUR", int64(n))
		rec.Kind, rec.Sale.Operator = record.Void, operator
		require.True(t, c.AddVoid(rec, at), "it is counted")
	}
	void(1, "a", noon)
	void(2, "b", noon+1)
	void(4, "a", noon+2)
	used := func(at int64, operator string) (values []int64) {
		budgets, partial := c.VoidBudgets(policy, at, operator)
		assert.False(t, partial, "the journal can be read")
		for _, b := range budgets {
			values = append(values, b.Used.Value)
		}
		return values
	}
	assert.Equal(t, []int64{7, 5}, used(noon+2, "a"), "of all within an hour, and of one within a day")
	assert.Equal(t, []int64{6, 5}, used(noon+hour, "a"), "the first is an hour old")
	assert.Equal(t, []int64{0, 4}, used(noon+day, "a"), "the first is a day old")
	c.RemoveVoids([]record.ID{{4}})
	assert.Equal(t, []int64{0, 0}, used(noon+day, "a"), "the last one was not recorded")
	every := c.EveryVoidBudget(policy, noon+day)
	require.Len(t, every, 2, "of all, and of the one operator who voided something")
	assert.Equal(t, "b", every[1].Operator)
}

func TestWhatIsRedeemedWithoutTheHubCountsForADay(t *testing.T) {
	c := newCounters(t)
	alone := redemption(2, "EUR", 20)
	alone.Notes = []record.Note{record.HubUnreachable}
	require.True(t, c.Add(redemption(1, "EUR", 1), noon), "it is counted")
	require.True(t, c.Add(alone, noon), "it is counted")
	used := func(now int64) int {
		var read decision.Counters
		c.Read(now, []decision.Limit{{Counter: decision.CounterKey{Kind: decision.WithoutHubDaily}}}, &read)
		return read.Used[0].Number
	}
	assert.Equal(t, 1, used(noon+24*hour-1), "the other one was decided with the hub")
	assert.Zero(t, used(noon+24*hour), "a day is over")
	require.True(t, c.Add(alone, noon+24*hour), "it is counted")
	c.Remove(record.ID{2})
	assert.Zero(t, used(noon+24*hour), "it was voided")
}
