// Package redeem is the front door of Offlane: a Terminal redeems offers at a point of sale with no network, keeps every
// redemption in a journal that no crash can lose, and reports it to the backend when there is a network again.
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
//	             │           └─────► quarantined                  the backend cannot read this one; the others go on
//	             ├─► voided before or after the report            both facts are kept and reported
//	             └─► held                                         sign-in, TLS or clock trouble: nothing is dropped
//
// A decision is allow, ask or refuse, with its reasons as values (package fault). Redeem returns only when the record is on
// disk; a refusal is a Decision and never an error. An error means that nothing was recorded, with one exception:
// fault.OutcomeUnknown, after which the caller calls again with the same sale key and gets the one answer there is.
//
// # What the terminal trusts
//
// A signed pass is verified with issuer keys from Config.Keys or from the trust bundle that the backend signs. A bundle and
// the backend's clock are verified with root keys, from Config.Roots or from the enrolment. The machine's own clock is
// believed only where signed server time allows it (Policy.MaxAlone).
//
// # Errors, goroutines, files
//
// All errors are *fault.Error. A Terminal may be used by several goroutines at once. One process at a time has a terminal's
// folder open. The folder holds the journal (package outbox), the terminal's key and the trust bundle; it is the unit that
// is backed up, moved and thrown away.
package redeem
