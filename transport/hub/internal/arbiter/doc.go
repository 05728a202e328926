// Package arbiter decides which lane of a store may use an offer. It is pure: requests, facts and the count since boot
// go in, and answers and what is to be stored come out. It does no I/O, reads no clock and takes no lock.
//
// A claim is one lane's wish to use one offer in one sale:
//
//	            Claim                     Tell (redemption)
//	nothing ──────────► leased ─────────────────────────────────► used ──Tell (void)──► nothing
//	   ▲                 │  │ lease over                            ▲
//	   │  GiveUp         │  └──────► silent: the next asker asks ───┘ the lane tells all the same
//	   ◄─────────────────┤                 │ a manager
//	   │  Tell (release) │                 └──────► taken over ─────► used: a conflict, both lanes are told
//	   ◄──────────────── held (Tell (reservation)) ──hold over──► nothing
//
// What others have of an offer is summed over the claims that share a name with it. Uses that were told refuse (Taken).
// Claims that are leased or held refuse for the time being (Reserved). Claims whose lease ended ask (Silent), and so do
// lanes of which nobody knows what they hold (Missing), and passes of which lanes read different numbers of uses
// (Differs). A manager's override turns what asks into a grant.
//
// A lease counts since the hub's boot and is not stored: after a restart all of them begin anew (Restore).
package arbiter
