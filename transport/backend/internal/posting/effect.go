package posting

import "github.com/offlane/offlane/transport/backend/store"

// What an entry counts in the books. The numbers are part of the format.
const (
	// NoEffect: nothing but its verdict, as of a reservation, or of a void of what was never booked.
	NoEffect store.Effect = 0
	// Gave: a redemption that gave Given.
	Gave store.Effect = 1
	// TookBack: a void that took back Given.
	TookBack store.Effect = 2
	// Corrected: a correction that changed what a redemption gave.
	Corrected store.Effect = 3
	// Waits: a void or a correction whose redemption has not come. It has no verdict yet.
	Waits store.Effect = 4
)
