package journal

import (
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem/internal/vfs"
)

// A Config says how a log is kept. The zero value is usable.
type Config struct {
	// SegmentSize is the size of a file in bytes, 16 KiB to 16 MiB. Zero: 1 MiB.
	SegmentSize int64
	// KeepReported is how long settled records keep their payload, so that a backend restored from a backup can ask
	// again. Zero: 14 days.
	KeepReported time.Duration
	// Now gives the time for Entry.KeepUntil and KeepReported: the earliest moment that it can be. Nil: time.Now.
	Now func() time.Time
	// Key encrypts what is written from now on with AES-256-GCM; KeySize bytes. Nil: nothing is encrypted.
	Key []byte
	// OldKeys are those that older segments were written with.
	OldKeys [][]byte
	// AllowNetworkFileSystem opens a journal on a network file system, whose flushes and locks end at another machine.
	AllowNetworkFileSystem bool
	// ReadOnly opens a journal without taking its lock and without writing anything. Methods that write fail.
	ReadOnly bool
	// Logger gets what went wrong and was mended. Nil: silent.
	Logger *slog.Logger
}

const (
	defaultSegment = 1 << 20
	minSegment     = 16 << 10
	largestSegment = 16 << 20
	defaultKeep    = 14 * 24 * time.Hour
)

// A Log is an open journal. All methods may be called by several goroutines at once.
type Log struct {
	fs   vfs.FS
	dir  string
	cfg  Config
	keys keyring
	lock vfs.Lock

	mu      sync.Mutex
	changed *sync.Cond // a spare was made, a group was written, something in the background ended
	st      *state
	epoch   uint64
	ordinal uint64        // of the next segment that is made
	rotate  bool          // the last segment is not to be written to any more
	durable uint64        // last sequence number that was flushed
	shrunk  atomic.Uint64 // how often records turned out to be lost when the state was read again
	number  atomic.Uint64 // of the last record in the chain that was flushed
	broken  error         // the state could not be read again after a failure
	gone    error         // the folder is not ours any more; nothing is read or written again

	spare    *segment
	making   bool
	spareErr error

	view    View  // what the callback sees that is just running
	sheet   sheet // what the call plans that is just running
	writing bool  // a leader is at work
	crowd   int   // how many calls the last group held
	free    [][]byte
	idle    *group // to be used again
	lent    reader // holds the segment that Pending read last, between two calls
	closing bool
	closed  bool

	movable    []ID // pending records that may be moved
	reclaiming bool
	checking   bool   // what a snapshot covers is being read, to see that it is not damaged
	stopCheck  func() // ends that
	walking    int    // how many read the history, during which no record moves
	leftover   string // a file that was given back and could not be removed; of the goroutine that gives back
	round      uint64 // ordinal at which a round of moves ends that do not pay by themselves; 0: there is none
	dense      int64  // bytes that the last round left, or fewer
	flushes    uint64
	made       uint64
	returned   uint64
}

// Stats are counts of what the log holds and did since it was opened.
type Stats struct {
	// Pending, Settled and Quarantined are the records in these states.
	Pending, Settled, Quarantined int
	// Due are the settled records whose verdict the POS has not got yet.
	Due int
	// LastSeq is the last entry's sequence number, LastNumber the last record's in the chain.
	LastSeq, LastNumber uint64
	// Segments and Bytes are the files in use, without the one made ahead.
	Segments int
	Bytes    int64
	// Flushes are the groups that were written, Made and Returned the segments that were made and given back.
	Flushes, Made, Returned uint64
	// Reserve says that no segment could be made ahead and what is left is kept for settlements and voids.
	Reserve bool
}

// Stats returns the counts of this moment.
func (l *Log) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	st := l.st
	s := Stats{Pending: st.counts[Pending], Settled: st.counts[Settled], Quarantined: st.counts[Quarantined],
		LastSeq: st.seq, LastNumber: st.number, Segments: len(st.segments), Flushes: l.flushes, Made: l.made,
		Returned: l.returned, Reserve: l.spareErr != nil}
	for record := range st.verdicts {
		if st.ring.status(record).public().Due {
			s.Due++
		}
	}
	for _, seg := range st.segments {
		s.Bytes += seg.size
	}
	return s
}

// Flushed returns the chain number up to which everything is on the medium. It takes no lock.
func (l *Log) Flushed() uint64 { return l.number.Load() }

// Shrunk counts how often records were lost while the log was open, since the state had to be read again after a failure
// and they could not be: from then on nothing knows of them. Damage names them. It takes no lock.
func (l *Log) Shrunk() uint64 { return l.shrunk.Load() }

// Unreadable reports whether a record that the log holds could not be read when it was asked for.
func (l *Log) Unreadable() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(l.st.damage, func(d Damage) bool { return d.What == unreadableRecord })
}

// Damage returns what was found in the files that is not as it was written, oldest first.
func (l *Log) Damage() []Damage {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]Damage(nil), l.st.damage...)
}
