package sim

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"fmt"
	"iter"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

// A seat is one lane of a store with a hub.
type seat struct {
	store  *hubStore
	number int
	random *rand.Rand
	line   phoneLine
	stops  stops
	disk   *vfs.Memory
	power  *power

	terminal *redeem.Terminal
	id       record.TerminalID
	public   atomic.Pointer[ed25519.PublicKey]
	key      atomic.Pointer[crypto.Signer]
	booted   time.Time
	boots    int
	off      atomic.Int64 // how long it is off after a crash, in nanoseconds
	answered func()       // called after a claim was answered; nil: nothing is
}

// Read is a lane's clock.
func (l *seat) Read() redeem.Reading {
	return redeem.Reading{Wall: time.Now(), SinceBoot: time.Since(l.booted), Boot: fmt.Sprint(l.boots)}
}

func (l *seat) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	host := l.store.now()
	server, board := host.now()
	if server == nil {
		return nil, errLine
	}
	return l.line.dial(ctx, board, &l.stops, &host.stops)
}

// keys are those of all machines that may be the hub.
func (s *hubStore) keys() (keys []ed25519.PublicKey) {
	for _, h := range s.hosts {
		keys = append(keys, h.key.Public().(ed25519.PublicKey))
	}
	return keys
}

func (l *seat) start() error {
	l.boots, l.booted = l.boots+1, time.Now()
	l.power = newPower(l.disk, l.random)
	l.power.flush = func() { l.stops.stumble(1) }
	client, err := hub.NewClient(hub.ClientConfig{Address: "hub:1", Dial: l.dial, Hosts: l.store.keys})
	if err != nil {
		return err
	}
	l.terminal, err = redeem.Open(vfs.WithFS(context.Background(), l.disk), "till", redeem.Config{
		Place: record.Place{Merchant: "m", Store: "s", Lane: fmt.Sprint(l.number)}, Hub: &clientTap{Client: client, seat: l},
		Keys: []offer.Key{l.store.issuer.Key()}, Clock: l, Policy: redeem.Policy{MaxAlone: -1},
		Journal: redeem.JournalConfig{SegmentSize: 16 << 10}, OnEvent: l.hear,
	})
	return err
}

// A clientTap is the hub's client as the terminal sees it: it tells the store the terminal's public key, as an
// enrolment does, notes what was claimed, and waits while the process is stopped.
type clientTap struct {
	*hub.Client
	seat *seat
	lane record.HubLane
}

// epoch is that of the lane's session, and its hub's key; the zero value: the lane is about to change it.
func (c *clientTap) epoch() record.HubEpoch {
	if kept := c.lane.Epoch(); kept.Number == c.Status().Epoch {
		return kept
	}
	return record.HubEpoch{}
}

// epochOf is the epoch of an answer, of those that the lane was in before and after; empty: it is not known.
func epochOf(answer record.ClaimAnswer, before, after record.HubEpoch) string {
	switch number := answer.Claim.Epoch; {
	case number != 0 && number == before.Number:
		return fmt.Sprint(before)
	case number != 0 && number == after.Number, before.Number != 0 && before.Number == after.Number:
		return fmt.Sprint(after)
	}
	return ""
}

func (c *clientTap) Start(ctx context.Context, lane record.HubLane) error {
	key := lane.Key()
	public := key.Public().(ed25519.PublicKey)
	c.lane = lane
	c.seat.key.Store(&key)
	c.seat.public.Store(&public)
	return c.Client.Start(ctx, &laneTap{lane, &c.seat.stops})
}

func (c *clientTap) Claim(ctx context.Context, req record.ClaimRequest) (record.ClaimAnswer, error) {
	c.seat.stops.stumble(1)
	call, before := c.seat.store.moment(), c.epoch()
	answer, err := c.Client.Claim(ctx, req)
	more := 1
	if err == nil {
		more = 10 // where most depends on it
		a := asked{lane: c.seat.number, request: req, answer: answer, call: call, back: c.seat.store.moment()}
		a.epoch = epochOf(answer, before, c.epoch())
		c.seat.store.now().wake()
		c.seat.store.noteClaim(a)
		if c.seat.answered != nil {
			c.seat.answered()
		}
	}
	c.seat.stops.stumble(more)
	return answer, err
}

func (c *clientTap) GiveUp(req record.ClaimRequest, claim record.Claim) {
	c.seat.store.noteGiveUp(c.seat.number, claim)
	c.seat.stops.stumble(1)
	c.Client.GiveUp(req, claim)
}

func (c *clientTap) Tell(ids ...record.ID) {
	c.seat.stops.stumble(1)
	c.Client.Tell(ids...)
}

// A laneTap is the terminal as the hub's client sees it. It waits while the process is stopped.
type laneTap struct {
	record.HubLane
	stops *stops
}

func (l *laneTap) Epoch() record.HubEpoch {
	l.stops.stumble(1)
	return l.HubLane.Epoch()
}

func (l *laneTap) KeepEpoch(ctx context.Context, e record.HubEpoch) error {
	l.stops.stumble(1)
	return l.HubLane.KeepEpoch(ctx, e)
}

func (l *laneTap) Record(id record.ID) (record.HubRecord, bool, error) {
	l.stops.stumble(1)
	return l.HubLane.Record(id)
}

func (l *laneTap) Records(after uint64) iter.Seq2[record.HubRecord, error] {
	l.stops.stumble(1)
	return l.HubLane.Records(after)
}

func (l *seat) hear(e redeem.Event) {
	if e.Kind == redeem.EventHub && e.Hub.Kind == record.HubConflict {
		l.store.mu.Lock()
		defer l.store.mu.Unlock()
		l.store.notices[l.id] = append(l.store.notices[l.id], e.Hub)
	}
}

// restart cuts the power, and starts the terminal on what is left on the disk.
func (l *seat) restart() error {
	l.power.cut()
	l.stops.resume()
	l.store.noteRestart(l.number)
	l.terminal.Close() // what it cannot write is lost with the power
	l.disk = l.power.left()
	time.Sleep(time.Duration(l.off.Load()))
	return l.start()
}
