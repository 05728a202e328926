package main

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/bench/internal/cpu"
	"github.com/offlane/offlane/bench/internal/pictures"
	"github.com/offlane/offlane/bench/internal/zbar"
	"github.com/offlane/offlane/bench/internal/zxing"
)

// A reader reads a plane and says how much time of the processor it took.
type reader struct {
	read  func(barcode.Plane) ([]pictures.Reading, time.Duration, error)
	close func()
}

// newReader makes a reader of the manifest's format; "": of all formats.
func newReader(name, format string) (reader, error) {
	var formats []string
	if format != "" {
		formats = append(formats, format)
	}
	switch name {
	case "still", "frame":
		return ours(name, format)
	case "zbar":
		s, err := zbar.New(formats...)
		if err != nil {
			return reader{}, err
		}
		return timed(s.Scan), nil
	case "zxing":
		s, err := zxing.New(*npm, formats...)
		if err != nil {
			return reader{}, err
		}
		return reader{s.Scan, func() { s.Close() }}, nil
	}
	return reader{}, fmt.Errorf("there are still, frame, zbar and zxing")
}

func timed(read func(barcode.Plane) ([]pictures.Reading, error)) reader {
	return reader{func(p barcode.Plane) ([]pictures.Reading, time.Duration, error) {
		begun := cpu.Thread()
		all, err := read(p)
		return all, cpu.Thread() - begun, err
	}, func() {}}
}

func ours(setting, format string) (reader, error) {
	s := new(barcode.Scanner)
	if setting == "frame" {
		s.Setting = barcode.Frame
	}
	names := []string{format}
	switch format {
	case "":
		names = nil
	case "ean_upc":
		names = []string{"ean13", "ean8", "upca", "upce"}
	}
	for _, name := range names {
		f, err := barcode.ParseFormat(name)
		if err != nil {
			return reader{}, err
		}
		s.Formats = append(s.Formats, f)
	}
	return timed(func(p barcode.Plane) (all []pictures.Reading, err error) {
		symbols, err := s.ScanPlane(context.Background(), p)
		for _, y := range symbols {
			all = append(all, pictures.Reading{Format: y.Format.String(), Text: y.Text, Corners: y.Corners[:]})
		}
		return all, err
	}), nil
}

// A bench is one worker's readers, made when they are first needed.
type bench struct {
	names   []string
	readers map[string]reader
}

func (b *bench) reader(name, format string) reader {
	if !*asked {
		format = ""
	}
	r, ok := b.readers[name+" "+format]
	if !ok {
		var err error
		if r, err = newReader(name, format); err != nil { // a format that this reader does not know: it reads nothing
			r = timed(func(barcode.Plane) ([]pictures.Reading, error) { return nil, nil })
		}
		b.readers[name+" "+format] = r
	}
	return r
}

func (b *bench) close() {
	for _, r := range b.readers {
		r.close()
	}
}

// read has every reader read a picture.
func (b *bench) read(folder string, p pictures.Picture) result {
	img, err := pictures.Decode(folder, p)
	if err != nil {
		log.Fatal(err)
	}
	upright := pictures.Gray(img)
	plane := pictures.Turned(upright, *rotate)
	r := result{picture: p}
	for _, name := range b.names {
		all, took, err := b.reader(name, p.Format).read(plane)
		if err != nil {
			log.Fatalf("%s: %s: %v", p.File, name, err)
		}
		for _, reading := range all {
			for i, c := range reading.Corners {
				reading.Corners[i] = pictures.Back(c, *rotate, upright.Width, upright.Height)
			}
		}
		r.by = append(r.by, judge(p, all, took))
	}
	return r
}
