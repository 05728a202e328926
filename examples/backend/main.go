// Program backend is the reference backend as a server: terminals and customers on one address, merchants on another.
//
//	backend [-listen ADDRESS] [-manage ADDRESS] [-db FILE|postgres://…] [-merchant NAME] [-cert FILE -key FILE]
//	        [-backups FOLDER] [-every DURATION] [-v] [-rude SEED]
//
// Every flag that takes a text can be given by the environment as OFFLANE_ and its name in capitals. The management key comes from
// OFFLANE_MANAGEMENT_KEY, or is made and printed at the first start, with an enrolment code for a first store.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/pages"
)

func main() {
	o, err := readOptions(flag.CommandLine, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "backend:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "backend:", err)
		os.Exit(1)
	}
}

// run serves until ctx ends. What is needed to begin is printed to out, the log goes to logs.
func run(ctx context.Context, o options, out, logs io.Writer) (err error) {
	store, err := openStore(ctx, o.db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	key, made, err := managementKey(ctx, store)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: o.level()}))
	server, err := backend.New(backend.Config{
		Store: store, Merchants: []backend.Merchant{{Name: o.merchant, Key: key}}, SecureCookies: o.cert != "", Logger: log,
	})
	if err != nil {
		return err
	}
	defer server.Close()
	if made {
		if err := welcome(ctx, out, server, o.merchant, key); err != nil {
			return err
		}
	}
	stopBackups, err := o.keepBackups(ctx, log, store)
	if err != nil {
		return err
	}
	defer stopBackups()
	return serve(ctx, log, o, []site{
		{"terminals and customers", o.listen, o.behave(pages.Customer(server))}, {"merchants", o.manage, pages.Merchant(server)},
	})
}
