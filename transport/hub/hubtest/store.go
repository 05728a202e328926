package hubtest

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"path/filepath"
	"strconv"
	"time"

	"github.com/offlane/offlane/redeem/record"
)

// A store is a hub with its lanes, for one rule.
type store struct {
	ctx    context.Context // of the rule
	target Target
	setup  Setup
	hub    Hub
	lanes  []*lane
	disks  int // that the hub had
}

// lease is how long claims last, and long how long a hub waits that is not to stop waiting.
const (
	lease = 5 * time.Second
	long  = time.Hour
)

func newStore(ctx context.Context, target Target, dir string) *store {
	s := &store{ctx: ctx, target: target}
	s.setup = Setup{Dir: filepath.Join(dir, "0"), Key: newKey(), Lease: lease, Wait: long}
	for n := range 2 {
		l := newLane(s, strconv.Itoa(n+1))
		s.lanes = append(s.lanes, l)
		s.setup.Lanes = append(s.setup.Lanes, record.HubPeer{Terminal: l.id, Name: l.name,
			Key: publicOf(l.key)})
	}
	return s
}

func newKey() ed25519.PrivateKey {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic("hubtest: crypto/rand fails: " + err.Error())
	}
	return key
}

func publicOf(key ed25519.PrivateKey) ed25519.PublicKey { return key.Public().(ed25519.PublicKey) }

// start starts the hub.
func (s *store) start() {
	hub, err := s.target(s.ctx, s.setup)
	if err != nil {
		fail("the hub does not start: %w", err)
	}
	s.hub = hub
}

// open starts the hub and begins a session of each lane, which holds nothing. The lanes are returned.
func (s *store) open() (one, two *lane) {
	s.start()
	s.greet()
	return s.lanes[0], s.lanes[1]
}

// greet has each lane say hello, and tell that it told all.
func (s *store) greet() {
	s.lanes[0].post("/v1/hello", s.lanes[0].greeting()) // a new epoch hears all lanes first
	for _, l := range s.lanes[1:] {
		l.hello()
	}
	s.lanes[0].hello()
	for _, l := range s.lanes {
		l.tell(fields{"all": true})
	}
}

// restart stops the hub and starts it again on its folder.
func (s *store) restart() {
	s.stop()
	s.start()
}

// loseDisk starts the hub again on an empty folder.
func (s *store) loseDisk() {
	s.stop()
	s.disks++
	s.setup.Dir = filepath.Join(filepath.Dir(s.setup.Dir), strconv.Itoa(s.disks))
	s.start()
}

func (s *store) stop() {
	if err := s.close(); err != nil {
		fail("the hub does not stop: %w", err)
	}
}

// close ends the lanes' connections and the hub.
func (s *store) close() error {
	for _, l := range s.lanes {
		l.http.CloseIdleConnections()
	}
	stop := s.hub.Stop
	s.hub = Hub{}
	if stop == nil {
		return nil
	}
	return stop()
}

// pass lets so much time pass at the hub.
func (s *store) pass(d time.Duration) {
	if s.hub.Advance != nil {
		s.hub.Advance(d)
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
		fail("there was no time to wait for the hub: %w", s.ctx.Err())
	}
}
