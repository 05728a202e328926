package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // the formats that image.Decode knows
	_ "image/jpeg" // ditto
	_ "image/png"  // ditto
	"io"
	"os"
	"time"

	"github.com/offlane/offlane/barcode"
	_ "golang.org/x/image/bmp"  // ditto
	_ "golang.org/x/image/webp" // ditto
)

// maxFile bounds a file in bytes: more than a picture of the largest size allowed takes.
const maxFile = 256 << 20

// A report is what one picture holds.
type report struct {
	File    string   `json:"file"`
	Symbols []symbol `json:"symbols"`
	Millis  float64  `json:"millis"`
}

// A symbol is barcode.Symbol with the members that this program promises.
type symbol struct {
	Format      barcode.Format `json:"format"`
	Text        string         `json:"text"`
	AIM         string         `json:"aim"`
	Transmitted string         `json:"transmitted"`
	Raw         []byte         `json:"raw"` // base64
	AddOn       string         `json:"addOn,omitempty"`
	Corners     [4][2]float64  `json:"corners"`
	Quality     quality        `json:"quality"`
	Part        *part          `json:"part,omitempty"`
}

// A quality is barcode.Quality; a figure that was not measured is 0.
type quality struct {
	Module           float64 `json:"module"`
	Contrast         float64 `json:"contrast"`
	Modulation       float64 `json:"modulation"`
	UnusedCorrection float64 `json:"unusedCorrection"`
	Lines            int     `json:"lines"`
}

// A part is barcode.Part.
type part struct {
	Index  int    `json:"index"`
	Total  int    `json:"total"`
	Parity byte   `json:"parity"`
	ID     string `json:"id,omitempty"`
}

func symbolOf(s barcode.Symbol) symbol {
	out := symbol{Format: s.Format, Text: s.Text, AIM: s.AIM, Transmitted: s.Transmitted(), Raw: s.Raw, AddOn: s.AddOn,
		Quality: quality(s.Quality)}
	for i, c := range s.Corners {
		out.Corners[i] = [2]float64{c.X, c.Y}
	}
	if s.Part != (barcode.Part{}) {
		out.Part = (*part)(&s.Part)
	}
	return out
}

// read reads one picture. The time is that of the scanner, without opening and decoding the file.
func read(ctx context.Context, scanner *barcode.Scanner, file string, stdin io.Reader) (report, error) {
	img, err := open(scanner, file, stdin)
	if err != nil {
		return report{}, err
	}
	start := time.Now()
	found, err := scanner.Scan(ctx, img)
	if err != nil {
		return report{}, err
	}
	r := report{File: file, Symbols: []symbol{}, Millis: float64(time.Since(start).Microseconds()) / 1000}
	for _, f := range found {
		r.Symbols = append(r.Symbols, symbolOf(f))
	}
	return r, nil
}

func open(scanner *barcode.Scanner, file string, stdin io.Reader) (image.Image, error) {
	in := stdin
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	data, err := io.ReadAll(io.LimitReader(in, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("the file has more than %d MiB", maxFile>>20)
	}
	return decode(scanner, data)
}

// decode asks the header for the size first: a small file can claim to be a picture that no memory holds.
func decode(scanner *barcode.Scanner, data []byte) (img image.Image, err error) {
	defer func() {
		if r := recover(); r != nil {
			img, err = nil, fmt.Errorf("the picture cannot be decoded: %v", r)
		}
	}()
	config, _, err := image.DecodeConfig(bytes.NewReader(data))
	if errors.Is(err, image.ErrFormat) {
		return nil, errors.New("this is no PNG, JPEG, GIF, BMP or WebP picture")
	}
	if err == nil {
		err = scanner.CheckSize(config.Width, config.Height)
	}
	if err != nil {
		return nil, err
	}
	img, _, err = image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("the picture cannot be decoded: %w", err)
	}
	return img, nil
}
