package journal_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/journal"
)

// A model is what a log must hold.
type model struct {
	records map[journal.ID]known
	cursor  string
}

// known is what must be known of a record.
type known struct {
	journal.Status
	n        int
	void     bool
	keep     time.Time
	verdict  string
	evidence string
	settled  time.Time
}

func (m *model) clone() *model { return &model{maps.Clone(m.records), m.cursor} }

// A step changes a model and a log alike.
type step struct {
	name     string
	model    *model // as it is afterwards
	entries  []journal.Entry
	settle   []journal.Settlement
	evidence string
	note     string
	hand     []journal.ID
	requeue  []journal.ID
	reopen   bool
	tidy     bool
	move     []journal.ID // pending records that may be moved
}

// A planner draws steps.
type planner struct {
	random *rand.Rand
	next   int
	now    time.Time
}

func (p *planner) ids(m *model, which func(known) bool) []journal.ID {
	var ids []journal.ID
	for id, k := range m.records {
		if which(k) {
			ids = append(ids, id)
		}
	}
	slices.SortFunc(ids, func(a, b journal.ID) int { return slices.Compare(a[:], b[:]) })
	return ids
}

func (p *planner) step(m *model) step {
	s := step{model: m.clone()}
	switch draw := p.random.IntN(100); {
	case draw < 50:
		p.redeem(&s)
	case draw < 60:
		p.void(&s)
	case draw < 85:
		p.settle(&s)
	case draw < 90:
		p.handOver(&s)
	case draw < 93:
		p.askAgain(&s)
	case draw < 96:
		s.name, s.tidy = "tidy", true
		s.move = p.ids(s.model, func(k known) bool { return k.State == journal.Pending })
		s.move = s.move[:p.random.IntN(len(s.move)+1)]
	default:
		s.name, s.reopen = "reopen", true
	}
	return s
}

func (p *planner) redeem(s *step) {
	s.name = "redeem"
	for range 1 + p.random.IntN(10)/9 {
		p.next++
		e := attached(p.next)
		e.Payload = append(e.Payload, make([]byte, p.random.IntN(1000))...)
		e.KeepUntil = p.now.Add(time.Duration(p.random.IntN(100)) * time.Hour)
		s.entries = append(s.entries, e)
		s.model.records[e.ID] = known{Status: journal.Status{Uses: 1}, n: p.next, keep: e.KeepUntil.Truncate(time.Second)}
	}
}

func (p *planner) void(s *step) {
	ids := p.ids(s.model, func(k known) bool { return !k.Voided && !k.void })
	if len(ids) == 0 {
		p.redeem(s)
		return
	}
	p.next++
	target := ids[p.random.IntN(len(ids))]
	k := s.model.records[target]
	e := journal.Entry{ID: id(p.next), Ref: target, Uses: -1, CountedKeys: []string{fmt.Sprint("offer ", k.n)},
		LookupKeys: []string{fmt.Sprint("sale ", p.next)}, KeepUntil: k.keep, Payload: []byte("void"),
		Attachment: attachmentOf(p.next)}
	s.name, s.entries = "void", []journal.Entry{e}
	s.model.records[e.ID] = known{n: p.next, void: true, keep: k.keep}
	k.Voided, k.Uses = true, 0
	s.model.records[target] = k
}

func (p *planner) settle(s *step) {
	ids := p.ids(s.model, func(k known) bool { return k.State == journal.Pending })
	s.name = "settle"
	s.note = fmt.Sprint(p.random.Uint64())
	s.model.cursor = s.note
	if p.random.IntN(3) > 0 {
		s.evidence = fmt.Sprint("evidence ", s.note, strings.Repeat(".", p.random.IntN(1500)))
	}
	for _, id := range ids[:min(len(ids), p.random.IntN(20))] {
		answer := journal.Settlement{Ref: id, Payload: []byte(fmt.Sprint("verdict ", p.random.Uint32()))}
		answer.Quarantine = p.random.IntN(30) == 0
		answer.HandOver = p.random.IntN(5) == 0
		s.settle = append(s.settle, answer)
		k := s.model.records[id]
		k.State, k.Due, k.HandedOver, k.verdict, k.settled = journal.Settled, answer.HandOver, false, string(answer.Payload),
			p.now
		if s.evidence != "" {
			k.evidence = s.evidence
		}
		if answer.Quarantine {
			k.State = journal.Quarantined
		}
		s.model.records[id] = k
	}
}

func (p *planner) handOver(s *step) {
	s.name = "hand over"
	for _, id := range p.ids(s.model, func(k known) bool { return k.Due }) {
		k := s.model.records[id]
		k.Due, k.HandedOver = false, true
		s.model.records[id], s.hand = k, append(s.hand, id)
	}
}

func (p *planner) askAgain(s *step) {
	s.name = "requeue"
	fresh := func(k known) bool { return k.State != journal.Pending && p.now.Sub(k.settled) < keepReported }
	ids := p.ids(s.model, fresh)
	if len(ids) == 0 {
		return
	}
	id := ids[p.random.IntN(len(ids))]
	k := s.model.records[id]
	k.State, k.Due, k.HandedOver, k.verdict = journal.Pending, false, false, ""
	s.model.records[id], s.requeue = k, []journal.ID{id}
}

const keepReported = 20 * time.Hour
