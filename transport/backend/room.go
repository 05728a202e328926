package backend

import (
	"cmp"
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// The bodies that are read and worked on at one moment have two rooms: one for reports of the usual size, which wait
// for room a little, and one for what is larger, which is refused where there is none. So whoever sends large bodies
// keeps no usual report out. Strangers are in neither: their bodies are a few kilobytes, less than their connections
// take.
const (
	leastShare  = 64 << 10  // what a report takes from the beginning: one of 100 records
	usualReport = 512 << 10 // from here on a body is large
	usualGrowth = 3         // how much longer a report is than its gzip
	waitForRoom = 5 * time.Second
	perTerminal = 4 // reports of one terminal at once
)

// leastMemory is the least that Limits.Memory may be, and what it is where it is not set: the largest report, and 64 of
// the usual ones.
const leastMemory = wire.MaxBody + 64*leastShare

// A room bounds what all bodies together hold.
type room struct {
	usual, large *semaphore.Weighted

	mu   sync.Mutex
	busy map[record.TerminalID]int // requests under way by terminal
}

func newRoom(memory int64) *room {
	memory = cmp.Or(memory, leastMemory)
	large := max(memory*2/3, wire.MaxBody)
	return &room{
		usual: semaphore.NewWeighted(memory - large), large: semaphore.NewWeighted(large),
		busy: map[record.TerminalID]int{},
	}
}

// errNoRoom is answered where there is no room. When it is tried again is drawn, so that not all come back at once.
func errNoRoom() error {
	return fault.WithRetryAfter(fault.New(fault.Unavailable, "", "too much is being sent at once: try again"),
		randomWait())
}

func randomWait() time.Duration { return time.Second + rand.N(9*time.Second) }

// A share is what one request holds of the room. It is used by one goroutine. A nil share holds nothing and takes
// nothing.
type share struct {
	room                  *room
	usual, large, arrived int64
}

// begin takes what a report or an upload will need as far as its length tells. A report of the usual size waits for
// room. Of a large one no more is taken than came, since a length is only a promise.
func (s *share) begin(ctx context.Context, r *http.Request) error {
	guess := max(r.ContentLength, leastShare)
	if r.Header.Get("Content-Encoding") != "" {
		guess = max(guess, usualGrowth*r.ContentLength)
	}
	if guess > usualReport {
		return s.grow(leastShare)
	}
	ctx, cancel := context.WithTimeout(ctx, waitForRoom)
	defer cancel()
	if s.room.usual.Acquire(ctx, guess) != nil {
		return errNoRoom()
	}
	s.usual = guess
	return nil
}

// read takes room for what came beyond what is held, in pieces.
func (s *share) read(n int64) error {
	s.arrived += n
	if s.arrived <= s.usual+s.large {
		return nil
	}
	return s.grow(max(s.arrived-s.usual-s.large, leastShare))
}

func (s *share) grow(n int64) error {
	if !s.room.large.TryAcquire(n) {
		return errNoRoom()
	}
	s.large += n
	return nil
}

// end gives everything back.
func (s *share) end() {
	s.room.usual.Release(s.usual)
	s.room.large.Release(s.large)
	s.usual, s.large = 0, 0
}

// enter counts a terminal's report; a terminal sends one at a time, and may have given up on some that are still under
// way.
func (r *room) enter(id record.TerminalID) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[id] >= perTerminal {
		err := fault.New(fault.TooManyRequests, "", "%d reports of this terminal are under way: wait for them", perTerminal)
		return fault.WithRetryAfter(err, randomWait())
	}
	r.busy[id]++
	return nil
}

func (r *room) leave(id record.TerminalID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[id]--; r.busy[id] <= 0 {
		delete(r.busy, id)
	}
}
