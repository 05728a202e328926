package backend

import (
	"maps"
	"net/url"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

// managementQuery holds the parameters that management calls take, by their pattern, and the values that each may have;
// nil: the handler looks at it. Other calls take none.
var managementQuery = map[string]map[string][]string{
	"GET " + wire.PathGaps:      {"format": formats},
	"GET " + wire.PathFigures:   {"from": nil, "to": nil, "format": formats},
	"GET " + wire.PathOperators: {"from": nil, "to": nil, "format": formats},
	"GET " + wire.PathFlags:     {"after": nil},
	"GET " + wire.PathExport:    {"format": formats},
	"GET " + wire.PathRecords: {"receipt": nil, "offer": nil, "terminal": nil, "day": nil, "store": nil, "lane": nil,
		"campaign": nil, "status": statuses, "after": nil, "format": formats},

	"GET " + wire.PathSettlements: {"from": nil, "to": nil, "format": formats},
	"GET " + wire.PathStatement:   {"owner": nil, "partner": nil, "day": nil, "format": formats},
}

var statuses = []string{"", "confirmed", "duplicate", "rejected", "quarantined", "received"}

var formats = []string{"", "json", "csv"}

// strictQuery refuses what the query of a call cannot mean, by its name: a person wrote it, and a day that is misspelt
// is no reason to answer with all days.
func strictQuery(takes map[string][]string, next handler) handler {
	return func(c *call) (any, error) {
		query, err := url.ParseQuery(c.URL.RawQuery)
		if err != nil {
			return nil, fault.Invalid("the query cannot be read: %v", err)
		}
		for _, name := range slices.Sorted(maps.Keys(query)) {
			values, known := takes[name]
			switch given := query[name]; {
			case !known:
				return nil, fault.Invalid("%.64s: there is no such parameter here: openapi.yaml lists those that there are", name)
			case len(given) > 1:
				return nil, fault.Invalid("%s: it stands %d times", name, len(given))
			case values != nil && !slices.Contains(values, given[0]):
				return nil, fault.Invalid("%s: %.20q is none of %q", name, given[0], values[1:])
			}
		}
		return next(c)
	}
}
