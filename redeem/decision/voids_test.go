package decision_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/trust"
)

func TestLimitsOfVoids(t *testing.T) {
	both := trust.Allowance{Number: 3, Value: 100, Currency: "EUR"}
	for _, test := range []struct {
		name               string
		limit, used, takes trust.Allowance
		other              string
		partial            bool
		detail             string // empty: it is allowed
		at                 []int64
	}{
		{"the last, of any value", number(3), number(2), trust.Allowance{Number: 1, Value: 7}, "", false, "", nil},
		{"one more", number(3), number(3), number(1), "", false, "3 of the 3 voids", []int64{3, 3}},
		{"the last cent, of any number", euros(100), trust.Allowance{Number: 9, Value: 60}, trust.Allowance{Number: 1,
			Value: 40}, "",
			false, "", nil},
		{"a cent more", euros(100), euros(60), euros(41), "", false, "60 of the 100 EUR", []int64{100, 60}},
		{"both are met", both, trust.Allowance{Number: 2, Value: 99}, trust.Allowance{Number: 1, Value: 1}, "", false, "",
			nil},
		{"both, in number", both, trust.Allowance{Number: 3, Value: 99}, trust.Allowance{Number: 1, Value: 2}, "", false,
			"3 of the 3 voids", []int64{3, 3}},
		{"both, in value", both, trust.Allowance{Number: 2, Value: 99}, trust.Allowance{Number: 1, Value: 2}, "", false,
			"99 of the 100 EUR", []int64{100, 99}},
		{"another currency", euros(100), euros(0), trust.Allowance{}, "CHF", false, "cannot bound CHF", []int64{100, 0}},
		{"another currency of a number", number(3), number(0), number(1), "CHF", false, "", nil},
		{"a journal that cannot be read whole", both, trust.Allowance{}, trust.Allowance{}, "", true, "counts too little",
			[]int64{3, 0}},
		{"a value, and the same journal", euros(100), euros(7), trust.Allowance{}, "", true, "counts too little",
			[]int64{100, 7}},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := []decision.VoidLimit{{Budget: decision.Budget{Name: "voidsPerHour", Limit: test.limit, Used: test.used},
				Takes: test.takes, OtherCurrency: test.other, Partial: test.partial}}
			reasons, outcome := decision.WeighVoids(l, nil, false)
			if test.detail == "" {
				assert.Empty(t, reasons, "it is within the limit")
				assert.Equal(t, decision.Allow, outcome)
				return
			}
			require.Len(t, reasons, 1)
			assert.Equal(t, decision.Ask, outcome)
			assert.Equal(t, fault.OverVoids, reasons[0].Code)
			assert.Contains(t, reasons[0].Detail, test.detail)
			assert.Equal(t, test.at, []int64{reasons[0].Limit, reasons[0].Used}, "limit and use")
		})
	}
}

func TestWhoMayAllowAVoid(t *testing.T) {
	over := decision.VoidLimit{Budget: decision.Budget{Limit: number(1), Used: number(1)}, Takes: number(1)}
	word := &decision.Override{Manager: "1", Why: "x"}
	for name, test := range map[string]struct {
		word       *decision.Override
		unattended bool
		outcome    decision.Outcome
		reason     decision.Outcome
	}{
		"nobody yet":                      {nil, false, decision.Ask, decision.Ask},
		"a manager":                       {word, false, decision.Allow, decision.Ask},
		"nobody is there":                 {nil, true, decision.Refuse, decision.Refuse},
		"a word where nobody can give it": {word, true, decision.Refuse, decision.Refuse},
	} {
		reasons, outcome := decision.WeighVoids([]decision.VoidLimit{over, over}, test.word, test.unattended)
		assert.Equal(t, test.outcome, outcome, name)
		require.Len(t, reasons, 2, name)
		assert.Equal(t, test.reason, reasons[1].Outcome, name)
	}
}
