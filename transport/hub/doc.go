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
// openapi.yaml, which OpenAPI returns, is the contract between lanes and hub: three POST requests in JSON, their
// limits, and what a hub keeps. What an answer rests on is flushed to disk before it goes out: a hub whose disk is full
// refuses with disk-full, and lanes decide alone. Leases count since boot and begin anew with the program. The wall
// clock is for people alone. Package hubtest checks a hub against it.
//
// A till that asks another arbiter needs none of this: redeem.Hub is the interface.
//
// # Goroutines
//
// A Server has one that gives space in its journal back; Close ends it. A Client has one that tells the hub what was
// recorded, and up to two that send claims; Stop ends them.
package hub
