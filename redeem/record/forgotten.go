package record

import "github.com/offlane/offlane/redeem/fault"

// A Cause says how a terminal came to know that it may have forgotten records.
type Cause string

// The causes.
const (
	// CauseJournal: the journal in its folder is not the one that its identity knows.
	CauseJournal Cause = "journal"
	// CauseMark: the high-water mark outside its folder is beyond its journal.
	CauseMark Cause = "mark"
	// CauseBackend: the backend has records of it that its journal does not have.
	CauseBackend Cause = "backend"
	// CauseDamage: records of its journal that were acknowledged cannot be read any more.
	CauseDamage Cause = "damage"
	// CauseLane: it is new in a lane that has another terminal.
	CauseLane Cause = "lane"
)

// A Forgotten says that a terminal may have made records of which its journal knows nothing: it was restored, deleted
// or damaged.
type Forgotten struct {
	// Noticed is when the terminal noticed it, in milliseconds since 1970 by its wall clock.
	Noticed int64 `cbor:"1,keyasint"`
	// Causes are how, at most maxCauses.
	Causes []Cause `cbor:"2,keyasint"`
	// Above is the last chain number that the journal knew then.
	Above uint64 `cbor:"3,keyasint,omitempty"`
	// Through is the chain number up to which there were records at least; 0: not known.
	Through uint64 `cbor:"4,keyasint,omitempty"`
	// Ended is the word of a manager at the till that ended it; nil: nobody's yet.
	Ended *Override `cbor:"5,keyasint,omitempty"`
}

// maxCauses bounds the causes of one Forgotten, and maxCause one of them in bytes.
const (
	maxCauses = 8
	maxCause  = 32
)

func (f *Forgotten) check() error {
	const op = "record.Report"
	if f == nil {
		return nil
	}
	if len(f.Causes) == 0 || len(f.Causes) > maxCauses || max(f.Above, f.Through) > MaxNumber {
		return fault.New(fault.Malformed, op, "what was forgotten has %d causes, or a number above %d", len(f.Causes),
			uint64(MaxNumber))
	}
	for _, cause := range f.Causes {
		if cause == "" || len(cause) > maxCause {
			return fault.New(fault.Malformed, op, "a cause has %d bytes: 1 to %d are allowed", len(cause), maxCause)
		}
	}
	if f.Ended != nil {
		return f.Ended.Check()
	}
	return nil
}
