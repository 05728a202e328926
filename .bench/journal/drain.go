package main

import (
	"context"
	"fmt"
	"time"

	"github.com/offlane/offlane/redeem/journal"
)

// drain reads and settles batches of 100 and compares each with one write and one flush of the floor.
func drain(dir string) error {
	floor, err := openFloor(sub(dir, "floor"))
	if err != nil {
		return err
	}
	c, err := openOffline(sub(dir, "offlane"))
	if err != nil {
		return err
	}
	record := make([]byte, recordSize)
	var ratios []float64
	for range *rounds {
		if _, err := together(c, record, *records/crowd+1); err != nil {
			return err
		}
		for range *records / 100 {
			start := time.Now()
			if err := floor.append(record); err != nil {
				return err
			}
			one := time.Since(start)
			start = time.Now()
			if err := settleBatch(opened); err != nil {
				return err
			}
			ratios = append(ratios, float64(time.Since(start))/float64(one))
		}
	}
	fmt.Printf("draining 100 records with one durable acknowledgement: %.2f floors (median of %d)\n", median(ratios),
		len(ratios))
	return finish([]contestant{floor, c})
}

var confirmed = []byte("confirmed")

func settleBatch(log *journal.Log) error {
	batch, err := log.Pending(100, 1<<20)
	if err != nil {
		return err
	}
	answers := make([]journal.Settlement, len(batch))
	for i, s := range batch {
		answers[i] = journal.Settlement{Ref: s.ID, Payload: confirmed}
	}
	return log.Settle(context.Background(), answers, nil)
}
