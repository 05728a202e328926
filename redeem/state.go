package redeem

import (
	"cmp"
	"context"
	"encoding/binary"

	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// The slots of the journal in which the terminal keeps what it must not forget: each holds its latest value.
const (
	slotAgain     = "again"
	slotAside     = "aside"
	slotBundle    = "bundle"
	slotChain     = "chain"
	slotCount     = "count"
	slotCursor    = "cursor"
	slotForgotten = "forgotten"
	slotOpened    = "opened"
	slotOwner     = "owner"
	slotReceived  = "received"
	slotTime      = "time"
)

func encodeNumber(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// number reads a slot that holds a number; 0 if it is empty.
func (t *Terminal) number(slot string) uint64 {
	raw, ok := t.journal.Note(slot)
	if !ok || len(raw) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(raw)
}

// cursor is the number of the last verdict that is on disk.
func (t *Terminal) cursor() uint64 { return t.number(slotCursor) }

// chain is the chain that new records belong to.
func (t *Terminal) chain(v *journal.View) (id record.ChainID) {
	raw, _ := v.Note(slotChain)
	copy(id[:], raw)
	return id
}

func (t *Terminal) chainNow() (id record.ChainID) {
	raw, _ := t.journal.Note(slotChain)
	copy(id[:], raw)
	return id
}

// startChain begins a new chain, which names the old head as its first record's predecessor. Numbers go on.
func (t *Terminal) startChain(ctx context.Context) error {
	id := record.NewChainID()
	t.log.WarnContext(ctx, "starting a new chain of records", "chain", id)
	return t.journal.PutNote(ctx, slotChain, id[:])
}

func (t *Terminal) identity() identity {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.id
}

// place is where the terminal stands: as it was enrolled, since the backend books it there, and before that as
// configured. Its name in the store is its own.
func (t *Terminal) place() record.Place {
	place, enrolled := t.cfg.Place, t.identity().Place
	return record.Place{
		Merchant: cmp.Or(enrolled.Merchant, place.Merchant), Store: cmp.Or(enrolled.Store, place.Store),
		Lane: cmp.Or(place.Lane, enrolled.Lane),
	}
}

func (t *Terminal) issuerKeys() offer.Keys {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.keys
}

func (t *Terminal) setInFlight(n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.inFlight = n
}

// setMissing remembers what the backend asked for, until the queue is drained.
func (t *Terminal) setMissing(missing []record.Range) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(missing) > 0 {
		t.progress.missing = missing
	}
}

func (t *Terminal) takeMissing() []record.Range {
	t.mu.Lock()
	defer t.mu.Unlock()
	missing := t.progress.missing
	t.progress.missing = nil
	return missing
}

func (t *Terminal) takeStrange() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	strange := t.progress.strange
	t.progress.strange = false
	return strange
}

func (t *Terminal) isStrange() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.progress.strange
}

func (t *Terminal) setLost(lost []record.Range) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.progress.lost = lost
}

func (t *Terminal) lostRecords() []record.Range {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.progress.lost
}
