package main

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/offlane/offlane/transport/transporttest"
)

// options are what the flags and the environment say.
type options struct {
	listen, manage, db, merchant, cert, key, backups string
	every                                            time.Duration
	verbose                                          bool
	rude                                             uint64
}

func readOptions(flags *flag.FlagSet, args []string) (options, error) {
	var o options
	text := func(into *string, name, zero, usage string) {
		if value := os.Getenv("OFFLANE_" + strings.ToUpper(name)); value != "" {
			zero = value
		}
		flags.StringVar(into, name, zero, usage)
	}
	text(&o.listen, "listen", "127.0.0.1:8080", "`address` for terminals and customers")
	text(&o.manage, "manage", "127.0.0.1:8081", "`address` for merchants and metrics")
	text(&o.db, "db", "offlane.db", "the database's `file`, or a postgres:// address")
	text(&o.merchant, "merchant", "shop.example", "the merchant's `name`")
	text(&o.cert, "cert", "", "certificate `file` in PEM; without it there is no TLS")
	text(&o.key, "key", "", "the certificate's key `file` in PEM")
	text(&o.backups, "backups", "", "`folder` for copies of the database file, taken while it works; none without it")
	flags.DurationVar(&o.every, "every", 24*time.Hour, "how often a copy is taken; the newest 7 are kept")
	flags.Uint64Var(&o.rude, "rude", 0, "for tests: let a fifth of the terminals' and customers' requests meet a fault, drawn with this `seed`")
	flags.BoolVar(&o.verbose, "v", false, "log every refusal")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("%q is no flag", flags.Arg(0))
	case (o.cert == "") != (o.key == ""):
		return o, errors.New("-cert and -key go together")
	case o.backups != "" && o.every <= 0:
		return o, errors.New("-every must be more than zero")
	}
	return o, nil
}

func (o options) level() slog.Level {
	if o.verbose {
		return slog.LevelInfo
	}
	return slog.LevelWarn
}

// behave puts a gate before the handler that is rude on purpose, if that is asked for.
func (o options) behave(next http.Handler) http.Handler {
	if o.rude == 0 {
		return next
	}
	gate := transporttest.NewGate(next)
	gate.Rude(o.rude, 0.2)
	return gate
}
