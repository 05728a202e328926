package hub

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/fault"
)

// dialBackend is how long connecting to the backend may take.
const dialBackend = 10 * time.Second

// idleTunnel is how long a tunnel may carry nothing.
const idleTunnel = 5 * time.Minute

// connect tunnels a lane to the backend (RFC 9110, section 9.3.6), and nowhere else. TLS of the lane ends there.
func (s *Server) connect(w http.ResponseWriter, r *http.Request) {
	_, err := s.laneOf(r)
	if err == nil && (s.cfg.Backend == "" || r.Host != s.cfg.Backend) {
		err = fault.New(fault.Forbidden, "", "the hub leads to no %q", r.Host)
	}
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	there, err := s.tunnels.dial(r.Context(), s.cfg.Backend)
	if err != nil {
		s.refuse(w, r, fault.New(fault.Unavailable, "", "the backend cannot be reached: %w", err))
		return
	}
	here, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		there.Close()
		return
	}
	if buffered.Reader.Buffered() > 0 || !s.tunnels.add(here, there) { // nobody speaks before the answer
		here.Close()
		there.Close()
		return
	}
	defer s.tunnels.remove(here)
	_ = here.SetDeadline(time.Time{}) // what the server set
	if _, err := io.WriteString(here, "HTTP/1.1 200 Connected\r\n\r\n"); err != nil {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { carry(there, here) })
	carry(here, there)
	both.Wait()
}

// carry copies until one side ends, or nothing came for long; then it ends both.
func carry(to, from net.Conn) {
	defer to.Close()
	defer from.Close()
	buf := make([]byte, 16<<10)
	for {
		_ = from.SetReadDeadline(time.Now().Add(idleTunnel)) // an error comes back with the next Read
		n, err := from.Read(buf)
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// tunnels are the connections to the backend.
type tunnels struct {
	max   int
	ended context.Context // ends with close
	end   context.CancelFunc

	mu     sync.Mutex // guards what follows
	open   map[net.Conn]net.Conn
	closed bool
}

// dial connects to the backend.
func (t *tunnels) dial(ctx context.Context, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialBackend)
	defer cancel()
	defer context.AfterFunc(t.ended, cancel)()
	return (&net.Dialer{}).DialContext(ctx, "tcp", address)
}

// add keeps a tunnel to be closed with the server, and reports whether there is room for it.
func (t *tunnels) add(here, there net.Conn) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || len(t.open) >= t.max {
		return false
	}
	if t.open == nil {
		t.open = map[net.Conn]net.Conn{}
	}
	t.open[here] = there
	return true
}

func (t *tunnels) remove(here net.Conn) {
	t.mu.Lock()
	there := t.open[here]
	delete(t.open, here)
	t.mu.Unlock()
	here.Close()
	if there != nil {
		there.Close()
	}
}

func (t *tunnels) count() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.open)
}

// close ends all tunnels. A lane that reads nothing does not hold it up, as the end of its TLS would.
func (t *tunnels) close() {
	t.end()
	t.mu.Lock()
	defer t.mu.Unlock()
	t.closed = true
	for here, there := range t.open {
		if lane, ok := here.(interface{ NetConn() net.Conn }); ok {
			here = lane.NetConn()
		}
		here.Close()
		there.Close()
	}
}
