package sim

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// A copied is a till whose folder may be copied or taken away.
type copied struct {
	shop     *shopOfCopies
	lane     string
	disk     *vfs.Memory
	mark     *keptMark
	terminal *redeem.Terminal
	noticed  atomic.Int64  // how often it came to know that it may have forgotten something
	fence    chan struct{} // a decision in training was told
	made     int           // redemptions since the snapshot
	reported int           // of these
}

// A keptMark is a mark outside a folder.
type keptMark struct {
	mu     sync.Mutex
	mark   redeem.Mark
	frozen bool // the machine is off
}

func (m *keptMark) Load(context.Context) (redeem.Mark, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mark, nil
}

func (m *keptMark) Store(_ context.Context, mark redeem.Mark) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.frozen {
		m.mark = mark
	}
	return nil
}

func (m *keptMark) set(mark redeem.Mark, frozen bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mark, m.frozen = mark, frozen
}

func (m *keptMark) now() redeem.Mark {
	mark, _ := m.Load(context.Background())
	return mark
}

const tillFolder = "till"

func (c *copied) open() {
	s := c.shop
	terminal, err := redeem.Open(vfs.WithFS(s.Context(), c.disk), tillFolder, redeem.Config{
		Place: record.Place{Lane: c.lane}, Reporter: s.client, EnrolmentCode: s.code, Clock: s.clock, Mark: c.mark,
		Reporting: redeem.Reporting{Manual: true}, Journal: redeem.JournalConfig{SegmentSize: 16 << 10},
		OnEvent: func(e redeem.Event) {
			switch {
			case e.Kind == redeem.EventForgotten:
				c.noticed.Add(1)
			case e.Kind == redeem.EventDecision && e.Decision.Training:
				c.fence <- struct{}{}
			}
		},
	})
	require.NoError(s, err)
	c.terminal = terminal
}

// stop closes the till, or kills it: then what a running program saw of its folder is there, and the mark is behind.
func (c *copied) stop() {
	if c.shop.chance(2) {
		require.NoError(c.shop, c.terminal.Close())
		return
	}
	left, mark := c.disk.Copy(), c.mark.now()
	c.mark.set(mark, true)
	require.NoError(c.shop, c.terminal.Close())
	c.mark.set(mark, false)
	c.disk = left
}

func (c *copied) id() record.TerminalID { return c.terminal.Status().Terminal }

// noticedSoFar is how often it came to know that it may have forgotten something. Events come in one order, so that all
// that happened was told before a decision that comes now.
func (c *copied) noticedSoFar() int64 {
	_, err := c.terminal.Check(c.shop.Context(), redeem.Request{Scanned: "-", SaleKey: "-", Training: true})
	require.NoError(c.shop, err)
	<-c.fence
	return c.noticed.Load()
}

// sell redeems fresh passes. A till that asks must have said why.
func (c *copied) sell(n int) {
	s := c.shop
	for range n {
		s.sales++
		d, err := c.terminal.Redeem(s.Context(), redeem.Request{Scanned: s.pass(), SaleKey: fmt.Sprint("sale ", s.sales)})
		require.NoError(s, err)
		switch {
		case d.Outcome == redeem.Allow:
			c.made++
		case d.Because(fault.RedeemedElsewhere), d.Because(fault.NotEnrolled): // by accident, and before it reported
		default:
			require.True(s, d.Because(fault.MayHaveForgotten), d.String())
			require.NotNil(s, c.terminal.Status().Forgotten, "it asks and does not say why")
		}
		s.wait(time.Second)
	}
}

func (c *copied) report() {
	require.NoError(c.shop, c.terminal.ReportNow(c.shop.Context()))
	c.reported = c.made
	c.shop.wait(15 * time.Second)
}

// A snapshot is a copy of a till's folder while it is open, and of the mark then.
type snapshot struct {
	disk *vfs.Memory
	mark redeem.Mark
	last uint64 // number of the journal's last record
}

func (c *copied) snapshot() snapshot {
	snap := snapshot{disk: c.disk.Copy(), mark: c.mark.now()}
	journal, err := journal.Open(vfs.WithFS(c.shop.Context(), snap.disk), tillFolder,
		journal.Config{SegmentSize: 16 << 10, ReadOnly: true})
	require.NoError(c.shop, err)
	snap.last = journal.Stats().LastNumber
	require.NoError(c.shop, journal.Close())
	c.made, c.reported = 0, 0
	return snap
}

// behind reports whether the mark shows that the folder is older.
func (s snapshot) behind(mark redeem.Mark) bool {
	return mark.Number > s.last || mark.Opened > s.mark.Opened
}

// An event is what happened to the folders in a round.
type event struct {
	touched []*copied // whose folders were touched, and copies of theirs
	mustSee bool
	lost    bool // records that were acknowledged are gone
}

// deeds are what somebody does with the folder of a till, when the mark stays where it is or is put back as well.
var deeds = []struct {
	name string
	do   func(s *shopOfCopies, victim *copied, snap snapshot, stays bool) event
}{
	{"nothing", (*shopOfCopies).doNothing}, {"restored", (*shopOfCopies).restore}, {"restored", (*shopOfCopies).restore},
	{"copied", (*shopOfCopies).copyFolder}, {"emptied", (*shopOfCopies).empty}, {"deleted", (*shopOfCopies).deleteJournal},
	{"swapped", (*shopOfCopies).swap},
}

// round lets the tills work, does something with the folder of one, and looks who sees it.
func (s *shopOfCopies) round() {
	for _, till := range s.tills {
		till.sell(s.random.IntN(3))
		if s.chance(2) {
			till.report()
		}
	}
	victim := s.tills[s.random.IntN(len(s.tills))]
	snap := victim.snapshot()
	for range s.random.IntN(3) {
		victim.sell(s.random.IntN(5))
		if s.chance(2) {
			victim.report()
		}
	}
	ids, noticed := s.all()
	before := s.flagsOf(ids...)
	deed := deeds[s.random.IntN(len(deeds))]
	s.did[deed.name]++
	e := deed.do(s, victim, snap, s.chance(2))
	for range 1 + s.random.IntN(2) {
		for _, till := range append(s.tills[:], e.touched...) {
			till.sell(s.random.IntN(5))
			till.report()
		}
	}
	for _, till := range s.tills {
		till.report() // hears what copies of it reported
	}
	s.judge(deed.name, &e, ids, before, noticed)
	s.recover(e.touched)
}

// all are the terminals of the tills now, and how often each till noticed something.
func (s *shopOfCopies) all() (ids []record.TerminalID, noticed map[*copied]int64) {
	noticed = map[*copied]int64{}
	for _, till := range s.tills {
		ids, noticed[till] = append(ids, till.id()), till.noticedSoFar()
	}
	return ids, noticed
}

// judge compares what happened with what the tills and the merchant see.
func (s *shopOfCopies) judge(name string, e *event, ids []record.TerminalID, before uint64, noticed map[*copied]int64) {
	seen, touched := false, map[*copied]bool{}
	for _, till := range e.touched {
		touched[till] = true
		seen = seen || till.noticedSoFar() > noticed[till]
		ids = append(ids, till.id())
	}
	for _, till := range s.tills {
		if !touched[till] {
			require.Equal(s, noticed[till], till.noticedSoFar(),
				"%s: a till to which nothing happened may have forgotten something: %s %+v", name, till.lane,
				till.terminal.Status().Forgotten)
		}
	}
	unique := map[record.TerminalID]bool{}
	for _, id := range ids {
		unique[id] = true
	}
	ids = ids[:0]
	for id := range unique {
		ids = append(ids, id)
	}
	flagged := s.flagsOf(ids...) > before
	assert.Equal(s, seen, flagged, "%s: the till sees it: %t, the merchant: %t", name, seen, flagged)
	switch {
	case e.mustSee:
		s.mustSee++
		require.True(s, seen && flagged, "%s: seen by the till: %t, flagged to the merchant: %t", name, seen, flagged)
	case len(e.touched) == 0:
		require.False(s, seen || flagged, "%s: nothing happened", name)
	default:
		s.rest++
		s.did[fmt.Sprint(name, ", the rest, seen: ", seen)]++
		if seen {
			s.restSeen++
		} else if e.lost {
			s.unseen++
		}
	}
}

// recover has copies go, and ends what the others may have forgotten by a manager's word, which is reported. What a
// copy reported last they hear with their next record.
func (s *shopOfCopies) recover(touched []*copied) {
	for _, till := range touched {
		if !slices.Contains(s.tills[:], till) {
			require.NoError(s, till.terminal.Close())
		}
	}
	for _, till := range touched {
		for range 3 {
			if !slices.Contains(s.tills[:], till) {
				continue
			}
			if till.terminal.Status().Forgotten != nil {
				require.NoError(s, till.terminal.EndForgotten(s.Context(), redeem.Override{Manager: "ms", Why: "the next round"}))
			}
			till.report()
			till.sell(1)
			till.report()
		}
	}
}

func (s *shopOfCopies) doNothing(victim *copied, _ snapshot, _ bool) event {
	victim.stop()
	victim.open()
	return event{}
}

func (s *shopOfCopies) restore(victim *copied, snap snapshot, stays bool) event {
	victim.stop()
	victim.disk = snap.disk
	if !stays {
		victim.mark.set(snap.mark, false)
	}
	e := event{touched: []*copied{victim}, lost: victim.made > 0,
		mustSee: victim.reported > 0 || snap.behind(victim.mark.now())}
	victim.open()
	return e
}

// copyFolder lets a copy of the folder work on another machine at the same time, where there is no mark or a copy of
// it.
func (s *shopOfCopies) copyFolder(victim *copied, snap snapshot, stays bool) event {
	clone := &copied{shop: s, lane: victim.lane, disk: snap.disk, mark: &keptMark{},
		fence: make(chan struct{}, 1)}
	if stays {
		clone.mark.set(victim.mark.now(), false)
	}
	e := event{touched: []*copied{victim, clone}, mustSee: victim.reported > 0 || stays && snap.behind(victim.mark.now())}
	clone.open()
	return e
}

func (s *shopOfCopies) empty(victim *copied, snap snapshot, stays bool) event {
	victim.stop()
	victim.disk = &vfs.Memory{}
	if !stays {
		victim.mark.set(redeem.Mark{}, false)
	}
	victim.open()
	return event{touched: []*copied{victim}, mustSee: true, lost: true}
}

func (s *shopOfCopies) deleteJournal(victim *copied, _ snapshot, stays bool) event {
	victim.stop()
	names, err := victim.disk.List(tillFolder)
	require.NoError(s, err)
	for _, name := range names {
		if isJournalFile(name) {
			require.NoError(s, victim.disk.Remove(filepath.Join(tillFolder, name)))
		}
	}
	if !stays {
		victim.mark.set(redeem.Mark{}, false)
	}
	victim.open()
	return event{touched: []*copied{victim}, mustSee: true, lost: true}
}

// swap exchanges the folders of two tills, with the marks or without.
func (s *shopOfCopies) swap(victim *copied, _ snapshot, stays bool) event {
	other := s.tills[0]
	if other == victim {
		other = s.tills[1]
	}
	victim.stop()
	other.stop()
	victim.disk, other.disk = other.disk, victim.disk
	if !stays {
		a, b := victim.mark.now(), other.mark.now()
		victim.mark.set(b, false)
		other.mark.set(a, false)
	}
	victim.open()
	other.open()
	return event{touched: []*copied{victim, other}, mustSee: stays}
}
