// Program backend is the reference backend as a server: terminals and customers on one address, merchants on another.
//
//	backend [-listen ADDRESS] [-manage ADDRESS] [-db FILE|postgres://…] [-merchant NAME[,NAME…]]
//	        [-prefixes NAME=PREFIX[,…]] [-cert FILE -key FILE | -proxy] [-backups FOLDER] [-every DURATION]
//	        [-restored FROM/UNTIL] [-withdrawn FROM/UNTIL,...] [-retention DURATION]
//	        [-accepts N] [-v] [-rude SEED]
//
// Every flag that takes a text can be given by the environment as OFFLANE_ and its name in capitals. At its start it
// prints where its pages and the contract (openapi.yaml) are, and what to do next. The management key of a merchant is
// made and printed when it is served for the first time, with an enrolment code for a first store. With one merchant
// it may come from OFFLANE_MANAGEMENT_KEY instead.
package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	_ "time/tzdata" // stores have time zones, also where the machine knows none

	"github.com/offlane/offlane/examples/internal/command"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/pages"
)

func main() { command.Main("backend", readOptions, run) }

// run serves until ctx ends. What is needed to begin is printed to out, the log goes to logs.
func run(ctx context.Context, o options, out, logs io.Writer) (err error) {
	store, err := openStore(ctx, o.db)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	listeners, err := listen(o.listen, o.manage) // before a key is made that could not be printed
	if err != nil {
		return err
	}
	defer leave(listeners)
	merchants, err := merchantsOf(o.merchants())
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(logs, &slog.HandlerOptions{Level: o.level()}))
	server, err := backend.New(ctx, backend.Config{
		Store: store, Merchants: configOf(merchants, o.prefixes), SecureCookies: o.cert != "" || o.proxy,
		Limits: o.limits(), Restored: o.restored, Withdrawn: o.withdrawn, Retention: o.retention, Logger: log,
	})
	if err != nil {
		return err
	}
	defer server.Close()
	if err := welcome(ctx, out, store, server, merchants, placesOf(o, listeners)); err != nil {
		return err
	}
	stopBackups, err := o.keepBackups(ctx, log, store)
	if err != nil {
		return err
	}
	defer stopBackups()
	defer keepTidy(ctx, log, server)()
	return serve(ctx, log, o, []site{
		{"terminals and customers", listeners[0], withContract(o.behave(pages.Customer(server)))},
		{"merchants", listeners[1], pages.Merchant(server)},
	})
}
