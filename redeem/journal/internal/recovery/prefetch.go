package recovery

import (
	"github.com/offlane/offlane/redeem/journal/internal/folder"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

// A prefetcher reads segments one after another, the next ones while one is taken in.
type prefetcher struct {
	buf   []byte
	free  chan []byte
	ready chan segmentRead
}

type segmentRead struct {
	buf []byte
	err error
}

func prefetch(in folder.Folder, segments []*index.Segment) *prefetcher {
	p := &prefetcher{free: make(chan []byte, 3), ready: make(chan segmentRead, 1)}
	for range 2 {
		p.free <- nil
	}
	go p.run(in, segments)
	return p
}

// run ends when all are read, or when stop is called.
func (p *prefetcher) run(in folder.Folder, segments []*index.Segment) {
	defer close(p.ready)
	for _, s := range segments {
		buf, wanted := <-p.free
		if !wanted {
			return
		}
		buf, _, err := in.Contents(s.Name(), buf, s.Size)
		p.ready <- segmentRead{buf, err}
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
