package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
)

// A line is one reader's result of one picture as a file keeps it.
type line struct {
	Reader, File   string
	Micros         int64
	Read           bool
	Located, Wrong int
	Symbols        []string
}

// keep writes what was read.
func keep(name string, names []string, results []result) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	out := json.NewEncoder(f)
	for _, r := range results {
		for i, v := range r.by {
			err := out.Encode(line{names[i], r.picture.File, v.took.Microseconds(), v.read, v.located, len(v.wrong), v.symbols})
			if err != nil {
				return err
			}
		}
	}
	return f.Close()
}

// readRun reads what an earlier run wrote, by reader and picture.
func readRun(name string) (map[[2]string]line, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all := map[[2]string]line{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var l line
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all[[2]string{l.Reader, l.File}] = l
	}
	return all, lines.Err()
}

// compare lists the symbols that an earlier run read and this one does not, and the other way round.
func compare(name string, names []string, results []result) error {
	before, err := readRun(name)
	if err != nil {
		return err
	}
	for i, reader := range names {
		var lost, gained, micros, was int64
		for _, r := range results {
			b, ok := before[[2]string{reader, r.picture.File}]
			if !ok {
				continue
			}
			less, more := apart(b.Symbols, r.by[i].symbols), apart(r.by[i].symbols, b.Symbols)
			lost, gained = lost+int64(len(less)), gained+int64(len(more))
			micros, was = micros+r.by[i].took.Microseconds(), was+b.Micros
			for _, s := range less {
				fmt.Printf("lost    %-6s %s %.70q\n", reader, r.picture.File, s)
			}
			for _, s := range more {
				fmt.Printf("gained  %-6s %s %.70q\n", reader, r.picture.File, s)
			}
		}
		fmt.Printf("%s: %d symbols lost, %d gained, %.3f times the CPU\n", reader, lost, gained,
			float64(micros)/max(1, float64(was)))
	}
	return nil
}

// apart returns what is in a and not in b, as often as it is.
func apart(a, b []string) (out []string) {
	b = slices.Clone(b)
	for _, s := range a {
		if i := slices.Index(b, s); i >= 0 {
			b = slices.Delete(b, i, i+1)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// ratios prints each reader's time as a share of that of zxing.
func ratios(names []string, results []result) {
	peer := slices.Index(names, "zxing")
	if peer < 0 {
		return
	}
	fmt.Printf("\n%-24s %6s", "CPU / zxing's CPU", "images")
	for _, name := range names {
		if name != "zxing" {
			fmt.Printf(" | %-6s %8s %8s", name, "median", "mean")
		}
	}
	fmt.Println()
	rows := map[string][]result{}
	for _, r := range results {
		for _, key := range []string{r.picture.Folder(), "~ all"} {
			rows[key] = append(rows[key], r)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		fmt.Printf("%-24s %6d", key, len(rows[key]))
		for i := range names {
			if i != peer {
				median, mean := ratio(rows[key], i, peer)
				fmt.Printf(" | %-6s %8.3f %8.3f", "", median, mean)
			}
		}
		fmt.Println()
	}
}

// ratio returns the median of reader i's shares of the peer's time, and the share of all its time.
func ratio(results []result, i, peer int) (median, mean float64) {
	var each []float64
	var ours, theirs float64
	for _, r := range results {
		a, b := float64(r.by[i].took), max(1, float64(r.by[peer].took))
		each, ours, theirs = append(each, a/b), ours+a, theirs+b
	}
	slices.Sort(each)
	return (each[(len(each)-1)/2] + each[len(each)/2]) / 2, ours / theirs
}
