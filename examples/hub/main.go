// Program hub is the hub of a store as a program of its own, by which the store's lanes agree on offers while there is
// no internet.
//
//	hub -dir FOLDER -backend URL [-code ENROLMENT] [-lane NAME] [-listen ADDRESS] [-manage ADDRESS]
//	    [-lease DURATION] [-wait DURATION] [-connections N] [-takeover] [-backups FOLDER] [-every DURATION] [-v]
//
// It is a terminal of its store that redeems nothing: it enrols once with a code, and the trust bundle tells it which
// lanes there are, and them its key, once the merchant let it host. Lanes reach the backend through it. Every flag that
// takes a text can be given by the environment as OFFLANE_HUB_ and its name in capitals. README.md beside this file
// says how to set it up.
package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/offlane/offlane/examples/internal/command"
	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport"
	"github.com/offlane/offlane/transport/hub"
)

func main() { command.Main("hub", readOptions, run) }

// run serves until ctx ends. What is needed to begin is printed to out, the log goes to logs.
func run(ctx context.Context, o options, out, logs io.Writer) (err error) {
	log := slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: o.level()}))
	if err := os.MkdirAll(o.dir, 0o700); err != nil {
		return err
	}
	client, err := transport.New(transport.Config{URL: o.backend, Logger: log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, client.Close()) }()
	host, err := hub.NewHost(hub.HostConfig{Dir: filepath.Join(o.dir, "hub"), Listen: o.listen, Server: o.config(log),
		Client: hub.ClientConfig{Logger: log}})
	if err != nil {
		return err
	}
	terminal, err := redeem.Open(ctx, filepath.Join(o.dir, "terminal"), redeem.Config{
		Place: record.Place{Lane: o.lane}, EnrolmentCode: o.code, Reporter: client, Hub: host, Logger: log,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, terminal.Close()) }()
	s := site{host, terminal}
	stopBackups, err := o.keepBackups(ctx, log, host.Server())
	if err != nil {
		return err
	}
	defer stopBackups()
	return s.serve(ctx, o, log, out)
}
