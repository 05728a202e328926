package hub

import (
	"encoding/hex"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub/internal/arbiter"
)

var update = flag.Bool("update", false, "write the golden file of stored states anew")

// The golden files have a state a line: in hexadecimal, and those of version 1 in JSON.
const (
	goldenStates = "testdata/states-v2.hex"
	formerStates = "testdata/states-v1.jsonl"
)

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
	return []state{{epoch: 21, claim: &claim}, {epoch: 21, lane: &lane}}
}

func TestStoredStatesAreThoseOfTheGoldenFile(t *testing.T) {
	var written strings.Builder
	for _, s := range sampleStates() {
		written.WriteString(hex.EncodeToString(s.appendTo(nil)) + "\n")
	}
	if *update {
		require.NoError(t, os.WriteFile(goldenStates, []byte(written.String()), 0o600))
	}
	want, err := os.ReadFile(goldenStates)
	require.NoError(t, err)
	assert.Equal(t, string(want), written.String(), "the form of states changed: replace the file with -update and say so")
}

// goldenPayloads are the states of the golden file as they stand in a journal.
func goldenPayloads(t *testing.T) (payloads [][]byte) {
	t.Helper()
	raw, err := os.ReadFile(goldenStates)
	require.NoError(t, err)
	for line := range strings.Lines(string(raw)) {
		payload, err := hex.DecodeString(strings.TrimSpace(line))
		require.NoError(t, err, "%s", line)
		payloads = append(payloads, payload)
	}
	return payloads
}

// put appends payloads to the keeper's journal and closes it.
func (k *keeper) put(t *testing.T, payloads ...[]byte) {
	t.Helper()
	for _, payload := range payloads {
		entry := journal.Entry{ID: journal.ID(record.NewID()), Payload: payload}
		require.NoError(t, k.log.Append(t.Context(), func(*journal.View) ([]journal.Entry, error) {
			return []journal.Entry{entry}, nil
		}))
	}
	require.NoError(t, k.log.Close())
}

// A hub that is started on a journal with the states of the golden file has the claim and the lane.
func TestTheGoldenStatesCanBeRecalled(t *testing.T) {
	dir := t.TempDir()
	openKeeper(t, dir, 21).put(t, goldenPayloads(t)...)
	again := openKeeper(t, dir, 21)
	want := sampleStates()
	again.arbiter.Touch(want[0].claim.Key)
	again.arbiter.TouchLane(want[1].lane.ID)
	got := again.arbiter.Changes()
	require.Len(t, got.Claims, 1, "the claim was recalled")
	require.Len(t, got.Lanes, 1, "the lane was recalled")
	assert.Equal(t, uint64(13), got.Claims[0].Version, "versions go on above the highest one that was stored")
	got.Claims[0].Version, got.Lanes[0].Version = want[0].claim.Version, want[1].lane.Version
	assert.EqualExportedValues(t, *want[0].claim, got.Claims[0], "the claim as it was stored")
	assert.Equal(t, *want[1].lane, got.Lanes[0], "the lane as it was stored")
}

// A state of another version is refused by its number: its lanes would not know that the hub forgot.
func TestStatesOfAnotherVersionAreRefused(t *testing.T) {
	former, err := os.ReadFile(formerStates)
	require.NoError(t, err)
	first, _, _ := strings.Cut(string(former), "\n")
	next := append([]byte{stateVersion + 1}, goldenPayloads(t)[0][1:]...)
	for version, payload := range map[string][]byte{"version 1": []byte(first), "version 3": next} {
		dir := t.TempDir()
		openKeeper(t, dir, 21).put(t, payload)
		log, err := journal.Open(t.Context(), dir, journal.Config{SegmentSize: smallSegment})
		require.NoError(t, err)
		err = newKeeper(log, 21).recall()
		assert.ErrorIs(t, err, fault.UnsupportedVersion, version)
		assert.ErrorContains(t, err, version)
		require.NoError(t, log.Close())
	}
}

// What cannot be read is no state, wherever it was cut or whatever follows.
func TestWhatIsNoStateIsNotRead(t *testing.T) {
	for _, payload := range goldenPayloads(t) {
		for n := range payload {
			_, err := readState(payload[:n])
			assert.ErrorIs(t, err, fault.Malformed, "cut after %d bytes", n)
		}
		_, err := readState(append(payload, 0))
		assert.ErrorIs(t, err, fault.Malformed, "a byte too many")
		other := append([]byte(nil), payload...)
		other[1] = 3
		_, err = readState(other)
		assert.ErrorIs(t, err, fault.Malformed, "neither a claim nor a lane")
	}
}

// A field that is added to a state is added to the sample as well.
func TestTheGoldenStatesHaveAllFields(t *testing.T) {
	states := sampleStates()
	for _, of := range []any{*states[0].claim, states[0].claim.Uses[0], *states[1].lane, states[1].lane.Notices[0]} {
		v := reflect.ValueOf(of)
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				assert.False(t, v.Field(i).IsZero(), "%s.%s has no value in the sample", v.Type(), f.Name)
			}
		}
	}
}
