package hub

import (
	"net"
	"sync"
)

// A bounded listener has at most so many connections open; what comes beyond waits in the system's queue.
type bounded struct {
	net.Listener
	free   chan struct{}
	closed chan struct{}
	once   sync.Once
}

func newBounded(l net.Listener, most int) *bounded {
	return &bounded{Listener: l, free: make(chan struct{}, most), closed: make(chan struct{})}
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
	conn, err := b.Listener.Accept()
	if err != nil {
		<-b.free
		return nil, err
	}
	return &boundedConn{Conn: conn, free: b.free}, nil
}

type boundedConn struct {
	net.Conn
	free chan struct{}
	once sync.Once
}

// Close gives the connection's place back.
func (c *boundedConn) Close() error {
	err := c.Conn.Close()
	c.once.Do(func() { <-c.free })
	return err
}
