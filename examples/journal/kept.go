package main

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// An answer is one that the backend signed.
type answer struct {
	record.Signed
	order int // in the journal
}

// answers are the backend's signed answers on the records that are exported.
func (o options) answers(log *journal.Log) (map[journal.ID]*answer, error) {
	var ids []journal.ID
	for stored, err := range log.History() {
		if err != nil {
			return nil, err
		}
		if o.wants(stored) {
			ids = append(ids, stored.ID)
		}
	}
	answers := map[journal.ID]*answer{}
	order := 0
	for evidence, err := range log.Evidence(ids...) {
		if err != nil {
			return nil, err
		}
		signed, err := record.DecodeSigned(evidence.Data)
		if err != nil {
			continue // of a later release: the record stands for itself
		}
		order++
		kept := &answer{signed, order}
		for _, id := range evidence.IDs {
			answers[id] = kept
		}
	}
	return answers, nil
}

// A room is what a report has taken.
type room struct {
	records, bytes int
	signed         map[*answer]bool
}

func newRoom() room { return room{signed: map[*answer]bool{}} }

// take reports whether the report has room for one more.
func (r *room) take(e entry) bool {
	bytes := r.bytes + len(e.raw) + len(e.pass)
	fresh := e.signed != nil && !r.signed[e.signed]
	if fresh {
		bytes += len(e.signed.Content)
	}
	if r.records > 0 && bytes > reportBytes || r.records == reportSize || fresh && len(r.signed) == record.MaxStatements {
		return false
	}
	r.records, r.bytes = r.records+1, bytes
	if fresh {
		r.signed[e.signed] = true
	}
	return true
}

func passes(records []entry) []string {
	out := make([]string, len(records))
	for i, e := range records {
		out[i] = e.pass
	}
	return out
}

// statements are the answers on the records, each once and the oldest first: of two on one record the later counts.
func statements(records []entry) (out []record.Signed) {
	var all []*answer
	for _, e := range records {
		if e.signed != nil && !slices.Contains(all, e.signed) {
			all = append(all, e.signed)
		}
	}
	slices.SortFunc(all, func(a, b *answer) int { return cmp.Compare(a.order, b.order) })
	for _, a := range all {
		out = append(out, a.Signed)
	}
	return out
}
