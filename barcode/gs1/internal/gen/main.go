// Command gen writes the table of GS1 Application Identifiers from the GS1 Barcode Syntax Dictionary.
//
//	gen -dict gs1-syntax-dictionary.txt -out table.go
//	gen -dict gs1-syntax-dictionary.txt -check table.go
//
// With -check it writes nothing and exits with status 1 where the file is not what it would write.
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
)

func main() {
	dict := flag.String("dict", "", "the syntax dictionary to read")
	out := flag.String("out", "", "the Go file to write")
	check := flag.String("check", "", "the Go file to compare instead")
	flag.Parse()
	if err := run(*dict, *out, *check); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(dict, out, check string) error {
	if (out == "") == (check == "") {
		return errors.New("give either -out or -check")
	}
	input, err := os.ReadFile(dict)
	if err != nil {
		return err
	}
	source, err := generate(string(input))
	if err != nil {
		return fmt.Errorf("%s: %w", dict, err)
	}
	if out != "" {
		return os.WriteFile(out, source, 0o644)
	}
	have, err := os.ReadFile(check)
	if err != nil {
		return err
	}
	if !bytes.Equal(have, source) {
		return fmt.Errorf("%s is not what the dictionary says: run go generate in its folder", check)
	}
	return nil
}

func generate(input string) ([]byte, error) {
	entries, err := parseDictionary(input)
	if err != nil {
		return nil, err
	}
	return write(entries)
}
