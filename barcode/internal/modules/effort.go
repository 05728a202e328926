package modules

// A Meter counts the looks that a reader takes at pixels.
type Meter struct{ work, before int }

// Begin forgets the work done so far.
func (m *Meter) Begin() { *m = Meter{} }

// Work is how many looks at pixels were taken since Begin.
func (m *Meter) Work() int { return m.work }

// Start has the work of a picture begin.
func (m *Meter) Start() { m.before = m.work }

// Add adds looks.
func (m *Meter) Add(n int) { m.work += n }

// AddGrid adds those that it takes to measure the marks of a grid, or all of so many modules.
func (m *Meter) AddGrid(marks int) { m.work += places * marks }

// IsSpent says whether nothing else is to be begun in a picture.
func (m *Meter) IsSpent(e *Effort) bool {
	return e.Work > 0 && m.work-m.before > e.Work || e.Late != nil && e.Late()
}

// Effort says how much a reader tries.
type Effort struct {
	// Step looks for what finds a symbol, such as a bull's-eye or an outline, in every so many rows.
	Step int
	// Tune moves the grid of a symbol that is not read at once.
	Tune bool
	// Blurred looks for what blur has left of a symbol, by luma.
	Blurred bool
	// Work is how many looks at pixels end the search of a picture; zero: none.
	Work int
	// Late ends the search when it says so; nil: never.
	Late func() bool
}
