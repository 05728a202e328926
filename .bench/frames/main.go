// Frames measures what a camera frame without a symbol costs, as most are: the no-code pictures scaled to 1280 by 720
// gray.
//
//	go -C .bench run -tags zbar ./frames [-rounds 5] FOLDER
//
// Every contestant sees every picture in turn, interleaved in one process on one processor; a contestant's figure is
// the median over the pictures of the best of the rounds, in time of the processor. zbar needs cgo, libzbar-dev and
// the build tag zbar; it gets the same bytes. gozxing's readers get a luminance source over the same bytes. Then come
// the allocations of one frame, also from a decoded JPEG (image.YCbCr), whose luminance plane must not be copied.
package main

import (
	"flag"
	"fmt"
	"image"
	"log"
	"os"
	"runtime"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/bench/internal/pictures"
	"golang.org/x/image/draw"
)

var rounds = flag.Int("rounds", 5, "rounds, each of which shows every picture to every contestant")

// The size of a frame.
const width, height = 1280, 720

func main() {
	log.SetFlags(0)
	flag.Parse()
	if flag.NArg() != 1 {
		flag.Usage()
		os.Exit(2)
	}
	runtime.GOMAXPROCS(1) // what the garbage collector does counts, but nothing runs beside
	runtime.LockOSThread()
	frames, err := load(flag.Arg(0))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%d frames of %d x %d, %d rounds\n", len(frames), width, height, *rounds)
	report(measure(contestants(), frames))
	fmt.Println()
	allocations(frames)
}

// load scales the pictures that hold no symbol.
func load(folder string) ([]barcode.Plane, error) {
	all, err := pictures.Manifest(folder, "no-code/")
	if err != nil {
		return nil, err
	}
	var frames []barcode.Plane
	for _, p := range all {
		img, err := pictures.Decode(folder, p)
		if err != nil {
			return nil, err
		}
		plane := pictures.Gray(img)
		from := &image.Gray{Pix: plane.Pix, Stride: plane.Width, Rect: image.Rect(0, 0, plane.Width, plane.Height)}
		to := image.NewGray(image.Rect(0, 0, width, height))
		draw.BiLinear.Scale(to, to.Rect, from, from.Rect, draw.Src, nil)
		frames = append(frames, barcode.Plane{Pix: to.Pix, Width: width, Height: height})
	}
	if len(frames) == 0 {
		return nil, fmt.Errorf("%s holds no pictures in no-code", folder)
	}
	return frames, nil
}
