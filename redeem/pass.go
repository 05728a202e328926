package redeem

import (
	"github.com/fxamacker/cbor/v2"

	"github.com/offlane/offlane/redeem/journal"
)

// PassOf returns the pass that is kept beside a record of a terminal's journal, as it was shown; empty where none is
// kept. It is for programs that read a journal, such as one that exports it for a backend which was restored from a
// backup.
func PassOf(stored journal.Stored) string {
	var kept struct {
		Version int    `cbor:"1,keyasint"`
		Pass    string `cbor:"2,keyasint"`
	}
	if len(stored.Attachment) == 0 || cbor.Unmarshal(stored.Attachment, &kept) != nil || kept.Version != attachmentVersion {
		return ""
	}
	return kept.Pass
}
