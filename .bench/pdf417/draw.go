package main

import (
	"bufio"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"

	"github.com/offlane/offlane/barcode"
)

//go:embed draw.mjs
var script string

// A drawer is a child that draws symbols with bwip-js.
type drawer struct {
	in  io.WriteCloser
	out *bufio.Reader
	cmd *exec.Cmd
}

// newDrawer starts the child in a folder in which `npm install bwip-js` was run.
func newDrawer(folder string) (*drawer, error) {
	cmd := exec.Command("node", "--input-type=module", "-e", script)
	cmd.Dir, cmd.Stderr = folder, os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &drawer{in, bufio.NewReader(out), cmd}, cmd.Start()
}

// Options are those of bwip-js for one symbol.
type options struct {
	Format   string `json:"bcid"`
	Text     string `json:"text"`
	Columns  int    `json:"columns"`
	Level    int    `json:"eclevel"`
	Parse    bool   `json:"parse"`
	ParseECI bool   `json:"parsefnc"`
	Binary   bool   `json:"binarytext"`
	RowScale int    `json:"-"` // modules of height
}

// draw draws a symbol, so many pixels a module, with a quiet zone of two modules.
func (d *drawer) draw(o options, scale int) (p barcode.Plane, err error) {
	if err := json.NewEncoder(d.in).Encode(o); err != nil {
		return p, err
	}
	line, err := d.out.ReadBytes('\n')
	if err != nil {
		return p, fmt.Errorf("bwip-js: the child ended: %w", err)
	}
	var got struct {
		Width       int
		Dark, Error string
	}
	if err := json.Unmarshal(line, &got); err != nil {
		return p, err
	}
	if got.Error != "" {
		return p, errors.New(got.Error)
	}
	const quiet = 2
	rows := len(got.Dark) / max(1, got.Width) // bwip-js hands them over one pixel high
	height := rows * o.RowScale
	p = barcode.Plane{Width: (got.Width + 2*quiet) * scale, Height: (height + 2*quiet) * scale}
	p.Pix = make([]byte, p.Width*p.Height)
	for i := range p.Pix {
		x, y := i%p.Width/scale-quiet, i/p.Width/scale-quiet
		p.Pix[i] = 255
		if x >= 0 && y >= 0 && x < got.Width && y < height && got.Dark[y/o.RowScale*got.Width+x] == '1' {
			p.Pix[i] = 0
		}
	}
	return p, nil
}

func (d *drawer) close() error {
	d.in.Close()
	return d.cmd.Wait()
}
