package reporter

import (
	"context"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// A load is what one report carries.
type load struct {
	records []journal.Stored
	asked   bool // with what is kept beside the records
	// One pass for each record, and the signed answers on them.
	passes     []string
	statements []record.Signed
}

// chain is that of the records; zero where there are none.
func (l *load) chain() (id record.ChainID) {
	if len(l.records) > 0 {
		id = record.ChainOf(l.records[0].Payload)
	}
	return id
}

// deliver sends what is pending: first what is not known to fail, then what fails alone, and at last what was set
// aside, all of it if somebody reports by hand and else what is due. It returns nil when nothing waits but what was set
// aside.
func (r *Reporter) deliver(ctx context.Context, byHand bool) error {
	if r.aside.holds() {
		if err := r.deliverHeld(ctx, byHand); err != nil {
			return err
		}
	}
	for {
		if err := r.drain(ctx); err != nil {
			return err
		}
		tried, err := r.examine(ctx)
		if err != nil {
			return err
		}
		if r.aside.holds() {
			return r.reportHeld(ctx)
		}
		if !tried { // else the drain may have stopped before the others
			return r.tryAside(ctx, byHand, everyRecord)
		}
	}
}

// drain sends reports until the journal has nothing pending but what is left out, and the backend no verdict that is
// not here.
func (r *Reporter) drain(ctx context.Context) error {
	var before []record.Range
	for calls := r.sales.Load(); ; {
		began := time.Now()
		l, err := r.nextLoad(ctx)
		if err != nil {
			return err
		}
		more, err := r.send(ctx, l)
		if err != nil {
			if err := r.doubt(l, err); err != nil {
				return err
			}
			continue
		}
		if before, err = r.olderFirst(ctx, before); err != nil {
			return err
		}
		done := len(l.records) == 0 || r.queueLength() == 0 // an answer to a report has the verdicts too: no need to ask
		if done && !more && len(r.lost) == 0 && !r.host.HasUnreported() {
			return nil
		}
		if calls, err = r.yieldToSales(ctx, calls, began); err != nil {
			return err
		}
	}
}

// olderFirst puts what the backend lacks back into the queue at once where it wants later records again: it was
// restored, and books in the order in which things happened. What it asked for before it is not given again in one
// drain. It returns what it asked for last.
func (r *Reporter) olderFirst(ctx context.Context, before []record.Range) ([]record.Range, error) {
	if len(r.again.wanted) == 0 {
		return before, nil
	}
	missing := r.takeMissing()
	if len(missing) == 0 || slices.Equal(missing, before) {
		return before, nil
	}
	return missing, r.sendAgain(ctx, missing)
}

// nextLoad is what the next report carries: of the oldest records that are not left out as many as one report can. It
// is empty where so many fail alone that no others are sent.
func (r *Reporter) nextLoad(ctx context.Context) (load, error) {
	out := r.exclusions()
	if suspects := len(r.doubts.suspects); suspects > 0 && len(out) > r.mayLeaveOut(len(out)-suspects) {
		return load{}, nil
	}
	most, maxBytes := r.doubts.most(r.limits.MaxRecords), r.limits.MaxBytes
	pending, err := r.journal.Pending(most+len(out), maxBytes+len(out)*record.MaxSize)
	if err != nil || len(out) == 0 {
		return r.furnish(ctx, oneChain(pending)), err
	}
	pending = slices.DeleteFunc(pending, func(s journal.Stored) bool { return out[s.ID] != 0 })
	return r.furnish(ctx, oneChain(firstWithin(pending, most, maxBytes))), nil
}

// firstWithin is the longest beginning with at most so many records and bytes, but one record at least.
func firstWithin(records []journal.Stored, most, maxBytes int) []journal.Stored {
	records = records[:min(len(records), most)]
	bytes := 0
	for i := range records {
		if bytes += len(records[i].Payload); bytes > maxBytes && i > 0 {
			return records[:i]
		}
	}
	return records
}

// oneChain is the longest beginning of the pending records that one report can carry: one chain, consecutive numbers.
func oneChain(pending []journal.Stored) []journal.Stored {
	if len(pending) == 0 {
		return nil
	}
	chain := record.ChainOf(pending[0].Payload)
	for i := 1; i < len(pending); i++ {
		if pending[i].Number != pending[i-1].Number+1 || record.ChainOf(pending[i].Payload) != chain {
			return pending[:i]
		}
	}
	return pending
}

// exclusions are the records that are not sent with the others, since they fail, and their numbers; nil where there are
// none.
func (r *Reporter) exclusions() map[journal.ID]uint64 {
	aside := r.aside.list()
	if len(aside)+len(r.doubts.suspects) == 0 {
		return nil
	}
	out := make(map[journal.ID]uint64, len(aside)+len(r.doubts.suspects))
	for _, a := range aside {
		out[journal.ID(a.Record)] = a.Number
	}
	for _, s := range r.doubts.suspects {
		out[s.id] = s.number
	}
	return out
}

// queueLength is how many records wait to be sent, without those that are left out.
func (r *Reporter) queueLength() int { return max(0, r.journal.Stats().Pending-len(r.exclusions())) }

// numbersExcept are the numbers of what is left out as ranges, without those of the records that are sent just now.
func numbersExcept(out map[journal.ID]uint64, sent []journal.Stored) []record.Range {
	var single []record.Range
	for id, number := range out {
		if !slices.ContainsFunc(sent, func(s journal.Stored) bool { return s.ID == id }) {
			single = append(single, record.Range{First: number, Last: number})
		}
	}
	return record.Union(single)
}

// subtract takes the numbers of what is left out from ranges.
func subtract(ranges []record.Range, out map[journal.ID]uint64) []record.Range {
	for _, hole := range numbersExcept(out, nil) {
		ranges = record.Without(ranges, hole)
	}
	return ranges
}
