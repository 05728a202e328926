package index

import (
	"encoding/binary"

	"github.com/offlane/offlane/redeem/journal/internal/format"
)

// A hashTable finds records by their id, by the keys that count their uses, and by the keys that they can only be
// looked up by. It is a hash table of 8-byte slots in 2048 shards, each of which grows by an eighth at a time, so that
// it never holds itself twice and no insertion waits for a large table to be copied.
//
//	slot: 36 bits of the hash (the tag) | 2 bits role | 26 bits record
//
// With the 10 bits that choose the shard 46 bits of a hash decide; that a key which was never inserted is found
// by accident has, among a million, a chance of 14 in a thousand million. What matters more is looked up on disk as
// well.
//
// Within a shard the slots stand in ascending order with gaps between them, each as near behind its home as those
// before it allow. A search begins at the home and ends at the first slot that is larger: nearly always within one or
// two lines of the processor's cache.
type hashTable struct {
	shards [shards]extent
	where  []uint32 // numbers of a shard's chunks, wide a shard
	wide   int
	pool   []*[poolChunks]chunk
	used   uint32 // chunks of the pool that are in use
	moved  []uint64
}

// An extent is a shard's. Its numbers stand in one line of the processor's cache.
type extent struct {
	size  uint32 // in chunks
	lines uint32 // that are the home of slots; behind them is room for what is pushed there
	count uint32 // slots in use
}

type chunk [chunkSlots]uint64

// A role is what a hash is of.
type role uint64

const (
	roleID      role = 1
	roleCounted role = 2
	roleLookup  role = 3

	shardBits  = 10 // of a hash
	shards     = 2 << shardBits
	tagBits    = 36
	recordBits = 26
	recordMask = 1<<recordBits - 1
	chunkSlots = 128
	poolChunks = 32
	line       = 8 // slots in a line of the processor's cache
	slack      = 2 // lines at a shard's end that are nobody's home
)

// hashOfID spreads ids that are not random as well; a key's hash is spread already.
func hashOfID(id format.ID) uint64 {
	h := binary.LittleEndian.Uint64(id[:]) ^ binary.LittleEndian.Uint64(id[8:])*0x9e3779b97f4a7c15
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}

func hashOfKey(k [16]byte) uint64 { return binary.LittleEndian.Uint64(k[:]) }

// shardOf keeps ids apart from keys: only the memory of the latter is touched to tell what was redeemed.
func shardOf(h uint64, r role) int {
	shard := int(h >> (64 - shardBits))
	if r == roleID {
		shard += shards / 2
	}
	return shard
}

func slotOf(h uint64, r role, record uint32) uint64 {
	return h<<shardBits>>(64-tagBits)<<(64-tagBits) | uint64(r)<<recordBits | uint64(record)
}

func tagOf(slot uint64) uint64 { return slot >> (64 - tagBits) }

func (x *hashTable) slots(shard int) int { return int(x.shards[shard].size) * chunkSlots }

// home is where a slot would like to stand: the start of a line of the cache, in proportion to the slot's tag.
func (x *hashTable) home(shard int, slot uint64) int {
	return int(tagOf(slot)*uint64(x.shards[shard].lines)>>tagBits) * line
}

func (x *hashTable) at(shard, i int) *uint64 { return &x.slotsAt(shard, i)[0] }

// slotsAt returns the slots of a shard from i on to the end of the chunk.
func (x *hashTable) slotsAt(shard, i int) []uint64 {
	c := x.where[shard*x.wide+i/chunkSlots]
	return x.pool[c/poolChunks][c%poolChunks][i%chunkSlots:]
}

// insert adds a record under a hash.
func (x *hashTable) insert(h uint64, r role, record uint32) {
	shard, slot := shardOf(h, r), slotOf(h, r, record)
	if (x.shards[shard].count+1)*8 > x.shards[shard].lines*line*7 {
		x.grow(shard)
	}
	for slot = x.put(shard, slot); slot != 0; slot = x.put(shard, slot) {
		x.extend(shard, 1)
	}
	x.shards[shard].count++
}

// put inserts a slot in its order, which pushes larger ones on up to the next gap. Where there is none before the
// shard's end it returns the one that found no place there, otherwise 0.
func (x *hashTable) put(shard int, slot uint64) uint64 {
	for i, n := x.home(shard, slot), x.slots(shard); i < n; {
		some := x.slotsAt(shard, i)
		for j, there := range some {
			if there == 0 {
				some[j] = slot
				return 0
			}
			if slot < there {
				some[j], slot = slot, there
			}
		}
		i += len(some)
	}
	return slot
}

// grow gives a shard more room and spreads its slots over it.
func (x *hashTable) grow(shard int) {
	x.moved = x.moved[:0]
	for i := range x.slots(shard) {
		at := x.at(shard, i)
		if *at != 0 {
			x.moved = append(x.moved, *at)
		}
		*at = 0
	}
	x.extend(shard, x.shards[shard].size/8+1)
	x.spread(shard)
}

// spread puts what is in moved, in order, into an empty shard.
func (x *hashTable) spread(shard int) {
	x.shards[shard].lines = uint32(x.slots(shard)/line - slack)
	next := 0
	for _, slot := range x.moved {
		i := max(x.home(shard, slot), next)
		if i == x.slots(shard) {
			x.extend(shard, 1)
		}
		*x.at(shard, i) = slot
		next = i + 1
	}
}

// extend adds chunks to a shard.
func (x *hashTable) extend(shard int, chunks uint32) {
	for range chunks {
		if int(x.shards[shard].size) == x.wide {
			x.widen()
		}
		if int(x.used) == len(x.pool)*poolChunks {
			x.pool = append(x.pool, new([poolChunks]chunk))
		}
		x.where[shard*x.wide+int(x.shards[shard].size)] = x.used
		x.used++
		x.shards[shard].size++
	}
}

// widen makes room for more chunks in every shard.
func (x *hashTable) widen() {
	wide := x.wide + x.wide/4 + 1
	where := make([]uint32, shards*wide)
	for shard := range shards {
		copy(where[shard*wide:], x.where[shard*x.wide:][:x.shards[shard].size])
	}
	x.where, x.wide = where, wide
}

// first returns a record that stands under the hash in that role, and whether it is the only one.
func (x *hashTable) first(h uint64, as role) (record uint32, ok, alone bool) {
	shard, least := shardOf(h, as), slotOf(h, as, 0)
	for i, n := x.home(shard, least), x.slots(shard); i < n; {
		some := x.slotsAt(shard, i)
		for _, slot := range some {
			if slot < least && slot != 0 {
				continue
			}
			if slot == 0 || slot^least > recordMask {
				return record, ok, true
			}
			if ok {
				return record, true, false
			}
			record, ok = uint32(slot&recordMask), true
		}
		i += len(some)
	}
	return record, ok, true
}

// find calls yield with every record that stands under the hash as an id, or else as a key, until it returns
// false.
func (x *hashTable) find(h uint64, as role, yield func(role, uint32) bool) {
	shard, least := shardOf(h, as), slotOf(h, 0, 0)
	for i, n := x.home(shard, least), x.slots(shard); i < n; {
		some := x.slotsAt(shard, i)
		for _, slot := range some {
			if slot == 0 || tagOf(slot) > tagOf(least) {
				return
			}
			if slot > least && !yield(role(slot>>recordBits&3), uint32(slot&recordMask)) {
				return
			}
		}
		i += len(some)
	}
}

// remove takes out a record that stands under the hash, and moves up what was pushed away by it.
func (x *hashTable) remove(h uint64, r role, record uint32) {
	shard, slot := shardOf(h, r), slotOf(h, r, record)
	n := x.slots(shard)
	i := x.home(shard, slot)
	for ; i < n && *x.at(shard, i) != slot; i++ {
		if there := *x.at(shard, i); there == 0 || there > slot {
			return
		}
	}
	if i >= n {
		return
	}
	for ; i+1 < n; i++ {
		next := *x.at(shard, i+1)
		if next == 0 || x.home(shard, next) == i+1 {
			break
		}
		*x.at(shard, i) = next
	}
	*x.at(shard, i) = 0
	x.shards[shard].count--
}
