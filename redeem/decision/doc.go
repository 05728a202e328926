// Package decision decides whether an offer may be redeemed in a sale. It is pure: values go in, and an outcome, its
// reasons and the limits that applied come out. It reads no file and no clock and takes no lock, so that every rule can
// be tested in a table.
//
// A decision is made in two stages, since the second one runs under the lock of the terminal's journal:
//
//	Request, Facts ─► Prepare ─► Prepared     text, proof, clock, place, validity, terms, trust bundle
//	                     │
//	            what must be looked up        Limits, NeedsCounters, NeedsVoids
//	                     │
//	          Ledger ─► Decide ─► Decision    this offer's uses, this sale's offers, limits, what may be forgotten
//	                     │
//	                     ├─► Locate           of a use that is gone: where and when it was redeemed
//	                     └─► Repeat           of a sale that redeemed the offer already: what stands in its records
//
// The caller fills the Ledger by look-ups of this offer's and this sale's keys alone. Every rule adds its reasons to
// the decision, and none takes away another one's, with two exceptions: a reservation keeps its sale from an offer's
// end, and a terminal that was never set up says that alone instead of what follows from it. The worst reason decides;
// of equally bad ones the first rule's comes first.
//
// Nothing here may be used by several goroutines at once, but what was given in Facts is only read.
package decision
