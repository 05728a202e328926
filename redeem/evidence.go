package redeem

import (
	"time"

	"github.com/fxamacker/cbor/v2"

	"github.com/offlane/offlane/redeem/outbox"
	"github.com/offlane/offlane/redeem/record"
)

// defaultMaxAlone is how long the wall clock is believed after the earliest possible moment.
const defaultMaxAlone = 7 * 24 * time.Hour

// slack is how far the wall clock may lie before the earliest moment and still be believed: clocks are set by the second,
// an answer travels a while, and quartz drifts.
const slack = 2 * time.Minute

// anchor is the last moment that somebody other than this machine's wall clock vouched for. It is kept in the journal and
// rides on records, so that it costs no flush of its own.
type anchor struct {
	_ struct{} `cbor:",toarray"`
	// Server is the last signed server time, and Floor the latest moment known to be past, in milliseconds since 1970.
	Server, Floor int64
	// SinceBoot and Boot say when Floor was true on the machine's own count.
	SinceBoot int64
	Boot      string
}

// evidence works out what is known of the time at a reading: the true moment lies at or after Earliest, and the wall clock
// is believed from there to Earliest plus maxAlone.
func (a anchor) evidence(r Reading, maxAlone time.Duration) record.Evidence {
	if maxAlone == 0 {
		maxAlone = defaultMaxAlone
	}
	e := record.Evidence{Wall: r.Wall.UnixMilli(), SinceBoot: r.SinceBoot.Milliseconds(), Boot: r.Boot, Server: a.Server, Earliest: a.earliest(r)}
	if maxAlone < 0 { // the caller vouches for the wall clock
		e.Latest, e.Trusted = max(e.Wall, e.Earliest), true
		return e
	}
	if e.Earliest == 0 {
		return e
	}
	e.Latest = e.Earliest + maxAlone.Milliseconds()
	e.Trusted = e.Wall >= e.Earliest-slack.Milliseconds() && e.Wall <= e.Latest
	return e
}

// earliest adds what the machine counted since the anchor.
func (a anchor) earliest(r Reading) int64 {
	if a.Floor == 0 {
		return 0
	}
	return a.Floor + a.counted(r)
}

// counted is how much certainly passed since the anchor. A count that is greater has gone on, or passed zero in between and hides
// how much more it was. One that is less in another run began anew, so all of it passed since; in the same run the reading is older
// than the anchor, by as much as two goroutines are apart.
func (a anchor) counted(r Reading) int64 {
	count := r.SinceBoot.Milliseconds()
	switch since := count - a.SinceBoot; {
	case since >= 0:
		return since
	case r.Boot != a.Boot:
		return max(count, 0)
	}
	return 0
}

// advance returns the anchor after a signed server time arrived; a server time from the past moves nothing back.
func (a anchor) advance(server int64, r Reading) anchor {
	floor := max(server, a.earliest(r))
	return anchor{Server: max(server, a.Server), Floor: floor, SinceBoot: r.SinceBoot.Milliseconds(), Boot: r.Boot}
}

// carry returns the anchor as of a reading, so that the time that passed in this run is not lost with a reboot.
func (a anchor) carry(r Reading) anchor {
	if a.Floor == 0 {
		return a
	}
	return anchor{Server: a.Server, Floor: a.earliest(r), SinceBoot: r.SinceBoot.Milliseconds(), Boot: r.Boot}
}

func (a anchor) encode() []byte {
	raw, err := cbor.Marshal(a)
	if err != nil {
		panic("redeem: an anchor of three numbers and a string cannot fail to encode: " + err.Error())
	}
	return raw
}

// decodeAnchor reads what encode wrote. What cannot be read is no evidence: the zero anchor trusts nothing.
func decodeAnchor(raw []byte) (a anchor) {
	if cbor.Unmarshal(raw, &a) != nil {
		return anchor{}
	}
	return a
}

// noteEvery is how much time may pass before the evidence rides on a record again: what a reboot can take away from what is
// known of the time is at most that, as long as the till is in use.
const noteEvery = time.Minute

// evidenceNote returns the evidence of time as an entry to go with a record, or none where the journal knows it well enough.
func (t *Terminal) evidenceNote(now Reading) []outbox.Entry {
	t.mu.Lock()
	defer t.mu.Unlock()
	carried := t.anchor.carry(now)
	if carried.Floor < t.noted+noteEvery.Milliseconds() {
		return nil
	}
	t.noted = carried.Floor
	return []outbox.Entry{{Kind: outbox.KindNote, Slot: slotAnchor, Payload: carried.encode()}}
}
