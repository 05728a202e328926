package redeem

import (
	"github.com/offlane/offlane/redeem/internal/slot"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// A batch makes the records of one call and their entries, which follow each other in the chain.
type batch struct {
	terminal record.TerminalID
	time     record.Evidence
	place    record.Place
	chain    record.ChainID
	number   uint64
	prev     record.Hash
	last     []byte // the record before the next one, where this batch made it
	entries  []journal.Entry
}

func (r *recorder) batch(v *journal.View, at record.Evidence, place record.Place) batch {
	number, prev := v.Next()
	return batch{terminal: r.ids.now().Terminal, time: at, place: place, chain: slot.ChainOf(v), number: number,
		prev: record.Hash(prev)}
}

// next begins a record.
func (b *batch) next(kind record.Kind) record.Record {
	return record.Record{Kind: kind, ID: record.NewID(), Terminal: b.terminal, Chain: b.chain, Place: b.place,
		Time: b.time}
}

// add gives a record its place at the end of the chain and completes its entry.
func (b *batch) add(rec *record.Record, entry journal.Entry) error {
	if b.last != nil {
		b.prev = record.HashOf(b.last)
	}
	rec.Number, rec.Prev = b.number, b.prev
	raw, err := rec.Encode()
	if err != nil {
		return err
	}
	entry.ID, entry.Payload = journal.ID(rec.ID), raw
	b.number, b.last = b.number+1, raw
	b.entries = append(b.entries, entry)
	return nil
}
