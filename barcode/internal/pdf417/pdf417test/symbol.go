// Package pdf417test draws PDF417 symbols codeword by codeword (ISO/IEC 15438), also what no encoder at hand writes.
// Tests alone use it.
package pdf417test

import (
	"fmt"
	"image"

	"github.com/offlane/offlane/barcode/internal/pdf417/patterns"
)

// A Symbol says how codewords are drawn.
type Symbol struct {
	// Columns and Rows are those of data; zero rows: as few as hold the codewords.
	Columns, Rows int
	// Level is that of error correction, 0 to 8.
	Level int
	// Compact leaves the right row indicator out, and all but a bar of the stop pattern.
	Compact bool
	// RowHeight is in modules; zero: 3. Scale is the pixels of a module; zero: 4.
	RowHeight, Scale int
}

const (
	prime = 929
	pad   = 900
)

// Codewords returns data with its length descriptor, padding and error correction.
func (s *Symbol) Codewords(data []int) ([]int, error) {
	check := 2 << s.Level
	if s.Rows == 0 {
		s.Rows = max(3, (1+len(data)+check+s.Columns-1)/s.Columns)
	}
	room := s.Rows*s.Columns - check
	if len(data)+1 > room || s.Rows > 90 || s.Columns > 30 || room+check > 928 {
		return nil, fmt.Errorf("pdf417test: %d codewords do not fit %d by %d, level %d", len(data), s.Rows, s.Columns,
			s.Level)
	}
	words := append([]int{room}, data...)
	for len(words) < room {
		words = append(words, pad)
	}
	return append(words, Check(words, check)...), nil
}

// Check returns so many codewords of error correction: the negated rest of the data divided by the generator.
func Check(words []int, n int) []int {
	generator := []int{1} // the highest power first
	root := 1
	for range n {
		root = root * 3 % prime
		next := append(append([]int{}, generator...), 0)
		for i, c := range generator {
			next[i+1] = (next[i+1] + c*(prime-root)) % prime
		}
		generator = next
	}
	rest := make([]int, n)
	for _, w := range words {
		lead := (w + rest[0]) % prime
		copy(rest, rest[1:])
		rest[n-1] = 0
		for i := range rest {
			rest[i] = (rest[i] + lead*(prime-generator[i+1])) % prime
		}
	}
	for i, r := range rest {
		rest[i] = (prime - r) % prime
	}
	return rest
}

// Row returns the widths of the elements of a row, a bar first.
func (s *Symbol) Row(words []int, row int) (widths []int) {
	k := row % 3
	rows, level, columns := (s.Rows-1)/3, 3*s.Level+(s.Rows-1)%3, s.Columns-1
	left, right := [3]int{rows, level, columns}[k], [3]int{columns, rows, level}[k]
	widths = []int{8, 1, 1, 1, 1, 1, 1, 3}
	add := func(word int) {
		for _, w := range patterns.All()[k][word] {
			widths = append(widths, int(w))
		}
	}
	add(30*(row/3) + left)
	for _, w := range words[row*s.Columns : (row+1)*s.Columns] {
		add(w)
	}
	if s.Compact {
		return append(widths, 1)
	}
	add(30*(row/3) + right)
	return append(widths, 7, 1, 1, 3, 1, 1, 1, 2, 1)
}

// quiet is the width of the quiet zone in modules.
const quiet = 2

// Draw draws codewords, dark on light, with a quiet zone.
func (s *Symbol) Draw(words []int) *image.Gray {
	height, scale := s.RowHeight, s.Scale
	if height == 0 {
		height = 3
	}
	if scale == 0 {
		scale = 4
	}
	width := 17*(s.Columns+4) + 1
	if s.Compact {
		width = 17*(s.Columns+2) + 1
	}
	img := image.NewGray(image.Rect(0, 0, scale*(width+2*quiet), scale*(s.Rows*height+2*quiet)))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for row := range s.Rows {
		x := quiet
		for i, w := range s.Row(words, row) {
			if i%2 == 0 {
				fill(img, image.Rect(x, quiet+row*height, x+w, quiet+(row+1)*height), scale)
			}
			x += w
		}
	}
	return img
}

func fill(img *image.Gray, r image.Rectangle, scale int) {
	for y := r.Min.Y * scale; y < r.Max.Y*scale; y++ {
		for x := r.Min.X * scale; x < r.Max.X*scale; x++ {
			img.Pix[y*img.Stride+x] = 0
		}
	}
}

// Make draws data.
func (s *Symbol) Make(data []int) (*image.Gray, error) {
	words, err := s.Codewords(data)
	if err != nil {
		return nil, err
	}
	return s.Draw(words), nil
}
