// Package slot names the journal's slots in which the parts of a terminal keep what they must not forget, each the
// latest value, and encodes those values.
package slot

import (
	"encoding/binary"

	"github.com/offlane/offlane/redeem/internal/cbor"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// The slots. A name is part of the journal's format.
const (
	Again     = "again"     // numbers that a restored backend asked for
	Aside     = "aside"     // records that are set aside
	Bundle    = "bundle"    // the highest sequence of a trust bundle that was in force
	Chain     = "chain"     // the chain that new records belong to
	Count     = "count"     // how much time passed
	Cursor    = "cursor"    // the number of the last verdict
	Forgotten = "forgotten" // what may be forgotten
	Hub       = "hub"       // the last epoch of the store's hub
	Opened    = "opened"    // how often the terminal was opened with a mark
	Owner     = "owner"     // whose journal it is
	Received  = "received"  // records that the backend keeps without a verdict
	Time      = "time"      // statements of time
	Wall      = "wall"      // how the wall clock stood to the machine's count
)

// Encode writes a value: numbers, texts and lists of them, which cannot fail to encode.
func Encode(v any) []byte {
	raw, err := cbor.Marshal(v)
	if err != nil {
		panic("slot: numbers and texts cannot fail to encode: " + err.Error())
	}
	return raw
}

// decoder passes over what a later version adds.
var decoder = cbor.NewDecoder(cbor.Limits{})

// Decode reads what Encode wrote. What cannot be read is the zero value.
func Decode[T any](raw []byte) (v T) {
	if decoder.Unmarshal(raw, &v) != nil {
		return *new(T)
	}
	return v
}

// NumberNote is a slot's value where that is a number.
func NumberNote(name string, n uint64) journal.Note {
	return journal.Note{Slot: name, Value: binary.BigEndian.AppendUint64(nil, n)}
}

// Number reads a slot that holds a number; 0 if it is empty.
func Number(log *journal.Log, name string) uint64 {
	raw, ok := log.Note(name)
	if !ok || len(raw) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(raw)
}

// ChainOf is the chain that new records belong to. log is the journal, or a view of it.
func ChainOf(log interface {
	Note(slot string) ([]byte, bool)
}) (id record.ChainID) {
	raw, _ := log.Note(Chain)
	copy(id[:], raw)
	return id
}
