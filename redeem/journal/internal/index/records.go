package index

import "github.com/offlane/offlane/redeem/journal/internal/format"

// A recordTable holds six bytes a record, in the order of the log: where it stands and its status. Records are numbered
// from zero; those at the front leave when their segment is given back. The hash table knows the low 26 bits of that
// number.
type recordTable struct {
	base, next uint64 // of the records that are held
	chunks     []*recordChunk
}

type recordChunk struct {
	at     [recordStep]uint32
	status [recordStep]format.Status
}

const (
	recordStep = 4096
	// MaxRecords is how many records the index can tell apart.
	MaxRecords = 1<<recordBits - 2*recordStep
)

// push adds a record and returns its number.
func (r *recordTable) push(at uint32, s format.Status) uint64 {
	i := r.next - r.start()
	if i/recordStep == uint64(len(r.chunks)) {
		r.chunks = append(r.chunks, new(recordChunk))
	}
	c := r.chunks[i/recordStep]
	c.at[i%recordStep], c.status[i%recordStep] = at, s
	r.next++
	return r.next - 1
}

// start is the number of the first record in the first chunk.
func (r *recordTable) start() uint64 { return r.base / recordStep * recordStep }

func (r *recordTable) at(record uint64) *uint32 {
	i := record - r.start()
	return &r.chunks[i/recordStep].at[i%recordStep]
}

func (r *recordTable) status(record uint64) *format.Status {
	i := record - r.start()
	return &r.chunks[i/recordStep].status[i%recordStep]
}

// full undoes the cut to 26 bits.
func (r *recordTable) full(record uint32) uint64 {
	return r.base + uint64((record-uint32(r.base))&recordMask)
}

// trim lets go of the records at the front that are gone.
func (r *recordTable) trim() {
	for r.base < r.next && r.status(r.base).Is(format.FlagGone) {
		r.base++
		if r.base%recordStep == 0 {
			r.chunks = r.chunks[1:]
		}
	}
}
