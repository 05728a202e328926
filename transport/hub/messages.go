package hub

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub/internal/arbiter"
)

// What lanes and hub send each other, as JSON. Names of offers and sales are hashed.

// The paths, and the most bytes of what is sent to them.
const (
	pathHello = "/v1/hello"
	pathClaim = "/v1/claims"
	pathTell  = "/v1/facts"

	maxHello  = 4 << 10
	maxClaims = 64 << 10
	maxTell   = 256 << 10
	maxAnswer = 1 << 20
)

// Limits of single messages.
const (
	maxAtOnce  = 256  // claims in one message
	maxFacts   = 200  // in one message
	maxGiveUps = 500  // in one message
	maxOpen    = 1000 // open claims in an answer to hello
	maxNames   = arbiter.MaxNames
	maxUses    = 1 << 20 // of an offer
	maxParts   = 1000    // of a call
	maxHold    = 48 * time.Hour
	maxEpoch   = 1<<53 - 1 // that every reader of JSON has exactly (RFC 8259, section 6)
)

type hello struct {
	// Epoch is the last one that the lane knows, and Chain that of its records.
	Epoch record.HubEpoch `json:"epoch"`
	Chain record.ChainID  `json:"chain"`
}

func (h *hello) check() error {
	if h.Epoch.Number > maxEpoch {
		return fault.Invalid("epoch %d is above %d", h.Epoch.Number, uint64(maxEpoch))
	}
	return nil
}

type welcome struct {
	Epoch   record.HubEpoch `json:"epoch"`
	Session uint64          `json:"session"`
	// Told is up to which number of the chain the hub has the lane's records.
	Told uint64 `json:"told"`
	// Open are the lane's claims of which the hub does not know what became.
	Open  []attempt `json:"open,omitempty"`
	Lease int64     `json:"leaseMillis"`
}

// An attempt names a claim of the lane that sends it, or gets it.
type attempt struct {
	Sale    arbiter.Name `json:"sale"`
	Offer   arbiter.Name `json:"offer"`
	Attempt uint64       `json:"attempt"`
}

// claims are those that a lane made while it waited for an answer: one message, one flush.
type claims struct {
	Session uint64  `json:"session"`
	Claims  []claim `json:"claims"`
}

func (c *claims) check() error {
	switch n := len(c.Claims); {
	case c.Session == 0:
		return fault.Invalid("there is no session")
	case n == 0:
		return fault.Invalid("there is no claim")
	case n > maxAtOnce:
		return fault.New(fault.TooLarge, "", "%d claims: send at most %d at once", n, maxAtOnce)
	}
	for i := range c.Claims {
		if err := c.Claims[i].check(); err != nil {
			return err
		}
	}
	return nil
}

type claim struct {
	Attempt uint64         `json:"attempt"`
	Sale    arbiter.Name   `json:"sale"`
	Names   []arbiter.Name `json:"names"`
	Uses    int            `json:"uses"`
	Allowed int            `json:"allowed"`
	// Override says that a manager decided.
	Override  bool  `json:"override,omitempty"`
	KeepUntil int64 `json:"keepUntil,omitempty"`
}

func (c *claim) check() error {
	switch {
	case c.Attempt == 0 || c.Sale.IsZero():
		return fault.Invalid("a claim has an attempt and a sale")
	case c.Uses < 1 || c.Uses > maxParts || c.Allowed < 1 || c.Allowed > maxUses:
		return fault.Invalid("%d uses of %d cannot be claimed", c.Uses, c.Allowed)
	case c.KeepUntil < 0:
		return fault.Invalid("keepUntil: %d is less than 0", c.KeepUntil)
	}
	return checkNames(c.Names)
}

// request is what the arbiter is asked, at the hub's wall clock in milliseconds since 1970.
func (c *claim) request(lane record.TerminalID, at int64) arbiter.Request {
	return arbiter.Request{
		Key:   arbiter.Key{Lane: lane, Sale: c.Sale, Offer: c.Names[0]},
		Names: c.Names, Attempt: c.Attempt, Uses: c.Uses, Allowed: c.Allowed, Override: c.Override,
		At: at, KeepUntil: c.KeepUntil,
	}
}

func checkNames(names []arbiter.Name) error {
	if len(names) == 0 || len(names) > maxNames {
		return fault.Invalid("an offer has 1 to %d names, not %d", maxNames, len(names))
	}
	for _, name := range names {
		if name.IsZero() {
			return fault.Invalid("a name is zero")
		}
	}
	return nil
}

// claimAnswers has an answer for each claim, in their order.
type claimAnswers struct {
	Epoch   uint64        `json:"epoch"`
	Answers []claimAnswer `json:"answers"`
}

// stale is the result of a claim that is older than what the hub heard of the lane.
const stale record.ClaimResult = "stale"

type claimAnswer struct {
	Result   record.ClaimResult `json:"result"`
	Overrode record.ClaimResult `json:"overrode,omitempty"`
	Lane     string             `json:"lane,omitempty"`
	At       int64              `json:"at,omitempty"`
}

type tell struct {
	Session uint64         `json:"session"`
	Chain   record.ChainID `json:"chain"`
	// UpTo is the number of the chain up to which the lane has told everything, and All says that it ends there.
	UpTo    uint64    `json:"upTo,omitempty"`
	All     bool      `json:"all,omitempty"`
	Facts   []told    `json:"facts,omitempty"`
	GiveUps []attempt `json:"giveUps,omitempty"`
	// Heard is the number of the last notice that was heard.
	Heard uint64 `json:"heard,omitempty"`
}

func (t *tell) check() error {
	switch {
	case t.Session == 0:
		return fault.Invalid("there is no session")
	case len(t.Facts) > maxFacts || len(t.GiveUps) > maxGiveUps:
		return fault.New(fault.TooLarge, "", "%d facts and %d give-ups: send at most %d and %d at once", len(t.Facts),
			len(t.GiveUps), maxFacts, maxGiveUps)
	}
	for i := range t.Facts {
		if err := t.Facts[i].check(); err != nil {
			return err
		}
	}
	return nil
}

// A told is a record of the lane.
type told struct {
	Kind    record.Kind    `json:"kind"`
	Record  record.ID      `json:"record"`
	Sale    arbiter.Name   `json:"sale,omitzero"`
	Names   []arbiter.Name `json:"names,omitempty"`
	Group   record.ID      `json:"group,omitzero"`
	Parts   int            `json:"parts,omitempty"`
	Allowed int            `json:"allowed,omitempty"`
	Of      record.ID      `json:"of,omitzero"`
	Receipt record.Receipt `json:"receipt,omitempty"`
	Partial bool           `json:"partial,omitempty"`
	// Hold is how much longer a reservation lasts, in milliseconds.
	Hold      int64 `json:"holdMillis,omitempty"`
	At        int64 `json:"at"`
	KeepUntil int64 `json:"keepUntil,omitempty"`
}

func (f *told) check() error {
	switch {
	case f.Kind < record.Redemption || f.Kind > record.Release:
		return fault.Invalid("records of kind %d are not told", f.Kind)
	case f.Record.IsZero():
		return fault.Invalid("a record has no id")
	case f.Parts < 0 || f.Parts > maxParts || f.Allowed < 0 || f.Allowed > maxUses:
		return fault.Invalid("record %s: %d records of one call, or %d uses, cannot be", f.Record, f.Parts, f.Allowed)
	case f.Hold < 0 || f.Hold > maxHold.Milliseconds() || f.KeepUntil < 0 || len(f.Receipt) > 64:
		return fault.Invalid("record %s: its times or its receipt cannot be", f.Record)
	case f.Kind == record.Void && len(f.Names) == 0:
		return nil
	}
	return checkNames(f.Names)
}

// fact is what the arbiter is told.
func (f *told) fact(lane record.TerminalID) arbiter.Fact {
	fact := arbiter.Fact{
		Kind: f.Kind, Record: f.Record, Lane: lane, Sale: f.Sale, Names: f.Names, Group: f.Group, Parts: f.Parts,
		Allowed: f.Allowed, Of: f.Of, Receipt: f.Receipt, Partial: f.Partial,
		Hold: time.Duration(f.Hold) * time.Millisecond, At: f.At, KeepUntil: f.KeepUntil,
	}
	if fact.Group.IsZero() {
		fact.Group = f.Record
	}
	return fact
}

type tellAnswer struct {
	Epoch   uint64   `json:"epoch"`
	Notices []notice `json:"notices,omitempty"`
}

type notice struct {
	Number uint64             `json:"number"`
	Kind   arbiter.NoticeKind `json:"kind"`
	Lane   string             `json:"lane"`
	At     int64              `json:"at"`
	Record record.ID          `json:"record,omitzero"`
	Other  record.ID          `json:"other,omitzero"`
}

// What a hashed name is of.
const (
	nameOfSale  = 1
	nameOfOffer = 2
	nameOfAlias = 3
)

// nameIn is the name under which a hub knows something in an epoch. Whoever has the hub's disk but not the offers
// cannot find them from it; GS1 numbers can be found by trying all serials.
func nameIn(e *record.HubEpoch, kind byte, parts ...string) (n arbiter.Name) {
	var room [256]byte // for what is hashed, unless it is very long
	b := append(append(room[:0], e.Key...), kind)
	b = binary.BigEndian.AppendUint64(b, e.Number)
	for _, part := range parts {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(part))), part...)
	}
	sum := sha256.Sum256(b)
	copy(n[:], sum[:])
	return n
}

// saleIn is the name of a sale.
func saleIn(e *record.HubEpoch, key, date string) arbiter.Name {
	return nameIn(e, nameOfSale, key, date)
}
