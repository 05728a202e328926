// Package redeem is the front door of Offlane: a Terminal redeems offers at a point of sale with no network, keeps
// every redemption in a journal that no crash can lose, and reports it to the backend when there is a network again.
//
//	terminal, err := redeem.Open(ctx, "/var/lib/till/offlane", redeem.Config{…})
//	decision, err := terminal.Redeem(ctx, redeem.Request{Scanned: text, SaleKey: "2026-11-23/7/0042", Sale: sale})
//
// # The life of a redemption
//
//	presented ─► refuse (reason) / ask a manager (reason)
//	    └─► recorded ─► reporting ─► confirmed                    the backend took it
//	             │           ├─────► duplicate of …               another record was committed first: where and when
//	             │           ├─────► rejected (reason)            expired at redemption, revoked, unknown, clock suspect
//	             │           ├─────► quarantined                  the backend cannot read this one; the others go on
//	             │           └─────► received                     a void whose redemption has not come yet
//	             ├─► set aside                                    this one alone fails; the till tries it again slowly
//	             ├─► voided before or after the report            both facts are kept and reported
//	             └─► held                                         sign-in, TLS or clock trouble: nothing is dropped
//
// A decision is allow, ask or refuse, with its reasons as values (package fault). Redeem returns only when the record
// is on disk; a refusal is a Decision and never an error. An error means that nothing was recorded, with one exception:
// fault.OutcomeUnknown, after which the caller calls again with the same sale key and gets the one answer there is.
//
// # The life of a sale
//
// Check decides and writes nothing. Reserve holds a use for one sale, durably, until Redeem with the same sale key
// completes it, Release gives it up, or it lapses by itself. Correct brings the amount in line with the final basket.
// Void takes a redemption back, wholly or in part, also one that another terminal made. Every call may be repeated with
// the same key after a crash and then finishes what was begun:
//
//	Check ─► Reserve ─────► Redeem ─────► Correct ─────► Void a part ─► Void
//	            └─► Release    │             (the amount    (the use       (the use is free again)
//	            └─► lapses     │              changes)       stays taken)
//	                           └─► the same sale key again: the same redemption
//
// When a POS calls which, so that its books and these agree:
//
//   - Check when the offer is scanned while the basket is still open, as often as the basket changes: it shows the
//     discount and costs nothing.
//   - Reserve, where the offer must be certain before the customer pays: when the customer begins to pay, or earlier
//     in a long sale.
//   - Redeem when the basket is final and before the receipt is printed. The answer holds the discount's lines, now
//     and when the call is repeated.
//   - Correct when the basket changed after Redeem all the same: an item was scanned later, or one was taken out.
//     Redeem again with the other basket changes nothing; its answer says what stands in the record and that the sale
//     Differs from it.
//   - Release or Void when the sale is cancelled, and Void when goods come back.
//
// A sale is named by its key and, where the POS gives one, its business date; a repeated call repeats both. A key
// without a date names a sale for 20 hours. After that a call that repeats it is a fault.Conflict with the earlier
// record and writes nothing. Where the evidence of time cannot tell, it is the same sale, and Decision.Made says from
// when its record is.
//
// A POS that died between the terminal's answer and its own commit asks with Records; Totals adds up a shift for
// cashing up.
//
// # What bounds a terminal that is alone
//
// Policy sets limits in number, value and age, per hour, per campaign and for everything that the backend has not
// answered; the trust bundle sets them for single campaigns, and a pass says how many of its uses one terminal may
// grant unknown to the backend. A limit that would be exceeded asks a manager, whose word is recorded with the reasons.
// What a decision was bounded by, and how much of it was used, stands in Decision.Budgets.
//
// # The lanes of one store
//
// Two terminals that are alone may both redeem an offer that is shown at two lanes. With a Config.Hub, on a machine in
// the store, they do not: Redeem and Reserve decide, claim the offer outside the journal's lock, decide again under it,
// and record; the hub hears of the record in the background. What other lanes used refuses, with the lane and the time
// (fault.RedeemedElsewhere, fault.Reserved); what nobody knows asks (fault.LaneSilent, fault.UsesDiffer). Where the hub
// does not answer, the terminal decides alone as far as Policy.WithoutHub allows, and the record says so
// (record.HubUnreachable). The note record.HubLate says that a claim had ended when its record was written.
//
// # What the terminal trusts
//
// A signed pass is verified with issuer keys from Config.Keys or from the trust bundle that the backend signs. A bundle
// and the backend's clock are verified with root keys, from Config.Roots or from the enrolment. The machine's own clock
// is believed only where signed server time allows it (Policy.MaxAlone). A signed time that goes further ahead than the
// machine counted since it heard the last one counts once another one confirms it, an hour later by that count.
//
// # Reports that fail
//
// What fails while nothing gets through is tried again with a growing wait, and nothing is dropped. Where one record
// fails and others do not, Status names it in SetAside: it waits alone, and the rest goes on. More than ten of
// them, or more than a tenth of a queue at once, hold the queue (fault.SetAside). Signed answers are kept in the
// journal, and so is the pass beside a record; a backend that was restored from a backup gets both back when it asks.
//
// # Errors, goroutines, files
//
// All errors are *fault.Error. A Terminal may be used by several goroutines at once. One process at a time has a
// terminal's folder open. The folder holds the journal (package journal), the terminal's key and the trust bundle; it
// is the unit that is backed up, moved and thrown away.
package redeem
