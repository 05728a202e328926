package hub

import (
	"bufio"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
)

// A slowConn is the connection of a lane whose Read returns long after Close.
type slowConn struct {
	net.Conn
	end chan struct{} // closed when Read returns
}

func (c *slowConn) Read([]byte) (int, error) {
	<-c.end
	return 0, net.ErrClosed
}

// A taken answer is one whose connection the handler takes over.
type taken struct {
	http.ResponseWriter
	conn net.Conn
}

func (w *taken) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return w.conn, bufio.NewReadWriter(bufio.NewReader(w.conn), bufio.NewWriter(w.conn)), nil
}

// connectBy calls the server's handler as a lane that asks for a tunnel does.
func (s *Server) connectBy(key ed25519.PublicKey, conn net.Conn) {
	r := httptest.NewRequest(http.MethodConnect, "https://hub", strings.NewReader(""))
	r.Host = s.cfg.Backend
	r.TLS = &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{PublicKey: key}}}
	s.http.Handler.ServeHTTP(&taken{httptest.NewRecorder(), conn}, r)
}

// Close returns when the last tunnel has ended, not when it was told to.
func TestCloseWaitsForTunnels(t *testing.T) {
	backend, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer backend.Close()
	synctest.Test(t, func(t *testing.T) {
		key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
		lane := record.HubPeer{Terminal: record.TerminalID{1}, Key: key.Public().(ed25519.PublicKey)}
		s, err := Open(t.Context(), t.TempDir(), Config{Key: key, Backend: backend.Addr().String(),
			Lanes: func() []record.HubPeer { return []record.HubPeer{lane} }})
		require.NoError(t, err)
		here, there := net.Pipe()
		defer there.Close()
		slow := &slowConn{here, make(chan struct{})}
		opened := make(chan string)
		go func() {
			line, _ := bufio.NewReader(there).ReadString('\n')
			opened <- line
		}()
		go s.connectBy(lane.Key, slow)
		require.Contains(t, <-opened, "200", "the tunnel is open")
		var closed atomic.Bool
		go func() {
			assert.NoError(t, s.Close())
			closed.Store(true)
		}()
		synctest.Wait()
		assert.False(t, closed.Load(), "a tunnel runs yet")
		close(slow.end)
		synctest.Wait()
		assert.True(t, closed.Load(), "the tunnel has ended")
		s.connectBy(lane.Key, slow)
		assert.Zero(t, s.Status().Tunnels, "a server that is closed takes no call")
	})
}
