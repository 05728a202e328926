// Wedge tries a hand scanner: it shows what arrives of each scan, what was recognised and repaired, and what offer it
// is.
//
//	wedge [-profile FILE] [-device PATH | -serial PATH]     show scans
//	wedge -draw FILE [-linear]                              draw the self-test barcode as PNG or SVG
//	wedge -learn -profile FILE [-device PATH | …]           scan the self-test and write the profile
//
// Scans are read from standard input, where a scanner types as a keyboard does; from a serial port, which must have
// been set up; or from a Linux input device, such as one of /dev/input/by-id, which no other window then gets. The exit
// status is 1 where something failed and 2 for wrong usage.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"

	"github.com/offlane/offlane/barcode/wedge"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// options is what the command line says.
type options struct {
	profile, device, serial, draw string
	learn, linear                 bool
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("wedge", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.profile, "profile", "", "the file that holds what the self-test found out")
	flags.StringVar(&o.device, "device", "", "the Linux input device to read")
	flags.StringVar(&o.serial, "serial", "", "the serial port to read")
	flags.StringVar(&o.draw, "draw", "", "draw the self-test barcode into this .png or .svg file")
	flags.BoolVar(&o.linear, "linear", false, "draw the self-test for scanners that read bars alone")
	flags.BoolVar(&o.learn, "learn", false, "scan the self-test and write the profile")
	if flags.Parse(args) != nil || flags.NArg() > 0 || o.learn && o.profile == "" || o.device != "" && o.serial != "" {
		fmt.Fprintln(stderr, "usage: wedge [-profile FILE] [-learn] [-device PATH | -serial PATH], or wedge -draw FILE "+
			"[-linear]")
		return 2
	}
	if err := do(ctx, o, stdin, stdout); err != nil && !errors.Is(err, context.Canceled) {
		fmt.Fprintln(stderr, "wedge:", err)
		return 1
	}
	return 0
}

func do(ctx context.Context, o options, stdin io.Reader, stdout io.Writer) error {
	if o.draw != "" {
		return draw(o.draw, o.linear, stdout)
	}
	source, err := open(o, stdin)
	if err != nil {
		return err
	}
	if o.learn {
		return learn(ctx, source, o.profile, stdout)
	}
	return show(ctx, source, o.profile, stdout)
}

// open returns what scans are read from. Standard input is left open when reading ends.
func open(o options, stdin io.Reader) (io.Reader, error) {
	switch {
	case o.device != "":
		return wedge.OpenInput(o.device)
	case o.serial != "":
		return os.Open(o.serial)
	}
	return struct{ io.Reader }{stdin}, nil
}

// isOffer tells a good text from one that a keyboard layout spoilt. An offer that is ambiguous is one.
func isOffer(text string) bool {
	_, err := offer.Parse(text)
	return err == nil || errors.Is(err, fault.Ambiguous)
}

func show(ctx context.Context, source io.Reader, profile string, stdout io.Writer) error {
	cfg := wedge.Config{Accept: isOffer}
	if profile != "" {
		data, err := os.ReadFile(profile)
		if err != nil {
			return err
		}
		if cfg.Profile, err = wedge.UnmarshalProfile(data); err != nil {
			return fmt.Errorf("%s: %w", profile, err)
		}
	}
	for scan, err := range wedge.Scans(ctx, source, cfg) {
		if errors.Is(err, wedge.ErrTooLong) {
			fmt.Fprintln(stdout, err)
			continue
		}
		if err != nil {
			return err
		}
		report(stdout, scan)
	}
	return nil
}
