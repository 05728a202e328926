// Package flags lists why a person should look at a record, or at a terminal.
package flags

import "github.com/offlane/offlane/transport/backend/store"

// The kinds of flags.
const (
	// Overlap: a void by offer was matched with a redemption that may have come after it.
	Overlap store.FlagKind = "overlap"
	// OverTerms: more was given than the terms can give, and a manager allowed it.
	OverTerms store.FlagKind = "over-terms"
	// Recovered: the offer was taken up from its pass after the backend was restored from a backup.
	Recovered store.FlagKind = "recovered"
	// Unrecovered: the offer is not known since the backend was restored from a backup, and there was no pass to take
	// it up from.
	Unrecovered store.FlagKind = "unrecovered"
	// Clamped: less was booked than a signed verdict from before a restore had said.
	Clamped store.FlagKind = "clamped"
	// OtherStore: the record names another store than the one for which its terminal was enrolled; it is booked in
	// that one.
	OtherStore store.FlagKind = "other-store"
	// BusinessDate: the business date is far from when the record was made; it is booked on the day of the sale.
	BusinessDate store.FlagKind = "business-date"
	// Blocked: the record can have been made while its terminal was blocked.
	Blocked store.FlagKind = "blocked"
	// Beyond: the terminal spoke of numbers far beyond those of its records. Those are not believed.
	Beyond store.FlagKind = "beyond"
	// KeyChanged: the terminal has another key.
	KeyChanged store.FlagKind = "key-changed"
	// Moved: the terminal moved to another store.
	Moved store.FlagKind = "moved"
	// Forked: two records of the terminal have one number, or one does not follow the one before it: its folder was
	// copied, or restored from a copy.
	Forked store.FlagKind = "forked"
	// Forgotten: the terminal says that it may have forgotten records. Ended: a manager at it ended that.
	Forgotten store.FlagKind = "forgotten"
	Ended     store.FlagKind = "forgotten-ended"
	// Second: the terminal was enrolled for a lane that had another one.
	Second store.FlagKind = "second-terminal"
)
