// Program terminal is a till to play with: type what a scanner would read, or name a picture file, and redeem, void, report and
// look at verdicts. With -json it speaks one JSON object a line on standard input and output, so that a till in any language
// can drive it.
//
//	terminal -dir FOLDER [-backend URL] [-code ENROLMENT] [-merchant M] [-store S] [-lane L] [-json] [-v]
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/offlane/offlane/examples/internal/till"
)

func main() {
	var o till.Options
	flag.StringVar(&o.Dir, "dir", "", "the terminal's `folder`; it is made at the first start")
	flag.StringVar(&o.Backend, "backend", "", "the backend's `address`; without it nothing is reported")
	flag.StringVar(&o.Code, "code", "", "the enrolment `code`, needed once")
	flag.StringVar(&o.Place.Merchant, "merchant", "", "the `merchant`, if the enrolment does not say it")
	flag.StringVar(&o.Place.Store, "store", "", "the `store`, if the enrolment does not say it")
	flag.StringVar(&o.Place.Lane, "lane", "1", "the terminal's `name` in its store")
	flag.BoolVar(&o.Verbose, "v", false, "log to standard error")
	lines := flag.Bool("json", false, "speak one JSON object a line")
	flag.Parse()
	if o.Dir == "" || flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(o, *lines); err != nil {
		fmt.Fprintln(os.Stderr, "terminal:", err)
		os.Exit(1)
	}
}

func run(o till.Options, lines bool) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	t, err := till.Open(ctx, o)
	if err != nil {
		return err
	}
	defer t.Terminal.Close()
	go func() { // a blocked read of standard input is ended by closing it
		<-ctx.Done()
		os.Stdin.Close()
	}()
	if lines {
		return t.Serve(ctx, os.Stdin, os.Stdout)
	}
	person := till.Person{Till: t}
	return person.Talk(ctx, os.Stdin, os.Stdout)
}
