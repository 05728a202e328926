package record_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/record"
)

func TestUnionOfRanges(t *testing.T) {
	type ranges = []record.Range
	for name, c := range map[string]struct{ a, b, want ranges }{
		"none":     {nil, ranges{}, nil},
		"one side": {ranges{{First: 2, Last: 3}}, nil, ranges{{First: 2, Last: 3}}},
		"apart": {ranges{{First: 7, Last: 9}}, ranges{{First: 2, Last: 5}}, ranges{{First: 2, Last: 5},
			{First: 7, Last: 9}}},
		"one after other": {ranges{{First: 4, Last: 6}}, ranges{{First: 2, Last: 3}}, ranges{{First: 2, Last: 6}}},
		"within": {ranges{{First: 1, Last: 9}}, ranges{{First: 2, Last: 3}, {First: 5, Last: 5}},
			ranges{{First: 1, Last: 9}}},
		"across": {ranges{{First: 1, Last: 4}}, ranges{{First: 3, Last: 8}}, ranges{{First: 1, Last: 8}}},
	} {
		assert.Equal(t, c.want, record.Union(c.a, c.b), name)
	}
}

func TestRangesWithoutAHole(t *testing.T) {
	type ranges = []record.Range
	hole := record.Range{First: 4, Last: 6}
	for name, c := range map[string]struct{ from, want ranges }{
		"none":          {nil, nil},
		"beside":        {ranges{{First: 1, Last: 3}, {First: 7, Last: 9}}, ranges{{First: 1, Last: 3}, {First: 7, Last: 9}}},
		"around":        {ranges{{First: 1, Last: 9}}, ranges{{First: 1, Last: 3}, {First: 7, Last: 9}}},
		"the whole":     {ranges{{First: 4, Last: 6}}, nil},
		"within":        {ranges{{First: 5, Last: 5}}, nil},
		"its beginning": {ranges{{First: 6, Last: 8}}, ranges{{First: 7, Last: 8}}},
		"its end":       {ranges{{First: 1, Last: 4}}, ranges{{First: 1, Last: 3}}},
	} {
		assert.Equal(t, c.want, record.Without(c.from, hole), name)
	}
}
