package backend

import (
	"crypto/sha256"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// An item is one record of a report, ready to be judged.
type item struct {
	// name is the record's id, or what stands for it where it cannot be read; see record.IDOf.
	name   record.ID
	raw    []byte
	hash   record.Hash
	record record.Record
	// err says why the record cannot be read, forged that the signature does not cover it.
	err    error
	forged bool
}

// itemsOf takes over what an opened report holds. The heading's signature covers the last record by its hash, and each record
// vouches for the one before it by naming its hash; one that cannot be read vouches for none and doubts none.
func itemsOf(h record.Heading, opened []record.Item) []item {
	items := make([]item, len(opened))
	expected, covered := h.Head, true
	for i := len(opened) - 1; i >= 0; i-- {
		it, from := &items[i], opened[i]
		it.raw, it.hash, it.record, it.err = from.Raw, from.Hash, from.Record, from.Err
		covered = covered && (expected == record.Hash{} || expected == it.hash)
		it.forged = !covered
		if fault.CodeOf(it.err) == fault.NotCanonical {
			it.err = misplaced(it.record, h, uint64(i))
		}
		it.name, expected = record.IDOf(it.raw), record.Hash{}
		if it.err == nil {
			expected = it.record.Prev
		}
	}
	return items
}

// misplaced says what is wrong with a record's own place. That it does not follow the one before it is said of that one.
func misplaced(rec record.Record, h record.Heading, i uint64) error {
	if rec.Terminal != h.Terminal || rec.Chain != h.Chain || rec.Number != h.First+i {
		return fault.New(fault.NotCanonical, "", "the record is not the one that its chain calls for")
	}
	return nil
}

// spare is the name under which a record is kept that cannot be kept under its own id.
func (it *item) spare() record.ID {
	sum := sha256.Sum256(append([]byte("offlane spare name 1\x00"), it.hash[:]...))
	return record.ID(sum[:16])
}

// receiptStub names the entry that stands for a redemption of which only the receipt is known.
func (b *booking) receiptStub(receipt record.Receipt) record.ID {
	sum := sha256.Sum256([]byte("offlane receipt stub 1\x00" + b.terminal.Place.Merchant + "\x00" + string(receipt)))
	return record.ID(sum[:16])
}

// byReceipt reports whether the item is a void that names its redemption by receipt alone.
func (it item) byReceipt() bool {
	return it.err == nil && it.record.Kind == record.Void && it.record.Of.IsZero() && it.record.Receipt != ""
}

// maxAhead is how far in milliseconds a terminal's earliest moment may lie after the backend's present: clocks of several
// backends differ by so much.
const maxAhead = 5 * 60 * 1000

// judgeTime says whether the moment lies in an offer's time, or why not. vouched says that a manager answered for the clock.
func judgeTime(m record.Moment, o *Offer, revoked int64, vouched bool, now int64) error {
	const op = "backend.judge"
	if m.Earliest > now+maxAhead {
		return fault.New(fault.ClockUntrusted, op, "the terminal's evidence of time lies in the future")
	}
	if early, known := m.Before(o.NotBefore); known && early {
		return fault.New(fault.NotYetValid, op, "it was redeemed before the offer was valid")
	}
	switch inTime, known := m.Before(o.NotAfter); {
	case !known && !vouched:
		return fault.New(fault.ClockUntrusted, op, "the evidence does not show that it was redeemed before the offer expired")
	case known && !inTime:
		return fault.New(fault.Expired, op, "it was redeemed after the offer expired")
	}
	if revoked == 0 {
		return nil
	}
	if inTime, known := m.Before(revoked); !known || !inTime {
		return fault.New(fault.Revoked, op, "the offer was revoked, and nothing shows that it was redeemed before that")
	}
	return nil
}
