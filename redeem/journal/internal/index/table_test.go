package index

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// entered is what was put into an index, kept in the plainest way.
type entered struct {
	hash   uint64
	role   role
	record uint32
}

// hashes crowd together in few shards, and some tags are the same.
func crowded(random *rand.Rand) uint64 {
	h := random.Uint64N(4) << 62
	switch random.IntN(3) {
	case 0:
		return h | random.Uint64N(1<<8)<<30
	case 1:
		return h | 1<<(64-shardBits) - 1 - random.Uint64N(1<<20) // at a shard's end
	}
	return h | random.Uint64N(1<<54)
}

func TestIndexHoldsWhatAMapHolds(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	var x hashTable
	var all []entered
	for step := range 60_000 {
		if n := len(all); n > 0 && random.IntN(10) < 4 {
			i := random.IntN(n)
			x.remove(all[i].hash, all[i].role, all[i].record)
			all[i] = all[n-1]
			all = all[:n-1]
		} else {
			e := entered{crowded(random), role(1 + random.IntN(3)), uint32(step)}
			x.insert(e.hash, e.role, e.record)
			all = append(all, e)
		}
	}
	x.remove(1<<63, roleCounted, 1<<20) // never entered
	holds(t, &x, all)

	from := blocks(t, x.write)
	var again hashTable
	r := reader(from)
	require.True(t, again.read(r, &recordTable{next: 60_000}), "what was written can be read")
	require.NoError(t, r.End(), "all of it was read")
	holds(t, &again, all)
	require.False(t, new(hashTable).read(reader(from), &recordTable{next: 100}), "records that are not there")
}

// holds compares by what can be asked: tags, which may be those of several hashes.
func holds(t *testing.T, x *hashTable, all []entered) {
	t.Helper()
	type name struct {
		shard int
		tag   uint64
	}
	want := map[name][]uint32{}
	for _, e := range all {
		n := name{shardOf(e.hash, e.role), tagOf(slotOf(e.hash, 0, 0))}
		want[n] = append(want[n], e.record)
	}
	count := 0
	for _, e := range all {
		n := name{shardOf(e.hash, e.role), tagOf(slotOf(e.hash, 0, 0))}
		var got []uint32
		x.find(e.hash, e.role, func(_ role, record uint32) bool {
			got = append(got, record)
			return true
		})
		slices.Sort(got)
		slices.Sort(want[n])
		require.Equal(t, want[n], got)
	}
	for shard := range shards {
		count += int(x.shards[shard].count)
		if used := int(x.shards[shard].count); used > 1000 {
			require.Less(t, x.slots(shard), used*2, "a shard is not larger than it has to be")
		}
	}
	require.Equal(t, len(all), count)
}

func TestTheLastRecordThatASlotCanNameIsFound(t *testing.T) {
	var x hashTable
	x.insert(7, roleCounted, recordMask)
	record, ok, alone := x.first(7, roleCounted)
	assert.True(t, ok && alone, "one record stands under the hash")
	assert.EqualValues(t, recordMask, record, "the record")
}

// TestWhatWasNeverInsertedIsNotRemoved searches a shard that is full up to its last slot.
func TestWhatWasNeverInsertedIsNotRemoved(t *testing.T) {
	const last = 1<<(64-shardBits) - 1 // of the hashes of the first shard
	var x hashTable
	inserted := uint32(0)
	for ; inserted == 0 || *x.at(0, x.slots(0)-1) == 0; inserted++ {
		x.insert(last, roleCounted, inserted)
	}
	x.remove(last, roleCounted, inserted)
	require.Equal(t, inserted, x.shards[0].count, "slots in use")
	found := uint32(0)
	x.find(last, roleCounted, func(_ role, record uint32) bool {
		require.Equal(t, found, record, "records in their order")
		found++
		return true
	})
	require.Equal(t, inserted, found, "records under the hash")
}
