package redeem

import (
	"cmp"
	"context"
	"crypto"
	"iter"
	"slices"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem/internal/clock"
	"github.com/offlane/offlane/redeem/internal/slot"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// A hubLane is the terminal as its hub's client sees it.
type hubLane struct {
	journal *journal.Log
	clock   *clock.Clock
	ids     *identities
	bundles *bundles
	events  *eventQueue

	peers atomic.Pointer[peersOf]
}

// peersOf are the terminals of a store by a bundle. Nobody changes them.
type peersOf struct {
	bundle *trust.Bundle
	store  string
	all    []record.HubPeer
}

func (l *hubLane) Peers() []record.HubPeer {
	bundle, store := l.bundles.now().bundle, l.ids.now().stands.Store
	if bundle == nil {
		return nil
	}
	if known := l.peers.Load(); known != nil && known.bundle == bundle && known.store == store {
		return known.all
	}
	known := &peersOf{bundle: bundle, store: store}
	for _, lane := range bundle.LanesOf(store) {
		known.all = append(known.all, record.HubPeer{Terminal: lane.Terminal, Name: lane.Name, Key: lane.Key,
			MayHost: lane.MayHost, OutOfService: lane.OutOfService})
	}
	l.peers.Store(known)
	return known.all
}

func (l *hubLane) Earliest() time.Time {
	at, _ := l.clock.At(l.clock.Read())
	if at.Earliest <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(at.Earliest).UTC()
}

func (l *hubLane) Terminal() record.TerminalID { return l.ids.now().Terminal }

func (l *hubLane) Chain() record.ChainID { return slot.ChainOf(l.journal) }

func (l *hubLane) Key() crypto.Signer { return l.ids.now().signer }

func (l *hubLane) SinceBoot() time.Duration { return l.clock.Read().SinceBoot }

func (l *hubLane) Last() uint64 { return l.journal.Flushed() }

func (l *hubLane) Notify(n record.HubNotice) { l.events.add(Event{Kind: EventHub, Hub: n}) }

// A keptEpoch is an epoch as it stands in the journal's slot.
type keptEpoch struct {
	_      struct{} `cbor:",toarray"`
	Number uint64
	Key    []byte
}

func (l *hubLane) Epoch() record.HubEpoch {
	raw, ok := l.journal.Note(slot.Hub)
	if !ok {
		return record.HubEpoch{}
	}
	kept := slot.Decode[keptEpoch](raw)
	return record.HubEpoch{Number: kept.Number, Key: kept.Key}
}

func (l *hubLane) KeepEpoch(ctx context.Context, e record.HubEpoch) error {
	return l.journal.PutNote(ctx, slot.Hub, slot.Encode(keptEpoch{Number: e.Number, Key: e.Key}))
}

func (l *hubLane) Record(id record.ID) (record.HubRecord, bool, error) {
	stored, ok, err := l.journal.Get(journal.ID(id))
	if err != nil || !ok || stored.Payload == nil {
		return record.HubRecord{}, false, err
	}
	return hubRecord(&stored)
}

// Records leaves out what was reported so long ago that only its keys are kept: the trust bundle knows of it.
func (l *hubLane) Records(after uint64) iter.Seq2[record.HubRecord, error] {
	return func(yield func(record.HubRecord, error) bool) {
		all, err := l.recordsAfter(after)
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
		if err != nil {
			yield(record.HubRecord{}, err)
		}
	}
}

// recordsAfter reads the records after a number, in the order of the chain: the journal moves old ones.
func (l *hubLane) recordsAfter(after uint64) (all []record.HubRecord, err error) {
	for stored, err := range l.journal.History() {
		if err != nil {
			return nil, err
		}
		if stored.Number <= after || stored.Payload == nil {
			continue
		}
		if r, ok, err := hubRecord(&stored); ok && err == nil { // what cannot be read tells nobody anything
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b record.HubRecord) int { return cmp.Compare(a.Record.Number, b.Record.Number) })
	return all, nil
}

// hubRecord is what a hub has to know of a stored record.
func hubRecord(stored *journal.Stored) (r record.HubRecord, ok bool, err error) {
	if r.Record, err = record.Decode(stored.Payload); err != nil {
		return r, false, err
	}
	r.Parts, r.Allowed, r.KeepUntil = 1, 1, stored.KeepUntil
	if len(stored.Attachment) == 0 {
		return r, true, nil
	}
	kept, _ := decodeAttachment(stored.Attachment) // what is damaged says nothing
	r.Parts = max(kept.Parts, 1)
	if p, err := offer.Parse(kept.Pass); err == nil && p.Pass != nil {
		r.Allowed = p.Pass.MaxUses()
	}
	return r, true, nil
}
