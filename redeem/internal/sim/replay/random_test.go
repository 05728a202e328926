package replay

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"io"
	mathrand "math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/cryptotest"
)

// A source is what package crypto/rand reads from in a history. Each kind of identifier has a stream of its own, and so
// has the journal, which draws names of segments in a goroutine of its own. The streams begin anew with each step, so
// that code that draws once more or less in one step draws the same in the next.
type source struct {
	mu      sync.Mutex
	seed    uint64
	step    uint64
	streams map[string]*mathrand.ChaCha8
}

// install makes the source the one that is read from until the test ends. Keys are generated from a source of their
// own, which the seed decides too.
func (s *source) install(t *testing.T, seed uint64) {
	cryptotest.SetGlobalRandom(t, seed)
	rand.Reader = s // the cleanup of SetGlobalRandom puts back what was there before
	s.begin(seed, 0)
}

// begin begins the streams of a step.
func (s *source) begin(seed, step uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seed, s.step = seed, step
	clear(s.streams)
}

// Read fills b from the stream of whoever asks.
func (s *source) Read(b []byte) (int, error) {
	name := s.caller()
	s.mu.Lock()
	defer s.mu.Unlock()
	stream := s.streams[name]
	if stream == nil {
		stream = s.newStream(name)
		s.streams[name] = stream
	}
	return stream.Read(b)
}

func (s *source) newStream(name string) *mathrand.ChaCha8 {
	seed := binary.LittleEndian.AppendUint64(nil, s.seed)
	seed = binary.LittleEndian.AppendUint64(seed, s.step)
	return mathrand.NewChaCha8(sha256.Sum256(append(seed, name...)))
}

// caller names the stream of whoever asks: of package record the function that others call, since each makes
// identifiers of one kind.
func (s *source) caller() string {
	var pcs [16]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	stream := ""
	for {
		frame, more := frames.Next()
		switch name := streamOf(frame.Function); {
		case strings.HasPrefix(name, "record"):
			stream = name
		case stream != "":
			return stream
		case name != "":
			return name
		}
		if !more {
			return stream
		}
	}
}

// streamOf returns the name of a function's stream, or "" for a function outside this module.
func streamOf(function string) string {
	_, name, ok := strings.Cut(function, "/offlane/redeem")
	name, below := strings.CutPrefix(name, "/")
	switch {
	case !ok:
		return ""
	case below && strings.HasPrefix(name, "record."):
		return name
	case below && strings.HasPrefix(name, "journal"):
		return "journal"
	}
	return "others"
}

var _ io.Reader = (*source)(nil)

func newSource() *source {
	return &source{streams: map[string]*mathrand.ChaCha8{}}
}
