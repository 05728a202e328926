package barcode

import (
	"context"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/require"
)

var bitsFile = flag.String("bits", "", "file of hashes of readings to compare with; written where it is not there")

// TestReadingsHaveTheSameBits reads drawn pictures of every symbology twice, by scanners of their own: no bit of a
// reading may differ. With -bits one machine writes the hashes of what it read, and another compares its own with them.
// Without it there is one picture of each symbology, with -long and with -bits there are two.
func TestReadingsHaveTheSameBits(t *testing.T) {
	t.Parallel()
	var lines []string
	read, seeds := 0, uint64(2)
	if *bitsFile == "" && !*long {
		seeds = 1
	}
	for number := range makers {
		for seed := range seeds {
			r := rand.New(rand.NewPCG(seed, 14))
			s := specimenOf(t, number, r)
			picture := photographed(s.img, r)
			for setting, name := range map[scanSetting]string{stillSetting: "still", frameSetting: "frame"} {
				first, n := hashOf(t, picture, setting)
				again, _ := hashOf(t, picture, setting)
				require.Equal(t, first, again, "%s, seed %d, %s: two scanners read it", s.name, seed, name)
				read += n
				lines = append(lines, fmt.Sprintf("%s %d %s: %x, %s", s.name, seed, name, sha256.Sum256(picture.Pix), first))
			}
		}
	}
	require.Greater(t, read, 3*len(makers)*int(seeds)/2, "most of the pictures are read")
	slices.Sort(lines)
	compareBits(t, lines)
}

// hashOf is a hash of all bits of what a scanner reads, and of how many symbols.
func hashOf(t *testing.T, g *pix.Gray, setting scanSetting) (string, int) {
	t.Helper()
	s := &Scanner{Frame: setting == frameSetting, Budget: -1}
	got, err := s.ScanPlane(context.Background(), Plane{Pix: g.Pix, Width: g.W, Height: g.H})
	require.NoError(t, err)
	h := sha256.New()
	for _, y := range got {
		fmt.Fprintf(h, "%v %q %q %x %q\n", y.Format, y.Text, y.AIM, y.Raw, y.AddOn)
		q := y.Quality
		for _, v := range []float64{q.Module, q.Contrast, q.Modulation} {
			fmt.Fprintf(h, "%x ", math.Float64bits(v))
		}
		for _, c := range y.Corners {
			fmt.Fprintf(h, "%x %x ", math.Float64bits(c.X), math.Float64bits(c.Y))
		}
	}
	return fmt.Sprintf("%x", h.Sum(nil)), len(got)
}

// compareBits compares with the file of -bits line by line, or writes it.
func compareBits(t *testing.T, lines []string) {
	t.Helper()
	if *bitsFile == "" {
		return
	}
	data, err := os.ReadFile(*bitsFile)
	if errors.Is(err, fs.ErrNotExist) {
		require.NoError(t, os.WriteFile(*bitsFile, []byte(strings.Join(lines, "\n")), 0o600))
		return
	}
	require.NoError(t, err)
	want := strings.Split(string(data), "\n")
	require.Len(t, lines, len(want), "as many readings as on the other machine")
	for i, line := range lines {
		require.Equal(t, want[i], line, "the picture's bits, or the reading's")
	}
}
