package main

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"time"

	"github.com/offlane/offlane/examples/internal/command"
	"github.com/offlane/offlane/transport/hub"
)

// options are what the flags and the environment say.
type options struct {
	dir, backend, code, lane, listen, manage, backups string
	lease, wait, every                                time.Duration
	connections                                       int
	takeOver, verbose                                 bool
}

func readOptions(flags *flag.FlagSet, args []string) (options, error) {
	var o options
	text := command.Text(flags, "OFFLANE_HUB_")
	text(&o.dir, "dir", "", "the hub's `folder`")
	text(&o.backend, "backend", "", "the backend's `address`, to which lanes are led as well")
	text(&o.code, "code", "", "the enrolment `code`, needed once")
	text(&o.lane, "lane", "hub", "the hub's `name` in its store")
	text(&o.listen, "listen", ":7346", "`address` for the store's lanes")
	text(&o.manage, "manage", "127.0.0.1:7347", "`address` for metrics and the status")
	text(&o.backups, "backups", "", "`folder` for backups, taken while it works; none without it")
	flags.DurationVar(&o.every, "every", 24*time.Hour, "how often a backup is taken; the newest 7 are kept")
	flags.DurationVar(&o.lease, "lease", 0, "how long a claim that its lane does not confirm refuses others; 0: 10s")
	flags.DurationVar(&o.wait, "wait", 0, "how long a new epoch waits for lanes; 0: 5s")
	flags.IntVar(&o.connections, "connections", 0, "the most connections at once; 0: 1000")
	flags.BoolVar(&o.takeOver, "takeover", false, "begin a new epoch: the store had another hub meanwhile")
	flags.BoolVar(&o.verbose, "v", false, "log more to standard error")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	return o, o.check(flags.Args())
}

// check says which option is wrong.
func (o *options) check(rest []string) error {
	u, err := url.Parse(o.backend)
	switch {
	case len(rest) > 0:
		return fmt.Errorf("%q is no flag", rest[0])
	case o.dir == "":
		return errors.New("-dir is missing: give the hub a folder of its own")
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("-backend %q: write the backend's address, such as https://offers.example", o.backend)
	case o.backups != "" && o.every <= 0:
		return errors.New("-every must be more than zero")
	}
	return nil
}

// config is how the hub works.
func (o *options) config(log *slog.Logger) hub.Config {
	return hub.Config{Lease: o.lease, Wait: o.wait, TakeOver: o.takeOver, Connections: o.connections,
		Backend: o.backendHost(), Logger: log}
}

// backendHost is the host and port to which lanes are led.
func (o *options) backendHost() string {
	u, err := url.Parse(o.backend)
	if err != nil {
		return "" // check refused it
	}
	if port := u.Port(); port != "" {
		return u.Host
	}
	return net.JoinHostPort(u.Hostname(), map[string]string{"https": "443", "http": "80"}[u.Scheme])
}

func (o *options) level() slog.Level {
	if o.verbose {
		return slog.LevelInfo
	}
	return slog.LevelWarn
}
