// Package storetest holds the suite that every store.Store must pass. Histories hold a backend on a store to the
// rules of the books.
//
//	func TestConformance(t *testing.T) {
//		storetest.Run(t, func(t *testing.T) store.Store { return openEmpty(t) })
//	}
package storetest

import (
	"testing"

	"github.com/offlane/offlane/transport/backend/internal/storesuite"
	"github.com/offlane/offlane/transport/backend/store"
)

// Run runs the suite. open returns an empty store, which Run closes.
func Run(t *testing.T, open func(*testing.T) store.Store) { storesuite.Run(t, open) }

// Histories are what may happen to a backend's books: offers are accepted, tills redeem, reserve, void and correct,
// report late, twice and out of order, and the backend is restored from a backup. After steps the backend is compared
// with a plain model of the rules.
//
// A history is made of short lives, each with a backend of its own, so that a failure is found near its cause.
type Histories struct {
	// Open returns an empty store.
	Open func(testing.TB) store.Store
	// Copy returns another store that holds what a store holds, as a backup does. Both are closed by the history.
	Copy func(testing.TB, store.Store) store.Store
	// Steps is how many steps are taken with the flag -long; without it no more than the flag -steps says.
	Steps int
	// Every is after how many steps the books are compared. Answers are compared always.
	Every int
}

// Run takes the steps. A failure is repeated with fewer steps, and the last of them are printed.
func (h Histories) Run(t *testing.T) {
	t.Helper()
	storesuite.Histories(h).Run(t)
}
