package decision_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

func TestTheHubsAnswerNamesLaneAndTime(t *testing.T) {
	s := newScene()
	at := noon.Add(-time.Minute)
	s.ledger.Hub = &decision.HubWord{Answer: record.ClaimAnswer{Result: record.ClaimTaken, Lane: "3", At: at}}
	d := s.decide(t)
	require.Len(t, d.Reasons, 1)
	assert.Equal(t, record.Place{Lane: "3"}, d.Reasons[0].Where)
	assert.Equal(t, at, d.Reasons[0].At)
	assert.Contains(t, d.Reasons[0].Detail, "lane 3 redeemed it at 2026-11-23T11:59:00Z")
}

func TestWhatIsDecidedWithoutTheHubSaysSo(t *testing.T) {
	for what, c := range map[string]struct {
		word  *decision.HubWord
		notes []record.Note
	}{
		"no hub":  {nil, nil},
		"granted": {&decision.HubWord{Answer: record.ClaimAnswer{Result: record.ClaimGranted}}, nil},
		"away":    {&decision.HubWord{Away: true}, []record.Note{record.HubUnreachable}},
		"late": {&decision.HubWord{Answer: record.ClaimAnswer{Result: record.ClaimGranted}, Late: true},
			[]record.Note{record.HubLate}},
	} {
		s := newScene()
		s.ledger.Hub = c.word
		d := s.decide(t)
		assert.Equal(t, decision.Allow, d.Outcome, what)
		assert.Equal(t, c.notes, d.Notes, what)
	}
}

func TestTheLimitOfWhatIsRedeemedWithoutTheHub(t *testing.T) {
	s := newScene()
	s.policy.WithoutHub, s.used["withoutHub"] = number(2), number(1)
	assert.Empty(t, s.decide(t).Budgets, "with the hub it is no limit")
	s.ledger.Hub = &decision.HubWord{Away: true}
	d := s.decide(t)
	assert.Equal(t, decision.Allow, d.Outcome, "one of two was used")
	assert.Equal(t, []decision.Budget{{Name: "withoutHub", Limit: number(2), Used: number(1)}}, d.Budgets)
	s.used["withoutHub"] = number(2)
	d = s.decide(t)
	assert.Equal(t, decision.Ask, d.Outcome)
	require.Len(t, d.Reasons, 1)
	assert.Equal(t, fault.HubUnreachable, d.Reasons[0].Code)
	assert.EqualValues(t, 2, d.Reasons[0].Limit)
}

func TestAManagersWordAboutASilentLaneStandsInTheReasons(t *testing.T) {
	s := newScene()
	s.request.Override = &decision.Override{Manager: "m", Why: "asked there"}
	s.ledger.Hub = &decision.HubWord{Answer: record.ClaimAnswer{Result: record.ClaimGranted, Overrode: record.ClaimSilent,
		Lane: "3", At: noon}}
	d := s.decide(t)
	assert.Equal(t, decision.Allow, d.Outcome)
	assert.True(t, d.Because(fault.LaneSilent), "the record tells what was overridden")
}
