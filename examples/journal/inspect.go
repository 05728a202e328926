package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// inspect prints what the journal holds: counts, one line a record, and the damage.
func inspect(ctx context.Context, o options, out io.Writer) error {
	log, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer log.Close()
	s := log.Stats()
	fmt.Fprintf(out, "%d segments, %d bytes; %d records up to number %d: %d pending, %d settled (%d verdicts due), %d "+
		"quarantined\n",
		s.Segments, s.Bytes, s.Pending+s.Settled+s.Quarantined, s.LastNumber, s.Pending, s.Settled, s.Due, s.Quarantined)
	table := tabwriter.NewWriter(out, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "NUMBER\tWRITTEN\tSTATE\tKIND\tID\tSALE\tBYTES")
	for stored, err := range log.History() {
		if err != nil {
			return err
		}
		fmt.Fprintln(table, o.line(stored))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, d := range log.Damage() {
		fmt.Fprintln(out, d)
	}
	return nil
}

func (o options) line(s journal.Stored) string {
	kind, sale := "keys only", "-"
	if s.Payload != nil {
		kind = "unreadable"
	}
	if rec, err := record.Decode(s.Payload); err == nil {
		kind, sale = rec.Kind.String(), rec.Sale.Key
	}
	return fmt.Sprintf("%d\t%s\t%s\t%s\t%s\t%s\t%d", s.Number, s.Written.Format("2006-01-02 15:04:05"), state(s.Status),
		kind,
		o.short(hex.EncodeToString(s.ID[:])), o.short(sale), len(s.Payload))
}

// state is the state and what else is known of the record.
func state(s journal.Status) string {
	text := s.State.String()
	if s.Voided {
		text += ", voided"
	}
	if s.Due {
		text += ", verdict due"
	}
	return text
}

// short shortens what could be used by whoever reads it over a shoulder.
func (o options) short(text string) string {
	if o.full || len(text) <= 8 {
		return text
	}
	return text[:8] + "…"
}
