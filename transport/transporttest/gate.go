package transporttest

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"time"

	"github.com/offlane/offlane/transport/wire"
)

// A Gate stands before a handler, keeps a log of what arrives, and misbehaves as it is told. It may be used by several
// goroutines at once.
type Gate struct {
	next http.Handler
	door []Fault // met when a connection is made, by whoever listens

	mu      sync.Mutex
	armed   []Injection
	random  *rand.Rand
	share   float64
	skew    time.Duration
	late    []*http.Request
	arrived []Arrival
	logged  int // bytes of bodies in arrived
	met     map[Fault]int
}

// maxLogged bounds the bodies that the log holds, in bytes; beyond, the oldest arrivals are forgotten.
const maxLogged = 64 << 20

// An Arrival is one request as it arrived at the gate, and what became of it.
type Arrival struct {
	At     time.Time
	Method string
	Path   string
	// Authorized says that the request bore a token or key.
	Authorized bool
	// Body is the request's body, decompressed; at most wire.MaxBody bytes.
	Body []byte
	// Fault is what the request met, or empty.
	Fault Fault
	// Status is what the handler behind the gate answered; 0 where it was not asked.
	Status int
}

// NewGate returns a gate before next that lets everything pass.
func NewGate(next http.Handler) *Gate { return &Gate{next: next, met: map[Fault]int{}} }

// Inject switches a fault on. Faults are met in the order in which they were injected, one a request. It panics on a
// name that is none of Faults.
func (g *Gate) Inject(i Injection) {
	i = i.withDefaults()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.armed = append(g.armed, i)
}

// Rude makes the given share of all requests, from 0 to 1, meet a random fault; the seed fixes which.
func (g *Gate) Rude(seed uint64, share float64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.random, g.share = rand.New(rand.NewPCG(seed, 0)), share
}

// Clear switches every fault off and delivers what was held back.
func (g *Gate) Clear() {
	g.mu.Lock()
	g.armed, g.share = nil, 0
	g.mu.Unlock()
	g.deliverLate()
}

// Arrived returns the log of what arrived, oldest first: all since Forget, or the last 64 MiB of it.
func (g *Gate) Arrived() []Arrival {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.arrived)
}

// Forget empties the log.
func (g *Gate) Forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.arrived, g.logged = nil, 0
}

// Met counts the requests that met each fault, under "" those that met none, since the gate was made.
func (g *Gate) Met() map[Fault]int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return maps.Clone(g.met)
}

// clockSkew is how far the clock of the backend behind the gate shall be ahead just now.
func (g *Gate) clockSkew() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.skew
}

// ServeHTTP lets the request meet its fault, or passes it on.
func (g *Gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, wire.MaxBody+1))
	if err != nil {
		panic(http.ErrAbortHandler) // the client broke off
	}
	r = again(r, body)
	fault := g.take(r)
	v := &visit{gate: g, w: w, r: r, wait: fault.Wait}
	defer func() { g.note(r, body, fault.Fault, v.status) }()
	if act, ok := acts[fault.Fault]; ok {
		act(v)
		return
	}
	v.pass()
	g.deliverLate()
}

// again returns the request with its body to be read once more.
func again(r *http.Request, body []byte) *http.Request {
	r = r.Clone(r.Context())
	r.Body = io.NopCloser(bytes.NewReader(body))
	return r
}

// take returns the fault that this request meets, if any.
func (g *Gate) take(r *http.Request) Injection {
	g.mu.Lock()
	defer g.mu.Unlock()
	for i := range g.armed {
		a := &g.armed[i]
		if a.Path != "" && a.Path != r.URL.Path {
			continue
		}
		if a.Skip > 0 {
			a.Skip--
			continue
		}
		taken := *a
		if g.isAtDoor(taken) {
			return taken // counted when the next connection is made
		}
		g.spend(i)
		return taken
	}
	if g.random != nil && g.random.Float64() < g.share {
		faults := Faults()
		return Injection{Fault: faults[g.random.IntN(len(faults))],
			Wait: time.Duration(g.random.Int64N(int64(3 * time.Second)))}
	}
	return Injection{}
}

// isAtDoor says that an injection is met when a connection is made: a request on an old one only breaks that.
func (g *Gate) isAtDoor(i Injection) bool { return i.Path == "" && slices.Contains(g.door, i.Fault) }

// spend counts one use of an armed fault. The caller holds the lock.
func (g *Gate) spend(i int) {
	if g.armed[i].Times--; g.armed[i].Times == 0 {
		g.armed = slices.Delete(g.armed, i, i+1)
	}
}

// meets reports whether a new connection meets the fault, and counts it.
func (g *Gate) meets(f Fault) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.IndexFunc(g.armed, func(a Injection) bool { return a.Fault == f && g.isAtDoor(a) })
	if i < 0 || g.armed[i].Skip > 0 {
		return false
	}
	g.spend(i)
	return true
}

func (g *Gate) note(r *http.Request, body []byte, f Fault, status int) {
	arrival := Arrival{
		At: time.Now(), Method: r.Method, Path: r.URL.Path, Authorized: r.Header.Get("Authorization") != "",
		Body: plain(r.Header, body), Fault: f, Status: status,
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.met[f]++
	g.arrived = append(g.arrived, arrival)
	g.logged += len(arrival.Body)
	for g.logged > maxLogged {
		g.logged -= len(g.arrived[0].Body)
		g.arrived = g.arrived[1:]
	}
}

func plain(h http.Header, body []byte) []byte {
	if h.Get("Content-Encoding") != "gzip" {
		return body
	}
	unpack, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return body
	}
	size := int64(binary.LittleEndian.Uint32(body[len(body)-4:])) // as the body has it (RFC 1952): a hint
	text := bytes.NewBuffer(make([]byte, 0, min(size, wire.MaxBody)+bytes.MinRead))
	if _, err := text.ReadFrom(io.LimitReader(unpack, wire.MaxBody)); err != nil {
		return body
	}
	return text.Bytes()
}

// deliverLate delivers what was held back, to nobody's attention.
func (g *Gate) deliverLate() {
	g.mu.Lock()
	late := g.late
	g.late = nil
	g.mu.Unlock()
	for _, r := range late {
		g.next.ServeHTTP(httptest.NewRecorder(), r)
	}
}
