package hub

import (
	"net"
	"sync"
	"sync/atomic"
)

// A bounded listener has at most so many connections open; what comes beyond waits in the system's queue. Of one
// address it has fewer: so that a machine that opens many keeps no other one out, what comes beyond is closed.
type bounded struct {
	net.Listener
	free   chan struct{}
	count  *atomic.Int64 // connections that are open
	each   int
	closed chan struct{}
	once   sync.Once

	mu   sync.Mutex     // guards what follows
	from map[string]int // connections by address
}

func newBounded(l net.Listener, most, each int, count *atomic.Int64) *bounded {
	return &bounded{Listener: l, free: make(chan struct{}, most), count: count, each: each, closed: make(chan struct{}),
		from: map[string]int{}}
}

// Close ends Accept, though there is no room.
func (b *bounded) Close() error {
	b.once.Do(func() { close(b.closed) })
	return b.Listener.Close()
}

// Accept returns the next connection, once there is room for it.
func (b *bounded) Accept() (net.Conn, error) {
	select {
	case b.free <- struct{}{}:
	case <-b.closed:
		return nil, net.ErrClosed
	}
	for {
		conn, err := b.Listener.Accept()
		if err != nil {
			<-b.free
			return nil, err
		}
		address := addressOf(conn)
		if !b.add(address) {
			conn.Close()
			continue
		}
		b.count.Add(1)
		return &boundedConn{Conn: conn, of: b, address: address}, nil
	}
}

// addressOf is the machine at the other end, as far as it is known.
func addressOf(conn net.Conn) string {
	host, _, err := net.SplitHostPort(conn.RemoteAddr().String())
	if err != nil {
		return ""
	}
	return host
}

// add counts a connection, and reports whether there is room for it.
func (b *bounded) add(address string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.from[address] >= b.each {
		return false
	}
	b.from[address]++
	return true
}

func (b *bounded) remove(address string) {
	b.mu.Lock()
	if b.from[address]--; b.from[address] == 0 {
		delete(b.from, address)
	}
	b.mu.Unlock()
	b.count.Add(-1)
	<-b.free
}

type boundedConn struct {
	net.Conn
	of      *bounded
	address string
	once    sync.Once
}

// Close gives the connection's place back.
func (c *boundedConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { c.of.remove(c.address) })
	return err
}
