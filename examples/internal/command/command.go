// Package command starts programs that serve until they are told to stop.
package command

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
)

// Main reads the options of the command line and runs the program until an interrupt or SIGTERM. It ends the process
// with status 2 where read refuses the options, and with 1 where run fails.
func Main[O any](name string, read func(*flag.FlagSet, []string) (O, error),
	run func(ctx context.Context, o O, out, logs io.Writer) error) {
	o, err := read(flag.CommandLine, os.Args[1:])
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", name, err)
		os.Exit(1)
	}
}

// Text adds flags that take a text. The environment gives them as well, as the prefix and the flag's name in capitals.
func Text(flags *flag.FlagSet, prefix string) func(into *string, name, zero, usage string) {
	return func(into *string, name, zero, usage string) {
		if value := os.Getenv(prefix + strings.ToUpper(name)); value != "" {
			zero = value
		}
		flags.StringVar(into, name, zero, usage)
	}
}
