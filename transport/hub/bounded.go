package hub

import (
	"net"
	"sync"
)

// A bounded listener has at most so many connections open; what comes beyond waits in the system's queue.
type bounded struct {
	net.Listener
	free chan struct{}
}

// Accept returns the next connection, once there is room for it.
func (b *bounded) Accept() (net.Conn, error) {
	b.free <- struct{}{}
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
