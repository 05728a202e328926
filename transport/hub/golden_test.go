package hub

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub/internal/arbiter"
)

var update = flag.Bool("update", false, "write the golden file of stored states anew")

const goldenStates = "testdata/states-v1.jsonl"

// sampleStates have a value in every field that is stored.
func sampleStates() []state {
	claim := arbiter.Claim{
		Key:     arbiter.Key{Lane: record.TerminalID{1}, Sale: arbiter.Name{2}, Offer: arbiter.Name{3}},
		Version: 4, Names: []arbiter.Name{{3}, {5}}, Attempt: 1<<32 | 6, Allowed: 7, Pending: 2,
		Reservation: record.ID{8}, Hold: 9 * time.Minute, Ended: record.ID{22}, TakenOver: true, At: 1793491100000,
		KeepUntil: 1793577500000,
		Uses:      []arbiter.Use{{Record: record.ID{10}, Group: record.ID{10}, Parts: 2, Void: record.ID{11}}},
	}
	lane := arbiter.Lane{
		ID: record.TerminalID{1}, Version: 12, Session: 13, Chain: record.ChainID{14}, Told: 15, Announced: true, Last: 16,
		Notices: []arbiter.Notice{{Number: 16, Kind: arbiter.NoticeConflict, Lane: record.TerminalID{17}, At: 18,
			Record: record.ID{19}, Other: record.ID{20}}},
	}
	return []state{{Version: stateVersion, Epoch: 21, Claim: &claim}, {Version: stateVersion, Epoch: 21, Lane: &lane}}
}

func TestStoredStatesAreThoseOfTheGoldenFile(t *testing.T) {
	var written bytes.Buffer
	for _, s := range sampleStates() {
		require.NoError(t, json.NewEncoder(&written).Encode(s))
	}
	if *update {
		require.NoError(t, os.WriteFile(goldenStates, written.Bytes(), 0o600))
	}
	want, err := os.ReadFile(goldenStates)
	require.NoError(t, err)
	assert.Equal(t, string(want), written.String(), "the form of states changed: replace the file with -update and say so")
}

// A hub that is started on a journal with the states of the golden file has the claim and the lane.
func TestTheGoldenStatesCanBeRecalled(t *testing.T) {
	raw, err := os.ReadFile(goldenStates)
	require.NoError(t, err)
	dir := t.TempDir()
	k := openKeeper(t, dir, 21)
	for line := range bytes.Lines(raw) {
		entry := journal.Entry{ID: journal.ID(record.NewID()), Payload: bytes.TrimSpace(line)}
		require.NoError(t, k.log.Append(t.Context(), func(*journal.View) ([]journal.Entry, error) {
			return []journal.Entry{entry}, nil
		}))
	}
	require.NoError(t, k.log.Close())
	again := openKeeper(t, dir, 21)
	want := sampleStates()
	again.arbiter.Touch(want[0].Claim.Key)
	again.arbiter.Touch(want[1].Lane.ID)
	got := again.arbiter.Changes()
	require.Len(t, got.Claims, 1, "the claim was recalled")
	require.Len(t, got.Lanes, 1, "the lane was recalled")
	assert.Equal(t, uint64(13), got.Claims[0].Version, "versions go on above the highest one that was stored")
	got.Claims[0].Version, got.Lanes[0].Version = want[0].Claim.Version, want[1].Lane.Version
	stored, err := json.Marshal(got.Claims[0])
	require.NoError(t, err)
	expected, err := json.Marshal(want[0].Claim)
	require.NoError(t, err)
	assert.Equal(t, string(expected), string(stored), "the claim as it was stored")
	assert.Equal(t, *want[1].Lane, got.Lanes[0], "the lane as it was stored")
}

// A field that is added to a state is added to the sample as well.
func TestTheGoldenStatesHaveAllFields(t *testing.T) {
	states := sampleStates()
	for _, of := range []any{*states[0].Claim, states[0].Claim.Uses[0], *states[1].Lane, states[1].Lane.Notices[0]} {
		v := reflect.ValueOf(of)
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				assert.False(t, v.Field(i).IsZero(), "%s.%s has no value in the sample", v.Type(), f.Name)
			}
		}
	}
}
