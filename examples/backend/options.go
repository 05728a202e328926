package main

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/offlane/offlane/examples/internal/command"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/transporttest"
)

// options are what the flags and the environment say.
type options struct {
	listen, manage, db, merchant, cert, key, backups string
	every                                            time.Duration
	proxy, verbose                                   bool
	rude                                             uint64
	restored                                         backend.Period
	withdrawn                                        []backend.Period
	prefixes                                         map[string][]string // by merchant
	retention                                        time.Duration
	accepts                                          int
}

func readOptions(flags *flag.FlagSet, args []string) (options, error) {
	var o options
	text := command.Text(flags, "OFFLANE_")
	text(&o.listen, "listen", "127.0.0.1:8080", "`address` for terminals and customers")
	text(&o.manage, "manage", "127.0.0.1:8081", "`address` for merchants and metrics")
	text(&o.db, "db", "offlane.db", "the database's `file`, or a postgres:// address")
	text(&o.merchant, "merchant", "shop.example", "the merchants' `names`, with commas between")
	var prefixes string
	text(&prefixes, "prefixes", "",
		"GS1 company prefixes that belong to a merchant, as `NAME=PREFIX`, with commas between")
	text(&o.cert, "cert", "", "certificate `file` in PEM; without it there is no TLS")
	text(&o.key, "key", "", "the certificate's key `file` in PEM")
	text(&o.backups, "backups", "", "`folder` for copies of the database file, taken while it works; none without it")
	flags.DurationVar(&o.every, "every", 24*time.Hour, "how often a copy is taken; the newest 7 are kept")
	var restored string
	text(&restored, "restored", "",
		"after a restore: the `period` FROM/UNTIL in which offers were issued that the backup does not have")
	var withdrawn string
	text(&withdrawn, "withdrawn", "",
		"after the clock was wrong: the `periods` FROM/UNTIL, by that clock, with commas between")
	flags.DurationVar(&o.retention, "retention", 0,
		"how long the records of terminals are kept as they came, with the names of operators; "+
			"0: 400 days, less than 0: for ever")
	flags.IntVar(&o.accepts, "accepts", 0,
		"how many offers of one campaign one address may take an hour, and at once; 0: 1000")
	flags.Uint64Var(&o.rude, "rude", 0,
		"for tests: let a fifth of the terminals' and customers' requests meet a fault, drawn with this `seed`")
	flags.BoolVar(&o.proxy, "proxy", false, "it stands behind a proxy that ends TLS and says in X-Forwarded-For who asks")
	flags.BoolVar(&o.verbose, "v", false, "log every refusal")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("%q is no flag", flags.Arg(0))
	case slices.Contains(o.merchants(), ""):
		return o, errors.New("-merchant needs a name between commas")
	case (o.cert == "") != (o.key == ""):
		return o, errors.New("-cert and -key go together")
	case o.backups != "" && o.every <= 0:
		return o, errors.New("-every must be more than zero")
	case o.accepts < 0:
		return o, errors.New("-accepts is not negative")
	}
	var err error
	if o.prefixes, err = prefixesOf(prefixes, o.merchants()); err != nil {
		return o, err
	}
	if o.restored, err = periodOf("-restored", restored); err == nil {
		o.withdrawn, err = periodsOf("-withdrawn", withdrawn)
	}
	return o, err
}

// prefixesOf reads which merchant each prefix belongs to; empty text is none.
func prefixesOf(text string, merchants []string) (map[string][]string, error) {
	prefixes := map[string][]string{}
	for one := range strings.SplitSeq(text, ",") {
		name, prefix, found := strings.Cut(one, "=")
		switch {
		case text == "":
		case !found || !slices.Contains(merchants, name):
			return nil, fmt.Errorf("-prefixes %q: write a merchant of this backend and its prefix, such as %s=9501234", one,
				merchants[0])
		default:
			prefixes[name] = append(prefixes[name], prefix)
		}
	}
	return prefixes, nil
}

// periodOf reads a period as two moments (RFC 3339) with a slash between; empty text is none.
func periodOf(name, text string) (p backend.Period, err error) {
	if text == "" {
		return p, nil
	}
	from, until, _ := strings.Cut(text, "/")
	if p.From, err = time.Parse(time.RFC3339, from); err == nil {
		p.Until, err = time.Parse(time.RFC3339, until)
	}
	if err != nil || !p.From.Before(p.Until) {
		return p, fmt.Errorf("%s %q: write two moments such as 2026-11-26T03:00:00Z/2026-11-26T09:30:00Z, the earlier first",
			name, text)
	}
	return p, nil
}

// periodsOf reads periods with commas between; empty text is none.
func periodsOf(name, text string) (periods []backend.Period, err error) {
	if text == "" {
		return nil, nil
	}
	for one := range strings.SplitSeq(text, ",") {
		p, err := periodOf(name, one)
		if err == nil && p.IsZero() {
			err = fmt.Errorf("%s %q: a period between commas is missing", name, text)
		}
		if err != nil {
			return nil, err
		}
		periods = append(periods, p)
	}
	return periods, nil
}

func (o options) merchants() []string { return strings.Split(o.merchant, ",") }

// address says who asks. Behind a proxy that is what it added last to X-Forwarded-For: what stands before that anybody
// may have written.
func (o options) address(r *http.Request) string {
	if names := r.Header.Values("X-Forwarded-For"); o.proxy && len(names) > 0 {
		last := names[len(names)-1]
		return strings.TrimSpace(last[strings.LastIndex(last, ",")+1:])
	}
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	return host
}

// limits are what the backend grants to strangers.
func (o options) limits() backend.Limits {
	return backend.Limits{Address: o.address, AcceptsPerHour: float64(o.accepts), AcceptBurst: o.accepts}
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
