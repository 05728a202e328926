package recovery

import "fmt"

// A Certainty says what a damage cost.
type Certainty uint8

// The certainties.
const (
	// Lost: records that were acknowledged are gone.
	Lost Certainty = iota
	// PossiblyAcknowledged: it is in the last group that was written, and nothing says whether that was acknowledged.
	PossiblyAcknowledged
	// Harmless: nothing was lost: a second copy was there, or nothing was stored in that place.
	Harmless
)

// String returns the certainty's name.
func (c Certainty) String() string {
	if int(c) < len(certaintyNames) {
		return certaintyNames[c]
	}
	return "unknown"
}

var certaintyNames = [...]string{Lost: "lost", PossiblyAcknowledged: "possibly acknowledged", Harmless: "harmless"}

// Damage is a place where a file is not as it was written. The bytes stay where they are until the segment is given
// back.
type Damage struct {
	// File is the segment's name in the folder.
	File string
	// Offset and Length are the place, in bytes; zero length: the whole file, or what should be behind its end.
	Offset, Length int64
	// First and Last are the sequence numbers that are missing; zero: unknown or none.
	First, Last uint64
	// FirstNumber and LastNumber are the chain numbers that are missing, to be declared as a hole; zero: none.
	FirstNumber, LastNumber uint64
	// Unknown says that nobody knows how much is missing: the numbers from FirstNumber on, up to LastNumber or beyond.
	Unknown bool
	// Certainty is what it cost.
	Certainty Certainty
	// What says what was found.
	What string
}

// String describes the damage for a log.
func (d Damage) String() string {
	text := fmt.Sprintf("%s: %s in %s at %d, %d bytes", d.Certainty, d.What, d.File, d.Offset, d.Length)
	if d.First != 0 {
		text += fmt.Sprintf(", sequence %d to %d", d.First, d.Last)
	}
	if d.Unknown {
		return text + fmt.Sprintf(", an unknown number of records from %d of the chain on", d.FirstNumber)
	}
	if d.FirstNumber != 0 {
		text += fmt.Sprintf(", records %d to %d of the chain", d.FirstNumber, d.LastNumber)
	}
	return text
}
