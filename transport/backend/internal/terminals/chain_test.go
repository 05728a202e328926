package terminals_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/terminals"
	"github.com/offlane/offlane/transport/backend/store"
)

// What is asked for again decides what a backend that was restored from a backup gets back.
func TestWhatIsMissing(t *testing.T) {
	type ranges = [][2]uint64
	inFull := func(short ranges) (full []record.Range) {
		for _, r := range short {
			full = append(full, record.Range{First: r[0], Last: r[1]})
		}
		return full
	}
	chain := func(id byte, runs ranges, lost ranges) store.Chain {
		c := store.Chain{ID: record.ChainID{id}, Lost: inFull(lost)}
		for _, r := range runs {
			c.Runs = append(c.Runs, store.Run{First: r[0], Last: r[1]})
		}
		return c
	}
	forked := func(c store.Chain) store.Chain { c.Forked = true; return c }
	for name, test := range map[string]struct {
		chains []store.Chain
		want   ranges // in the last of the chains
	}{
		"all came":                {[]store.Chain{chain(1, ranges{{1, 9}}, nil)}, nil},
		"nothing came":            {[]store.Chain{chain(1, nil, nil)}, nil},
		"a hole":                  {[]store.Chain{chain(1, ranges{{1, 3}, {7, 9}}, nil)}, ranges{{4, 6}}},
		"the beginning":           {[]store.Chain{chain(1, ranges{{7, 9}}, nil)}, ranges{{1, 6}}},
		"the beginning, one lost": {[]store.Chain{chain(1, ranges{{7, 9}}, ranges{{6, 6}})}, ranges{{1, 5}}},
		"a hole, in part lost": {[]store.Chain{chain(1, ranges{{1, 3}, {7, 9}}, ranges{{5, 5}})},
			ranges{{4, 4}, {6, 6}}},
		"lost above the highest":  {[]store.Chain{chain(1, ranges{{1, 3}}, ranges{{7, 9}})}, nil},
		"only the lost are known": {[]store.Chain{chain(1, nil, ranges{{5, 5}, {9, 9}})}, ranges{{1, 4}, {6, 8}}},
		"a second chain": {[]store.Chain{chain(1, ranges{{1, 9}}, nil), chain(2, ranges{{10, 12}}, nil)},
			nil},
		"a second chain, behind a hole": {[]store.Chain{chain(1, ranges{{1, 9}}, nil), chain(2, ranges{{15, 16}}, nil)},
			ranges{{10, 14}}},
		"after a fork": {[]store.Chain{forked(chain(1, ranges{{1, 9}}, nil)), chain(2, ranges{{10, 12}},
			nil)}, nil},
		"after a fork, behind a hole": {[]store.Chain{forked(chain(1, ranges{{1, 9}}, nil)), chain(2, ranges{{15, 16}},
			nil)}, ranges{{10, 14}}},
		"after a fork, the copy is ahead": {[]store.Chain{forked(chain(1, ranges{{1, 20}}, nil)), chain(2, ranges{{12, 13}},
			nil)}, nil},
		"after a fork, the copy's chain does not count": {[]store.Chain{
			forked(chain(1, ranges{{1, 9}}, nil)), chain(3, ranges{{12, 30}}, nil), chain(2, ranges{{15, 16}}, nil)},
			ranges{{10, 14}}},
	} {
		t.Run(name, func(t *testing.T) {
			terminal := store.Terminal{Chains: test.chains}
			assert.Equal(t, inFull(test.want), terminals.Missing(&terminal, &terminal.Chains[len(test.chains)-1]))
		})
	}
}
