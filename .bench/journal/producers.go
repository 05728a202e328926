package main

import (
	"fmt"
	"sync"
	"time"
)

const crowd = 64

// producers gives the rate of 64 producers as a multiple of the floor's rate with one, in the same round.
func producers(dir string) error {
	all, err := start(dir)
	if err != nil {
		return err
	}
	rates := map[string][]float64{}
	perFlush := []float64{}
	record := make([]byte, recordSize)
	for range *rounds {
		start := time.Now()
		n := min(*records, 500)
		if _, err := times(all[0], record, n); err != nil {
			return err
		}
		floor := float64(n) / time.Since(start).Seconds()
		rates["floor, records/s"] = append(rates["floor, records/s"], floor)
		for _, c := range all[1:] {
			flushes := opened.Stats().Flushes
			rate, err := together(c, record, share(c.name))
			if err != nil {
				return fmt.Errorf("%s: %w", c.name, err)
			}
			rates[c.name] = append(rates[c.name], rate/floor)
			if c.name == "offlane" {
				perFlush = append(perFlush, float64(crowd*share(c.name))/float64(opened.Stats().Flushes-flushes))
			}
		}
	}
	fmt.Printf("%-20s %8s   %d producers, %d-byte records, medians of %d rounds\n", "", "rate", crowd, recordSize, *rounds)
	for _, name := range names(all, "floor, records/s") {
		fmt.Printf("%-20s %8.1f\n", name, median(rates[name]))
	}
	fmt.Printf("offlane: %.1f records a flush\n", median(perFlush))
	return finish(all)
}

// share is how many records a producer writes: stores without group commit would take the whole day for as many.
func share(name string) int {
	switch name {
	case "offlane", "raft-wal", "pebble", "tidwall/wal":
		return max(*records/16, 1)
	}
	return max(*records/400, 1)
}

func together(c contestant, record []byte, each int) (rate float64, err error) {
	var all sync.WaitGroup
	var once sync.Once
	start := time.Now()
	for range crowd {
		all.Go(func() {
			for range each {
				if e := c.append(record); e != nil {
					once.Do(func() { err = e })
					return
				}
			}
		})
	}
	all.Wait()
	return float64(crowd*each) / time.Since(start).Seconds(), err
}
