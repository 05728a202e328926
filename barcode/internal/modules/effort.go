package modules

// Effort says how much a reader tries.
type Effort struct {
	// Step looks for what finds a symbol, such as a bull's-eye or an outline, in every so many rows.
	Step int
	// Tune moves the grid of a symbol that is not read at once.
	Tune bool
	// Late ends the search when it says so; nil: never.
	Late func() bool
}

// IsLate says whether the search is to end.
func (e *Effort) IsLate() bool { return e.Late != nil && e.Late() }
