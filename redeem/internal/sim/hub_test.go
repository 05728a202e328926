package sim

import (
	"context"
	"crypto/ed25519"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/anishathalye/porcupine"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

var stores = flag.Int("stores", 6, "how many stores with a hub are simulated")

// A phoneLine is the line between a lane and the hub.
type phoneLine struct {
	mode atomic.Int32
	slow atomic.Int64 // nanoseconds
}

// What a line does.
const (
	lineWorks  = iota
	lineCut    // nothing gets through
	lineOneWay // the hub hears the lane, the lane does not hear the hub
	lineModes
)

var errLine = errors.New("the line is cut")

// A lineConn is a lane's end of a connection on a line. A write never waits: what waits with a lock held would stop the
// time of a bubble.
type lineConn struct {
	net.Conn
	line *phoneLine
	out  chan []byte
	done chan struct{}
	once sync.Once
}

func newLineConn(conn net.Conn, line *phoneLine) *lineConn {
	c := &lineConn{Conn: conn, line: line, out: make(chan []byte, 1024), done: make(chan struct{})}
	go c.carry()
	return c
}

func (c *lineConn) carry() {
	for {
		select {
		case b := <-c.out:
			if d := c.line.slow.Load(); d > 0 {
				time.Sleep(time.Duration(d))
			}
			if _, err := c.Conn.Write(b); err != nil {
				return
			}
		case <-c.done:
			return
		}
	}
}

func (c *lineConn) Write(b []byte) (int, error) {
	if c.line.mode.Load() == lineCut {
		c.Close()
		return 0, errLine
	}
	select {
	case c.out <- append([]byte(nil), b...):
		return len(b), nil
	default:
		return 0, errLine
	}
}

func (c *lineConn) Read(b []byte) (int, error) {
	for {
		n, err := c.Conn.Read(b)
		switch {
		case err != nil || c.line.mode.Load() == lineWorks:
			return n, err
		case c.line.mode.Load() == lineCut:
			c.Close()
			return 0, errLine
		}
	}
}

func (c *lineConn) Close() error {
	c.once.Do(func() { close(c.done) })
	return c.Conn.Close()
}

// A switchboard is the store's network: a listener in memory.
type switchboard struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newSwitchboard() *switchboard {
	return &switchboard{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (s *switchboard) Accept() (net.Conn, error) {
	select {
	case conn := <-s.conns:
		return conn, nil
	case <-s.closed:
		return nil, net.ErrClosed
	}
}

func (s *switchboard) Close() error {
	s.once.Do(func() { close(s.closed) })
	return nil
}

func (s *switchboard) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }

// A hubStore is a store with a hub, whose lanes compete for passes.
type hubStore struct {
	t      *testing.T
	random *rand.Rand
	key    ed25519.PrivateKey
	issuer offer.Issuer
	passes []string
	seats  []*seat

	mu       sync.Mutex // guards what follows
	disk     *vfs.Memory
	power    *power
	server   *hub.Server
	board    *switchboard
	ended    chan error
	forgets  *vfs.Memory // what the hub's disk becomes after a crash, for a hub that forgets on purpose
	sold     []sale
	notices  map[record.TerminalID][]record.HubNotice
	outcomes map[string]int
}

// A sale is what one call came to.
type sale struct {
	lane, pass int
	key        string
	decision   redeem.Decision
	call, back time.Duration
}

// A seat is one lane of such a store.
type seat struct {
	store  *hubStore
	number int
	random *rand.Rand
	line   phoneLine
	disk   *vfs.Memory
	power  *power

	terminal *redeem.Terminal
	id       record.TerminalID
	public   atomic.Pointer[ed25519.PublicKey]
	booted   time.Time
	boots    int
}

var simStart = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC) // where a bubble's time begins

func seedKey(n uint64) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	seed[0], seed[1], seed[2] = byte(n), byte(n>>8), 1
	return ed25519.NewKeyFromSeed(seed)
}

func newHubStore(t *testing.T, seed uint64, lanes, passes int) *hubStore {
	s := &hubStore{t: t, random: rand.New(rand.NewPCG(seed, 7)), key: seedKey(0), disk: &vfs.Memory{},
		issuer:  offer.Issuer{Name: "issuer", KeyID: "k", Private: seedKey(99)},
		notices: map[record.TerminalID][]record.HubNotice{}, outcomes: map[string]int{}}
	for range passes {
		text, err := s.issuer.Issue(offer.Pass{ID: offer.NewID(), Audience: []string{"m"}, Campaign: "spring",
			IssuedAt: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour)})
		require.NoError(t, err)
		s.passes = append(s.passes, text)
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

// lanes are those that the hub knows.
func (s *hubStore) lanes() (all []record.HubPeer) {
	for _, l := range s.seats {
		if key := l.public.Load(); key != nil {
			all = append(all, record.HubPeer{Terminal: l.id, Name: fmt.Sprint(l.number), Key: *key})
		}
	}
	return all
}

// startHub opens the hub on what is on its disk.
func (s *hubStore) startHub() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.power = newPower(s.disk, s.random)
	server, err := hub.Open(vfs.Into(context.Background(), s.disk), "hub", hub.Config{Key: s.key, Lanes: s.lanes,
		SegmentSize: 16 << 10})
	require.NoError(s.t, err)
	s.server, s.board, s.ended = server, newSwitchboard(), make(chan error, 1)
	board, ended := s.board, s.ended
	go func() { ended <- server.Serve(board) }()
}

// crashHub cuts the hub's power.
func (s *hubStore) crashHub() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.power.cut()
	s.server.Close() // what it cannot write is lost with the power
	<-s.ended
	s.disk = s.power.left()
	if s.forgets != nil {
		s.disk = s.forgets
	}
}

// Read is a lane's clock.
func (l *seat) Read() redeem.Reading {
	return redeem.Reading{Wall: time.Now(), SinceBoot: time.Since(l.booted), Boot: fmt.Sprint(l.boots)}
}

func (l *seat) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	l.store.mu.Lock()
	board := l.store.board
	l.store.mu.Unlock()
	if board == nil || l.line.mode.Load() == lineCut {
		return nil, errLine
	}
	here, there := net.Pipe()
	select {
	case board.conns <- there:
		return newLineConn(here, &l.line), nil
	case <-board.closed:
	case <-ctx.Done():
	}
	return nil, errLine
}

func (l *seat) start() error {
	l.boots, l.booted = l.boots+1, time.Now()
	l.power = newPower(l.disk, l.random)
	client, err := hub.NewClient(hub.ClientConfig{Address: "hub:1", Dial: l.dial,
		Hosts: func() []ed25519.PublicKey { return []ed25519.PublicKey{l.store.key.Public().(ed25519.PublicKey)} }})
	if err != nil {
		return err
	}
	l.terminal, err = redeem.Open(vfs.Into(context.Background(), l.disk), "till", redeem.Config{
		Place: record.Place{Merchant: "m", Store: "s", Lane: fmt.Sprint(l.number)}, Hub: &keyTap{client, l},
		Keys: []offer.Key{l.store.issuer.Key()}, Clock: l, Policy: redeem.Policy{MaxAlone: -1},
		Journal: redeem.JournalConfig{SegmentSize: 16 << 10}, OnEvent: l.hear,
	})
	return err
}

// A keyTap tells the store the terminal's public key, as an enrolment does.
type keyTap struct {
	*hub.Client
	seat *seat
}

func (k *keyTap) Start(ctx context.Context, lane record.HubLane) error {
	public := lane.Key().Public().(ed25519.PublicKey)
	k.seat.public.Store(&public)
	return k.Client.Start(ctx, lane)
}

func (l *seat) hear(e redeem.Event) {
	if e.Kind == redeem.EventHub && e.Hub.Kind == record.HubConflict {
		l.store.mu.Lock()
		defer l.store.mu.Unlock()
		l.store.notices[l.id] = append(l.store.notices[l.id], e.Hub)
	}
}

func (l *seat) restart() error {
	l.power.cut()
	l.terminal.Close() // what it cannot write is lost with the power
	l.disk = l.power.left()
	return l.start()
}

// trade shows passes to the lane: neighbours show the same ones at the same time.
func (l *seat) trade(rounds int) error {
	for n := range rounds {
		time.Sleep(time.Duration(l.random.IntN(400)) * time.Millisecond)
		if l.random.IntN(15) == 0 {
			l.power.arm(1 + l.random.IntN(6))
		}
		pass := min(n*len(l.store.passes)/rounds+l.random.IntN(3), len(l.store.passes)-1)
		if err := l.sell(pass, fmt.Sprintf("%d/%d", l.number, n)); err != nil {
			return err
		}
	}
	return nil
}

// sell redeems a pass, again and again until the outcome is known.
func (l *seat) sell(pass int, key string) error {
	began := time.Since(simStart)
	req := redeem.Request{Scanned: l.store.passes[pass], SaleKey: key}
	if l.random.IntN(20) == 0 {
		req.Override = &redeem.Override{Manager: "m", Why: "known"}
	}
	for {
		d, err := l.terminal.Redeem(context.Background(), req)
		if l.power.failed() { // nobody saw the answer
			if err := l.restart(); err != nil {
				return err
			}
			continue
		}
		if errors.Is(err, fault.OutcomeUnknown) {
			continue
		}
		if err != nil {
			return err
		}
		l.store.mu.Lock()
		l.store.sold = append(l.store.sold, sale{l.number, pass, key, d, began, time.Since(simStart)})
		l.store.outcomes[d.String()]++
		l.store.mu.Unlock()
		return nil
	}
}

// weather cuts lines and the hub until ctx ends.
func (s *hubStore) weather(ctx context.Context) {
	random := rand.New(rand.NewPCG(s.random.Uint64(), 1))
	for ctx.Err() == nil {
		sleep(ctx, time.Duration(random.IntN(5000))*time.Millisecond)
		line := &s.seats[random.IntN(len(s.seats))].line
		switch random.IntN(6) {
		case 0, 1, 2:
			line.mode.Store(random.Int32N(lineModes))
		case 3:
			line.slow.Store(random.Int64N(int64(200 * time.Millisecond)))
		case 4:
			s.crashHub()
			sleep(ctx, time.Duration(random.IntN(5000))*time.Millisecond)
			s.startHub()
		case 5:
			for _, l := range s.seats {
				l.line.mode.Store(lineWorks)
				l.line.slow.Store(0)
			}
		}
	}
}

// settle heals everything and waits until the hub knows what every lane did.
func (s *hubStore) settle() {
	for _, l := range s.seats {
		l.line.mode.Store(lineWorks)
		l.line.slow.Store(0)
	}
	for range 600 {
		ready := true
		for _, l := range s.seats {
			status := l.terminal.Status().Hub
			ready = ready && status.Ready && status.Untold == 0
		}
		if ready {
			time.Sleep(2 * time.Second) // what was told comes back
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	for _, l := range s.seats {
		s.t.Errorf("lane %d: %+v", l.number, *l.terminal.Status().Hub)
	}
}

func (s *hubStore) close() {
	for _, l := range s.seats {
		assert.NoError(s.t, l.terminal.Close())
	}
	assert.NoError(s.t, s.server.Close())
	<-s.ended
}

// run lets the lanes trade in bad weather.
func (s *hubStore) run(rounds int) {
	ctx, stop := context.WithCancel(context.Background())
	var outside, lanes sync.WaitGroup
	outside.Go(func() { s.weather(ctx) })
	for _, l := range s.seats {
		lanes.Go(func() { assert.NoError(s.t, l.trade(rounds)) })
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

// A hubUse is a redemption that stands in a lane's journal.
type hubUse struct {
	lane *seat
	rec  record.Record
}

// isExplained reports whether the record itself says how it may be one too many.
func (u *hubUse) isExplained() bool { return len(u.rec.Notes) > 0 || u.rec.Override != nil }

// epoch is that of the claim under which it was written; 0: none, which no record may have that was not written alone.
func (u *hubUse) epoch() uint64 {
	if u.rec.Claim == nil {
		return 0
	}
	return u.rec.Claim.Epoch
}

// uses are the redemptions of all lanes by offer.
func (s *hubStore) uses() map[offer.ID][]hubUse {
	all := map[offer.ID][]hubUse{}
	for _, l := range s.seats {
		for listed, err := range l.terminal.Records(context.Background(), redeem.Query{}) {
			require.NoError(s.t, err)
			if listed.Record.Kind == record.Redemption && !listed.Voided {
				all[listed.Record.Offer] = append(all[listed.Record.Offer], hubUse{l, listed.Record})
			}
		}
	}
	return all
}

// unexplained are offers that two lanes used in one epoch, though both asked the hub and no manager decided.
func (s *hubStore) unexplained() (bad []offer.ID) {
	for id, uses := range s.uses() {
		epochs := map[uint64]int{}
		for i := range uses {
			if !uses[i].isExplained() {
				epochs[uses[i].epoch()]++
			}
		}
		for epoch, n := range epochs {
			if n > 1 || epoch == 0 {
				bad = append(bad, id)
			}
		}
	}
	return bad
}

// checkConflicts holds the lanes to having been told of every offer that was used twice.
func (s *hubStore) checkConflicts() (doubled int) {
	all := s.uses()
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, uses := range all {
		if len(uses) < 2 {
			continue
		}
		doubled++
		for _, u := range uses {
			heard := false
			for _, n := range s.notices[u.lane.id] {
				heard = heard || n.Record == u.rec.ID && n.Lane != ""
			}
			assert.True(s.t, heard, "lane %d was told that %s was used twice", u.lane.number, id)
		}
	}
	return doubled
}

// offerModel is an offer of which the lanes that the hub answers take the one use: the input is the sale, the output
// what it came to.
var offerModel = porcupine.Model{
	Init: func() any { return "" },
	Step: func(state, input, output any) (bool, any) {
		has, sale := state.(string), input.(string)
		switch output.(redeem.Outcome) {
		case redeem.Allow:
			return has == "" || has == sale, sale
		case redeem.Refuse:
			return has != "" && has != sale, state
		}
		return true, state
	},
}

// isLinearizable checks the calls about each offer of which no record says that it was written otherwise than by the
// hub's word, but for calls that asked or were refused for the time being.
func (s *hubStore) isLinearizable() (checked int, ok bool) {
	ok = true
	plain := map[offer.ID]bool{}
	for id, uses := range s.uses() {
		plain[id] = !slices.ContainsFunc(uses, func(u hubUse) bool { return u.isExplained() })
	}
	calls := map[offer.ID][]porcupine.Operation{}
	for _, sale := range s.sold {
		d := &sale.decision
		if d.Outcome == redeem.Ask || d.Because(fault.Reserved) {
			continue
		}
		calls[d.Offer] = append(calls[d.Offer], porcupine.Operation{ClientId: sale.lane, Input: sale.key,
			Output: d.Outcome, Call: int64(sale.call), Return: int64(sale.back)})
	}
	for id, history := range calls {
		if plain[id] {
			checked++
			ok = ok && porcupine.CheckOperations(offerModel, history)
		}
	}
	return checked, ok
}

func TestLanesOfOneStoreDoNotDoubleAnOffer(t *testing.T) {
	doubled, granted, checked := 0, 0, 0
	for n := range *stores {
		seed := uint64(n) + 1
		synctest.Test(t, func(t *testing.T) {
			s := newHubStore(t, seed, 4, 120)
			s.run(100)
			assert.Empty(t, s.unexplained(), "seed %d: offers were doubled by lanes that the hub answered", seed)
			doubled += s.checkConflicts()
			calls, ok := s.isLinearizable()
			assert.True(t, ok, "seed %d: what calls came to fits no order in which they can have happened", seed)
			checked += calls
			for outcome, count := range s.outcomes {
				if outcome == string(redeem.Allow) {
					granted += count
				}
			}
			t.Logf("seed %d: %v", seed, s.outcomes)
			s.close()
		})
	}
	assert.Positive(t, granted, "lanes redeem offers")
	assert.Positive(t, checked, "some offers are decided by the hub alone")
	t.Logf("%d offers were used twice, each of which says why; the calls about %d others were put in order", doubled,
		checked)
}

// A hub whose disk loses what it acknowledged, and which goes on in the same epoch, is found out.
func TestAHubThatForgetsIsFoundOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newHubStore(t, 1, 2, 10)
		s.settle()
		s.forgets = s.disk.Crash(func(int) bool { return true })
		for i := range s.passes {
			require.NoError(t, s.seats[0].sell(i, fmt.Sprint("a", i)))
		}
		s.settle()
		s.seats[0].line.mode.Store(lineCut) // it cannot tell again what it did
		s.crashHub()
		s.startHub()
		time.Sleep(5 * time.Second)
		for i := range s.passes {
			require.NoError(t, s.seats[1].sell(i, fmt.Sprint("b", i)))
		}
		s.settle()
		assert.Len(t, s.unexplained(), len(s.passes))
		_, ok := s.isLinearizable()
		assert.False(t, ok, "the calls fit no order")
		assert.Equal(t, len(s.passes), s.checkConflicts(), "the lanes find out all the same")
		s.close()
	})
}
