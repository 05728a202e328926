// Command store plays a store without the internet: lanes and a hub, each a program of its own, and offers of which
// each is shown at two lanes at the same moment. One of the two redeems it, and the other one refuses with the lane's
// name. Meanwhile programs may be killed or stopped for a while, and lines may be cut or slow, or work one way only. In
// the end every offer that was redeemed twice must say why.
//
//	go run ./examples/store -lanes 8 -offers 10000
//	go run ./examples/store -lanes 4 -offers 500 -trouble 20
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
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "store:", err)
		os.Exit(1)
	}
}

// options are what the caller chose.
type options struct {
	lanes, offers, trouble, atOnce int
	seed                           uint64
	timeout, lease, every          time.Duration
	dir                            string
	as                             string // of a program that this one starts: hub or lane
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("store", flag.ContinueOnError)
	flags.IntVar(&o.lanes, "lanes", 4, "how many lanes the store has, 2 to 50")
	flags.IntVar(&o.offers, "offers", 1000, "how many offers are shown, each at two lanes at once")
	flags.IntVar(&o.trouble, "trouble", 0, "how often a program is killed or stopped for a while, or a line faulty")
	flags.IntVar(&o.atOnce, "at-once", 16, "how many offers are shown at the same moment")
	flags.Uint64Var(&o.seed, "seed", 1, "where the choice of lanes and trouble starts")
	flags.DurationVar(&o.timeout, "timeout", 5*time.Second, "how long a lane waits for the hub before it decides alone;\n"+
		"a shop's own is 150ms, and a machine that is busy with other things takes longer")
	flags.DurationVar(&o.every, "every", 0, "how long it is from one offer to the next; 0: no time")
	flags.DurationVar(&o.lease, "lease", 0, "how long a claim lasts, at least 1s; 0: the hub's own 10s")
	flags.StringVar(&o.dir, "dir", "", "the folder of all programs; empty: one that is removed in the end")
	internet := flags.String("internet", "off", "off: no lane has a backend, which is all that this program plays")
	flags.StringVar(&o.as, "as", "", "used by the program itself: be the hub or a lane")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case o.as == "hub":
		return runHub(ctx, o.dir, os.Stdin, out)
	case o.as == "lane":
		return runLane(ctx, o.dir, os.Stdin, out)
	case flags.NArg() > 0 || o.as != "":
		return fmt.Errorf("%q is not understood: see -h", args)
	case *internet != "off":
		return fmt.Errorf("-internet %s: only off is played here", *internet)
	case o.lanes < 2 || o.lanes > 50 || o.offers < 1 || o.trouble < 0 || o.atOnce < 1 ||
		o.timeout < 0 || o.lease < 0 || o.every < 0:
		return errors.New("give 2 to 50 lanes, at least one offer, and no negative numbers")
	}
	return play(ctx, o, out)
}
