package sim

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/internal/vfs"
)

// weather is trouble for a store until ctx ends: lines, hosts and processes. Leases are short, so that there is time
// for many of them.
func (s *hubStore) weather(ctx context.Context) {
	random := rand.New(rand.NewPCG(s.random.Uint64(), 1))
	fork := func() *rand.Rand { return rand.New(rand.NewPCG(random.Uint64(), 2)) }
	for _, h := range s.hosts {
		h.stops.set(fork(), 300)
	}
	var all sync.WaitGroup
	for _, l := range s.seats {
		lines, pauses := fork(), fork()
		l.stops.set(fork(), 100)
		l.off.Store(int64(time.Duration(random.IntN(3000)) * time.Millisecond))
		all.Go(func() { l.badLine(ctx, lines) })
		all.Go(func() { s.pause(ctx, pauses, &l.stops, "lane", l.number) })
	}
	hubs, pauses := fork(), fork()
	all.Go(func() { s.badHubs(ctx, hubs) })
	all.Go(func() { s.pause(ctx, pauses, nil, "hub", 0) })
	all.Wait()
	for _, h := range s.hosts {
		h.stops.set(nil, 0)
	}
	for _, l := range s.seats {
		l.stops.set(nil, 0)
	}
}

// some is a random time.
func some(random *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(random.Int64N(int64(most)))
}

// badLine breaks the lane's line now and then, for a while.
func (l *seat) badLine(ctx context.Context, random *rand.Rand) {
	for ctx.Err() == nil {
		sleep(ctx, some(random, 25*time.Second))
		mode := lineMode(random.IntN(int(lineModes)))
		l.store.log("line %d: %d", l.number, mode)
		if mode == lineWorks {
			l.line.slowBy(some(random, 200*time.Millisecond))
		}
		l.line.set(mode)
		sleep(ctx, some(random, 2*time.Second))
		l.line.slowBy(0)
		l.line.set(lineWorks)
	}
}

// pause stops a process now and then for a while, mostly for a few leases; nil: the hub that is in service.
func (s *hubStore) pause(ctx context.Context, random *rand.Rand, process *stops, what string, number int) {
	for ctx.Err() == nil {
		sleep(ctx, some(random, 30*time.Second))
		most := 3 * time.Second
		if random.IntN(20) == 0 {
			most = 100 * time.Second
		}
		d, now := some(random, most), process
		if now == nil {
			now = &s.now().stops
		}
		s.log("%s %d stops for %s", what, number, d)
		now.stop()
		sleep(ctx, d)
		now.resume()
	}
}

// badHubs has hubs crash, lose their disks, or come and go.
func (s *hubStore) badHubs(ctx context.Context, random *rand.Rand) {
	for ctx.Err() == nil {
		sleep(ctx, some(random, 30*time.Second))
		old, other := s.now(), s.hosts[1-s.now().number]
		switch random.IntN(6) {
		case 0:
			s.log("hub %d loses its disk", old.number)
			old.crash()
			old.disk = &vfs.Memory{}
			old.start(false)
		case 1:
			s.log("hub %d takes over", other.number)
			old.crash()
			s.moveTo(other, true)
		case 2:
			s.log("hub %d takes over, and %d goes on", other.number, old.number)
			s.moveTo(other, true)
			sleep(ctx, some(random, 5*time.Second))
			old.crash()
		case 3:
			s.log("hub %d comes back by mistake", other.number)
			old.crash()
			s.moveTo(other, false)
			sleep(ctx, some(random, 5*time.Second))
			if server, _ := other.now(); server.Status().PassedBy != 0 {
				s.log("hub %d takes over", other.number)
				s.moveTo(other, true)
			}
		default:
			s.log("hub %d crashes", old.number)
			old.crash()
			sleep(ctx, some(random, 3*time.Second))
			old.start(false)
		}
	}
}
