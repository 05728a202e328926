package main

import (
	"crypto/rand"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/offlane/offlane/barcode"
)

// streams are the pages that are open, each with a barcode.Stream of its own.
type streams struct {
	formats []barcode.Format // that a page may choose from
	teller  teller
	mu      sync.Mutex
	byID    map[string]*stream
}

// A stream reads one page's frames, one at a time.
type stream struct {
	mu     sync.Mutex
	reader barcode.Stream
	buffer []byte
	due    time.Time // when the next frame is due at the full rate; under the lock of streams, as last
	last   time.Time
}

// allow lets frames through at the rate allowed, and a burst after a pause.
func (s *stream) allow(now time.Time) bool {
	if now.After(s.due) {
		s.due = now
	}
	if s.due.Sub(now) > frameBurst*time.Second/perSecond {
		return false
	}
	s.due = s.due.Add(time.Second / perSecond)
	return true
}

func newStreams(formats []barcode.Format, teller teller) *streams {
	if len(formats) == 0 {
		formats = barcode.Formats()
	}
	return &streams{formats: formats, teller: teller, byID: map[string]*stream{}}
}

// choose returns the formats of a list with commas, all that there are where it is empty.
func (s *streams) choose(list string) ([]barcode.Format, error) {
	if len(list) > maxList {
		return nil, refusal{http.StatusBadRequest, "the list of formats is too long"}
	}
	formats, err := parseFormats(list)
	if err != nil {
		return nil, refusal{http.StatusBadRequest, err.Error()}
	}
	for _, f := range formats {
		if !slices.Contains(s.formats, f) {
			return nil, refusal{http.StatusBadRequest, f.String() + " is not read here: the program was started without it"}
		}
	}
	if len(formats) == 0 {
		return s.formats, nil
	}
	return formats, nil
}

// open makes a stream of formats in the place of one that was forgotten.
func (s *streams) open(formats []barcode.Format, now time.Time) (id string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, old := range s.byID {
		if now.Sub(old.last) > forgetAfter {
			delete(s.byID, id)
		}
	}
	if len(s.byID) >= maxStreams {
		return "", refusal{http.StatusServiceUnavailable, "too many pages are open: close one"}
	}
	id = rand.Text()
	s.byID[id] = &stream{
		reader: barcode.Stream{Scanner: barcode.Scanner{Frame: true, Formats: formats}},
		last:   now,
	}
	return id, nil
}

func (s *streams) close(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, id)
}

// use returns a stream that may take a frame now.
func (s *streams) use(id string, now time.Time) (*stream, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.byID[id]
	switch {
	case one == nil:
		return nil, refusal{http.StatusNotFound, "there is no such stream: open one"}
	case !one.allow(now):
		return nil, refusal{http.StatusTooManyRequests, "too many frames a second"}
	}
	one.last = now
	return one, nil
}

// A sighting is what the page is told of a frame.
type sighting struct {
	Seen []symbol `json:"seen"` // in the frame
	New  []symbol `json:"new"`  // of these, what was not in sight before
}

// A symbol is barcode.Symbol with the members that the page needs.
type symbol struct {
	Format  barcode.Format `json:"format"`
	Text    string         `json:"text"`
	Corners [4][2]float64  `json:"corners"`
	Words   []string       `json:"words,omitempty"` // of what is new
}

func (s *streams) frame(w http.ResponseWriter, r *http.Request) (sighting, error) {
	now := time.Now()
	one, err := s.use(r.PathValue("id"), now)
	if err != nil {
		return sighting{}, err
	}
	if !one.mu.TryLock() {
		return sighting{}, refusal{http.StatusTooManyRequests, "the frame before is still being read"}
	}
	defer one.mu.Unlock()
	plane, err := readFrame(w, r, one.buffer)
	if err != nil {
		return sighting{}, err
	}
	one.buffer = plane.Pix
	fresh, err := one.reader.Next(r.Context(), plane, now)
	if err != nil {
		return sighting{}, err
	}
	return sighting{Seen: symbols(one.reader.InSight()), New: s.describe(fresh, now)}, nil
}

// describe returns symbols with what they are in words.
func (s *streams) describe(fresh []barcode.Symbol, now time.Time) []symbol {
	out := symbols(fresh)
	for i := range out {
		out[i].Words = s.teller.tell(fresh[i], now)
	}
	return out
}

func symbols(all []barcode.Symbol) []symbol {
	out := make([]symbol, 0, len(all))
	for _, s := range all {
		y := symbol{Format: s.Format, Text: s.Text}
		for i, c := range s.Corners {
			y.Corners[i] = [2]float64{c.X, c.Y}
		}
		out = append(out, y)
	}
	return out
}
