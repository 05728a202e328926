package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/barcode/wedge"
)

// draw writes the self-test barcode: a QR code, or a Code 128 for scanners that read bars alone.
func draw(file string, linear bool, stdout io.Writer) error {
	format, text := barcode.QRCode, wedge.SelfTest
	if linear {
		format, text = barcode.Code128, wedge.SelfTestLinear
	}
	drawing, err := barcode.Encode(format, text, barcode.Encoding{})
	if err != nil {
		return err
	}
	const scale = 4 // pixels a module
	write := drawing.PNG
	switch strings.ToLower(filepath.Ext(file)) {
	case ".png":
	case ".svg":
		write = drawing.SVG
	default:
		return fmt.Errorf("%s: name a .png or an .svg file", file)
	}
	if err := writeFile(file, func(w io.Writer) error { return write(w, scale) }); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "The self-test is in %s. Scan it with -learn.\n", file)
	return nil
}

// learn waits for one scan of the self-test and writes the profile that comes of it.
func learn(ctx context.Context, source io.Reader, file string, stdout io.Writer) error {
	fmt.Fprintln(stdout, "Scan the self-test barcode now.")
	for scan, err := range wedge.Scans(ctx, source, wedge.Config{}) {
		if err != nil {
			return err
		}
		profile, err := wedge.Learn(scan.Raw)
		if err != nil {
			fmt.Fprintf(stdout, "%q came. %v\n", scan.Raw, err)
			continue
		}
		return keep(profile, file, stdout)
	}
	return errors.New("no self-test came")
}

func keep(profile wedge.Profile, file string, stdout io.Writer) error {
	data, err := wedge.MarshalProfile(profile)
	if err != nil {
		return err
	}
	err = writeFile(file, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s\nThe profile is in %s:\n%s", findings(profile), file, data)
	return nil
}

// findings says in words what the self-test found out.
func findings(p wedge.Profile) string {
	var said []string
	switch {
	case p.Characters != nil:
		said = append(said, "The keyboard layout is none that is known by name; its characters were learned.")
	case p.Scanner == p.Keyboard:
		said = append(said, "Scanner and computer agree on the keyboard layout.")
	default:
		said = append(said, fmt.Sprintf("The scanner believes in the layout %q, the computer is set to %q: that is undone.",
			p.Scanner, p.Keyboard))
	}
	if p.CapsLock {
		said = append(said, "Caps lock was on.")
	}
	if p.LostSeparator {
		said = append(said, "The group separator gets lost: set the scanner to send <GS> for it.")
	}
	if p.Suffix == "" {
		said = append(said, "Nothing marks the end of a scan: set the scanner to send a carriage return after it.")
	}
	return strings.Join(said, " ")
}

// writeFile writes a file whole, or says what failed.
func writeFile(file string, write func(io.Writer) error) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Close())
}
