package qr

// Effort says how much to try.
type Effort struct {
	// Triples is how many triples of finder patterns to try in a binary picture.
	Triples int
	// Finders is how many finder patterns to take into account.
	Finders int
	// Seen is the share of its rows in which a finder pattern must have been seen, Round the share of its rim that must
	// be there; zero: what damage and glare leave.
	Seen, Round float64
	// Cost is what a triple may differ from three equal finder patterns at a right angle; zero: anything.
	Cost float64
	// Pairs is how many guesses to try with two finder patterns where three tell nothing.
	Pairs int
	// Curves looks for symbols on bent paper, and takes codewords that glare or stains make doubtful as lost.
	Curves bool
	// Fit is the share of the fixed modules that must be right; zero: what damage and glare leave.
	Fit float64
	// Step looks for finder patterns in every so many rows.
	Step int
	// Work ends the search of a picture after so many looks at pixels, Late when it says so.
	Work int
	Late func() bool
	// QR and Micro say what to read.
	QR, Micro bool
	// Both looks for light symbols on dark even where there are dark ones on light.
	Both bool
}

// papers are the shapes of paper to try.
type papers uint8

const (
	flatPaper papers = 1 << iota
	bentPaper
)

// papers returns the shapes that an effort tries.
func (e Effort) papers() papers {
	if e.Curves {
		return flatPaper | bentPaper
	}
	return flatPaper
}
