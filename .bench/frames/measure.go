package main

import (
	"context"
	"fmt"
	"image"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/bench/internal/cpu"
)

// measure returns each contestant's median over the frames.
func measure(all []contestant, frames []barcode.Plane) map[string]time.Duration {
	best := map[string][]time.Duration{}
	for _, c := range all {
		c.read(frames[0]) // buffers and caches
		best[c.name] = slices.Repeat([]time.Duration{time.Hour}, len(frames))
	}
	for range *rounds {
		for i, frame := range frames {
			for _, c := range all {
				begun := cpu.Process()
				c.read(frame)
				best[c.name][i] = min(best[c.name][i], cpu.Process()-begun)
			}
		}
	}
	medians := map[string]time.Duration{}
	for name, times := range best {
		slices.Sort(times)
		medians[name] = (times[(len(times)-1)/2] + times[len(times)/2]) / 2
	}
	return medians
}

func report(medians map[string]time.Duration) {
	for _, group := range [][]string{{oursQR, zxQR, zxQRReadme, zbarQR}, {oursAll, zxAll, zxAllReadme, zxAllHarder,
		zbarAll}} {
		ours := medians[group[0]]
		for _, name := range group {
			if d, ok := medians[name]; ok {
				fmt.Printf("%-54s %8.3f ms of CPU, ours is %6.3f times that\n", name, float64(d.Nanoseconds())/1e6,
					float64(ours)/float64(d))
			}
		}
	}
}

// allocations counts what a frame allocates once the scanner has its buffers: the mean over the frames.
func allocations(frames []barcode.Plane) {
	for _, c := range []struct {
		name    string
		formats []barcode.Format
	}{{"QR only", []barcode.Format{barcode.QRCode}}, {"one-dimensional", linear()}, {"all formats", nil}} {
		s := &barcode.Scanner{Frame: true, Formats: c.formats}
		for _, as := range []struct {
			name string
			scan func(barcode.Plane) error
		}{
			{"plane", func(p barcode.Plane) error { _, err := s.ScanPlane(context.Background(), p); return err }},
			{"YCbCr", func(p barcode.Plane) error { _, err := s.Scan(context.Background(), jpegOf(p)); return err }},
		} {
			count, bytes := perFrame(frames, as.scan)
			fmt.Printf("allocations a frame, %-16s %s: %6.1f, %9.0f bytes\n", c.name, as.name, count, bytes)
		}
	}
}

func perFrame(frames []barcode.Plane, scan func(barcode.Plane) error) (count, bytes float64) {
	var before, after runtime.MemStats
	for round := range 2 { // the first makes the buffers
		if round == 1 {
			runtime.ReadMemStats(&before)
		}
		for _, frame := range frames {
			if err := scan(frame); err != nil {
				panic(err)
			}
		}
	}
	runtime.ReadMemStats(&after)
	n := float64(len(frames))
	return float64(after.Mallocs-before.Mallocs) / n, float64(after.TotalAlloc-before.TotalAlloc) / n
}

var chroma = make([]byte, width*height/4)

// jpegOf dresses a plane as image/jpeg decodes a frame, with the picture itself as the one allocation.
func jpegOf(p barcode.Plane) *image.YCbCr {
	return &image.YCbCr{
		Y: p.Pix, Cb: chroma, Cr: chroma, YStride: p.Width, CStride: p.Width / 2,
		SubsampleRatio: image.YCbCrSubsampleRatio420, Rect: image.Rect(0, 0, p.Width, p.Height),
	}
}

// linear are the formats of one dimension.
func linear() (out []barcode.Format) {
	for _, f := range barcode.Formats() {
		if slices.ContainsFunc([]string{"code", "coda", "ean", "upc", "itf", "databar"}, func(s string) bool {
			return strings.HasPrefix(f.String(), s)
		}) {
			out = append(out, f)
		}
	}
	return out
}
