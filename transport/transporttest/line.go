package transporttest

import (
	"io"
	"net"
	"sync"
)

// A Line is a terminal's network cable: it carries connections to a backend until it is cut, and again when it is
// mended. Put it between the two where a test needs the network to fail and not the backend. It may be used by several
// goroutines at once.
type Line struct {
	listener net.Listener
	to       string

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

// NewLine listens on loopback and carries what comes there to a TCP address, such as 127.0.0.1:8080. Close it when
// done.
func NewLine(to string) (*Line, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &Line{listener: listener, to: to, conns: map[net.Conn]bool{}}
	go l.accept()
	return l, nil
}

// URL is the near end's address, for a client.
func (l *Line) URL() string { return "http://" + l.listener.Addr().String() }

func (l *Line) accept() {
	for {
		near, err := l.listener.Accept()
		if err != nil {
			return
		}
		go l.carry(near)
	}
}

func (l *Line) carry(near net.Conn) {
	defer near.Close()
	far, err := net.Dial("tcp", l.to)
	if err != nil {
		return
	}
	defer far.Close()
	if !l.hold(near) {
		return
	}
	defer l.release(near)
	go func() { // when either end closes, closing both ends the other copy
		defer near.Close()
		defer far.Close()
		io.Copy(near, far)
	}()
	io.Copy(far, near)
}

func (l *Line) hold(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.cut {
		l.conns[conn] = true
	}
	return !l.cut
}

func (l *Line) release(conn net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.conns, conn)
}

// Cut breaks what the line carries, and refuses what comes until Mend.
func (l *Line) Cut() { l.setCut(true) }

// Mend lets connections through again.
func (l *Line) Mend() { l.setCut(false) }

func (l *Line) setCut(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	for conn := range l.conns {
		conn.Close()
	}
}

// Close cuts the line for good.
func (l *Line) Close() error {
	l.setCut(true)
	return l.listener.Close()
}
