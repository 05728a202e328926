package barcode

import (
	"context"
	"fmt"
	"image"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/offlane/offlane/barcode/internal/pix"
)

// A Scanner finds and reads the symbols in pictures. The zero value reads every format and tries everything. It must
// not be copied or changed once used; it is safe for use by several goroutines.
type Scanner struct {
	// Formats are the formats to read. None: all.
	Formats []Format
	// Rules say what is known of symbols without a check character, by format. Nil: nothing.
	Rules map[Format]Rule
	// ECI is the character set of two-dimensional symbols whose bytes are no UTF-8 and that name none themselves, as the
	// number of an extended channel interpretation (AIM ITS/04-023): 20 is Shift JIS, 22 Windows-1251. Zero: ISO 8859-1,
	// or Shift JIS where the symbol gives evidence of it. A number that is not known is ISO 8859-1.
	ECI int
	// Frame says that the picture is a frame of a camera: only what pays within its time is tried, since the next one
	// comes anyway. How much that is, is counted in steps of work, so that it reads the same on a slow machine as on a
	// fast one; see Budget. False: everything is tried, for a picture that will not come again.
	Frame bool
	// Budget ends a scan by the clock: after it nothing new is begun, and what was read so far is returned. It is there
	// for a till that must not stall, not to make scans alike: what is read within it depends on the machine's load.
	// Zero: one second with Frame, none without. Below zero: none.
	Budget time.Duration
	// MaxPixels bounds width times height of a picture; a larger one is refused. Zero: 64 million.
	MaxPixels int
	// Trace is for measurements: it is called behind each step of a scan, by the goroutine that scans, with the step's
	// name and the symbols that the step read, also those that an earlier one had read. A step may be called several
	// times, and its names may change. Nil: nobody is told.
	Trace func(step string, read []Symbol)

	spare     atomic.Pointer[scratch] // of pictures of sparePixels at most: one that no garbage collection takes
	scratches sync.Pool
}

// sparePixels is the size of pictures whose buffers a scanner keeps for good, about as many bytes: those of a camera.
// To make them anew takes as long as a tenth of a scan.
const sparePixels = 2 << 20

// defaultMaxPixels is what a zero MaxPixels means.
const defaultMaxPixels = 64 << 20

// frameBudget is what a zero Budget means with Frame. No frame of 1280 by 720 pixels comes near it on a
// machine that can run a till.
const frameBudget = time.Second

// A sizeError refuses a picture for its size.
type sizeError struct{ Width, Height, Max int }

// Error says what the size is, and how many pixels are allowed.
func (e *sizeError) Error() string {
	return fmt.Sprintf("barcode: picture of %d x %d pixels: more than the %d million allowed; make it smaller",
		e.Width, e.Height, e.Max>>20)
}

// A Plane is raw luminance, one byte a pixel, 0 black: the Y plane of a camera frame as it is.
type Plane struct {
	// Pix holds the rows.
	Pix []byte
	// Width and Height are in pixels.
	Width, Height int
	// Stride is the distance between the starts of two rows. Zero: Width.
	Stride int
}

// Scan returns the symbols in img, each once. No symbol is no error. The planes of image.Gray and image.YCbCr are read
// where they are, any other image is copied. It fails for a picture that is too large and with the
// context's error when that ends first; a symbol's damage never makes it fail.
func (s *Scanner) Scan(ctx context.Context, img image.Image) ([]Symbol, error) {
	b := img.Bounds()
	if err := s.CheckSize(b.Dx(), b.Dy()); err != nil {
		return nil, err
	}
	if b.Empty() {
		return nil, nil
	}
	all, err := s.scan(ctx, *planeOf(img))
	if err != nil || len(all) > 0 || s.Frame {
		return all, err
	}
	if channel := pix.Channel(img); channel != nil { // what luma does not show
		return s.scan(ctx, *channel)
	}
	return nil, nil
}

// ScanPlane is [Scanner.Scan] for raw luminance. It also fails for a plane whose sizes do not fit its bytes.
func (s *Scanner) ScanPlane(ctx context.Context, p Plane) ([]Symbol, error) {
	if err := s.CheckSize(p.Width, p.Height); err != nil {
		return nil, err
	}
	if p.Stride == 0 {
		p.Stride = p.Width
	}
	if p.Width == 0 || p.Height == 0 {
		return nil, nil
	}
	if p.Stride < p.Width || (len(p.Pix)-p.Width)/p.Stride < p.Height-1 || len(p.Pix) < p.Width {
		return nil, fmt.Errorf("barcode: %d bytes do not hold %d x %d pixels with a stride of %d",
			len(p.Pix), p.Width, p.Height, p.Stride)
	}
	return s.scan(ctx, grayOf(p))
}

// CheckSize returns an error for a picture that Scan would refuse, so that a program can refuse it before it is
// decoded ([image.DecodeConfig] tells the size).
func (s *Scanner) CheckSize(width, height int) error {
	limit := s.MaxPixels
	if limit <= 0 {
		limit = defaultMaxPixels
	}
	if width < 0 || height < 0 || (width > 0 && height > limit/width) {
		return &sizeError{width, height, limit}
	}
	return nil
}

func (s *Scanner) wants(f Format) bool { return len(s.Formats) == 0 || slices.Contains(s.Formats, f) }
