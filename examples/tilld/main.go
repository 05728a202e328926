// Program tilld is a terminal as a daemon: a till in any language calls it on the same machine, by a Unix socket, by
// loopback with a token, or by lines of JSON. One daemon is one till. clients holds a client for each of several
// languages, and transport/local/openapi.yaml is the contract.
//
//	tilld -dir FOLDER [-backend URL] [-code ENROLMENT] [-merchant M] [-store S] [-lane L] [-manual] [-mark FILE]
//	      [-socket FILE|none] [-listen 127.0.0.1:PORT] [-token FILE] [-origins URL[,URL…]]
//	      [-texts FILE] [-zone ZONE]
//	      [-hub HOST:PORT [-hubkeys KEY[,KEY…]] | -host ADDRESS] [-hubwait DURATION] [-config FILE] [-stdio] [-v]
//
// Every flag that takes a text can be given by the environment as OFFLANE_TILLD_ and its name in capitals, and by the
// file of -config as a JSON object with the same names, in which "policy" is what redeem.ParsePolicy reads. A flag
// comes before the environment, and that before the file. README.md beside this file says how to set it up.
//
// With -stdio it listens nowhere: it reads one call a line from standard input and writes one answer a line.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // cashiers' screens have a time zone, also where the machine knows none
)

func main() {
	if ran, status := runAsService(os.Args[1:]); ran {
		os.Exit(status)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// errUsage says that the flags were told of already.
var errUsage = errors.New("usage")

// run is the program; it returns its exit status.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	o, err := readOptions(args, stderr)
	if err == nil {
		err = work(ctx, o, stdin, stdout, stderr)
	}
	switch {
	case errors.Is(err, errUsage):
		return 2
	case err != nil:
		fmt.Fprintln(stderr, "tilld:", err)
		return 1
	}
	return 0
}

// work serves until ctx ends, or standard input does with -stdio.
func work(ctx context.Context, o options, stdin io.Reader, stdout, stderr io.Writer) (err error) {
	till, err := open(ctx, o, stderr)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, till.close()) }()
	if o.stdio {
		return serveLines(ctx, till.service, stdin, stdout)
	}
	return till.serve(ctx, o, stdout)
}
