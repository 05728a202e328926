package redeem_test

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// A picky desk fails over some records, and is away as a whole now and then.
type picky struct {
	*desk

	mu sync.Mutex
	// over returns why a report with this record fails; errAbsent: the answer does not name it.
	over func(record.Record) error
	// away returns why nothing is answered.
	away func() error
	// after is called when the report is booked; its error is what the terminal gets instead of the answer.
	after func(sizes int) error
	// edit changes the answer.
	edit func(*record.Answer)
	// later changes the answer to a request for verdicts.
	later func(*record.Answer)
	// reports are those that were answered, if keep is set.
	keep    bool
	reports []record.Report
	// sizes are how many records each report had that came while the desk was not away.
	sizes []int
	asked int // reports, those that came in vain too
}

var errAbsent = errors.New("the answer does not name it")

func (p *picky) set(change func(*picky)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(p)
}

// came is how many reports came, those that came in vain too.
func (p *picky) came() (reports int) {
	p.set(func(p *picky) { reports = p.asked })
	return reports
}

func (p *picky) reason() error {
	if p.away == nil {
		return nil
	}
	return p.away()
}

func (p *picky) Report(_ context.Context, _ string, r record.Report) (record.Answer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	if err := p.reason(); err != nil {
		return record.Answer{}, err
	}
	p.sizes = append(p.sizes, len(r.Records))
	d := p.desk
	d.mu.Lock()
	defer d.mu.Unlock()
	h, err := r.Peek()
	if err != nil {
		return record.Answer{}, err
	}
	h, items, err := r.Open(d.keys[h.Terminal])
	if err != nil {
		return record.Answer{}, err
	}
	reasons := make([]error, len(items))
	for i, item := range items {
		if p.over != nil {
			reasons[i] = p.over(item.Record)
		}
		if reasons[i] != nil && reasons[i] != errAbsent {
			return record.Answer{}, reasons[i]
		}
	}
	d.headings = append(d.headings, h)
	if p.keep {
		p.reports = append(p.reports, r)
	}
	answer := d.answer(h.After)
	for i, item := range items {
		if reasons[i] == nil {
			answer.Items = append(answer.Items, d.judge(item))
		}
	}
	answer.Cursor = uint64(len(d.verdicts))
	if p.edit != nil {
		p.edit(&answer)
	}
	if p.after != nil {
		if err := p.after(len(items)); err != nil {
			return record.Answer{}, err
		}
	}
	return answer, nil
}

func (p *picky) Verdicts(ctx context.Context, token string, after uint64) (record.Answer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.reason(); err != nil {
		return record.Answer{}, err
	}
	answer, err := p.desk.Verdicts(ctx, token, after)
	if err == nil && p.later != nil {
		p.later(&answer)
	}
	return answer, err
}

func (p *picky) Bundle(ctx context.Context, token string, have uint64) ([]byte, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.reason(); err != nil {
		return nil, err
	}
	return p.desk.Bundle(ctx, token, have)
}

// booked are the numbers of the records that the desk has.
func (p *picky) numbers() []uint64 {
	p.desk.mu.Lock()
	defer p.desk.mu.Unlock()
	return p.numbersLocked()
}

func (p *picky) numbersLocked() (numbers []uint64) {
	for _, rec := range p.desk.booked {
		numbers = append(numbers, rec.Number)
	}
	slices.Sort(numbers)
	return numbers
}

// headingOf is the last heading of a report with the record of that number.
func (p *picky) headingOf(number uint64) (heading record.Heading) {
	p.desk.mu.Lock()
	defer p.desk.mu.Unlock()
	for _, h := range p.desk.headings {
		if h.First <= number && number <= h.Last {
			heading = h
		}
	}
	return heading
}

// failing makes the records with these numbers fail.
func failing(err error, numbers ...uint64) func(record.Record) error {
	return func(r record.Record) error {
		if slices.Contains(numbers, r.Number) {
			return err
		}
		return nil
	}
}

func problem(code fault.Code) error { return fault.New(code, "desk", "the backend says so") }
