package replay

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"fmt"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
)

// A watch is the machine's clocks.
type watch struct {
	mu    sync.Mutex
	wall  time.Time
	since time.Duration
	boot  int
}

// Read reads the clocks.
func (w *watch) Read() redeem.Reading {
	w.mu.Lock()
	defer w.mu.Unlock()
	return redeem.Reading{Wall: w.wall, SinceBoot: w.since, Boot: fmt.Sprint("boot ", w.boot)}
}

func (w *watch) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wall, w.since = w.wall.Add(d), w.since+d
}

func (w *watch) set(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wall = w.wall.Add(d)
}

func (w *watch) reboot() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.since, w.boot = time.Minute, w.boot+1
}

// Marks keep the terminal's mark.
type marks struct {
	mu   sync.Mutex
	mark redeem.Mark
}

// Load returns the mark.
func (m *marks) Load(context.Context) (redeem.Mark, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mark, nil
}

// Store keeps a mark.
func (m *marks) Store(_ context.Context, mark redeem.Mark) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mark = mark
	return nil
}

func (m *marks) copy() *marks {
	if m == nil {
		return nil
	}
	mark, _ := m.Load(context.Background())
	return &marks{mark: mark}
}

// Events are what the terminal told since the last step.
type events struct {
	mu  sync.Mutex
	all []redeem.Event
}

func (e *events) add(event redeem.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = append(e.all, event)
}

// tell adds the events to the transcript.
func (e *events) tell(s *transcript) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, ev := range e.all {
		s.fact("event", string(ev.Kind), ev.Decision.String(), ev.Verdict.Record, ev.SetAside.Record, ev.Count,
			string(ev.Code))
	}
	e.all = e.all[:0]
}

// A keyStore keeps the terminal's keys outside its folder.
type keyStore struct {
	chance
	mu   sync.Mutex
	keys []ed25519.PrivateKey
}

// NewKey makes a key.
func (k *keyStore) NewKey(context.Context) (crypto.Signer, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	seed := make([]byte, ed25519.SeedSize)
	k.bytes(seed)
	key := ed25519.NewKeyFromSeed(seed)
	k.keys = append(k.keys, key)
	return key, nil
}

// Key returns the key with a public half.
func (k *keyStore) Key(_ context.Context, public ed25519.PublicKey) (crypto.Signer, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range k.keys {
		if public.Equal(key.Public()) {
			return key, nil
		}
	}
	return nil, fault.New(fault.NotFound, "keyStore", "there is no such key")
}

// Forget forgets nothing.
func (k *keyStore) Forget(context.Context, ed25519.PublicKey) error { return nil }
