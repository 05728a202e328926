package backend

import (
	"fmt"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/flags"
	"github.com/offlane/offlane/transport/backend/internal/terminals"
	"github.com/offlane/offlane/transport/backend/store"
)

// maxUnseen is how far above the highest number that came a terminal is believed to have records, verdicts or losses:
// more than any queue holds.
const maxUnseen = 100_000

// flagEvery is how often a terminal is flagged that says the same with each report.
const flagEvery = 24 * time.Hour

// bound takes back what a report's heading says of numbers that its terminal cannot have, and flags that. What was lost
// or set aside lies at most so far above its records. So does a cursor, since each record gets one verdict, but for
// one from after a restore: verdicts are then numbered behind the moment of the restore in milliseconds.
func bound(tx store.Tx, t *store.Terminal, h *record.Heading, now int64) error {
	most := max(terminals.HighestNumber(t), h.Last) + maxUnseen
	var beyond []string
	if h.After > max(t.LastVerdict, most, uint64(now)+maxUnseen) {
		beyond = append(beyond, fmt.Sprintf("verdicts up to %d", h.After))
		h.After = t.LastVerdict
	}
	for what, ranges := range map[string]*[]record.Range{"lost": &h.Lost, "set aside": &h.Aside} {
		kept := clipRanges(*ranges, most)
		if !slices.Equal(kept, *ranges) {
			beyond = append(beyond, "records "+what+" up to "+fmt.Sprint(highestOf(*ranges)))
		}
		*ranges = kept
	}
	if len(beyond) == 0 || t.Beyond != 0 && now-t.Beyond < flagEvery.Milliseconds() {
		return nil
	}
	slices.Sort(beyond)
	terminals.Raise(t, flags.Beyond)
	t.Beyond = now
	return tx.AddFlag(terminals.FlagOfTerminal(flags.Beyond, t, now,
		fmt.Sprintf("it speaks of %q, its records end at %d", beyond, most-maxUnseen)))
}

// clipRanges cuts ranges off at the highest number that they may have.
func clipRanges(ranges []record.Range, most uint64) (kept []record.Range) {
	for _, r := range ranges {
		if r.Last = min(r.Last, most); r.First <= r.Last {
			kept = append(kept, r)
		}
	}
	return kept
}

func highestOf(ranges []record.Range) (highest uint64) {
	for _, r := range ranges {
		highest = max(highest, r.Last)
	}
	return highest
}
