package decision_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

func TestRequestsThatCannotBe(t *testing.T) {
	for name, test := range map[string]struct {
		set  func(*decision.Request)
		good bool
	}{
		"as it should be":      {func(*decision.Request) {}, true},
		"no sale key":          {func(r *decision.Request) { r.SaleKey = "" }, false},
		"a day that is none":   {func(r *decision.Request) { r.BusinessDate = "tomorrow" }, false},
		"an amount below zero": {func(r *decision.Request) { r.Given = record.Money{Amount: -1, Currency: "EUR"} }, false},
		"no word of a manager": {func(r *decision.Request) { r.Override = &decision.Override{} }, false},
		"a manager's word": {func(r *decision.Request) { r.Override = &decision.Override{Manager: "1", Why: "x"} },
			true},
		"lines in no currency":  {func(r *decision.Request) { r.Sale = lines("", 1) }, false},
		"a currency, no lines":  {func(r *decision.Request) { r.Sale = terms.Sale{Currency: "nowhere"} }, true},
		"lines":                 {func(r *decision.Request) { r.Sale = lines("EUR", 1) }, true},
		"fewer than no uses":    {func(r *decision.Request) { r.Uses = -1 }, false},
		"no uses":               {func(r *decision.Request) { r.Uses = 0 }, true},
		"the most uses":         {func(r *decision.Request) { r.Uses = 100 }, true},
		"more than may be uses": {func(r *decision.Request) { r.Uses = 101 }, false},
	} {
		r := decision.Request{SaleKey: "sale"}
		test.set(&r)
		err := r.Check()
		if test.good {
			assert.NoError(t, err, name)
			continue
		}
		assert.ErrorIs(t, err, fault.InvalidRequest, name)
	}
}

func TestPoliciesThatCannotBe(t *testing.T) {
	eur := func(n int64) trust.Allowance { return trust.Allowance{Value: n, Currency: "EUR"} }
	for name, test := range map[string]struct {
		p    decision.Policy
		good bool
	}{
		"nothing":                     {decision.Policy{}, true},
		"ages":                        {decision.Policy{MaxBundleAge: 1, MaxUnreported: 1, MaxAlone: -1}, true},
		"an age of a bundle below 0":  {decision.Policy{MaxBundleAge: -1}, false},
		"an age of a record below 0":  {decision.Policy{MaxUnreported: -1}, false},
		"uses":                        {decision.Policy{MaxUses: 1, VoidsPerOffer: 1}, true},
		"uses below 0":                {decision.Policy{MaxUses: -1}, false},
		"voids below 0":               {decision.Policy{VoidsPerOffer: -1}, false},
		"a number":                    {decision.Policy{PerHour: number(1)}, true},
		"a number below 0":            {decision.Policy{PerHour: number(-1)}, false},
		"a value":                     {decision.Policy{Unreported: eur(1)}, true},
		"a value below 0":             {decision.Policy{Unreported: eur(-1)}, false},
		"the greatest value":          {decision.Policy{PerCampaign: eur(terms.MaxAmount)}, true},
		"a greater value":             {decision.Policy{PerCampaign: eur(terms.MaxAmount + 1)}, false},
		"a value in no currency":      {decision.Policy{UnprovenPerDay: trust.Allowance{Value: 1}}, false},
		"no value in a currency":      {decision.Policy{VoidsPerHour: trust.Allowance{Currency: "EUR"}}, false},
		"no value in no currency":     {decision.Policy{VoidsPerOperator: trust.Allowance{Number: 1, Currency: "e"}}, false},
		"a value in what is no money": {decision.Policy{VoidsPerOperator: trust.Allowance{Value: 1, Currency: "e"}}, false},
	} {
		err := test.p.Check()
		if test.good {
			assert.NoError(t, err, name)
			continue
		}
		assert.ErrorIs(t, err, fault.InvalidRequest, name)
	}
}

func TestPolicyAsJSON(t *testing.T) {
	want := decision.Policy{MaxAlone: 72 * time.Hour, PerHour: number(60), Unattended: true}
	raw, err := json.Marshal(want)
	require.NoError(t, err, "it is written")
	var got decision.Policy
	require.NoError(t, json.Unmarshal(raw, &got), "it is read as it was written")
	assert.Equal(t, want, got)

	const most = 64 << 10
	for text, code := range map[string]fault.Code{
		`{"perHuor":{"number":1}}`: fault.InvalidRequest, `{} {}`: fault.InvalidRequest,
		`{"maxAlone":"long"}`:              fault.InvalidRequest,
		`{"maxUses":-1}`:                   fault.InvalidRequest,
		strings.Repeat(" ", most-1) + "{}": fault.TooLarge,
	} {
		assert.ErrorIs(t, got.UnmarshalJSON([]byte(text)), code, text[:min(len(text), 30)])
	}
	assert.NoError(t, got.UnmarshalJSON([]byte(strings.Repeat(" ", most-2)+"{}")), "as long as may be")
	before := want
	assert.Error(t, json.Unmarshal([]byte(`{"maxUses":-1}`), &want), "it cannot be followed")
	assert.Equal(t, before, want, "nothing is changed")
}
