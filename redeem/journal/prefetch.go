package journal

// A prefetcher reads segments one after another, the next ones while one is taken in.
type prefetcher struct {
	buf   []byte
	free  chan []byte
	ready chan fetched
}

type fetched struct {
	buf []byte
	err error
}

func (l *loader) prefetch(segments []*segment) *prefetcher {
	p := &prefetcher{free: make(chan []byte, 3), ready: make(chan fetched, 1)}
	for range 2 {
		p.free <- nil
	}
	go p.run(l, segments)
	return p
}

func (p *prefetcher) run(l *loader, segments []*segment) {
	defer close(p.ready)
	for _, s := range segments {
		buf, wanted := <-p.free
		if !wanted {
			return
		}
		buf, _, err := l.contents(s.name(), buf, s.size)
		p.ready <- fetched{buf, err}
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
	close(p.free)
	for range p.ready {
	}
}
