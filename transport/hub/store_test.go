package hub_test

import (
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/sha256"
	"iter"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

// A lane is a terminal without its parts: it has records, and hears what the hub tells.
type lane struct {
	id    record.TerminalID
	name  string
	key   ed25519.PrivateKey
	chain record.ChainID

	mu      sync.Mutex // guards what follows
	epoch   record.HubEpoch
	records []record.HubRecord
	heard   []record.HubNotice
	changed chan struct{} // closed when something was heard
	back    chan struct{} // closed when the hub was there first
	client  *hub.Client
	ahead   time.Duration // of the count since boot
	peers   []record.HubPeer
}

func newLane(n byte) *lane {
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = n
	return &lane{id: record.TerminalID{n}, name: strconv.Itoa(int(n)), key: ed25519.NewKeyFromSeed(seed),
		chain: record.ChainID{n}, changed: make(chan struct{}), back: make(chan struct{})}
}

func (l *lane) public() ed25519.PublicKey   { return l.key.Public().(ed25519.PublicKey) }
func (l *lane) Terminal() record.TerminalID { return l.id }
func (l *lane) Chain() record.ChainID       { return l.chain }
func (l *lane) Key() crypto.Signer          { return l.key }
func (l *lane) SinceBoot() time.Duration    { return time.Since(started) + l.ahead }
func (l *lane) Peers() []record.HubPeer     { defer l.locked()(); return l.peers }
func (l *lane) Earliest() time.Time         { return time.Time{} }
func (l *lane) locked() func()              { l.mu.Lock(); return l.mu.Unlock }
func (l *lane) Epoch() record.HubEpoch      { defer l.locked()(); return l.epoch }
func (l *lane) Last() uint64                { defer l.locked()(); return uint64(len(l.records)) }
func (l *lane) Notify(n record.HubNotice)   { defer l.locked()(); l.hear(n) }
func (l *lane) listed() record.HubPeer {
	return record.HubPeer{Terminal: l.id, Name: l.name, Key: l.public()}
}
func (l *lane) notices() []record.HubNotice { defer l.locked()(); return slices.Clone(l.heard) }
func (l *lane) noticed() <-chan struct{}    { defer l.locked()(); return l.changed }
func (l *lane) all() []record.HubRecord     { defer l.locked()(); return slices.Clone(l.records) }

var started = time.Now()

// waitLong is how long lanes wait for an answer that comes for sure.
const waitLong = 10 * time.Second

func (l *lane) hear(n record.HubNotice) {
	if n.Kind == record.HubBack && !slices.ContainsFunc(l.heard, func(n record.HubNotice) bool {
		return n.Kind == record.HubBack
	}) {
		close(l.back)
	}
	l.heard = append(l.heard, n)
	close(l.changed)
	l.changed = make(chan struct{})
}

func (l *lane) KeepEpoch(_ context.Context, e record.HubEpoch) error {
	defer l.locked()()
	l.epoch = e
	return nil
}

func (l *lane) Record(id record.ID) (record.HubRecord, bool, error) {
	for _, r := range l.all() {
		if r.Record.ID == id {
			return r, true, nil
		}
	}
	return record.HubRecord{}, false, nil
}

func (l *lane) Records(after uint64) iter.Seq2[record.HubRecord, error] {
	return func(yield func(record.HubRecord, error) bool) {
		for _, r := range l.all() {
			if r.Record.Number > after && !yield(r, nil) {
				return
			}
		}
	}
}

// write adds a record of an offer in a sale to the journal.
func (l *lane) write(kind record.Kind, sale, pass string, of record.ID) record.ID {
	defer l.locked()()
	rec := record.Record{Kind: kind, ID: record.NewID(), Terminal: l.id, Chain: l.chain, Offer: offerID(pass), Of: of,
		Number: uint64(len(l.records)) + 1, Sale: record.Sale{Key: sale}}
	l.records = append(l.records, record.HubRecord{Record: rec, Allowed: 1, Parts: 1})
	return rec.ID
}

func offerID(text string) (id offer.ID) {
	sum := sha256.Sum256([]byte(text))
	copy(id[:], sum[:])
	return id
}

func request(sale, pass string) record.ClaimRequest {
	return record.ClaimRequest{SaleKey: sale, Offer: offerID(pass), Uses: 1, Allowed: 1}
}

// await waits until the lane heard a notice of a kind, and returns it.
func (l *lane) await(t testing.TB, kind record.HubNoticeKind) record.HubNotice {
	t.Helper()
	for deadline := time.After(20 * time.Second); ; {
		changed := l.noticed()
		for _, n := range l.notices() {
			if n.Kind == kind {
				return n
			}
		}
		select {
		case <-changed:
		case <-deadline:
			require.FailNow(t, "the lane never heard it", "%s; it heard %v", kind, l.notices())
		}
	}
}

// A shop is a hub on a loopback socket with its lanes.
type shop struct {
	t       testing.TB
	dir     string
	cfg     hub.Config
	server  *hub.Server
	address string
	lanes   []*lane
	mu      sync.Mutex // guards blocked
	blocked map[record.TerminalID]bool

	witnesses []*witness // of each of its hubs
}

// segmentSize is that of the hubs' journals. A segment of a megabyte, as they have without it, costs a test more to
// write than what it puts there.
const segmentSize = 16 << 10

// newShop opens a hub that lane 1 hosts.
func newShop(t testing.TB, lanes int, change func(*hub.Config)) *shop {
	t.Helper()
	s := &shop{t: t, dir: t.TempDir(), blocked: map[record.TerminalID]bool{}}
	for n := range lanes {
		s.lanes = append(s.lanes, newLane(byte(n+1)))
	}
	s.cfg = hub.Config{Key: s.lanes[0].key, Lanes: s.listed, Wait: 5 * time.Second, SegmentSize: segmentSize}
	if change != nil {
		change(&s.cfg)
	}
	s.open("127.0.0.1:0")
	return s
}

func (s *shop) listed() (all []record.HubPeer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.lanes {
		if !s.blocked[l.id] {
			all = append(all, l.listed())
		}
	}
	return all
}

// open opens the hub and listens.
func (s *shop) open(address string) {
	s.t.Helper()
	server, err := hub.Open(s.t.Context(), s.dir, s.cfg)
	require.NoError(s.t, err)
	l, err := net.Listen("tcp", address)
	require.NoError(s.t, err)
	if _, measured := s.t.(*testing.B); !measured {
		server.Watch(s.watch)
	}
	s.server, s.address = server, l.Addr().String()
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	s.t.Cleanup(func() {
		require.NoError(s.t, server.Close())
		require.Error(s.t, <-ended)
	})
}

// restart closes the hub and opens it again at the same address, where the clients find it.
func (s *shop) restart(clients []*hub.Client) {
	s.t.Helper()
	require.NoError(s.t, s.server.Close())
	s.open(s.address)
	for _, c := range clients {
		require.Eventually(s.t, func() bool { return c.Status().Ready }, 20*time.Second, time.Millisecond)
	}
}

// client makes a client for a lane that knows lane 1 as host.
func (s *shop) client(change func(*hub.ClientConfig)) *hub.Client {
	s.t.Helper()
	cfg := hub.ClientConfig{Address: s.address, Timeout: waitLong, Every: 20 * time.Millisecond,
		Hosts: func() []ed25519.PublicKey { return []ed25519.PublicKey{s.lanes[0].public()} }}
	if change != nil {
		change(&cfg)
	}
	c, err := hub.NewClient(cfg)
	require.NoError(s.t, err)
	return c
}

// connect starts clients for all lanes and waits until each is heard.
func (s *shop) connect() (clients []*hub.Client) { s.t.Helper(); return s.connectWith(nil) }

func (s *shop) connectWith(change func(*hub.ClientConfig)) (clients []*hub.Client) {
	s.t.Helper()
	for _, l := range s.lanes {
		c := s.client(change)
		require.NoError(s.t, c.Start(s.t.Context(), l))
		s.t.Cleanup(c.Stop)
		clients = append(clients, c)
	}
	for _, l := range s.lanes {
		l.await(s.t, record.HubBack)
	}
	return clients
}

func claimed(t *testing.T, c *hub.Client, req record.ClaimRequest) record.ClaimAnswer {
	t.Helper()
	answer, err := c.Claim(t.Context(), req)
	require.NoError(t, err)
	return answer
}
