// Package pictures reads a folder of pictures with a manifest.jsonl and hands every reader the same gray pixels.
package pictures

import (
	"bufio"
	"encoding/json"
	"fmt"
	"image"
	_ "image/gif"  // the formats that image.Decode knows
	_ "image/jpeg" // ditto
	_ "image/png"  // ditto
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/offlane/offlane/barcode"
	_ "golang.org/x/image/bmp"  // ditto
	_ "golang.org/x/image/webp" // ditto
)

// A Picture is a line of the manifest.
type Picture struct {
	File   string `json:"file"`
	Format string `json:"format"`
	// Texts is what the symbols say, exactly; nil: not known.
	Texts []string `json:"texts"`
	// TextsSeen is what others have read within Corners, x and y in turn.
	TextsSeen []string    `json:"texts_seen"`
	Corners   [][]float64 `json:"corners"`
}

// Folder is the picture's folder, by which results are summed.
func (p Picture) Folder() string { return filepath.Dir(p.File) }

// Known are the texts that count as read.
func (p Picture) Known() []string { return slices.Concat(p.Texts, p.TextsSeen) }

// A Reading is what some reader found.
type Reading struct {
	Format, Text string
	Corners      []barcode.Point
}

// Middle is the mean of the corners.
func (r Reading) Middle() (mid barcode.Point) {
	for _, c := range r.Corners {
		mid.X += c.X / float64(len(r.Corners))
		mid.Y += c.Y / float64(len(r.Corners))
	}
	return mid
}

// Manifest returns the pictures of a folder whose name begins with one of the prefixes; no prefix: all.
func Manifest(folder string, prefixes ...string) ([]Picture, error) {
	f, err := os.Open(filepath.Join(folder, "manifest.jsonl"))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var all []Picture
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var p Picture
		if err := json.Unmarshal(lines.Bytes(), &p); err != nil {
			return nil, fmt.Errorf("manifest.jsonl, line %d: %w", n, err)
		}
		if len(prefixes) == 0 || slices.ContainsFunc(prefixes, func(s string) bool { return strings.HasPrefix(p.File, s) }) {
			all = append(all, p)
		}
	}
	return all, lines.Err()
}

// Decode decodes a picture of the folder.
func Decode(folder string, p Picture) (image.Image, error) {
	f, err := os.Open(filepath.Join(folder, p.File))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.File, err)
	}
	return img, nil
}
