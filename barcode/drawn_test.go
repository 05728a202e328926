package barcode

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var drawInto = flag.String("draw", "", "the folder in which pictures are drawn, with a manifest for .bench/score")

// drawnSeeds is how many pictures of a kind are drawn.
const drawnSeeds = 24

// matrices are the formats of the kinds, with the names that .bench/score gives them.
var matrices = []struct {
	format Format
	name   string
}{{DataMatrix, "data_matrix"}, {Aztec, "aztec"}, {PDF417, "pdf417"}}

// TestMatricesAreReadInEveryKindOfPicture shows drawings of every kind to both settings. What is read is right, and of
// each kind as many are read as when that was last measured, less one.
func TestMatricesAreReadInEveryKindOfPicture(t *testing.T) {
	t.Parallel()
	for m, matrix := range matrices {
		for i, k := range kinds {
			var read [2]int
			tried := 0
			for seed := range drawnSeeds {
				if thin() > 1 && (seed+i+m)%(5*thin()) > 0 {
					continue
				}
				s := newScene(t, matrix.format, uint64(seed))
				k.do(t, s)
				tried++
				for setting, ok := range s.scan(t, k.name) {
					if ok {
						read[setting]++
					}
				}
			}
			for setting, n := range read {
				if tried == drawnSeeds {
					assert.GreaterOrEqual(t, n, leastRead[k.name][m][setting]-1, "%s, %s: setting %d", matrix.name, k.name, setting)
				}
			}
		}
	}
}

// scan says which settings read the symbol.
func (s *scene) scan(t *testing.T, name string) (read [2]bool) {
	t.Helper()
	g := planeOf(s.frame())
	for setting := range read {
		scanner := Scanner{Frame: setting > 0, Budget: -1, Formats: []Format{s.format}}
		got, err := scanner.ScanPlane(context.Background(), Plane{Pix: g.Pix, Width: g.W, Height: g.H, Stride: g.Stride})
		require.NoError(t, err, "%v, %s", s.format, name)
		for _, symbol := range got {
			require.Equal(t, s.text, symbol.Text, "%v, %s: what setting %d reads", s.format, name, setting)
		}
		read[setting] = len(got) > 0
	}
	return read
}

// TestKindsAreDrawn draws pictures for .bench/score, which shows them to other readers as well. Without -draw it draws
// one of each kind, or one of eight kinds without -long as well, which nobody keeps.
func TestKindsAreDrawn(t *testing.T) {
	folder, seeds := *drawInto, uint64(drawnSeeds)
	if folder == "" {
		folder, seeds = t.TempDir(), 1
	}
	require.NoError(t, os.MkdirAll(folder, 0o755), "the folder")
	manifest, err := os.Create(filepath.Join(folder, "manifest.jsonl"))
	require.NoError(t, err, "the manifest")
	defer manifest.Close()
	lines := json.NewEncoder(manifest)
	for i, m := range matrices {
		for j, k := range kinds {
			if *drawInto == "" && !*long && (i+j)%8 > 0 {
				continue
			}
			for seed := range seeds {
				s := newScene(t, m.format, seed)
				k.do(t, s)
				file := filepath.Join(m.name+", "+k.name, fmt.Sprintf("%02d.png", seed))
				g := planeOf(s.frame())
				writePNG(t, g, filepath.Join(folder, file))
				line := map[string]any{"file": file, "format": m.name, "width": g.W, "height": g.H, "texts": []string{s.text}}
				require.NoError(t, lines.Encode(line), "a line of the manifest")
			}
		}
	}
}
