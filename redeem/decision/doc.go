// Package decision has what a terminal is asked and what it answers: a Request, the Policy that it goes by, and a
// Decision with an outcome, its reasons and the budgets that applied. Package redeem has the same types by names of its
// own.
//
// Every rule adds its reasons to a decision, and none takes away another one's, with two exceptions: a reservation
// keeps its sale from an offer's end, and a terminal that was never set up says that alone instead of what follows from
// it. The worst reason decides; of equally bad ones the first rule's comes first. All are values that nobody changes
// once they are returned.
package decision
