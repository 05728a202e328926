// Program terminal is a till to play with: type what a scanner would read, or name a picture file, and redeem, void,
// report and look at verdicts. A till in another language drives examples/tilld.
//
//	terminal -dir FOLDER [-backend URL] [-code ENROLMENT] [-merchant M] [-store S] [-lane L] [-v]
//
// With support it writes what somebody who helps from afar needs to a file: how the terminal stands, and its journal
// without full identifiers, tokens, keys and names. The terminal must be closed meanwhile.
//
//	terminal support -dir FOLDER [-o FILE]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/offlane/offlane/examples/internal/till"
	"github.com/offlane/offlane/redeem"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	go func() { // a blocked read of standard input is ended by closing it
		<-ctx.Done()
		os.Stdin.Close()
	}()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// errUsage says that the flags were told of already.
var errUsage = errors.New("usage")

// run is the program; it returns its exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	command := trade
	if len(args) > 0 && args[0] == "support" {
		command, args = help, args[1:]
	}
	switch err := command(ctx, args, stdin, stdout, stderr); {
	case errors.Is(err, errUsage):
		return 2
	case err != nil:
		fmt.Fprintln(stderr, "terminal:", err)
		return 1
	}
	return 0
}

// parse reads the flags, all of which belong to a terminal's folder.
func parse(flags *flag.FlagSet, dir *string, args []string, stderr io.Writer) error {
	flags.SetOutput(stderr)
	flags.StringVar(dir, "dir", "", "the terminal's `folder`")
	if flags.Parse(args) != nil {
		return errUsage
	}
	if *dir == "" || flags.NArg() > 0 {
		flags.Usage()
		return errUsage
	}
	return nil
}

// help is the command support.
func help(ctx context.Context, args []string, _ io.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("terminal support", flag.ContinueOnError)
	file := flags.String("o", "support.json", "the `file` to write; - is standard output")
	var dir string
	if err := parse(flags, &dir, args, stderr); err != nil {
		return err
	}
	if err := support(ctx, dir, *file, stdout); err != nil {
		return err
	}
	if *file != "-" {
		fmt.Fprintln(stdout, "written to", *file)
	}
	return nil
}

// trade is the till.
func trade(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	flags := flag.NewFlagSet("terminal", flag.ContinueOnError)
	var o till.Options
	flags.StringVar(&o.Backend, "backend", "", "the backend's `address`; without it nothing is reported")
	flags.StringVar(&o.Code, "code", "", "the enrolment `code`, needed once")
	flags.StringVar(&o.Place.Merchant, "merchant", "", "the `merchant`, if the enrolment does not say it")
	flags.StringVar(&o.Place.Store, "store", "", "the `store`, if the enrolment does not say it")
	flags.StringVar(&o.Place.Lane, "lane", "1", "the terminal's `name` in its store")
	flags.BoolVar(&o.Verbose, "v", false, "log to standard error")
	if err := parse(flags, &o.Dir, args, stderr); err != nil {
		return err
	}
	t, err := till.Open(ctx, o)
	if err != nil {
		return err
	}
	defer t.Terminal.Close()
	if o.Backend != "" && !t.Terminal.Status().Enrolled {
		enrol(ctx, t.Terminal, stderr)
	}
	person := till.Person{Till: t}
	return person.Talk(ctx, stdin, stdout)
}

// enrol reports once, so that what is typed first is not refused since the till is not known yet.
func enrol(ctx context.Context, terminal *redeem.Terminal, stderr io.Writer) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := terminal.ReportNow(ctx); err != nil {
		fmt.Fprintln(stderr, "terminal: not enrolled yet:", err)
	}
}
