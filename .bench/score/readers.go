package main

import (
	"context"
	"fmt"
	"log"
	"strings"
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
	trace *trace // of our readers with -steps
}

// newReader makes a reader of the manifest's format; "": of all formats.
func newReader(name, format string) (reader, error) {
	var only []string
	if format != "" {
		only = strings.Split(format, ",")
	}
	switch name {
	case "still", "frame":
		return ours(name, format)
	case "zbar":
		s, err := zbar.New(only...)
		if err != nil {
			return reader{}, err
		}
		return timed(s.Scan), nil
	case "zxing":
		s, err := zxing.New(*npm, only...)
		if err != nil {
			return reader{}, err
		}
		return reader{read: s.Scan, close: func() { s.Close() }}, nil
	}
	return reader{}, fmt.Errorf("there are still, frame, zbar and zxing")
}

func timed(read func(barcode.Plane) ([]pictures.Reading, error)) reader {
	return reader{read: func(p barcode.Plane) ([]pictures.Reading, time.Duration, error) {
		begun := cpu.Thread()
		all, err := read(p)
		return all, cpu.Thread() - begun, err
	}, close: func() {}}
}

func ours(setting, format string) (reader, error) {
	s := new(barcode.Scanner)
	if setting == "frame" {
		s.Frame = true
	}
	for _, name := range strings.FieldsFunc(strings.ReplaceAll(format, "ean_upc", "ean13,ean8,upca,upce"), comma) {
		f, err := barcode.ParseFormat(name)
		if err != nil {
			return reader{}, err
		}
		s.Formats = append(s.Formats, f)
	}
	var t *trace
	if *steps {
		t = new(trace)
		s.Trace = t.step
	}
	r := timed(func(p barcode.Plane) (all []pictures.Reading, err error) {
		t.begin()
		symbols, err := s.ScanPlane(context.Background(), p)
		for _, y := range symbols {
			all = append(all, pictures.Reading{Format: y.Format.String(), Text: y.Text, Corners: y.Corners[:]})
		}
		return all, err
	})
	r.trace = t
	return r, nil
}

func comma(r rune) bool { return r == ',' }

// A bench is one worker's readers, made when they are first needed.
type bench struct {
	names   []string
	readers map[string]reader
}

func (b *bench) reader(name, format string) reader {
	if !*asked {
		format = *formats
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
		reader := b.reader(name, p.Format)
		all, took, err := reader.read(plane)
		if err != nil {
			log.Fatalf("%s: %s: %v", p.File, name, err)
		}
		for _, reading := range all {
			for i, c := range reading.Corners {
				reading.Corners[i] = pictures.Back(c, *rotate, upright.Width, upright.Height)
			}
		}
		v := judge(p, all, took)
		if reader.trace != nil {
			v.steps = reader.trace.steps
		}
		r.by = append(r.by, v)
	}
	return r
}
