package barcode

import (
	"context"
	"image"
	"testing"
	"time"

	"github.com/offlane/offlane/barcode/internal/degrade"
	"github.com/stretchr/testify/require"
)

func frameOf(img *image.Gray) Plane {
	return Plane{Pix: img.Pix, Width: img.Bounds().Dx(), Height: img.Bounds().Dy(), Stride: img.Stride}
}

func TestOnePhoneHeldUpIsOneScan(t *testing.T) {
	show := func(text string, turn float64) Plane {
		d, err := Encode(QRCode, text, Encoding{})
		require.NoError(t, err)
		return frameOf(degrade.Camera{Turn: turn, Size: 200, Noise: 3}.See(d.Image(6)))
	}
	first, moved, other := show("FIRST", 0), show("FIRST", 15), show("OTHER", 0)
	empty := Plane{Pix: make([]byte, 640*480), Width: 640, Height: 480}
	s := Stream{Scanner: Scanner{Formats: []Format{QRCode}}}
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for i, step := range []struct {
		frame Plane
		after time.Duration
		texts []string
	}{
		{first, 0, []string{"FIRST"}},
		{moved, 100 * time.Millisecond, nil},
		{empty, 1500 * time.Millisecond, nil},
		{first, 1900 * time.Millisecond, nil},
		{other, 2000 * time.Millisecond, []string{"OTHER"}},
		{empty, 4200 * time.Millisecond, nil},
		{first, 4300 * time.Millisecond, []string{"FIRST"}},
	} {
		got, err := s.Next(context.Background(), step.frame, start.Add(step.after))
		require.NoError(t, err)
		var texts []string
		for _, symbol := range got {
			texts = append(texts, symbol.Text)
		}
		require.Equal(t, step.texts, texts, "step %d", i)
	}
}

func TestASymbolSeenInAWindowKeepsItsPlaceInTheFrame(t *testing.T) {
	d, err := Encode(QRCode, "FIRST", Encoding{})
	require.NoError(t, err)
	frame := frameOf(degrade.Camera{Size: 200}.See(d.Image(6)))
	s := Stream{Scanner: Scanner{Formats: []Format{QRCode}}}
	for range 2 {
		all, err := s.look(context.Background(), frame)
		require.NoError(t, err)
		require.Len(t, all, 1)
		c, _ := middle(all[0].Corners)
		require.InDelta(t, 320, c.X, 2)
		require.InDelta(t, 240, c.Y, 2)
		s.fresh(all, time.Now())
	}
}

func TestASecondSymbolIsSeenBesideTheFirst(t *testing.T) {
	frame := image.NewGray(image.Rect(0, 0, 640, 320))
	for i := range frame.Pix {
		frame.Pix[i] = 230
	}
	s := Stream{Scanner: Scanner{Formats: []Format{QRCode}}}
	now := time.Now()
	next := func() (texts []string) {
		_, err := s.Next(context.Background(), frameOf(frame), now)
		require.NoError(t, err)
		for _, symbol := range s.InSight() {
			texts = append(texts, symbol.Text)
		}
		return texts
	}
	place(t, frame, "FIRST", 40, 60)
	for range 3 {
		require.Equal(t, []string{"FIRST"}, next())
	}
	place(t, frame, "SECOND", 400, 60)
	seen := map[string]bool{}
	for range wholeEvery {
		for _, text := range next() {
			seen[text] = true
		}
	}
	require.Equal(t, map[string]bool{"FIRST": true, "SECOND": true}, seen)
}

// place draws a QR code into a frame, six pixels a module.
func place(t *testing.T, frame *image.Gray, text string, left, top int) {
	t.Helper()
	d, err := Encode(QRCode, text, Encoding{})
	require.NoError(t, err)
	w, h := d.Size()
	for y := range 6 * h {
		for x := range 6 * w {
			if d.Dark(x/6, y/6) {
				frame.Pix[frame.PixOffset(left+x, top+y)] = 30
			}
		}
	}
}

func TestABadFrameDoesNotEndTheStream(t *testing.T) {
	s := Stream{}
	_, err := s.Next(context.Background(), Plane{Width: 10, Height: 10}, time.Now())
	require.Error(t, err)
	_, err = s.Next(context.Background(), Plane{Pix: make([]byte, 100), Width: 10, Height: 10}, time.Now())
	require.NoError(t, err)
}
