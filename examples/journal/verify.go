package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// verify reads everything and says whether it is as it was written and the chain of records is unbroken.
func verify(ctx context.Context, o options, out io.Writer) error {
	log, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer log.Close()
	var chain links
	records := 0
	for stored, err := range log.History() {
		if err != nil {
			return err
		}
		records++
		chain.add(stored)
	}
	bad := len(chain.broken)
	for _, text := range chain.broken {
		fmt.Fprintln(out, text)
	}
	for _, d := range log.Damage() {
		fmt.Fprintln(out, d)
		if d.Certainty != journal.Harmless {
			bad++
		}
	}
	if bad > 0 {
		return errors.New("the journal is damaged; keep a copy of the folder before anything else")
	}
	fmt.Fprintf(out, "%d records, every checksum and every link of the chain fits\n", records)
	return nil
}

// links checks that each record names the hash of the one before it.
type links struct {
	last   journal.Stored
	broken []string
}

func (l *links) add(s journal.Stored) {
	defer func() { l.last = s }()
	rec, err := record.Decode(s.Payload)
	switch {
	case s.Payload == nil:
	case err != nil:
		l.broken = append(l.broken, fmt.Sprintf("record %d cannot be read: %v", s.Number, err))
	case rec.Number != s.Number:
		l.broken = append(l.broken, fmt.Sprintf("record %d says that it is number %d", s.Number, rec.Number))
	case s.Number == l.last.Number+1 && l.last.Number > 0 && rec.Prev != record.Hash(l.last.Hash()):
		l.broken = append(l.broken, fmt.Sprintf("record %d does not follow the record before it", s.Number))
	}
}
