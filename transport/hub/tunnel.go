package hub

import (
	"bufio"
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"

	"github.com/offlane/offlane/redeem/fault"
)

// DialBackend connects to the backend through the hub, which leads there and nowhere else. It is the DialContext of an
// http.Transport, whose TLS then ends at the backend: the hub reads nothing. Errors: fault.Unreachable,
// fault.Forbidden for another address than the hub's Config.Backend, fault.Unavailable.
func (c *Client) DialBackend(ctx context.Context, _, address string) (net.Conn, error) {
	const op = "hub.DialBackend"
	c.mu.Lock()
	started := c.http
	c.mu.Unlock()
	if started == nil {
		return nil, fault.New(fault.Unreachable, op, "no terminal started the client yet")
	}
	raw, err := c.cfg.Dial(ctx, "tcp", c.cfg.Address)
	if err != nil {
		return nil, fault.New(fault.Unreachable, op, "%w", err)
	}
	conn := tls.Client(raw, started.Transport.(*http.Transport).TLSClientConfig.Clone())
	if err := c.openTunnel(ctx, conn, address); err != nil {
		conn.Close()
		return nil, fault.WithOp(op, err)
	}
	return conn, nil
}

// openTunnel asks for a tunnel and reads the answer. What ctx ends meanwhile, ends the connection.
func (c *Client) openTunnel(ctx context.Context, conn *tls.Conn, address string) error {
	stop := context.AfterFunc(ctx, func() { conn.NetConn().Close() })
	defer stop()
	if err := conn.HandshakeContext(ctx); err != nil {
		return fault.New(fault.Unreachable, "", "%w", err)
	}
	req := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: address}, Host: address, Header: http.Header{}}
	if err := req.Write(conn); err != nil {
		return fault.New(fault.Unreachable, "", "%w", err)
	}
	answer := bufio.NewReaderSize(conn, 4<<10)
	resp, err := http.ReadResponse(answer, req)
	if err != nil {
		return fault.New(fault.Unreachable, "", "%w", err)
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return problemOf(resp)
	}
	if answer.Buffered() > 0 {
		return fault.New(fault.NotTheContract, "", "the hub speaks before the lane does")
	}
	return nil
}
