package hub

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// A progress is up to which number the hub knows the records of a chain. Those of calls at the same moment may be told
// in any order.
type progress struct {
	chain record.ChainID
	upTo  uint64
	above map[uint64]bool // told, behind a gap
}

// add notes that a record was told.
func (p *progress) add(number uint64) {
	if number > p.upTo {
		p.above[number] = true
	}
	for p.above[p.upTo+1] {
		p.upTo++
		delete(p.above, p.upTo)
	}
}

// mostAbove is how many records may be told behind a gap before the journal is read anew.
const mostAbove = 4096

// batch is how many records are told at once.
const batch = 100

// announce tells what the hub does not know, and gives up the open claims of which the journal has no record.
func (c *Client) announce(ctx context.Context, chain record.ChainID, after uint64, open []attempt) error {
	last := c.lane.Last() // before the journal is read, so that everything up to it is
	recorded := map[sold]bool{}
	m := c.newTell(chain)
	for r, err := range c.lane.Records(after) {
		if err != nil {
			return err
		}
		if f, ok := c.fact(&r); ok {
			m.Facts = append(m.Facts, f)
			if len(f.Names) > 0 && f.Kind != record.Void {
				recorded[sold{f.Sale, f.Names[0]}] = true
			}
		}
		if len(m.Facts) < batch {
			continue
		}
		if err := c.send(ctx, m); err != nil {
			return err
		}
		m = c.newTell(chain)
	}
	m.GiveUps = c.unrecordedClaims(open, recorded)
	m.UpTo, m.All = last, true
	if err := c.send(ctx, m); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.session.told = progress{chain: chain, upTo: last, above: map[uint64]bool{}}
	return nil
}

// unrecordedClaims are the open claims that came to nothing: the journal has no record of them, and the terminal is not
// at work on them.
func (c *Client) unrecordedClaims(open []attempt, recorded map[sold]bool) (giveUps []attempt) {
	now := c.lane.SinceBoot()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, a := range open {
		s := sold{a.Sale, a.Offer}
		working, ok := c.working[s]
		if ok && now >= working.until+settled {
			delete(c.working, s)
			ok = false
		}
		if !ok && !recorded[s] && len(giveUps) < maxGiveUps {
			giveUps = append(giveUps, a)
		}
	}
	return giveUps
}

// settled is how long after its lease a claim may be on its way to the journal's disk.
const settled = time.Minute

func (c *Client) newTell(chain record.ChainID) *tell {
	c.mu.Lock()
	defer c.mu.Unlock()
	return &tell{Session: c.session.number, Chain: chain, Heard: c.session.heard}
}

// fact is what the hub is told of a record; ok is false where it need not know of it.
func (c *Client) fact(r *record.HubRecord) (f told, ok bool) {
	c.mu.Lock()
	s := c.session
	c.mu.Unlock()
	rec := &r.Record
	if rec.Kind < record.Redemption || rec.Kind > record.Release {
		return f, false
	}
	f = told{
		Kind: rec.Kind, Record: rec.ID, Sale: saleIn(&s.epoch, rec.Sale.Key, rec.Sale.BusinessDate),
		Names: s.names(rec.Offer, rec.Alias), Group: rec.Group, Parts: r.Parts, Allowed: r.Allowed, Of: rec.Of,
		Receipt: rec.Receipt, Partial: rec.Partial, At: rec.Time.Wall,
	}
	if !r.KeepUntil.IsZero() {
		f.KeepUntil = max(r.KeepUntil.UnixMilli(), 0)
	}
	if rec.Kind == record.Reservation {
		f.Hold = min(max(rec.Until-max(rec.Time.Earliest, rec.Time.Wall), 1), maxHold.Milliseconds())
	}
	return f, rec.Kind == record.Void || len(f.Names) > 0
}

// tellQueued tells what was recorded since, or asks at least whether the hub is there.
func (c *Client) tellQueued(ctx context.Context) error {
	for first := true; ; first = false {
		m, ids, more := c.next(first)
		if m == nil {
			return nil
		}
		numbers, err := c.addFacts(m, ids)
		if err != nil {
			return err
		}
		if err := c.send(ctx, m); err != nil {
			return err
		}
		if !c.advance(numbers) {
			return errLook
		}
		if !more {
			return nil
		}
	}
}

// next is the next message, with the records that it is to tell; nil: there is nothing to tell.
func (c *Client) next(first bool) (m *tell, ids []record.ID, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(len(c.queue), batch)
	if n == 0 && len(c.giveUps) == 0 && !first {
		return nil, nil, false
	}
	ids, c.queue = slices.Clone(c.queue[:n]), c.queue[n:]
	m = &tell{Session: c.session.number, Chain: c.session.told.chain, UpTo: c.session.told.upTo, Heard: c.session.heard,
		GiveUps: c.giveUps}
	c.giveUps = nil
	return m, ids, len(c.queue) > 0
}

// addFacts adds the records to a message, in the order of their chain, and returns their numbers.
func (c *Client) addFacts(m *tell, ids []record.ID) (numbers []uint64, err error) {
	var records []record.HubRecord
	for _, id := range ids {
		r, ok, err := c.lane.Record(id)
		switch {
		case err != nil:
			return nil, err
		case !ok:
		case r.Record.Chain != m.Chain:
			return nil, errLook
		default:
			records = append(records, r)
		}
	}
	slices.SortFunc(records, func(a, b record.HubRecord) int { return cmp.Compare(a.Record.Number, b.Record.Number) })
	for i := range records {
		numbers = append(numbers, records[i].Record.Number)
		if f, ok := c.fact(&records[i]); ok {
			m.Facts = append(m.Facts, f)
		}
	}
	return numbers, nil
}

// advance notes what was told; false: so much is missing between that the journal is to be read.
func (c *Client) advance(numbers []uint64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range numbers {
		c.session.told.add(n)
	}
	return len(c.session.told.above) <= mostAbove
}

// send tells the hub, and hands its notices to the lane.
func (c *Client) send(ctx context.Context, m *tell) error {
	ctx, cancel := context.WithTimeout(ctx, max(tellTimeout, c.cfg.Timeout))
	defer cancel()
	out, err := post[tellAnswer](ctx, c, pathTell, m)
	if err != nil {
		return err
	}
	c.mu.Lock()
	if out.Epoch != c.session.epoch.Number {
		c.mu.Unlock()
		return fault.New(fault.WrongEpoch, "", "the hub answers for epoch %d", out.Epoch)
	}
	for _, f := range m.Facts {
		if f.Kind == record.Redemption || f.Kind == record.Reservation {
			delete(c.working, sold{f.Sale, f.Names[0]})
		}
	}
	heard := c.session.heard
	for _, n := range out.Notices {
		c.session.heard = max(c.session.heard, n.Number)
	}
	c.mu.Unlock()
	for _, n := range out.Notices {
		if n.Number > heard {
			c.lane.Notify(record.HubNotice{Kind: record.HubNoticeKind(n.Kind), Lane: n.Lane,
				At: time.UnixMilli(n.At).UTC(), Record: n.Record, Other: n.Other})
		}
	}
	return nil
}
