package journal

// A ring holds six bytes a record, in the order of the log: where it stands and its status. Records are numbered from
// zero; those at the front leave when their segment is given back. The index knows the low 26 bits of that number.
//
// Nearly all records add one use to their keys. Those that do not are marked in odd, which is small enough to stay in the
// processor's cache.
type ring struct {
	base, next uint64 // of the records that are held
	chunks     []*ringChunk
	odd        []uint64 // a bit for every record in chunks
}

type ringChunk struct {
	at     [ringStep]uint32
	status [ringStep]status
}

const (
	ringStep = 4096
	// maxRecords is what the index can tell apart.
	maxRecords = 1<<recordBits - 2*ringStep
)

// A status is a record's state in two bits, six flags, and its uses in the high byte.
type status uint16

const (
	statusState   status = 3
	statusVoided  status = 1 << 2
	statusDue     status = 1 << 3
	statusHanded  status = 1 << 4
	statusPayload status = 1 << 5 // the payload is still there
	statusGone    status = 1 << 6 // the record left, or stands elsewhere by now
)

func newStatus(state State, uses int8, flags status) status {
	return status(state) | flags | status(uint8(uses))<<8
}

func (s status) state() State            { return State(s & statusState) }
func (s status) uses() int8              { return int8(s >> 8) }
func (s status) is(flag status) bool     { return s&flag != 0 }
func (s status) with(state State) status { return s&^statusState | status(state) }
func (s status) using(uses int8) status  { return s&0xff | status(uint8(uses))<<8 }

func (s status) public() Status {
	return Status{State: s.state(), Voided: s.is(statusVoided), Due: s.is(statusDue) && !s.is(statusHanded),
		HandedOver: s.is(statusHanded), Uses: int(s.uses())}
}

// whole reports whether the record is carried with its payload.
func (s status) whole() bool { return s.state() == Quarantined || s.public().Due }

func (r *ring) push(at uint32, s status) uint64 {
	i := r.next - r.start()
	if i/ringStep == uint64(len(r.chunks)) {
		r.chunks = append(r.chunks, new(ringChunk))
		r.odd = append(r.odd, make([]uint64, ringStep/64)...)
	}
	c := r.chunks[i/ringStep]
	c.at[i%ringStep], c.status[i%ringStep] = at, s
	r.next++
	r.setUses(r.next-1, s.uses())
	return r.next - 1
}

// uses returns what the record adds to its keys.
func (r *ring) uses(record uint64) int8 {
	if i := record - r.start(); r.odd[i/64]>>(i%64)&1 == 0 {
		return 1
	}
	return r.status(record).uses()
}

func (r *ring) setUses(record uint64, uses int8) {
	s := r.status(record)
	*s = s.using(uses)
	i := record - r.start()
	r.odd[i/64] &^= 1 << (i % 64)
	if uses != 1 {
		r.odd[i/64] |= 1 << (i % 64)
	}
}

// start is the number of the first record in the first chunk.
func (r *ring) start() uint64 { return r.base / ringStep * ringStep }

func (r *ring) at(record uint64) *uint32 {
	i := record - r.start()
	return &r.chunks[i/ringStep].at[i%ringStep]
}

func (r *ring) status(record uint64) *status {
	i := record - r.start()
	return &r.chunks[i/ringStep].status[i%ringStep]
}

// full undoes the cut to 26 bits.
func (r *ring) full(record uint32) uint64 {
	return r.base + uint64((record-uint32(r.base))&recordMask)
}

// trim lets go of the records at the front that are gone.
func (r *ring) trim() {
	for r.base < r.next && r.status(r.base).is(statusGone) {
		r.base++
		if r.base%ringStep == 0 {
			r.chunks, r.odd = r.chunks[1:], r.odd[ringStep/64:]
		}
	}
}
