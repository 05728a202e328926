package reporter

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/slot"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

// A SetAside is a record with which reports fail while others do not, and which is tried alone.
type SetAside struct {
	Record record.ID `json:"record"`
	// Number is the record's place in the chain.
	Number uint64 `json:"number"`
	// Code and Detail say how it failed.
	Code   fault.Code `json:"code"`
	Detail string     `json:"detail,omitempty"`
	// Since is when it was set aside, by the wall clock.
	Since time.Time `json:"since"`
}

// MaxSetAside is the most records that a terminal sets aside and still sends others. With more it sends nothing else
// until the backend takes some of them (fault.SetAside), and so it does where more than a tenth of a queue of ten
// records or more fails at once: so many do not fail by themselves.
const MaxSetAside = 10

// mostAside is how many records may be set aside, where some were before and others fail of a queue of some length.
func mostAside(before, queue int) int {
	if queue < 10 {
		return MaxSetAside
	}
	return min(MaxSetAside, before+queue/10)
}

// asides are the records that were set aside, as the journal's slot slot.Aside has them.
type asides struct {
	mu      sync.Mutex // guards what follows
	records []SetAside // by number
	most    int        // with more nothing else is sent; 0: MaxSetAside
	retries map[record.ID]retry
}

// A retry says when a record is tried again. A restart begins anew.
type retry struct {
	wait  time.Duration
	due   time.Time
	round int // the exchange in which it was tried last
}

// slowest is the longest wait between two tries, unless Reporting.MaxWait is longer.
const slowest = time.Hour

func (a *asides) list() []SetAside {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.records)
}

// holds reports whether nothing else is sent.
func (a *asides) holds() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.records) > cmp.Or(a.most, MaxSetAside)
}

func (a *asides) bound() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.most
}

// keep takes the list that is on disk now into use. What is new is tried after a wait, and not in the exchange that is
// under way.
func (a *asides) keep(records []SetAside, most int, wait time.Duration, round int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	retries := make(map[record.ID]retry, len(records))
	for _, r := range records {
		old, ok := a.retries[r.Record]
		if !ok {
			old = retry{wait: wait, due: time.Now().Add(wait), round: round}
		}
		retries[r.Record] = old
	}
	a.records, a.most, a.retries = records, most, retries
}

// next is the record to be tried: of those that were not tried in this exchange the one that is due first, if it is due
// or all are tried.
func (a *asides) next(round int, all bool) (next SetAside, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	for _, r := range a.records {
		at := a.retries[r.Record]
		if at.round == round || !all && at.due.After(now) {
			continue
		}
		if !ok || at.due.Before(a.retries[next.Record].due) {
			next, ok = r, true
		}
	}
	return next, ok
}

// putOff puts the next try off, twice as long as the last time.
func (a *asides) putOff(id record.ID, round int, most time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.retries[id]
	wait := min(2*r.wait, max(most, slowest))
	a.retries[id] = retry{wait: wait, due: time.Now().Add(wait), round: round}
}

// due is when the first of them is tried again; later where that is before.
func (a *asides) due(later time.Time) time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range a.retries {
		if r.due.Before(later) {
			later = r.due
		}
	}
	return later
}

// A keptAsides is the list as it stands in the journal.
type keptAsides struct {
	Version int         `cbor:"1,keyasint"`
	Most    int         `cbor:"2,keyasint,omitempty"` // with more nothing else is sent; 0: MaxSetAside
	Records []keptAside `cbor:"3,keyasint,omitempty"`
}

type keptAside struct {
	ID     record.ID  `cbor:"1,keyasint"`
	Number uint64     `cbor:"2,keyasint"`
	Code   fault.Code `cbor:"3,keyasint"`
	Detail string     `cbor:"4,keyasint,omitempty"`
	Since  int64      `cbor:"5,keyasint"` // milliseconds since 1970
}

const asidesVersion = 1

func asideNote(records []SetAside, most int) journal.Note {
	kept := keptAsides{Version: asidesVersion, Most: most}
	for _, r := range records {
		kept.Records = append(kept.Records, keptAside{r.Record, r.Number, r.Code, r.Detail, r.Since.UnixMilli()})
	}
	return journal.Note{Slot: slot.Aside, Value: slot.Encode(kept)}
}

// readAsides reads what asideNote wrote. What cannot be read sets nothing aside: the records fail again and are found
// again.
func readAsides(raw []byte) (records []SetAside, most int) {
	kept := slot.Decode[keptAsides](raw)
	if kept.Version != asidesVersion {
		return nil, 0
	}
	for _, k := range kept.Records {
		records = append(records, SetAside{k.ID, k.Number, k.Code, k.Detail, time.UnixMilli(k.Since).UTC()})
	}
	return records, kept.Most
}

func byNumber(a, b SetAside) int { return cmp.Compare(a.Number, b.Number) }
