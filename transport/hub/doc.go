// Package hub lets the lanes of one store agree while there is no internet: two lanes at which the same offer is shown
// at the same moment do not both redeem it.
//
// A Server is the arbiter. It runs on one machine in the store, or in the program of one of the lanes, and keeps its
// claims in a journal of its own. A Client connects a redeem.Terminal to it; it is a redeem.Hub.
//
//	lane                                hub
//	 │ hello (chain, epoch known) ─────► │  a new epoch first hears which ones the lanes know
//	 │ ◄──── epoch, session, told up to, │
//	 │       claims that are open        │
//	 │ tell (records since, give-ups) ─► │  everything that the lane did alone, before its next claim
//	 │ claim ──────────────────────────► │  acknowledged when it is on the hub's disk
//	 │ ◄─ granted, taken, reserved, ask  │
//	 │ tell (the record) ──────────────► │  in the background, in batches
//	 │ ◄──────────────────────── notices │  conflicts, voids of other lanes
//
// A claim that is granted lasts for a lease. The lane counts it from before it asked and gives up a tenth before the
// hub does, so that no clock need be right; all counts are since boot. Where the hub does not answer within
// ClientConfig.Timeout, the terminal decides alone, as without a hub, and its records say so.
//
// # Trust
//
// Both sides use TLS 1.3 (RFC 8446) with self-signed Ed25519 certificates (RFC 8410). Names and validity in them mean
// nothing: each side knows the other's public key, by the trust bundle or by configuration. Lanes' names of offers and
// sales are hashed with the hub's epoch, so that the hub reads no pass. A Host is a Server in the program of a lane.
//
// # A hub of one's own
//
// A hub in another language takes the lanes' connections by TLS 1.3 as above, HTTP/1.1, and answers three POST
// requests, in JSON. Each has a limit: hello 4 KiB, claims 64 KiB (64 claims), facts 256 KiB (200 facts, 500
// give-ups); an answer has at most 1 MiB. Refusals are problems (RFC 9457) with a code of package fault. The types of
// messages.go name all fields.
//
//   - /v1/hello begins a session. A hub without an epoch first answers unavailable until all lanes were heard, or a
//     bound passed; then its epoch is one above the highest that a lane knows, at most 2^53-1, and on disk before the
//     answer. The key in it is that of its certificate. A lane that knows a higher epoch, or another key with the same
//     number, gets wrong-epoch. Sessions of a lane count up, from 1 to below 2^31, over restarts in one epoch.
//   - /v1/claims is answered in the order of the claims, with the number of the epoch: granted, taken, reserved,
//     silent (its lease ran out), missing (a lane has not told yet), differs (lanes read different numbers of uses),
//     or stale for an attempt that is not above the last one of the same lane, sale and offer. A session that is not
//     the lane's last one with this process gets stale-claim. While a new epoch waits for lanes, the answer is
//     unavailable.
//   - /v1/facts takes what was recorded, what came to nothing, and how far the lane has told its chain; the answer has
//     notices, until the lane says that it heard them. A give-up of an older attempt changes nothing; one that
//     overtakes its claim makes that claim stale. Facts that come again count once.
//
// What an answer rests on is flushed to disk before it goes out: a hub whose disk is full refuses with disk-full, and
// lanes decide alone. Leases count since boot and begin anew with the program. The wall clock is for people alone.
//
// A till that asks another arbiter needs none of this: redeem.Hub is the interface.
//
// # Goroutines
//
// A Server has one that gives space in its journal back; Close ends it. A Client has one that tells the hub what was
// recorded, and up to two that send claims; Stop ends them.
package hub
