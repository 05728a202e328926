package backend

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxBuckets bounds the memory of a throttle. When so many were used, those that were not used since as many others
// came are forgotten.
const maxBuckets = 5000

// A throttle has a token bucket for each name. Its methods may be called from several goroutines.
type throttle struct {
	limit rate.Limit // tokens a second; 0: no bound
	burst int

	mu      sync.Mutex
	buckets generations[*rate.Limiter]
}

// newThrottle bounds nothing where one of both is negative.
func newThrottle(perSecond float64, burst int) *throttle {
	if perSecond < 0 || burst < 0 {
		return &throttle{}
	}
	return &throttle{limit: rate.Limit(perSecond), burst: burst}
}

// take takes n tokens and returns 0, or takes none and returns how long to wait for them. With n = 0 it looks whether
// there is one.
func (t *throttle) take(name string, n int) (wait time.Duration) {
	if t.limit == 0 {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	b, ok := t.buckets.get(name)
	switch {
	case ok:
	case n == 0:
		return 0 // it is full
	default:
		b = rate.NewLimiter(t.limit, t.burst)
		t.buckets.put(name, b)
	}
	if lacks := float64(max(n, 1)) - b.TokensAt(now); lacks > 0 {
		return time.Duration(lacks / float64(t.limit) * float64(time.Second))
	}
	b.AllowN(now, n)
	return 0
}

// generations are values by name, of which those that are not used are forgotten. The zero value is empty.
type generations[T any] struct{ young, old map[string]T }

func (g *generations[T]) get(name string) (v T, ok bool) {
	if v, ok = g.young[name]; ok {
		return v, true
	}
	if v, ok = g.old[name]; ok {
		g.put(name, v)
	}
	return v, ok
}

func (g *generations[T]) put(name string, v T) {
	if len(g.young) >= maxBuckets || g.young == nil {
		g.young, g.old = map[string]T{}, g.young
	}
	g.young[name] = v
}
