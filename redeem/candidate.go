package redeem

import (
	"sync"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// A candidate is a request on its way into the journal.
type candidate struct {
	decision.Prepared
	sale       string   // what the records of its sale are found by
	keys       []string // under which the offer's uses are counted
	reading    Reading
	ledger     decision.Ledger
	decision   Decision
	sold       []storedRecord  // the redemptions of its sale, as in ledger
	repeated   []part          // what the same sale redeemed before
	cut        []uint64        // numbers of records that a call which was cut short did not write
	notAllowed []record.Turned // what its record tells of those that were not allowed
	counted    []record.ID     // what the limits count for it
	claim      *claim          // what the hub says; nil: it was not asked
}

// candidates are used again: they are large, and a decision costs little beside making one.
var candidates = sync.Pool{New: func() any { return new(candidate) }}

// result returns what a candidate came to and gives the candidate back. It must not be used any more.
func (c *candidate) result() Decision {
	d := c.decision
	candidates.Put(c)
	return d
}

// prepare reads what was presented and applies every rule that needs no journal.
func (r *redeemer) prepare(req *Request) *candidate {
	reading := r.clock.Read()
	facts := r.facts(reading)
	c := candidates.Get().(*candidate)
	*c = candidate{sale: saleKey(req.SaleKey), reading: reading}
	c.Prepared = decision.Prepare(req, &facts)
	c.keys = offerKeys(c.Presented)
	return c
}

// facts are what the terminal knows at a reading, beside its journal: one snapshot of each part.
func (r *redeemer) facts(reading Reading) decision.Facts {
	id, trusted := r.ids.now(), r.bundles.now()
	facts := decision.Facts{
		Policy: r.policy, Zone: id.zone(reading.Wall), Place: id.stands, Bundle: trusted.bundle, Keys: trusted.keys,
		SetUp:   id.isEnrolled() || r.hasKeys || trusted.namesKeys(),
		Blocked: id.blockError(),
	}
	facts.Time, facts.Claimed = r.clock.At(reading)
	return facts
}

// invalid names the call that was asked for what cannot be.
func invalid(op string, err error) error {
	e, ok := err.(*fault.Error)
	if !ok {
		return err
	}
	named := *e
	named.Op = op
	return &named
}
