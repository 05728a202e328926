package outbox

import "encoding/binary"

// An index finds records by what they are called: their id, the keys that they use up, the names that they have beside
// these. It is a hash table of 8-byte slots in 4096 shards that grow by an eighth at a time and take their memory from one
// pool, so that it never holds itself twice and no insertion waits for a large table to be copied.
//
//	slot: 36 bits of the hash | 2 bits role | 26 bits record
//
// With the 12 bits that choose the shard 48 bits of a hash decide; that a name which was never entered is found
// by accident has, among a million, a chance of 4 in a thousand million. What matters more is looked up on disk as well.
type index struct {
	shards [1 << shardBits]shard
	pool   []*[chunkSlots]uint64
}

type shard struct {
	chunks []*[chunkSlots]uint64
	count  int
}

type role uint64

const (
	roleID    role = 1
	roleKey   role = 2
	roleAlias role = 3

	shardBits  = 12
	tagBits    = 36
	recordBits = 26
	recordMask = 1<<recordBits - 1
	chunkSlots = 32
)

// hashOfID spreads ids that are not random as well; a key's hash is spread already.
func hashOfID(id ID) uint64 {
	h := binary.LittleEndian.Uint64(id[:]) ^ binary.LittleEndian.Uint64(id[8:])*0x9e3779b97f4a7c15
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	h ^= h >> 32
	h *= 0xd6e8feb86659fd93
	return h ^ h>>32
}

func hashOfKey(k [16]byte) uint64 { return binary.LittleEndian.Uint64(k[:]) }

func (x *index) shard(h uint64) *shard { return &x.shards[h>>(64-shardBits)] }

func tagOf(h uint64) uint64 { return h << shardBits >> (64 - tagBits) }

func slotOf(h uint64, r role, record uint32) uint64 {
	return tagOf(h)<<(2+recordBits) | uint64(r)<<recordBits | uint64(record)
}

func (s *shard) slots() int { return len(s.chunks) * chunkSlots }

func (s *shard) at(i int) *uint64 { return &s.chunks[i/chunkSlots][i%chunkSlots] }

// home is where a tag's search begins: in proportion to its size, so that growing needs no more than the slots.
func (s *shard) home(slot uint64) int {
	tag := slot >> (2 + recordBits)
	return int(tag * uint64(s.slots()) >> tagBits)
}

func (s *shard) next(i int) int {
	if i++; i == s.slots() {
		return 0
	}
	return i
}

// insert enters a record under a hash.
func (x *index) insert(h uint64, r role, record uint32) {
	s := x.shard(h)
	if (s.count+1)*8 > s.slots()*7 {
		x.grow(s)
	}
	s.put(slotOf(h, r, record))
	s.count++
}

func (s *shard) put(slot uint64) {
	i := s.home(slot)
	for *s.at(i) != 0 {
		i = s.next(i)
	}
	*s.at(i) = slot
}

func (x *index) grow(s *shard) {
	old := s.chunks
	s.chunks = make([]*[chunkSlots]uint64, len(old)+len(old)/8+1)
	for i := range s.chunks {
		s.chunks[i] = x.chunk()
	}
	for _, c := range old {
		for _, slot := range c {
			if slot != 0 {
				s.put(slot)
			}
		}
		x.pool = append(x.pool, c)
	}
}

// chunk takes memory from the pool; what is not there is made many at a time.
func (x *index) chunk() *[chunkSlots]uint64 {
	if len(x.pool) == 0 {
		for block := new([64][chunkSlots]uint64); len(x.pool) < len(block); {
			x.pool = append(x.pool, &block[len(x.pool)])
		}
	}
	c := x.pool[len(x.pool)-1]
	x.pool = x.pool[:len(x.pool)-1]
	*c = [chunkSlots]uint64{}
	return c
}

// find calls yield with every record that stands under the hash, until it returns false.
func (x *index) find(h uint64, yield func(role, uint32) bool) {
	s := x.shard(h)
	if s.count == 0 {
		return
	}
	tag := tagOf(h)
	for i := s.home(tag << (2 + recordBits)); *s.at(i) != 0; i = s.next(i) {
		slot := *s.at(i)
		if slot>>(2+recordBits) == tag && !yield(role(slot>>recordBits&3), uint32(slot&recordMask)) {
			return
		}
	}
}

// remove takes out a record that stands under the hash.
func (x *index) remove(h uint64, r role, record uint32) {
	s, slot := x.shard(h), slotOf(h, r, record)
	if s.count == 0 {
		return
	}
	for i := s.home(slot); *s.at(i) != 0; i = s.next(i) {
		if *s.at(i) == slot {
			s.close(i)
			s.count--
			return
		}
	}
}

// close empties slot i and moves up what would no longer be found behind it.
func (s *shard) close(i int) {
	for j := s.next(i); *s.at(j) != 0; j = s.next(j) {
		home := s.home(*s.at(j))
		if between(home, i, j) {
			continue
		}
		*s.at(i) = *s.at(j)
		i = j
	}
	*s.at(i) = 0
}

// between reports whether home lies behind i and not behind j, going round.
func between(home, i, j int) bool {
	if i <= j {
		return i < home && home <= j
	}
	return home > i || home <= j
}
