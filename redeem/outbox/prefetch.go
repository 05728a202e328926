package outbox

import "context"

// A prefetcher reads segments one after another, the next ones while one is taken in.
type prefetcher struct {
	buf   []byte
	free  chan []byte
	ready chan fetched
	quit  context.CancelFunc
}

type fetched struct {
	buf []byte
	err error
}

func (l *loader) prefetch(ctx context.Context, segments []*segment) *prefetcher {
	ctx, cancel := context.WithCancel(ctx)
	p := &prefetcher{free: make(chan []byte, 3), ready: make(chan fetched, 1), quit: cancel}
	for range 2 {
		p.free <- nil
	}
	go p.run(ctx, l, segments)
	return p
}

func (p *prefetcher) run(ctx context.Context, l *loader, segments []*segment) {
	defer close(p.ready)
	for _, s := range segments {
		select {
		case buf := <-p.free:
			buf, _, err := l.contents(s.name(), buf, s.size)
			p.ready <- fetched{buf, err}
		case <-ctx.Done():
			return
		}
	}
}

// next puts the next segment into p.buf; what was there is used again.
func (p *prefetcher) next() error {
	if p.buf != nil {
		p.free <- p.buf
	}
	f := <-p.ready
	p.buf = f.buf
	return f.err
}

// stop ends the reading and waits until it has ended.
func (p *prefetcher) stop() {
	p.quit()
	for range p.ready {
	}
}
