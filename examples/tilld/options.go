package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/offlane/offlane/transport/wire"
)

// options are what the flags, the environment and the file say.
type options struct {
	Dir      string          `json:"dir,omitempty"`
	Backend  string          `json:"backend,omitempty"`
	Code     string          `json:"code,omitempty"`
	Merchant string          `json:"merchant,omitempty"`
	Store    string          `json:"store,omitempty"`
	Lane     string          `json:"lane,omitempty"`
	Mark     string          `json:"mark,omitempty"`
	Socket   string          `json:"socket,omitempty"`
	Listen   string          `json:"listen,omitempty"`
	Token    string          `json:"token,omitempty"`
	Origins  string          `json:"origins,omitempty"`
	Texts    string          `json:"texts,omitempty"`
	Zone     string          `json:"zone,omitempty"`
	Hub      string          `json:"hub,omitempty"`
	HubKeys  string          `json:"hubkeys,omitempty"`
	HubWait  string          `json:"hubwait,omitempty"`
	Host     string          `json:"host,omitempty"`
	Manual   bool            `json:"manual,omitempty"`
	Policy   json.RawMessage `json:"policy,omitempty"`

	config         string
	stdio, verbose bool
}

// A setting is an option that takes a text.
type setting struct {
	name  string
	value *string
	usage string
}

func (o *options) settings() []setting {
	return []setting{
		{"dir", &o.Dir, "the daemon's `folder`: the terminal, the token and the socket are in it"},
		{"backend", &o.Backend, "the backend's `address`; without it nothing is reported"},
		{"code", &o.Code, "the enrolment `code`, needed once"},
		{"merchant", &o.Merchant, "the `merchant`, if the enrolment does not say it"},
		{"store", &o.Store, "the `store`, if the enrolment does not say it"},
		{"lane", &o.Lane, "the terminal's `name` in its store; without it 1"},
		{"mark", &o.Mark, "a `file` outside the folder that shows when the folder was restored from a copy"},
		{"socket", &o.Socket, "the Unix socket's `file`; without it tilld.sock in the folder, none: no socket"},
		{"listen", &o.Listen, "a loopback `address` to listen on as well, such as 127.0.0.1:7345"},
		{"token", &o.Token, "the `file` of the token for that address; without it token in the folder"},
		{"origins", &o.Origins, "the `origins` of pages that may be paired, with commas between"},
		{"texts", &o.Texts, "a `file` of texts for the cashier that replace the built-in ones"},
		{"zone", &o.Zone, "the time `zone` of the cashier's screen; without it the machine's"},
		{"hub", &o.Hub, "the host and port of the store's hub, such as 192.0.2.7:7346; without it the till decides alone"},
		{"hubkeys", &o.HubKeys, "the public `keys` of which the hub has one, 64 hex digits each, with commas between;\n" +
			"without them those of the trust bundle"},
		{"hubwait", &o.HubWait, "how `long` one question to the hub may take, such as 150ms, which it is without it"},
		{"host", &o.Host, "an `address` on which the till is the hub of its store, such as :7346"},
	}
}

// readOptions reads the file, then the environment, then the flags.
func readOptions(args []string, stderr io.Writer) (options, error) {
	first := options{}
	if err := first.parse(args, stderr); err != nil {
		return options{}, err
	}
	o := options{}
	if first.config != "" {
		var err error
		if o, err = readConfig(first.config); err != nil {
			return options{}, err
		}
	}
	for _, s := range o.settings() {
		*s.value = cmp.Or(os.Getenv("OFFLANE_TILLD_"+strings.ToUpper(s.name)), *s.value)
	}
	if err := o.parse(args, stderr); err != nil {
		return options{}, err
	}
	return o.complete()
}

// parse reads the flags over what the options are already.
func (o *options) parse(args []string, stderr io.Writer) error {
	flags := flag.NewFlagSet("tilld", flag.ContinueOnError)
	flags.SetOutput(stderr)
	for _, s := range o.settings() {
		flags.StringVar(s.value, s.name, *s.value, s.usage)
	}
	flags.StringVar(&o.config, "config", os.Getenv("OFFLANE_TILLD_CONFIG"), "a `file` with these options and the policy")
	flags.BoolVar(&o.Manual, "manual", o.Manual, "report only when the till asks for it")
	flags.BoolVar(&o.stdio, "stdio", false, "serve lines of JSON on standard input and output, and listen nowhere")
	flags.BoolVar(&o.verbose, "v", false, "log more to standard error")
	if flags.Parse(args) != nil {
		return errUsage
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(stderr, "tilld: %q is no flag\n", flags.Arg(0))
		return errUsage
	}
	return nil
}

// maxConfig is the greatest size of the file of options, in bytes.
const maxConfig = 1 << 20

func readConfig(name string) (options, error) {
	file, err := os.Open(name)
	if err != nil {
		return options{}, err
	}
	defer file.Close()
	o, err := wire.ReadStrict[options](file, maxConfig)
	if err != nil {
		return options{}, fmt.Errorf("%s: %w", name, err)
	}
	return o, nil
}

// complete sets what follows from the folder and refuses what cannot be.
func (o options) complete() (options, error) {
	if o.Dir == "" {
		return o, errors.New("-dir is missing: give the daemon a folder of its own")
	}
	o.Lane = cmp.Or(o.Lane, "1")
	o.Socket = cmp.Or(o.Socket, filepath.Join(o.Dir, "tilld.sock"))
	o.Token = cmp.Or(o.Token, filepath.Join(o.Dir, "token"))
	if o.Socket == "none" && o.Listen == "" && !o.stdio {
		return o, errors.New("-socket none leaves nothing to listen on: give -listen as well")
	}
	if o.Listen != "" {
		host, _, err := net.SplitHostPort(o.Listen)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			return o, fmt.Errorf("-listen %s: give a loopback address and a port, such as 127.0.0.1:7345", o.Listen)
		}
	}
	for _, origin := range o.origins() {
		if u, err := url.Parse(origin); err != nil || u.Scheme == "" || u.Host == "" || u.Scheme+"://"+u.Host != origin {
			return o, fmt.Errorf("-origins %s: write it as a browser does, such as https://pos.example", origin)
		}
	}
	if o.Origins != "" && o.Listen == "" {
		return o, errors.New("-origins needs -listen: a page cannot reach a Unix socket")
	}
	_, err := o.hubConfig()
	return o, err
}

func (o options) origins() []string {
	if o.Origins == "" {
		return nil
	}
	return strings.Split(o.Origins, ",")
}
