package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// A sum is one reader's results over several pictures.
type sum struct {
	read, located, wrong int
	took                 time.Duration
}

// A row is a line of the table.
type row struct {
	images, texts, symbols int
	by                     []sum
}

func (w *row) add(r result) {
	w.images++
	w.symbols += max(len(r.picture.Corners), len(r.picture.Texts))
	if len(r.picture.Known()) > 0 {
		w.texts++
	}
	for i, v := range r.by {
		s := &w.by[i]
		if v.read {
			s.read++
		}
		s.located += v.located
		s.wrong += len(v.wrong)
		s.took += v.took
	}
}

func report(names []string, results []result) {
	if *verbose {
		for _, r := range results {
			list(names, r)
		}
	}
	rows := map[string]*row{}
	for _, r := range results {
		keys := []string{r.picture.Folder(), "~ all"}
		if len(r.picture.TextsSeen) > 0 {
			keys = append(keys, "~ with texts_seen")
		}
		for _, key := range keys {
			if rows[key] == nil {
				rows[key] = &row{by: make([]sum, len(names))}
			}
			rows[key].add(r)
		}
	}
	header(names)
	for _, key := range slices.Sorted(maps.Keys(rows)) {
		rows[key].print(key)
	}
}

func header(names []string) {
	fmt.Printf("turned by %d degrees\n%-24s %6s %5s %7s", *rotate, "", "images", "texts", "symbols")
	for _, name := range names {
		fmt.Printf(" | %-29s", name)
	}
	fmt.Printf("\n%45s", "")
	for range names {
		fmt.Printf(" | %4s %7s %5s %10s", "read", "located", "wrong", "CPU ms/img")
	}
	fmt.Println()
}

func (w *row) print(key string) {
	fmt.Printf("%-24s %6d %5d %7d", key, w.images, w.texts, w.symbols)
	for _, s := range w.by {
		fmt.Printf(" | %4d %7d %5d %10.1f", s.read, s.located, s.wrong, float64(s.took.Microseconds())/1000/float64(w.images))
	}
	fmt.Println()
}

// list names what one picture has to be looked at for: who was wrong, and what we missed and who did not.
func list(names []string, r result) {
	var read, missed []string
	for i, v := range r.by {
		switch {
		case v.read:
			read = append(read, names[i])
		case names[i] == "still" || names[i] == "frame":
			missed = append(missed, names[i])
		}
		if v.wrong != nil {
			fmt.Printf("wrong   %-6s %s %s\n", names[i], r.picture.File, strings.Join(v.wrong, ", "))
		}
		if v.new != nil {
			fmt.Printf("new     %-6s %s %s\n", names[i], r.picture.File, strings.Join(v.new, ", "))
		}
	}
	if known := r.picture.Known(); len(known) > 0 && len(missed) > 0 {
		fmt.Printf("missed  %s by %s; read by %s: %.60q\n", r.picture.File,
			strings.Join(missed, ","), strings.Join(append(read, "nobody")[:max(1, len(read))], ","), known[0])
	}
}
