package backend

import (
	"slices"
	"strconv"
	"time"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/terminals"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// terminals lists a merchant's terminals by store and lane.
func (s *Server) terminals(c *call) ([]store.Terminal, error) {
	terminals, err := view(c.Context(), s, func(tx store.Tx) ([]store.Terminal, error) { return tx.Terminals(c.merchant) })
	slices.SortFunc(terminals, func(a, b store.Terminal) int {
		return slices.Compare([]string{a.Place.Store, a.Place.Lane, a.ID.String()}, []string{b.Place.Store, b.Place.Lane,
			b.ID.String()})
	})
	return terminals, err
}

func (s *Server) getTerminals(c *call) (any, error) {
	answer := wire.Lanes{Terminals: []wire.Lane{}}
	terminals, err := s.terminals(c)
	for i := range terminals {
		answer.Terminals = append(answer.Terminals, describeTerminal(&terminals[i]))
	}
	return answer, err
}

func describeTerminal(t *store.Terminal) wire.Lane {
	row := wire.Lane{Terminal: t.ID, Place: t.Place, Enrolled: t.Enrolled, LastReport: t.LastReport, Waiting: t.Waiting,
		Verdicts: t.LastVerdict}
	row.Waits, row.Key, row.KeyChanged, row.Code, row.Blocked = t.Awaiting, terminals.KeyID(t.Key), t.KeyChanged,
		terminals.SecretID(t.Code), t.Blocked
	row.Forgotten, row.MayHost, row.OutOfService = t.Forgets, t.MayHost, t.OutOfService
	for _, f := range t.Places {
		row.Places = append(row.Places, wire.FormerPlace{Place: f.Place, Last: f.Last, Moved: f.Moved})
	}
	for kind, times := range t.Flags {
		if row.Flags == nil {
			row.Flags = map[string]uint64{}
		}
		row.Flags[string(kind)] = times
	}
	for _, gap := range terminals.Gaps(t) {
		row.Awaited += total(gap.Missing)
		row.Aside += total(gap.Aside)
		row.Lost += total(gap.Lost)
		row.Forked = row.Forked || gap.Forked
	}
	return row
}

func total(ranges []record.Range) (n uint64) {
	for _, r := range ranges {
		n += r.Last - r.First + 1
	}
	return n
}

func (s *Server) getGaps(c *call) (any, error) {
	answer := wire.Gaps{Gaps: []wire.Gap{}}
	list, err := s.terminals(c)
	for i := range list {
		answer.Gaps = append(answer.Gaps, mapSlice(terminals.Gaps(&list[i]), wireGap)...)
	}
	if err == nil && c.URL.Query().Get("format") == "csv" {
		return c.csv(gapRows(answer.Gaps))
	}
	return answer, err
}

// gapRows has a row for each run of numbers that is missing or lost, and for each chain that forked.
func gapRows(gaps []wire.Gap) [][]string {
	rows := [][]string{{"terminal", "store", "lane", "chain", "what", "first", "last", "last_report"}}
	for _, g := range gaps {
		add := func(what string, ranges ...record.Range) {
			for _, r := range ranges {
				rows = append(rows, []string{g.Terminal.String(), g.Place.Store, g.Place.Lane, g.Chain.String(), what,
					strconv.FormatUint(r.First, 10), strconv.FormatUint(r.Last, 10),
					time.UnixMilli(g.LastReport).UTC().Format(time.RFC3339)})
			}
		}
		add("missing", g.Missing...)
		add("lost", g.Lost...)
		add("aside", g.Aside...)
		if g.LostFrom > 0 { // nobody knows where it ends
			add("unknown", record.Range{First: g.LostFrom, Last: max(g.LostFrom, g.Highest)})
		}
		if g.Forked {
			add("forked", record.Range{First: 1, Last: g.Highest})
		}
	}
	return rows
}
