package main

import (
	_ "embed"
	"encoding/json"
	"errors"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/bench/internal/node"
)

//go:embed draw.mjs
var script string

// A drawer is a child that draws symbols with bwip-js.
type drawer struct{ *node.Child }

// newDrawer starts the child in a folder in which `npm install bwip-js` was run.
func newDrawer(folder string) (drawer, error) {
	child, err := node.Start(folder, "bwip-js", script)
	return drawer{child}, err
}

// Options are those of bwip-js for one symbol.
type options struct {
	Format   string `json:"bcid"`
	Text     string `json:"text"`
	Columns  int    `json:"columns,omitempty"`
	Level    int    `json:"eclevel"`
	Shape    string `json:"format,omitempty"`
	Size     string `json:"version,omitempty"`
	Layers   int    `json:"layers,omitempty"`
	Parse    bool   `json:"parse"`
	ParseECI bool   `json:"parsefnc"`
	Binary   bool   `json:"binarytext,omitempty"`
	Rows     int    `json:"-"` // the modules of height of a row; zero: one
}

// draw draws a symbol, so many pixels a module, with a quiet zone of two modules.
func (d drawer) draw(o options, scale int) (p barcode.Plane, err error) {
	question, err := json.Marshal(o)
	if err != nil {
		return p, err
	}
	var got struct {
		Width       int
		Dark, Error string
	}
	if err := d.Ask(&got, question, []byte("\n")); err != nil {
		return p, err
	}
	if got.Error != "" {
		return p, errors.New(got.Error)
	}
	const quiet = 2
	high := max(1, o.Rows)
	height := len(got.Dark) / max(1, got.Width) * high // bwip-js hands rows over one pixel high
	p = barcode.Plane{Width: (got.Width + 2*quiet) * scale, Height: (height + 2*quiet) * scale}
	p.Pix = make([]byte, p.Width*p.Height)
	for i := range p.Pix {
		x, y := i%p.Width/scale-quiet, i/p.Width/scale-quiet
		p.Pix[i] = 255
		if x >= 0 && y >= 0 && x < got.Width && y < height && got.Dark[y/high*got.Width+x] == '1' {
			p.Pix[i] = 0
		}
	}
	return p, nil
}
