package record

// An Answer is what a backend says to a report, or to a terminal that asks for verdicts.
type Answer struct {
	// Items has a verdict, or Received, for each record of the report that was taken, in any order. Of a record that is
	// not among them nothing is known to have been booked: it is sent again.
	Items []Verdict
	// Later has the verdicts after the report's cursor that are not in Items, in the order of their numbers.
	Later []Verdict
	// Statement is the backend's signature over Items and Later; zero: it does not sign them.
	Statement Signed
	// Cursor is the number up to which Items and Later together are complete. The terminal keeps it when they are on disk.
	Cursor uint64
	// More says that there are verdicts after Cursor.
	More bool
	// Missing are chain numbers that the backend does not have and asks for again: of the report's chain, or of all where
	// nothing was reported.
	Missing []Range
	// Wanted are records of the report that are sent again with what the terminal keeps beside them, the pass and the
	// signed verdict: the backend was restored from a backup and does not know their offers, or lacks records before
	// them. Those in Missing are sent first, so that all are booked in the order in which they were made.
	Wanted []ID
	// Last is the highest chain number that the backend has of the terminal; nil: it does not say. A terminal that had an
	// answer on a higher one sends again what is missing: the backend was restored from a backup.
	Last *uint64
	// Taken is when the backend took the terminal's last records before this report, in milliseconds since 1970; 0: it
	// does not say, or has none.
	Taken int64
	// Forked says that the chain has two halves: the terminal starts a new one.
	Forked bool
	// Notice is the newest that the backend has on the terminal; zero: there never was one. That of a terminal that was
	// blocked once says that it works again.
	Notice Signed
	// Correction is the backend's newest TimeCorrection; zero: there never was one.
	Correction Signed
	// Time is the backend's signed clock.
	Time ServerTime
}
