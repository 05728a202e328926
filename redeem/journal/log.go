package journal

import (
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal/internal/folder"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
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
	// Key encrypts what is written from now on with AES-256-GCM; 32 bytes. Nil: nothing is encrypted.
	Key []byte
	// OldKeys are those that older segments were written with.
	OldKeys [][]byte
	// AllowNetworkFileSystem opens a journal on a network file system, whose flushes and locks end at another machine.
	AllowNetworkFileSystem bool
	// ReadOnly opens a journal without taking its lock and without writing anything. Methods that write fail.
	ReadOnly bool
	// Logger gets what went wrong and was mended. Nil: silent. It is called without the log's lock.
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
	folder folder.Folder
	cfg    Config
	keys   format.Keyring
	lock   vfs.Lock

	shrunk atomic.Uint64 // how often records turned out to be lost when the index was built again
	number atomic.Uint64 // of the last record in the chain that was flushed

	mu      sync.Mutex // guards all that follows; the package comment tells what it is held across
	changed *sync.Cond // a group was written, a file was made ahead, something in the background ended

	index   *index.Index
	damage  []Damage
	queue   []*group // not flushed yet, in order; the first one is being written
	room    []byte   // of a group that was written, for the next one
	durable uint64   // last sequence number that was flushed
	broken  error    // the index could not be built again after a failure
	gone    error    // the folder is not ours any more; nothing is read or written again
	closing bool
	closed  bool

	appending
	preallocation
	compaction

	cachedReader folder.Reader // has the segment open that Pending read last, between two calls
	messages     []message     // for the logger, once the lock is let go
	checking     bool          // what a snapshot covers is being read, to see that it is not damaged
	stopCheck    func()        // ends that
	flushes      uint64
}

// appending is the part of a Log that writes groups.
type appending struct {
	view             View       // what the callback sees that is just running
	plan             planBuffer // what the call plans that is just running
	writing          bool       // a leader is at work
	lastGroupCallers int        // how many calls the last group held
	retired          []vfs.File // of full segments; the next leader closes them
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
	defer l.unlock()
	x := l.index
	return Stats{
		Pending: x.Counts[Pending], Settled: x.Counts[Settled], Quarantined: x.Counts[Quarantined],
		Due: len(x.WithVerdict(format.Status.Due)), LastSeq: x.Seq, LastNumber: x.Number,
		Segments: len(x.All), Bytes: x.Size(),
		Flushes: l.flushes, Made: l.made, Returned: l.returned, Reserve: l.preallocateErr != nil,
	}
}

// Flushed returns the chain number up to which everything is on the medium. It takes no lock.
func (l *Log) Flushed() uint64 { return l.number.Load() }

// Shrunk counts how often records were lost while the log was open, since the files had to be read again after a
// failure and they could not be: from then on nothing knows of them. Damage names them. It takes no lock.
func (l *Log) Shrunk() uint64 { return l.shrunk.Load() }

// Unreadable reports whether a record that the log holds could not be read when it was asked for.
func (l *Log) Unreadable() bool {
	l.mu.Lock()
	defer l.unlock()
	return slices.ContainsFunc(l.damage, func(d Damage) bool { return d.What == unreadableRecord })
}

// Damage returns what was found in the files that is not as it was written, oldest first.
func (l *Log) Damage() []Damage {
	l.mu.Lock()
	defer l.unlock()
	return append([]Damage(nil), l.damage...)
}

// ID is the journal's own, drawn when it was made: another journal in the same folder has another one.
func (l *Log) ID() ID {
	l.mu.Lock()
	defer l.unlock()
	return ID(l.index.Journal)
}
