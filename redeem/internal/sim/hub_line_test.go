package sim

import (
	"context"
	"errors"
	"math/rand/v2"
	"net"
	"sync"
	"time"
)

// A stops is a process that can be stopped for a while, as by SIGSTOP or a machine that is suspended: it reads, sends
// and flushes nothing, and goes on with what it had in hand. Its clock goes on.
type stops struct {
	mu      sync.Mutex
	random  *rand.Rand    // nil: it does not stumble
	often   int           // once in so many calls it does
	resumed chan struct{} // closed when the process goes on; nil: it runs
}

// set has the process stumble once in so many calls; random nil: never.
func (s *stops) set(random *rand.Rand, often int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.random, s.often = random, often
}

// stumble stops the process now and then, for up to a few leases, where it stands: so much more often than in other
// places. As with gate no lock may be held.
func (s *stops) stumble(more int) {
	s.mu.Lock()
	d := time.Duration(0)
	if s.random != nil && s.random.IntN(s.often) < more {
		d = time.Duration(s.random.IntN(2500)) * time.Millisecond
	}
	s.mu.Unlock()
	if d > 0 {
		s.stop()
		time.Sleep(d)
		s.resume()
	}
	s.gate()
}

func (s *stops) stop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.resumed == nil {
		s.resumed = make(chan struct{})
	}
}

func (s *stops) resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.resumed != nil {
		close(s.resumed)
	}
	s.resumed = nil
}

// until is closed when the process goes on; nil: it runs.
func (s *stops) until() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.resumed
}

// gate waits while the process is stopped. No lock may be held: the time of a bubble does not go on then.
func (s *stops) gate() {
	for c := s.until(); c != nil; c = s.until() {
		<-c
	}
}

// A lineMode is what a line does.
type lineMode int

const (
	lineWorks lineMode = iota
	lineCut            // connections break and none can be made
	lineHeld           // nothing arrives; what was sent arrives when the line works again
	lineMute           // as lineHeld, for what the lane sends
	lineDeaf           // as lineHeld, for what the hub sends
	lineModes
)

// holds reports whether what the lane sends, or what it is sent, does not arrive.
func (m lineMode) holds(up bool) bool {
	return m == lineHeld || m == lineMute && up || m == lineDeaf && !up
}

var errLine = errors.New("the line is cut")

// A phoneLine is the line between a lane and the hub.
type phoneLine struct {
	mu      sync.Mutex // guards what follows
	mode    lineMode
	slow    time.Duration
	changed chan struct{} // closed when the mode changes; nil: nobody waits
}

func (l *phoneLine) set(mode lineMode) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mode = mode
	if l.changed != nil {
		close(l.changed)
	}
	l.changed = nil
}

func (l *phoneLine) slowBy(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.slow = d
}

func (l *phoneLine) now() (lineMode, time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.mode, l.slow
}

// await waits until the line does not hold back any more what goes up or down, or done; false: it is cut.
func (l *phoneLine) await(done <-chan struct{}, holds func(lineMode) bool) bool {
	for {
		l.mu.Lock()
		mode := l.mode
		if mode == lineCut || !holds(mode) {
			l.mu.Unlock()
			return mode != lineCut
		}
		if l.changed == nil {
			l.changed = make(chan struct{})
		}
		changed := l.changed
		l.mu.Unlock()
		select {
		case <-changed:
		case <-done:
			return false
		}
	}
}

// dial connects a lane to the hub's board. Nobody answers where a packet gets lost.
func (l *phoneLine) dial(ctx context.Context, board *switchboard, lane, hub *stops) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if !l.await(ctx.Done(), func(m lineMode) bool { return m != lineWorks }) {
		return nil, errLine
	}
	a, b := net.Pipe()
	here, there := newLineEnd(a, l, true, lane), newLineEnd(b, l, false, hub)
	select {
	case board.conns <- there:
		return here, nil
	case <-board.closed:
	case <-ctx.Done():
	}
	here.Close()
	there.Close()
	return nil, errLine
}

// A lineEnd is one end of a connection on a line. A write never waits: what waits with a lock held would stop the time
// of a bubble. What was written arrives though the writer closed its end or went away meanwhile.
type lineEnd struct {
	net.Conn
	line    *phoneLine
	up      bool // the lane's end
	process *stops
	out     chan parcel
	done    chan struct{}
	once    sync.Once
}

// A parcel is what one call wrote.
type parcel struct {
	data  []byte
	at    time.Time
	until <-chan struct{} // its process was stopped, and sends it when it goes on
}

func newLineEnd(conn net.Conn, line *phoneLine, up bool, process *stops) *lineEnd {
	e := &lineEnd{Conn: conn, line: line, up: up, process: process, out: make(chan parcel, 1024),
		done: make(chan struct{})}
	go e.carry()
	return e
}

// carry brings parcels to the other end, in their order.
func (e *lineEnd) carry() {
	defer e.Conn.Close()
	for {
		select {
		case p := <-e.out:
			if !e.bring(p) {
				return
			}
		case <-e.done:
			select {
			case p := <-e.out:
				if !e.bring(p) {
					return
				}
			default:
				return
			}
		}
	}
}

func (e *lineEnd) bring(p parcel) bool {
	if p.until != nil {
		<-p.until
	}
	_, slow := e.line.now()
	time.Sleep(time.Until(p.at.Add(slow)))
	if !e.line.await(nil, func(m lineMode) bool { return m.holds(e.up) }) {
		return false
	}
	_, err := e.Conn.Write(p.data)
	return err == nil
}

func (e *lineEnd) Write(b []byte) (int, error) {
	if mode, _ := e.line.now(); mode == lineCut {
		e.Close()
		return 0, errLine
	}
	select {
	case <-e.done:
		return 0, net.ErrClosed
	default:
	}
	select {
	case e.out <- parcel{append([]byte(nil), b...), time.Now(), e.process.until()}:
		return len(b), nil
	default:
		return 0, errLine
	}
}

func (e *lineEnd) Read(b []byte) (int, error) {
	n, err := e.Conn.Read(b)
	e.process.gate()
	if mode, _ := e.line.now(); mode == lineCut {
		e.Close()
		return 0, errLine
	}
	return n, err
}

// Close ends reading, and the connection once everything that was written has arrived.
func (e *lineEnd) Close() error {
	e.once.Do(func() { close(e.done) })
	return e.SetReadDeadline(time.Now())
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
