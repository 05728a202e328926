package redeem

import "github.com/offlane/offlane/redeem/journal"

// PassOf returns the pass that is kept beside a record of a terminal's journal, as it was shown; empty where none is
// kept, or where what is kept is damaged. It is for programs that read a journal, such as one that exports it for a
// backend which was restored from a backup.
func PassOf(stored journal.Stored) string {
	if len(stored.Attachment) == 0 {
		return ""
	}
	kept, _ := decodeAttachment(stored.Attachment)
	return kept.Pass
}
