package hubtest

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"

	"github.com/offlane/offlane/redeem/fault"
)

var trustRules = []Rule{
	{"strangers-refused", "A key that is none of the store's lanes gets no answer.", checkStrangers},
	{"tls-1.3", "Older versions of TLS are refused.", checkTLS},
	{"hub-key", "The epoch's key is that of the hub's certificate.", checkHubKey},
	{"tunnel", "CONNECT leads to the backend, and nowhere else.", checkTunnel},
}

func checkStrangers(s *store) {
	s.open()
	stranger := newLane(s, "stranger")
	a, err := stranger.try("/v1/hello", []byte(`{"epoch":{"number":0,"key":null},"chain":"`+stranger.chain.String()+`"}`))
	if err == nil && a.code() != fault.Forbidden {
		fail("a stranger is answered with status %d: %.300q", a.status, a.body)
	}
}

func checkTLS(s *store) {
	one, _ := s.open()
	conn, err := (&tls.Dialer{Config: one.tls(tls.VersionTLS12)}).DialContext(s.ctx, "tcp", s.hub.Address)
	if err == nil {
		conn.Close()
		fail("the hub speaks TLS 1.2")
	}
}

func checkHubKey(s *store) {
	one, _ := s.open()
	if w := one.hello(); !w.Epoch.Key.Equal(s.setup.Key.Public()) {
		fail("the epoch has the key %x", w.Epoch.Key)
	}
}

func checkTunnel(s *store) {
	backend, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fail("no listener for a backend: %w", err)
	}
	defer backend.Close()
	go func() {
		conn, err := backend.Accept()
		if err != nil {
			return // nobody came
		}
		_, _ = io.Copy(conn, conn)
		conn.Close()
	}()
	s.setup.Backend = backend.Addr().String()
	one, _ := s.open()
	elsewhere, status := one.connect("127.0.0.1:1")
	elsewhere.Close()
	if status != http.StatusForbidden {
		fail("a tunnel to another address has status %d, not 403", status)
	}
	conn, status := one.connect(s.setup.Backend)
	defer conn.Close()
	if status != http.StatusOK {
		fail("a tunnel to the backend has status %d", status)
	}
	echo := make([]byte, 4)
	_, err = io.WriteString(conn, "echo")
	if err == nil {
		_, err = io.ReadFull(conn, echo)
	}
	if err != nil || string(echo) != "echo" {
		fail("the tunnel carries %q and %v, not what was sent", echo, err)
	}
}

// connect asks for a tunnel.
func (l *lane) connect(address string) (net.Conn, int) {
	conn, err := (&tls.Dialer{Config: l.tls(tls.VersionTLS13)}).DialContext(l.store.ctx, "tcp", l.store.hub.Address)
	if err != nil {
		fail("a lane cannot connect: %w", err)
	}
	if deadline, ok := l.store.ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline) // an error comes back with the next call
	}
	_, err = fmt.Fprintf(conn, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", address, address)
	var resp *http.Response
	if err == nil {
		resp, err = http.ReadResponse(bufio.NewReader(conn), &http.Request{Method: http.MethodConnect})
	}
	if err != nil {
		conn.Close()
		fail("CONNECT %s: there is no answer: %w", address, err)
	}
	return conn, resp.StatusCode
}
