package backend_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/terminals"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// laneOf is a terminal as the merchant sees it.
func (d *desk) laneOf(id record.TerminalID) wire.Lane {
	d.t.Helper()
	for _, lane := range read[wire.Lanes](d.t, d.manage("GET", wire.PathTerminalList, nil), http.StatusOK).Terminals {
		if lane.Terminal == id {
			return lane
		}
	}
	require.Fail(d.t, "the merchant does not see the terminal")
	return wire.Lane{}
}

// kinds are those of the merchant's flags on a terminal.
func (d *desk) kinds(id record.TerminalID) (kinds []string) {
	d.t.Helper()
	for _, f := range read[wire.Flags](d.t, d.manage("GET", wire.PathFlags, nil), http.StatusOK).Flags {
		if f.Terminal == id {
			kinds = append(kinds, f.Kind)
		}
	}
	return kinds
}

// A till that is restored from a copy makes as many redemptions as it forgot, or more, and reports them at once: nobody
// saw that.
func TestARestoredTillForksHoweverManyRecordsItMakes(t *testing.T) {
	for name, test := range map[string]struct {
		makes    int
		newChain bool
	}{
		"fewer than it forgot":          {1, false},
		"as many":                       {2, false},
		"more":                          {5, false},
		"as many, in another chain":     {2, true},
		"more than that, in that chain": {5, true},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.campaign(coffee)
			lane, p := d.till("s-1", "7"), d.phone()
			several := func(of *till, n int) (records []record.Record) {
				for range n {
					records = append(records, of.redemption(p.accept("coffee", true).Pass))
				}
				return records
			}
			first := lane.report(several(lane, 2)...)
			assert.Zero(t, first.Taken, "there was nothing before")
			restored := *lane
			booked := d.now().UnixMilli()
			if test.newChain { // it had begun another one since
				lane.chain = record.NewChainID()
			}
			lane.report(several(lane, 2)...)
			d.set(d.now().Add(time.Hour))
			answer := restored.report(several(&restored, test.makes)...)
			assert.True(t, answer.Forked, "two records have one number")
			assert.Equal(t, booked, answer.Taken, "the backend took its last records then")
			assert.Len(t, answer.Items, test.makes, "both halves are booked as usual")
			assert.Equal(t, []string{"forked"}, d.kinds(lane.id), "the merchant sees it")
			again := lane.report(several(lane, 1)...)
			assert.True(t, again.Forked, "the other half hears of it as well")
		})
	}
}

// What comes again is no fork, in whatever pieces.
func TestARecordThatComesAgainForksNothing(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane, p := d.till("s-1", "7"), d.phone()
	var records []record.Record
	for range 6 {
		records = append(records, lane.redemption(p.accept("coffee", true).Pass))
	}
	for _, part := range [][2]int{{0, 2}, {3, 4}, {1, 4}, {0, 6}, {2, 5}} {
		answer := lane.report(records[part[0]:part[1]]...)
		assert.False(t, answer.Forked, "records %v", part)
	}
	assert.Empty(t, d.kinds(lane.id))
}

func TestASecondTerminalOfALaneIsFlagged(t *testing.T) {
	d := newDesk(t)
	first := d.till("s-1", "7")
	for _, other := range []*till{d.till("s-1", "8"), d.till("s-2", "7")} {
		assert.Empty(t, d.kinds(other.id), "another lane")
	}
	second := &till{desk: d, key: first.key, id: record.NewTerminalID(), chain: record.NewChainID(), place: first.place}
	enrolled := read[wire.Enrolled](t, second.enrol(d.code("s-1", 1)), http.StatusOK)
	assert.Equal(t, d.now().UnixMilli(), enrolled.Second, "it asks until it has a bundle made after that")
	assert.Equal(t, []string{"second-terminal"}, d.kinds(second.id))
	assert.Zero(t, read[wire.Enrolled](t, second.enrol(""), http.StatusOK).Second, "it is known by now")
	block := strings.Replace(wire.PathBlock, "{id}", first.id.String(), 1)
	for _, id := range []record.TerminalID{first.id, second.id} {
		path := strings.Replace(block, first.id.String(), id.String(), 1)
		require.Equal(t, http.StatusOK, d.manage("PUT", path, wire.NewBlock{Blocked: true}).Code)
	}
	third := &till{desk: d, key: first.key, id: record.NewTerminalID(), chain: record.NewChainID(), place: first.place}
	enrolled = read[wire.Enrolled](t, third.enrol(d.code("s-1", 1)), http.StatusOK)
	assert.Zero(t, enrolled.Second, "it replaces tills that are blocked")
}

// tells sends a report without records.
func (t *till) tells(h record.Heading) wire.Answer {
	t.t.Helper()
	h.Terminal, h.Chain, h.Sent = t.id, t.chain, t.evidence()
	sealed, err := record.Seal(h, nil, t.key)
	require.NoError(t.t, err)
	return t.send(sealed)
}

func TestTheMerchantHearsWhatATillMayHaveForgottenAndEndsIt(t *testing.T) {
	d := newDesk(t)
	lane := d.till("s-1", "7")
	said := record.Forgotten{Noticed: 17, Causes: []record.Cause{record.CauseMark}, Above: 3, Through: 8}
	for range 2 {
		lane.tells(record.Heading{Forgotten: &said})
	}
	assert.Equal(t, []string{"forgotten"}, d.kinds(lane.id), "once")
	assert.EqualValues(t, 17, d.laneOf(lane.id).Forgotten)
	path := strings.Replace(wire.PathForgotten, "{id}", lane.id.String(), 1)
	ended := read[wire.Lane](t, d.manage("DELETE", path, nil), http.StatusOK)
	assert.Zero(t, ended.Forgotten)
	answer, err := lane.tells(record.Heading{}).Record()
	require.NoError(t, err)
	notice, err := answer.Notice.OpenNotice(lane.id, lane.roots[0].Public)
	require.NoError(t, err, "the word is signed")
	assert.Equal(t, d.now().UnixMilli(), notice.Remembers)
	assert.False(t, notice.Blocked, "it ends what may be forgotten, and blocks nothing")

	said.Noticed, said.Ended = 18, &record.Override{Manager: "ms", Why: "I counted the coupons"}
	for range 2 {
		lane.tells(record.Heading{Forgotten: &said})
	}
	assert.ElementsMatch(t, []string{"forgotten", "forgotten-ended"}, d.kinds(lane.id), "who ended it is kept")
	other := d.tillOf("m-2", "s-1", "7")
	path = strings.Replace(wire.PathForgotten, "{id}", other.id.String(), 1)
	assert.Equal(t, http.StatusNotFound, d.manage("DELETE", path, nil).Code, "another merchant's")
}

func TestALossOfUnknownExtentIsShownAsSuch(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane, p := d.till("s-1", "7"), d.phone()
	lane.report(lane.redemption(p.accept("coffee", true).Pass))
	lane.chain = record.NewChainID()
	for range 2 {
		lane.tells(record.Heading{LostFrom: 2})
	}
	gaps := read[wire.Gaps](t, d.manage("GET", wire.PathGaps, nil), http.StatusOK).Gaps
	require.Len(t, gaps, 1)
	assert.EqualValues(t, 2, gaps[0].LostFrom, "nobody knows how many")
	sheet := d.manage("GET", wire.PathGaps+"?format=csv", nil)
	assert.Contains(t, sheet.Body.String(), "unknown")
}

// A loss that was declared in one chain is no gap of another.
func TestWhatWasLostIsMissingInNoChain(t *testing.T) {
	terminal := store.Terminal{Chains: []store.Chain{
		{ID: record.ChainID{1}, Runs: []store.Run{{First: 1, Last: 3}, {First: 8, Last: 9}}},
		{ID: record.ChainID{2}, Lost: []record.Range{{First: 5, Last: 6}}},
	}}
	assert.Equal(t, []record.Range{{First: 4, Last: 4}, {First: 7, Last: 7}},
		terminals.Missing(&terminal, &terminal.Chains[0]))
}
