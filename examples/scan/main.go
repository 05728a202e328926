// Scan prints the symbols in pictures.
//
//	scan [-json] [-formats list] [-frame] FILE...
//
// Each symbol is a line: file, format, text. With -json each file is one JSON object instead, with all that a symbol
// has: identifier, text as transmitted, codewords in base64, add-on, corners, quality, place in a structured append. A
// dash reads standard input. PNG, JPEG, GIF, BMP and WebP are read. A file that is no picture, or too large a one, is
// named on standard error, and the exit status is 1 after the others were done; it is 2 for wrong usage.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/offlane/offlane/barcode"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("scan", flag.ContinueOnError)
	flags.SetOutput(stderr)
	asJSON := flags.Bool("json", false, "print one JSON object a file")
	formats := flags.String("formats", "", "formats to look for, with commas: "+names()+" (all when empty)")
	frame := flags.Bool("frame", false, "try only what fits into the time of a camera frame")
	flags.Usage = func() {
		fmt.Fprintln(stderr, "usage: scan [-json] [-formats list] [-frame] FILE...   (- is standard input)")
		flags.PrintDefaults()
	}
	if flags.Parse(args) != nil {
		return 2
	}
	scanner := new(barcode.Scanner)
	if *frame {
		scanner.Frame = true
	}
	if err := choose(scanner, *formats); err != nil {
		fmt.Fprintln(stderr, "scan:", err)
		return 2
	}
	if flags.NArg() == 0 {
		flags.Usage()
		return 2
	}
	print := printLines
	if *asJSON {
		print = printJSON
	}
	status := 0
	for _, file := range flags.Args() {
		report, err := read(ctx, scanner, file, stdin)
		if err == nil {
			err = print(stdout, report)
		}
		if err != nil {
			fmt.Fprintf(stderr, "scan: %s: %v\n", file, err)
			status = 1
		}
	}
	return status
}

func names() string {
	var all []string
	for _, f := range barcode.Formats() {
		all = append(all, f.String())
	}
	return strings.Join(all, ",")
}

func choose(scanner *barcode.Scanner, list string) error {
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		f, err := barcode.ParseFormat(name)
		if err != nil {
			return err
		}
		scanner.Formats = append(scanner.Formats, f)
	}
	return nil
}
