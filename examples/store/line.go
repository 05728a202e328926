package main

import (
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// A lineMode is what a line does with what is sent over it.
type lineMode string

// The modes of a line. What is held arrives when the line works again.
const (
	lineWorks lineMode = "works"
	lineCut   lineMode = "is cut"                           // connections break and none can be made
	lineHeld  lineMode = "holds everything back"            // as a switch without power
	lineMute  lineMode = "holds back what the lane sends"   // one way
	lineDeaf  lineMode = "holds back what the lane is sent" // the other way
	lineSlow  lineMode = "is slow"                          // lineDelay each way
)

// lineDelay is how much later everything arrives on a slow line.
const lineDelay = 80 * time.Millisecond

// holds reports whether what the lane sends (up), or what it is sent, does not arrive.
func (m lineMode) holds(up bool) bool {
	return m == lineHeld || m == lineMute && up || m == lineDeaf && !up
}

// A line is the cable between a lane and the hub: it passes connections on, and can be faulty.
type line struct {
	listener net.Listener

	mu      sync.Mutex // guards what follows
	hub     string     // the hub's address
	mode    lineMode
	changed chan struct{} // closed when the mode changes
	open    map[net.Conn]bool
	closed  bool
	running sync.WaitGroup
}

// newLine makes a line that works. It passes connections on until close.
func newLine() (*line, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &line{listener: listener, mode: lineWorks, changed: make(chan struct{}), open: map[net.Conn]bool{}}
	l.running.Go(l.accept)
	return l, nil
}

func (l *line) address() string { return l.listener.Addr().String() }

// leadTo says where the hub is.
func (l *line) leadTo(hub string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hub = hub
}

// set changes what the line does.
func (l *line) set(mode lineMode) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mode = mode
	close(l.changed)
	l.changed = make(chan struct{})
	if mode == lineCut {
		l.breakLocked()
	}
}

func (l *line) breakLocked() {
	for conn := range l.open {
		conn.Close()
	}
}

// close ends the line and all connections.
func (l *line) close() {
	l.mu.Lock()
	l.closed = true
	l.breakLocked()
	l.mu.Unlock()
	l.set(lineCut)
	l.listener.Close()
	l.running.Wait()
}

func (l *line) accept() {
	for {
		here, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.running.Go(func() { l.pass(here) })
	}
}

// pass connects a lane to the hub.
func (l *line) pass(here net.Conn) {
	defer here.Close()
	l.mu.Lock()
	hub := l.hub
	l.mu.Unlock()
	there, err := net.DialTimeout("tcp", hub, time.Second)
	if err != nil {
		return
	}
	defer there.Close()
	if !l.add(here, there) {
		return
	}
	defer l.remove(here, there)
	var both sync.WaitGroup
	both.Go(func() { l.carry(there, here, true) })
	l.carry(here, there, false)
	both.Wait()
}

func (l *line) add(conns ...net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || l.mode == lineCut {
		return false
	}
	for _, conn := range conns {
		l.open[conn] = true
	}
	return true
}

func (l *line) remove(conns ...net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, conn := range conns {
		delete(l.open, conn)
	}
}

// A parcel is what one call read.
type parcel struct {
	data []byte
	at   time.Time
}

// parcels is how many parcels may be on their way in a direction; more wait at the sender.
const parcels = 64

// carry copies until one side ends, then it ends the other one, once everything that was sent has arrived.
func (l *line) carry(to, from net.Conn, up bool) {
	defer to.Close()
	way := make(chan parcel, parcels)
	var reading sync.WaitGroup
	defer reading.Wait()
	defer from.Close()
	reading.Go(func() {
		defer close(way)
		read(from, way)
	})
	for p := range way {
		if !l.await(up, p.at) {
			break
		}
		if _, err := to.Write(p.data); err != nil {
			break
		}
	}
	from.Close()
	for range way { // so that the reader ends
	}
}

func read(from io.Reader, way chan<- parcel) {
	for {
		buf := make([]byte, 8<<10)
		n, err := from.Read(buf)
		if n > 0 {
			way <- parcel{buf[:n], time.Now()}
		}
		if err != nil {
			return
		}
	}
}

// await waits until what was sent at a moment arrives; false: the line is cut.
func (l *line) await(up bool, sent time.Time) bool {
	for {
		l.mu.Lock()
		mode, changed := l.mode, l.changed
		l.mu.Unlock()
		switch {
		case mode == lineCut:
			return false
		case mode.holds(up):
			<-changed
		case mode == lineSlow && time.Since(sent) < lineDelay:
			time.Sleep(lineDelay - time.Since(sent))
		default:
			return true
		}
	}
}

// openLines makes so many lines.
func openLines(n int) (lines []*line, err error) {
	for range n {
		one, oops := newLine()
		if oops != nil {
			err = errors.Join(err, oops)
			continue
		}
		lines = append(lines, one)
	}
	return lines, err
}
