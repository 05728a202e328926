package record

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"iter"
	"time"

	"github.com/offlane/offlane/redeem/offer"
)

// The values of this file are what a terminal and the hub of its store say to each other, before and after a record is
// written. None of them is stored by a terminal but HubEpoch.

// A ClaimRequest asks a store's hub for uses of an offer, in one sale.
type ClaimRequest struct {
	// SaleKey and BusinessDate name the sale.
	SaleKey, BusinessDate string
	// Offer and Alias name the offer, as in Record. One of the two is required.
	Offer offer.ID
	Alias string
	// Uses is how many are wanted, and Allowed how many the offer has as the lane reads it; both at least 1.
	Uses, Allowed int
	// Override says that a manager decided: what the hub would have asked about is granted.
	Override bool
	// KeepUntil is until when the claim counts; zero: for ever.
	KeepUntil time.Time
}

// A ClaimResult is what a claim comes to.
type ClaimResult string

// The results. Taken and reserved refuse; silent, missing and differs ask.
const (
	// ClaimGranted: the offer is kept for the lane, for the time of a lease.
	ClaimGranted ClaimResult = "granted"
	// ClaimTaken: other lanes, or other sales of the same one, used the offer up.
	ClaimTaken ClaimResult = "taken"
	// ClaimReserved: another lane is about to use it, or holds it for a sale.
	ClaimReserved ClaimResult = "reserved"
	// ClaimSilent: another lane claimed it and does not answer.
	ClaimSilent ClaimResult = "silent"
	// ClaimMissing: the hub does not know what another lane holds.
	ClaimMissing ClaimResult = "missing"
	// ClaimDiffers: lanes read different numbers of uses, and by the smaller one it is used up.
	ClaimDiffers ClaimResult = "differs"
)

// A ClaimAnswer is the hub's answer to a ClaimRequest.
type ClaimAnswer struct {
	Result ClaimResult
	// Claim is under which it was granted; zero otherwise.
	Claim Claim
	// Overrode is what a manager's override turned into a grant; empty: nothing.
	Overrode ClaimResult
	// Lane and At say who stands in the way, or stood there before an override, and since when by the hub's clock; zero
	// where nobody does.
	Lane string
	At   time.Time
	// Until is when the lane must have recorded what was granted, by the machine's count since boot.
	Until time.Duration
}

// A HubEpoch names one life of a store's hub: one that lost its memory, or stands on another machine, begins a new one.
type HubEpoch struct {
	// Number counts them, from 1; a higher one ends all lower ones. 0: none was heard of.
	Number uint64 `json:"number"`
	// Key is the hub's public key.
	Key ed25519.PublicKey `json:"key"`
}

// A HubRecord is a record with what a hub has to know besides.
type HubRecord struct {
	Record Record
	// Allowed is how many uses the offer has; 0: the lane does not know.
	Allowed int
	// Parts is how many records the call made that made this one; at least 1.
	Parts int
	// KeepUntil is until when it counts at least; zero: not known.
	KeepUntil time.Time
}

// A HubNotice is what a hub has to tell a lane.
type HubNotice struct {
	Kind HubNoticeKind
	// Lane is the other lane, by its name in the store, and At when it did it by its own clock, or the hub's.
	Lane string
	At   time.Time
	// Record is the terminal's own record, and Other the other lane's; zero where there is none.
	Record, Other ID
}

// A HubNoticeKind says what a HubNotice tells.
type HubNoticeKind string

// The kinds of notices. Pass over those that you don't know.
const (
	// HubConflict: this lane and another one used an offer together more often than it may be.
	HubConflict HubNoticeKind = "conflict"
	// HubTakenOver: a manager at another lane took over what this one had claimed and not told of.
	HubTakenOver HubNoticeKind = "taken-over"
	// HubVoided: another lane took a redemption of this one back.
	HubVoided HubNoticeKind = "voided"
	// HubAway: the hub does not answer; HubBack: it does again.
	HubAway HubNoticeKind = "away"
	HubBack HubNoticeKind = "back"
)

// A HubStatus is how a terminal stands to the hub of its store, for a support screen.
type HubStatus struct {
	// Ready says that the hub answers and knows all that the terminal recorded.
	Ready bool `json:"ready"`
	// Epoch is the number of the hub's epoch; 0: none was heard of.
	Epoch uint64 `json:"epoch,omitempty"`
	// Untold counts the records that the hub has not heard of, as far as they are known to wait.
	Untold int `json:"untold,omitempty"`
	// Open counts the terminal's claims of which the hub has not heard what became.
	Open int `json:"open,omitempty"`
	// LastAnswer is when the hub answered last, by the wall clock; zero: it did not yet.
	LastAnswer time.Time `json:"lastAnswer,omitzero"`
	// LastError says why the hub is not ready; empty: it is.
	LastError string `json:"lastError,omitempty"`
}

// A HubPeer is a terminal of a store as the hub of that store and its lanes know it.
type HubPeer struct {
	Terminal TerminalID
	// Name is how cashiers know it, such as "3".
	Name string
	// Key is its public key.
	Key ed25519.PublicKey
	// MayHost says that it may be the store's hub.
	MayHost bool
	// OutOfService says that an operator vouches that it holds nothing: nobody waits for what it may tell. It may come
	// back all the same.
	OutOfService bool
}

// A HubLane is a terminal as the client of its store's hub sees it. Its methods may be called by several goroutines at
// once, until the client was stopped.
type HubLane interface {
	// Terminal is the lane's id, and Chain that of its records.
	Terminal() TerminalID
	Chain() ChainID
	// Key signs as the lane: it is the terminal's own key.
	Key() crypto.Signer
	// Peers are the terminals of its store that are not blocked, itself among them, as the trust bundle names them; none
	// without a bundle that does. They must not be changed.
	Peers() []HubPeer
	// SinceBoot is the machine's count since boot, suspend included.
	SinceBoot() time.Duration
	// Earliest is the earliest moment that it can be, by signed time; zero: none was heard of.
	Earliest() time.Time
	// Epoch is the last epoch that was kept, and KeepEpoch keeps another one on disk.
	Epoch() HubEpoch
	KeepEpoch(ctx context.Context, e HubEpoch) error
	// Record returns a record of the journal; ok is false where there is none that a hub has to know of.
	Record(id ID) (r HubRecord, ok bool, err error)
	// Records returns those after a number in the chain, in their order. An error ends them.
	Records(after uint64) iter.Seq2[HubRecord, error]
	// Last is the number of the last record that is on disk.
	Last() uint64
	// Notify is told what happened. It does not wait.
	Notify(n HubNotice)
}
