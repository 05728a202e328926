package journal

import (
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal/internal/folder"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
	"github.com/offlane/offlane/redeem/journal/internal/recovery"
)

// Damage is a place where a file is not as it was written. The bytes stay where they are until the segment is given
// back.
type Damage = recovery.Damage

// A Certainty says what a damage cost.
type Certainty = recovery.Certainty

// The certainties.
const (
	// Lost: records that were acknowledged are gone.
	Lost = recovery.Lost
	// PossiblyAcknowledged: it is in the last group that was written, and nothing says whether that was acknowledged.
	PossiblyAcknowledged = recovery.PossiblyAcknowledged
	// Harmless: nothing was lost: a second copy was there, or nothing was stored in that place.
	Harmless = recovery.Harmless
)

const unreadableRecord = "a record that cannot be read any more"

// unreadableLocked notes in the damage that a record cannot be read, and returns the error to give out.
func (l *Log) unreadableLocked(at uint32, err error) error {
	if seg, off := l.index.Locate(at); seg != nil && fault.CodeOf(err) == "" {
		l.addUnreadableLocked(seg, off)
	}
	return folder.Unreadable(err)
}

// addUnreadableLocked adds the damage where it is a new one.
func (l *Log) addUnreadableLocked(seg *index.Segment, off int64) {
	d := Damage{File: seg.Name(), Offset: off, Length: format.FrameHead, Certainty: Lost, What: unreadableRecord}
	if !slices.Contains(l.damage, d) {
		l.addDamageLocked(d)
	}
}
