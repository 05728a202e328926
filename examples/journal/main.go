// Program journal looks into the journal of a till: what is in it, whether it is whole, and, for a till whose network
// never comes back, its reports as a file that the backend takes as if they had been sent. It never writes into a
// journal, and shows one that was copied from another machine as well as one that is in use.
//
//	journal inspect [-full] [-key FILE] FOLDER
//	journal verify [-key FILE] FOLDER
//	journal export [-all] [-key FILE] -o FILE FOLDER
//
// The folder is the terminal's. -key names a file with the key of an encrypted journal in hexadecimal, one a line with
// the newest first. Identifiers are shortened unless -full is given. Exit status: 0; 1 where the journal cannot be
// read or is damaged; 2 for a wrong command line.
package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/offlane/offlane/redeem/journal"
)

type options struct {
	dir, keys, out string
	full, all      bool
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

var commands = map[string]func(context.Context, options, io.Writer) error{"inspect": inspect, "verify": verify,
	"export": export}

func run(args []string, out, errs io.Writer) int {
	if len(args) == 0 || commands[args[0]] == nil {
		fmt.Fprintln(errs, "usage: journal inspect|verify|export [flags] FOLDER")
		return 2
	}
	var o options
	flags := flag.NewFlagSet("journal "+args[0], flag.ContinueOnError)
	flags.SetOutput(errs)
	flags.StringVar(&o.keys, "key", "", "`file` with the keys of an encrypted journal, in hexadecimal")
	flags.BoolVar(&o.full, "full", false, "inspect: show identifiers in full")
	flags.BoolVar(&o.all, "all", false, "export: also what was reported already")
	flags.StringVar(&o.out, "o", "", "export: the `file` to write, which must not exist")
	if flags.Parse(args[1:]) != nil {
		return 2
	}
	if flags.NArg() != 1 || args[0] == "export" && o.out == "" {
		flags.Usage()
		return 2
	}
	o.dir = flags.Arg(0)
	if err := commands[args[0]](context.Background(), o, out); err != nil {
		fmt.Fprintln(errs, "journal:", err)
		return 1
	}
	return 0
}

// open opens the journal without writing anything.
func (o options) open(ctx context.Context) (*journal.Log, error) {
	cfg := journal.Config{ReadOnly: true, AllowNetworkFileSystem: true}
	if o.keys != "" {
		keys, err := readKeys(o.keys)
		if err != nil {
			return nil, err
		}
		cfg.OldKeys = keys
	}
	return journal.Open(ctx, o.dir, cfg)
}

func readKeys(name string) ([][]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var keys [][]byte
	for lines := bufio.NewScanner(io.LimitReader(f, 64<<10)); lines.Scan(); {
		text := strings.TrimSpace(lines.Text())
		if text == "" {
			continue
		}
		key, err := hex.DecodeString(text)
		if err != nil {
			return nil, fmt.Errorf("%s: a key is not hexadecimal", name)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%s holds no key", name)
	}
	return keys, nil
}
