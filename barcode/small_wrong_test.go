package barcode

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pix"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Noise, circles and parts of symbols showed Data Matrix symbols of three codewords, skewed and with a quarter of their
// patterns wrong. Without -long they are shown from one side, not four.
func TestNothingIsASmallDataMatrixByChance(t *testing.T) {
	t.Parallel()
	pictures := map[string]*pix.Gray{
		"noise":         pretend(decoys["noise"], 9032368),
		"circles":       pretend(decoys["circles"], 9037320),
		"other circles": pretend(decoys["circles"], 9037528),
	}
	for name, seed := range map[string]uint64{"aztec": 5001253, "data_matrix": 5004706} {
		pictures[name] = damagedSpecimen(t, name, seed)
	}
	only := []Format{DataMatrix}
	scanners := []*Scanner{{Budget: -1, Formats: only}, {Frame: true, Budget: -1, Formats: only}}
	sides := 4
	if !*long {
		sides = 1
	}
	for name, g := range pictures {
		for range sides {
			for _, s := range scanners {
				got, err := s.ScanPlane(context.Background(), Plane{Pix: g.Pix, Width: g.W, Height: g.H, Stride: g.Stride})
				require.NoError(t, err, "%s is scanned", name)
				assert.Empty(t, got, "%s shows no Data Matrix, frame %t", name, s.Frame)
			}
			g = g.Turn()
		}
	}
}

// Symbols that were read as another: a fence made a D of the A of A9, another a V of the X of K3X1, and text on
// stickers left ten of twenty and of fourteen digits with a whole stop.
func TestWhatIsCoveredIsNotReadAsAnother(t *testing.T) {
	t.Parallel()
	for seed, name := range map[uint64]string{25000836: "code39", 27002668: "code39", 26004843: "itf", 28001719: "itf"} {
		g := damagedSpecimen(t, name, seed)
		for _, s := range []*Scanner{{Budget: -1}, {Frame: true, Budget: -1}} {
			got, err := s.ScanPlane(context.Background(), Plane{Pix: g.Pix, Width: g.W, Height: g.H, Stride: g.Stride})
			require.NoError(t, err, "%s is scanned", name)
			assert.Empty(t, got, "%s is covered, frame %t", name, s.Frame)
		}
	}
}

// damagedSpecimen is the picture of a covered symbol of a symbology.
func damagedSpecimen(t *testing.T, name string, seed uint64) *pix.Gray {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	i := slices.IndexFunc(makers, func(m maker) bool { return m.name == name })
	require.GreaterOrEqual(t, i, 0, "there is no symbology of the name %q", name)
	_, img := makers[i].make(t, r)
	_, picture := damaged(planeImage(img), r)
	return picture
}
