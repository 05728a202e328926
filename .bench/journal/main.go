// Command journal measures Offlane's journal beside other embedded stores doing the same work, in one run and
// interleaved with the floor: one write and one fdatasync to a zero-filled file.
//
//	go run ./journal single      one producer, each record durable before the next
//	go run ./journal producers   64 producers
//	go run ./journal drain       reading and settling in batches of 100
//	go run ./journal open        opening a million pending and a million redeemed records, and looking them up
//
// Flags: -rounds, -records (of a round) and -dir (where files are made; the disk under it is what is measured).
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

var (
	rounds  = flag.Int("rounds", 20, "rounds, each of which visits every contestant")
	records = flag.Int("records", 2000, "records a round")
	dirFlag = flag.String("dir", "", "folder for the files; empty: the system's temporary folder")
	only    = flag.String("only", "", "floor and this contestant alone")
)

func main() {
	flag.Parse()
	dir, err := os.MkdirTemp(*dirFlag, "journal-bench")
	if err == nil {
		err = run(flag.Arg(0), dir)
		os.RemoveAll(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(what, dir string) error {
	switch what {
	case "single":
		return single(dir)
	case "producers":
		return producers(dir)
	case "drain":
		return drain(dir)
	case "open":
		return opening(dir)
	case "fill":
		return fillJournal(flag.Arg(1))
	case "open-child":
		return openChild(flag.Arg(1))
	}
	return fmt.Errorf("say what to measure: single, producers, drain or open")
}

func sub(dir, name string) string {
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(path, 0o700); err != nil {
		panic(err)
	}
	return path
}
