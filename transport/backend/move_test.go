package backend_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/flags"
	"github.com/offlane/offlane/transport/wire"
)

// moves enrols the till with a code and has it stand where the backend says.
func (t *till) moves(code string) {
	t.t.Helper()
	enrolled := read[wire.Enrolled](t.t, t.enrol(code), http.StatusOK)
	t.token, t.place = enrolled.Token, enrolled.Place
}

func TestATillMovesWithItsHistory(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "here", Stores: []string{"s-1"}})
	d.campaign(wire.Campaign{ID: "there", Stores: []string{"s-2"}})
	till := d.till("s-1", "1")
	sell := func(campaign string) record.Record { return till.redemption(d.phone().accept(campaign, false).Pass) }
	require.Equal(t, record.Confirmed, till.verdict(sell("here")).Status)
	queued := []record.Record{sell("here"), sell("there")}

	assert.Equal(t, "forbidden", codeOf(t, till.enrol(d.code("s-2", 1))), "any code of another store moves nothing")
	d.set(d.now().Add(time.Minute))
	till.moves(d.codeFor("s-2", till.id))
	assert.Equal(t, "s-2", till.place.Store)
	queued = append(queued, sell("there"), sell("here"))
	answer := till.report(queued...)
	assert.Equal(t, record.Confirmed, answer.Items[0].Status, "it was made where the offer is good")
	assert.Equal(t, fault.OtherStore, answer.Items[1].Reason, "it was made where the offer is not good")
	assert.Equal(t, record.Confirmed, answer.Items[2].Status, "from the move on it stands there")
	assert.Equal(t, fault.OtherStore, answer.Items[3].Reason)
	assert.Empty(t, answer.Missing)
	assert.False(t, answer.Forked, "one chain")

	lane := till.lane()
	assert.Equal(t, "s-2", lane.Place.Store)
	assert.Equal(t, []wire.FormerPlace{{Place: record.Place{Merchant: "m-1", Store: "s-1", Lane: "1"}, Last: 3,
		Moved: d.now().UnixMilli()}}, lane.Places)
	assert.Equal(t, []string{string(flags.Moved)}, till.flags())
	byStore := map[string]int64{}
	for _, f := range read[wire.Figures](t, d.manage("GET", wire.PathFigures, nil), http.StatusOK).Figures {
		byStore[f.Store] += f.Redeemed
	}
	assert.Equal(t, map[string]int64{"": 0, "s-1": 2, "s-2": 1}, byStore)
}

func TestATillThatLostTheAnswerToItsMoveSoldOnWhereItStood(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "here", Stores: []string{"s-1"}})
	till := d.till("s-1", "1")
	sell := func() record.Record { return till.redemption(d.phone().accept("here", false).Pass) }
	code := d.codeFor("s-2", till.id)
	require.Equal(t, http.StatusOK, till.enrol(code).Code) // the answer is lost
	queued := []record.Record{sell(), sell()}              // and it sells on in s-1
	till.moves(code)
	assert.Equal(t, "s-2", till.place.Store)
	assert.Equal(t, record.Confirmed, till.report(queued...).Items[1].Status)
	d.set(d.now().Add(time.Hour))
	till.moves(code) // a fresh token, long after
	assert.Equal(t, fault.OtherStore, till.verdict(sell()).Reason,
		"its records up to the move alone are of the old store")
	assert.Equal(t, uint64(2), till.lane().Places[0].Last)
	assert.Equal(t, []string{string(flags.Moved)}, till.flags(), "it moved once")
}

func TestARecordThatWasMadeWhileTheMoveWasUnderWayIsOfTheStoreThatItNames(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "here", Stores: []string{"s-1"}})
	till := d.till("s-1", "1")
	before := till.place
	till.moves(d.codeFor("s-2", till.id))
	late := till.redemption(d.phone().accept("here", false).Pass, func(r *record.Record) { r.Place = before })
	assert.Equal(t, record.Confirmed, till.verdict(late).Status)
	assert.Equal(t, []string{string(flags.Moved)}, till.flags())
	till.number += 200 // much later it goes on naming the old store
	later := till.redemption(d.phone().accept("here", false).Pass, func(r *record.Record) { r.Place = before })
	assert.Equal(t, fault.OtherStore, till.verdict(later).Reason)
	assert.Contains(t, till.flags(), string(flags.OtherStore))
}

func TestAMoveTakesNoMoreRecordsAlongThanATillCanHave(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "here", Stores: []string{"s-1"}})
	till := d.till("s-1", "1")
	till.number = 1 << 52 // by its own word
	till.moves(d.codeFor("s-2", till.id))
	assert.Equal(t, uint64(100_000), till.lane().Places[0].Last)
}

func TestATillComesBackToAStore(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "here", Stores: []string{"s-1"}})
	till := d.till("s-1", "1")
	var queued []record.Record
	for _, st := range []string{"s-2", "s-1", "s-2"} {
		queued = append(queued, till.redemption(d.phone().accept("here", false).Pass))
		till.moves(d.codeFor(st, till.id))
	}
	var got []record.Status
	for _, v := range till.report(queued...).Items {
		got = append(got, v.Status)
	}
	assert.Equal(t, []record.Status{record.Confirmed, record.Rejected, record.Confirmed}, got)
}
