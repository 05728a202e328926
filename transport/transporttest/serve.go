package transporttest

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"testing"
)

// A network is how a server is reached.
type network struct {
	url   string
	round *http.Transport
	stop  func()
}

// serve starts a server for the gate, on loopback or in memory, with or without TLS.
func serve(t testing.TB, gate *Gate, memory, secure bool) *network {
	t.Helper()
	listener, dial := listen(t, gate, memory)
	gate.door = append(gate.door, Refused)
	n := &network{url: "http://" + listener.Addr().String(), round: &http.Transport{DialContext: dial}}
	server := &http.Server{Handler: gate, ErrorLog: log.New(io.Discard, "", 0)}
	if secure {
		config, pool, err := identity(gate)
		if err != nil {
			t.Fatalf("transporttest: a certificate: %v", err)
		}
		gate.door = append(gate.door, BadCertificate)
		listener = tls.NewListener(listener, config)
		n.url, n.round.TLSClientConfig = "https://"+listener.Addr().String(), &tls.Config{RootCAs: pool}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		server.Serve(listener) // ends with http.ErrServerClosed
	}()
	n.stop = func() {
		n.round.CloseIdleConnections()
		server.Close()
		<-done
	}
	return n
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

func listen(t testing.TB, gate *Gate, memory bool) (net.Listener, dialer) {
	t.Helper()
	if memory {
		p := newPipes(gate)
		return p, p.dial
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("transporttest: listening on loopback: %v", err)
	}
	return doorman{l, gate}, nil
}
