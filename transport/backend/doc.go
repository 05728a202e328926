// Package backend is Offlane's reference backend: it issues offers, books redemptions, and answers the customer's
// device because of what was redeemed. A Server is an http.Handler over a Store; the contract that it keeps is package
// wire's.
//
//	device   ──accept──► Offer row: identifier, campaign, hash of the device's secret, consent
//	terminal ──report──► verified ─► judged under the rows' locks ─► Entry rows, the Offer's uses, numbered verdicts
//	device   ──visit───► its identifiers ∩ its Offer rows with uses ─► answers, each with the reason that chose it
//
// # What is booked
//
// First is the redemption that is committed first, whoever asks at the same time; every later one is a duplicate and
// learns which store and lane was first and when. A void frees the use for what arrives later. A void that arrives
// before its redemption is kept, and the pair takes no use. The same record again gets the same verdict; the same id
// with other bytes is a conflict. The evidence of time that a record carries decides validity, never who was first.
//
// # Who is trusted with what
//
// A terminal's token says who reports, its signature what was reported. A device is matched by its identifiers
// together with its secret, of which only the hash is stored and which is in no pass. Answers are personal only after
// the customer agreed.
package backend
