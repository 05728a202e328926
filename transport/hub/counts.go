package hub

import (
	"sync/atomic"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub/internal/arbiter"
)

// counts are how many claims came to each result.
type counts [arbiter.Stale + 1]atomic.Uint64

func (c *counts) add(r arbiter.Result) { c[r].Add(1) }

// all are the counts by the results' names.
func (c *counts) all() map[record.ClaimResult]uint64 {
	all := map[record.ClaimResult]uint64{}
	for r := range c {
		all[record.ClaimResult(arbiter.Result(r).String())] = c[r].Load()
	}
	return all
}
