package transporttest

import (
	"context"
	"fmt"
	"net"
	"sync"
	"syscall"
)

// A pipes is a network in memory: a listener whose connections are net.Pipe, so that it works inside a synctest bubble.
type pipes struct {
	gate   *Gate
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes(gate *Gate) *pipes {
	return &pipes{gate: gate, conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	if p.gate.meets(Refused) {
		return nil, refusedError()
	}
	here, there := net.Pipe()
	select {
	case p.conns <- there:
		return here, nil
	case <-p.closed:
		return nil, refusedError()
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func refusedError() error {
	return &net.OpError{Op: "dial", Net: "pipe", Err: fmt.Errorf("in memory: %w", syscall.ECONNREFUSED)}
}

// Accept returns the next connection.
func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.conns:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

// Close ends the network.
func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// Addr returns the address that stands for this end: loopback, since a pipe leaves no machine.
func (p *pipes) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// A doorman is a listener that refuses connections when the gate says so.
type doorman struct {
	net.Listener
	gate *Gate
}

// Accept returns the next connection that is not refused.
func (d doorman) Accept() (net.Conn, error) {
	for {
		conn, err := d.Listener.Accept()
		if err != nil || !d.gate.meets(Refused) {
			return conn, err
		}
		conn.Close()
	}
}
