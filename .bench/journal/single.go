package main

import (
	"fmt"
	"slices"
	"time"
)

const recordSize = 250

// single gives, for each contestant, the medians over the rounds of p50 and p99 as multiples of the floor's in the same
// round.
func single(dir string) error {
	all, err := start(dir)
	if err != nil {
		return err
	}
	p50, p99 := map[string][]float64{}, map[string][]float64{}
	record := make([]byte, recordSize)
	for range *rounds {
		floor, err := times(all[0], record, *records)
		if err != nil {
			return err
		}
		for _, c := range all[1:] {
			n := *records
			if c.name != "offlane" {
				n = min(n, 300)
			}
			t, err := times(c, record, n)
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			p50[c.name] = append(p50[c.name], ratio(t, floor, 50))
			p99[c.name] = append(p99[c.name], ratio(t, floor, 99))
		}
		p50["floor, µs"] = append(p50["floor, µs"], float64(at(floor, 50).Nanoseconds())/1e3)
		p99["floor, µs"] = append(p99["floor, µs"], float64(at(floor, 99).Nanoseconds())/1e3)
	}
	fmt.Printf("%-20s %8s %8s   one producer, %d-byte records, medians of %d rounds\n", "", "p50", "p99", recordSize,
		*rounds)
	for _, name := range names(all, "floor, µs") {
		fmt.Printf("%-20s %8.2f %8.2f\n", name, median(p50[name]), median(p99[name]))
	}
	return finish(all)
}

// start opens the floor and the contestants.
func start(dir string) ([]contestant, error) {
	floor, err := openFloor(sub(dir, "floor"))
	all := []contestant{floor}
	for i, f := range field {
		if *only != "" && *only != f.name {
			continue
		}
		c, e := f.open(sub(dir, fmt.Sprint(i)))
		if e != nil {
			return nil, e
		}
		c.name = f.name
		all = append(all, c)
	}
	return all, err
}

func finish(all []contestant) error {
	for _, c := range all {
		if err := c.close(); err != nil {
			return fmt.Errorf("close %s: %w", c.name, err)
		}
	}
	return nil
}

func names(all []contestant, first string) []string {
	out := []string{first}
	for _, c := range all[1:] {
		out = append(out, c.name)
	}
	return out
}

func times(c contestant, record []byte, n int) ([]time.Duration, error) {
	t := make([]time.Duration, n)
	for i := range t {
		start := time.Now()
		if err := c.append(record); err != nil {
			return nil, err
		}
		t[i] = time.Since(start)
	}
	slices.Sort(t)
	return t, nil
}

func at(sorted []time.Duration, percent int) time.Duration {
	return sorted[min(len(sorted)*percent/100, len(sorted)-1)]
}

func ratio(t, floor []time.Duration, percent int) float64 {
	return float64(at(t, percent)) / float64(at(floor, percent))
}

func median(x []float64) float64 {
	x = slices.Sorted(slices.Values(x))
	return x[len(x)/2]
}
