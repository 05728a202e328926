package main

import (
	"bytes"
	"context"
	"encoding/json"
	"hash/crc32"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/offlane/offlane/barcode"
	"github.com/stretchr/testify/require"
	"golang.org/x/image/bmp"
)

func drawn(t *testing.T, text string) image.Image {
	t.Helper()
	d, err := barcode.Encode(barcode.QRCode, text, barcode.Encoding{})
	require.NoError(t, err)
	return d.Image(4)
}

func save(t *testing.T, name string, encode func(io.Writer) error) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	f, err := os.Create(file)
	require.NoError(t, err)
	require.NoError(t, encode(f))
	require.NoError(t, f.Close())
	return file
}

func scan(t *testing.T, stdin io.Reader, args ...string) (status int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	status = run(context.Background(), args, stdin, &out, &errs)
	return status, out.String(), errs.String()
}

func TestEveryPictureFormatIsRead(t *testing.T) {
	img := drawn(t, "EXAMPLE")
	for name, encode := range map[string]func(io.Writer) error{
		"a.png": func(w io.Writer) error { return png.Encode(w, img) },
		"a.jpg": func(w io.Writer) error { return jpeg.Encode(w, img, nil) },
		"a.gif": func(w io.Writer) error { return gif.Encode(w, img, nil) },
		"a.bmp": func(w io.Writer) error { return bmp.Encode(w, img) },
	} {
		file := save(t, name, encode)
		status, out, errs := scan(t, nil, file)
		require.Zero(t, status, errs)
		require.Equal(t, file+"\tqr_code\tEXAMPLE\n", out)
	}
}

func TestJSONHoldsOneObjectAFile(t *testing.T) {
	a := save(t, "a.png", func(w io.Writer) error { return png.Encode(w, drawn(t, "A<1>")) })
	empty := save(t, "b.png", func(w io.Writer) error { return png.Encode(w, image.NewGray(image.Rect(0, 0, 50, 50))) })
	status, out, errs := scan(t, nil, "-json", a, empty)
	require.Zero(t, status, errs)
	lines := bytes.Split(bytes.TrimSpace([]byte(out)), []byte("\n"))
	require.Len(t, lines, 2)
	var got struct {
		File    string
		Symbols []struct {
			Format, Text string
			Corners      [][]float64
		}
		Millis *float64
	}
	require.NoError(t, json.Unmarshal(lines[0], &got))
	require.Equal(t, a, got.File)
	require.Len(t, got.Symbols, 1)
	require.Equal(t, "qr_code", got.Symbols[0].Format)
	require.Equal(t, "A<1>", got.Symbols[0].Text)
	require.Len(t, got.Symbols[0].Corners, 4)
	require.InDelta(t, 16, got.Symbols[0].Corners[0][0], 6)
	require.NotNil(t, got.Millis)
	require.Contains(t, string(lines[1]), `"symbols":[]`)
}

// Every field of a symbol has a member, so that one that is new is not forgotten here.
func TestJSONHasAllThatASymbolHas(t *testing.T) {
	s := symbolOf(barcode.Symbol{Format: barcode.UPCE, Text: "01234565", AIM: "]E0", Raw: []byte{0, 1, 255}, AddOn: "12",
		Corners: [4]barcode.Point{{X: 1, Y: 2}, {X: 3, Y: 4}, {X: 5, Y: 6}, {X: 7, Y: 8}},
		Quality: barcode.Quality{Module: 2, Contrast: 0.5, Modulation: 0.75, UnusedCorrection: 1, Lines: 3},
		Part:    barcode.Part{Index: 1, Total: 2, Parity: 9}})
	got, err := json.Marshal(s)
	require.NoError(t, err)
	require.JSONEq(t, `{"format": "upce", "text": "01234565", "aim": "]E0", "transmitted": "]E00012345000065",
		"raw": "AAH/", "addOn": "12", "corners": [[1, 2], [3, 4], [5, 6], [7, 8]], "quality": {"module": 2, "contrast": 0.5,
		"modulation": 0.75, "unusedCorrection": 1, "lines": 3}, "part": {"index": 1, "total": 2, "parity": 9}}`,
		string(got))
	require.Equal(t, reflect.TypeFor[barcode.Symbol]().NumField()+1, reflect.TypeFor[symbol]().NumField(),
		"Transmitted is one more")
}

func TestABadFileIsNamedAfterWhichTheOthersAreRead(t *testing.T) {
	bad := save(t, "bad.png", func(w io.Writer) error { _, err := io.WriteString(w, "no picture"); return err })
	bomb := save(t, "bomb.png", func(w io.Writer) error { _, err := w.Write(header(40000, 40000)); return err })
	var whole bytes.Buffer
	require.NoError(t, png.Encode(&whole, drawn(t, "EXAMPLE")))
	cut := save(t, "cut.png", func(w io.Writer) error { _, err := w.Write(whole.Bytes()[:whole.Len()/2]); return err })
	status, out, errs := scan(t, &whole, bad, bomb, cut, "missing.png", "-")
	require.Equal(t, 1, status)
	require.Equal(t, "-\tqr_code\tEXAMPLE\n", out)
	require.Contains(t, errs, "bad.png: this is no PNG")
	require.Contains(t, errs, "bomb.png: barcode: picture of 40000 x 40000 pixels")
	require.Contains(t, errs, "cut.png: the picture cannot be decoded")
	require.Contains(t, errs, "missing.png")
}

// header is the start of a PNG that claims a size.
func header(w, h uint32) []byte {
	var file bytes.Buffer
	_ = png.Encode(&file, image.NewGray(image.Rect(0, 0, 1, 1)))
	data := file.Bytes()[:33]
	put := func(at int, v uint32) {
		data[at], data[at+1], data[at+2], data[at+3] = byte(v>>24), byte(v>>16), byte(v>>8), byte(v)
	}
	put(16, w)
	put(20, h)
	put(29, crc32.ChecksumIEEE(data[12:29]))
	return data
}

func TestWrongUsageExitsWithTwo(t *testing.T) {
	for _, args := range [][]string{{}, {"-formats", "semaphore", "x.png"}, {"-no-such-flag"}} {
		status, _, errs := scan(t, nil, args...)
		require.Equal(t, 2, status)
		require.NotEmpty(t, errs)
	}
}

func TestOnlyTheFormatsAskedForAreRead(t *testing.T) {
	file := save(t, "a.png", func(w io.Writer) error { return png.Encode(w, drawn(t, "EXAMPLE")) })
	status, out, _ := scan(t, nil, "-formats", "ean13, data_matrix", file)
	require.Zero(t, status)
	require.Empty(t, out)
}

func TestTextThatIsNotPlainIsQuoted(t *testing.T) {
	file := save(t, "a.png", func(w io.Writer) error { return png.Encode(w, drawn(t, "a\x1b[2Jb\n")) })
	_, out, _ := scan(t, nil, file)
	require.Equal(t, file+"\tqr_code\t\"a\\x1b[2Jb\\n\"\n", out)
}

func FuzzFile(f *testing.F) {
	f.Add([]byte("no picture"))
	f.Add(header(40000, 40000))
	f.Add(header(20, 20))
	d, err := barcode.Encode(barcode.QRCode, "EXAMPLE", barcode.Encoding{})
	require.NoError(f, err)
	var file bytes.Buffer
	require.NoError(f, d.PNG(&file, 2))
	f.Add(file.Bytes())
	f.Add(file.Bytes()[:file.Len()-20])
	file.Reset()
	require.NoError(f, jpeg.Encode(&file, d.Image(2), nil))
	f.Add(file.Bytes())
	scanner := &barcode.Scanner{MaxPixels: 1 << 16}
	f.Fuzz(func(_ *testing.T, data []byte) {
		img, err := decode(scanner, data)
		if err != nil {
			return
		}
		_, _ = scanner.Scan(context.Background(), img)
	})
}
