package redeem

import (
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// The values with which a point of sale calls a Terminal, so that it need not import the packages that they come from.
type (
	// An Allowance bounds a number of redemptions and their value.
	Allowance = trust.Allowance
	// A Money is an amount in the currency's smallest unit.
	Money = record.Money
	// A Place is a merchant, a store and a lane.
	Place = record.Place
	// A Reading is what the machine's clocks say at one moment.
	Reading = record.Reading
	// A Sale is the lines of a basket.
	Sale = terms.Sale
	// A Line is one line of a basket.
	Line = terms.Line
)
