package barcode

import (
	"context"
	"image"
	"math"
	"time"
)

// A Stream reads the frames of a camera and tells each symbol that is held up once. The zero value is ready; set
// Scanner's Frame. It is for one goroutine.
type Stream struct {
	// Scanner reads the frames.
	Scanner Scanner
	// Hysteresis is for how long a symbol must have been out of sight to count anew. Zero: 2 seconds.
	Hysteresis time.Duration

	seen    []sighting
	inSight []Symbol
	frames  int // since the whole frame was last looked at
}

// A sighting is a symbol and when it was last seen.
type sighting struct {
	symbol Symbol
	last   time.Time
}

// defaultHysteresis is what a zero Hysteresis means.
const defaultHysteresis = 2 * time.Second

// wholeEvery is how often the whole frame is looked at although the symbol is still where it was: a second one may
// have come.
const wholeEvery = 6

// Next reads a frame taken at a time and returns the symbols that came into sight with it. It looks first where the
// last frame had one; at the whole frame if that is gone, and once in a while. The same format and text is the same
// symbol, wherever it is held; times must not go back. It fails as [Scanner.ScanPlane] does, and the stream goes on
// with the next frame.
func (s *Stream) Next(ctx context.Context, frame Plane, at time.Time) ([]Symbol, error) {
	all, err := s.look(ctx, frame)
	s.inSight = all
	if err != nil {
		return nil, err
	}
	return s.fresh(all, at), nil
}

// InSight returns the symbols of the last frame, those that had come into sight before among them: what a program draws
// over the picture.
func (s *Stream) InSight() []Symbol { return s.inSight }

func (s *Stream) look(ctx context.Context, frame Plane) ([]Symbol, error) {
	if s.frames++; len(s.seen) == 1 && s.frames < wholeEvery {
		part, x, y := window(frame, s.seen[0].symbol.Corners)
		all, err := s.Scanner.ScanPlane(ctx, part)
		if err != nil {
			return nil, err
		}
		for i := range all {
			for k := range all[i].Corners {
				all[i].Corners[k].X += float64(x)
				all[i].Corners[k].Y += float64(y)
			}
		}
		if len(all) > 0 {
			return all, nil
		}
	}
	s.frames = 0
	return s.Scanner.ScanPlane(ctx, frame)
}

// window is the part of a frame around a symbol, half its size larger on each side.
func window(frame Plane, corners [4]Point) (part Plane, x, y int) {
	if frame.Stride == 0 {
		frame.Stride = frame.Width
	}
	c, r := middle(corners)
	for _, p := range corners {
		r = max(r, math.Hypot(p.X-c.X, p.Y-c.Y))
	}
	box := image.Rect(int(c.X-1.5*r), int(c.Y-1.5*r), int(c.X+1.5*r)+1, int(c.Y+1.5*r)+1)
	box = box.Intersect(image.Rect(0, 0, frame.Width, frame.Height))
	if box.Empty() || len(frame.Pix) < (box.Max.Y-1)*frame.Stride+box.Max.X {
		return frame, 0, 0
	}
	return Plane{frame.Pix[box.Min.Y*frame.Stride+box.Min.X:], box.Dx(), box.Dy(), frame.Stride}, box.Min.X, box.Min.Y
}

// fresh notes what is in sight and returns what was not before.
func (s *Stream) fresh(all []Symbol, at time.Time) (out []Symbol) {
	hold := s.Hysteresis
	if hold <= 0 {
		hold = defaultHysteresis
	}
	kept := s.seen[:0]
	for _, k := range s.seen {
		if at.Sub(k.last) < hold {
			kept = append(kept, k)
		}
	}
	s.seen = kept
	for _, symbol := range all {
		if k := s.find(symbol); k != nil {
			k.symbol, k.last = symbol, at
			continue
		}
		s.seen = append(s.seen, sighting{symbol, at})
		out = append(out, symbol)
	}
	return out
}

func (s *Stream) find(symbol Symbol) *sighting {
	for i := range s.seen {
		if k := &s.seen[i]; k.symbol.Format == symbol.Format && k.symbol.Text == symbol.Text {
			return k
		}
	}
	return nil
}
