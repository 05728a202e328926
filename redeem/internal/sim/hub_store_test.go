package sim

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

// A hubStore is a store with a hub, whose lanes compete for passes.
type hubStore struct {
	t      *testing.T
	random *rand.Rand
	issuer offer.Issuer
	passes []string
	ids    []offer.ID // of the passes
	seats  []*seat
	hosts  []*hubHost
	lease  time.Duration // of the hub, and how long it waits for lanes; 0: its own

	order atomic.Int64 // of moments: even numbers

	mu       sync.Mutex // guards what follows
	active   *hubHost   // to which the hub's address leads
	sold     []sale
	asked    []asked
	ends     []ending
	notices  map[record.TerminalID][]record.HubNotice
	outcomes map[string]int
	events   []string
}

// A sale is what one call came to.
type sale struct {
	lane, pass int
	key        string
	decision   redeem.Decision
	call, back moment
}

// A moment is when something happened, and which of two things at the same time came first.
type moment struct {
	at    time.Duration
	order int64
}

func (s *hubStore) moment() moment { return moment{time.Since(simStart), s.order.Add(2)} }

var simStart = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // where a bubble's time begins

func seedKey(n uint64) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	seed[0], seed[1], seed[2] = byte(n), byte(n>>8), 1
	return ed25519.NewKeyFromSeed(seed)
}

func newHubStore(t *testing.T, seed uint64, lanes, passes int) *hubStore {
	s := &hubStore{t: t, random: rand.New(rand.NewPCG(seed, 7)),
		issuer:  offer.Issuer{Name: "issuer", KeyID: "k", Private: seedKey(99)},
		notices: map[record.TerminalID][]record.HubNotice{}, outcomes: map[string]int{}}
	for i := range uint64(2) {
		s.hosts = append(s.hosts, &hubHost{store: s, number: i, key: seedKey(i), disk: &vfs.Memory{}})
	}
	s.active = s.hosts[0]
	for range passes {
		id := offer.NewID()
		text, err := s.issuer.Issue(offer.Pass{ID: id, Audience: []string{"m"}, Campaign: "spring",
			IssuedAt: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)})
		require.NoError(t, err)
		s.passes, s.ids = append(s.passes, text), append(s.ids, id)
	}
	for i := range lanes {
		l := &seat{store: s, number: i, random: rand.New(rand.NewPCG(seed, uint64(i))), disk: &vfs.Memory{}}
		s.seats = append(s.seats, l)
		require.NoError(t, l.start())
		l.id = l.terminal.Status().Terminal
	}
	s.startHub()
	return s
}

// log keeps what happened to the store, for whoever looks into a failure.
func (s *hubStore) log(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.events = append(s.events, fmt.Sprintf("%s "+format, append([]any{time.Since(simStart)}, args...)...))
}

// lanes are those that the hub knows.
func (s *hubStore) lanes() (all []record.HubPeer) {
	for _, l := range s.seats {
		if key := l.public.Load(); key != nil {
			all = append(all, record.HubPeer{Terminal: l.id, Name: fmt.Sprint(l.number), Key: *key})
		}
	}
	return all
}

// now is the host to which the hub's address leads.
func (s *hubStore) now() *hubHost {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.active
}

func (s *hubStore) startHub() { s.now().start(false) }

func (s *hubStore) crashHub() { s.now().crash() }

// moveTo has the hub's address lead to a host that starts anew.
func (s *hubStore) moveTo(h *hubHost, takeOver bool) {
	h.crash()
	s.mu.Lock()
	s.active = h
	s.mu.Unlock()
	h.start(takeOver)
}

// A hubHost is a machine that may be the store's hub.
type hubHost struct {
	store  *hubStore
	number uint64
	key    ed25519.PrivateKey
	stops  stops
	awake  atomic.Bool // it has an epoch, so that it holds no lock while it flushes

	// What follows changes only while it does not run, by the one who starts it.
	disk     *vfs.Memory
	power    *power
	takeOver bool                                          // it was told to take over, and has not done so yet
	front    func(front, behind *switchboard) (end func()) // stands before the hub; nil: nothing does
	endFront func()
	forgets  *vfs.Memory // what its disk becomes after a crash, for a hub that forgets on purpose
	ended    chan error

	mu     sync.Mutex  // guards what follows
	server *hub.Server // nil: it does not run
	board  *switchboard
}

// start opens the hub on what is on its disk.
func (h *hubHost) start(takeOver bool) {
	h.takeOver = h.takeOver || takeOver
	h.power = newPower(h.disk, h.store.random)
	h.awake.Store(false)
	h.power.flush = func() {
		if h.awake.Load() {
			h.stops.stumble(1)
		}
	}
	server, err := hub.Open(vfs.WithFS(context.Background(), h.disk), "hub", hub.Config{Key: h.key, Lanes: h.store.lanes,
		Lease: h.store.lease, Wait: h.store.lease, SegmentSize: 16 << 10, TakeOver: h.takeOver})
	require.NoError(h.store.t, err)
	board, ended := newSwitchboard(), make(chan error, 1)
	behind := board
	h.endFront = func() {}
	if h.front != nil {
		behind = newSwitchboard()
		h.endFront = h.front(board, behind)
	}
	h.mu.Lock()
	h.server, h.board, h.ended = server, board, ended
	h.mu.Unlock()
	go func() { ended <- server.Serve(behind) }()
}

// now is the running server and where it listens; nil: it does not run.
func (h *hubHost) now() (*hub.Server, *switchboard) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.server, h.board
}

// halt takes the server out of service; nil: it does not run.
func (h *hubHost) halt() *hub.Server {
	h.mu.Lock()
	defer h.mu.Unlock()
	server := h.server
	h.server = nil
	return server
}

// crash cuts the hub's power.
func (h *hubHost) crash() {
	server := h.halt()
	if server == nil {
		return
	}
	h.takeOver = h.takeOver && server.Status().Epoch == 0
	h.power.cut()
	h.stops.resume()
	server.Close() // what it cannot write is lost with the power
	<-h.ended
	h.endFront()
	h.disk = h.power.left()
	if h.forgets != nil {
		h.disk = h.forgets.Copy()
	}
}

// wake notes that the hub has an epoch, if it has.
func (h *hubHost) wake() {
	if server, _ := h.now(); server != nil && server.Status().Epoch != 0 {
		h.awake.Store(true)
	}
}

func (h *hubHost) close() {
	if server := h.halt(); server != nil {
		assert.NoError(h.store.t, server.Close(), "hub %d closes", h.number)
		<-h.ended
		h.endFront()
	}
}

// heal has all lines work.
func (s *hubStore) heal() {
	for _, l := range s.seats {
		l.line.set(lineWorks)
		l.line.slowBy(0)
	}
}

// settle heals everything and waits until the hub knows what every lane did. Where lanes know of a later hub the
// operator has this one take over.
func (s *hubStore) settle() {
	s.heal()
	for _, h := range s.hosts {
		if h != s.now() {
			h.crash()
		}
	}
	time.Sleep(time.Second) // a lane notices that its hub is gone
	for n := range 1200 {
		server, _ := s.now().now()
		stands := server.Status()
		ready := true
		for _, l := range s.seats {
			status := l.terminal.Status().Hub
			ready = ready && status.Ready && status.Untold == 0 && status.Epoch == stands.Epoch
		}
		if ready {
			time.Sleep(2 * time.Second) // what was told comes back
			return
		}
		time.Sleep(100 * time.Millisecond)
		if n%100 == 99 && stands.PassedBy != 0 {
			s.moveTo(s.now(), true)
		}
	}
	for _, l := range s.seats {
		s.t.Errorf("lane %d: %+v", l.number, *l.terminal.Status().Hub)
	}
}

func (s *hubStore) close() {
	for _, l := range s.seats {
		assert.NoError(s.t, l.terminal.Close())
	}
	for _, h := range s.hosts {
		h.close()
	}
	time.Sleep(10 * time.Second) // ends of a TLS connection that close at once wait 5 s for each other
}

// run lets the lanes trade in bad weather.
func (s *hubStore) run(rounds int, weather func(context.Context)) {
	ctx, stop := context.WithCancel(context.Background())
	var outside, lanes sync.WaitGroup
	outside.Go(func() { weather(ctx) })
	for _, l := range s.seats {
		l.answered = l.dawdle
		lanes.Go(func() { assert.NoError(s.t, l.trade(rounds), "lane %d trades", l.number) })
	}
	lanes.Wait()
	stop()
	outside.Wait()
	for _, l := range s.seats {
		l.power.arm(0)
		if l.power.failed() {
			require.NoError(s.t, l.restart())
		}
	}
	s.settle()
}
