// Conformance shows whether a backend keeps Offlane's contract, in whatever language it is written:
//
//	conformance -code CODE -campaign CAMPAIGN URL        offers are accepted as a customer's device would
//	conformance -code CODE -offers FILE URL              offers are the lines of a file ("-": standard input)
//	... -owner MERCHANT=KEY -partner MERCHANT=KEY [-manage URL]
//	    two merchants with their management keys, for the rules on agreements
//
// The rules enrol terminals and redeem offers, so run it against a backend for tests. It prints a line a rule, and
// exits with status 1 if one is broken, 2 if it was called wrongly. A rule for which it was not given what it needs is
// skipped.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/offlane/offlane/transport/transporttest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("conformance", flag.ContinueOnError)
	flags.SetOutput(stderr)
	code := flags.String("code", "", "an enrolment code, good for at least 64 terminals")
	campaign := flags.String("campaign", "", "the campaign to accept offers from")
	offers := flags.String("offers", "", "a file with an offer a line, at least 64")
	manage := flags.String("manage", "", "the backend's `URL` for merchants, where it has one of its own")
	owner := flags.String("owner", "", "a `merchant=key` that proposes agreements")
	partner := flags.String("partner", "", "a `merchant=key` that accepts them")
	asJSON := flags.Bool("json", false, "print a JSON object a line")
	if flags.Parse(args) != nil {
		return 2
	}
	if flags.NArg() != 1 || *code == "" || (*campaign == "") == (*offers == "") {
		fmt.Fprintln(stderr, "conformance: give -code, either -campaign or -offers, and the backend's URL")
		return 2
	}
	target := transporttest.Target{URL: flags.Arg(0), Code: *code, Offer: transporttest.AcceptFrom(flags.Arg(0), nil,
		*campaign),
		Management: *manage, Owner: merchantOf(*owner), Partner: merchantOf(*partner)}
	if *offers != "" {
		lines, err := readLines(*offers, stdin)
		if err != nil {
			fmt.Fprintln(stderr, "conformance:", err)
			return 2
		}
		target.Offer = oneByOne(lines)
	}
	return show(transporttest.Conformance(ctx, target), *asJSON, stdout)
}

// merchantOf reads a merchant and its key; what is not given is none.
func merchantOf(text string) (m transporttest.MerchantKey) {
	m.Merchant, m.Key, _ = strings.Cut(text, "=")
	return m
}

func readLines(name string, stdin io.Reader) ([]string, error) {
	in := stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	var lines []string
	scanner := bufio.NewScanner(in)
	for scanner.Scan() {
		if line := strings.TrimSpace(scanner.Text()); line != "" {
			lines = append(lines, line)
		}
	}
	return lines, scanner.Err()
}

func oneByOne(lines []string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) {
		if len(lines) == 0 {
			return "", fmt.Errorf("all offers are used up: give more")
		}
		line := lines[0]
		lines = lines[1:]
		return line, nil
	}
}

func show(results []transporttest.Result, asJSON bool, stdout io.Writer) (status int) {
	lines := json.NewEncoder(stdout)
	lines.SetEscapeHTML(false)
	for _, r := range results {
		if r.Err != nil {
			status = 1
		}
		if asJSON {
			lines.Encode(line(r))
			continue
		}
		if r.Skipped != "" {
			fmt.Fprintf(stdout, "skip  %s: %s\n", r.Rule.Name, r.Skipped)
			continue
		}
		if r.Err != nil {
			fmt.Fprintf(stdout, "FAIL  %s\n      %s\n      %v\n", r.Rule.Name, r.Rule.Text, r.Err)
			continue
		}
		fmt.Fprintf(stdout, "ok    %s (%s)\n", r.Rule.Name, r.Took.Round(time.Millisecond))
	}
	return status
}

// A result is a line of the output with -json.
type result struct {
	Rule    string  `json:"rule"`
	Text    string  `json:"text"`
	OK      bool    `json:"ok"`
	Error   string  `json:"error,omitempty"`
	Skipped string  `json:"skipped,omitempty"`
	Millis  float64 `json:"millis"`
}

func line(r transporttest.Result) result {
	out := result{Rule: r.Rule.Name, Text: r.Rule.Text, OK: r.Err == nil && r.Skipped == "", Skipped: r.Skipped,
		Millis: float64(r.Took.Microseconds()) / 1000}
	if r.Err != nil {
		out.Error = r.Err.Error()
	}
	return out
}
