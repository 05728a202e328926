package arbiter_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub/internal/arbiter"
)

const lease = 10 * time.Second

var limits = arbiter.Limits{Lease: lease, Margin: time.Minute, Memory: 5 * time.Minute}

// A store is an arbiter with a clock and lanes that number their attempts.
type store struct {
	*arbiter.Arbiter
	now      time.Duration
	attempts uint64
	records  uint16
}

func newStore() *store { return &store{Arbiter: arbiter.New(limits)} }

func lane(n byte) record.TerminalID { return record.TerminalID{n} }

func name(text string) (n arbiter.Name) {
	copy(n[:], text)
	return n
}

func key(n byte, sale, offer string) arbiter.Key {
	return arbiter.Key{Lane: lane(n), Sale: name(sale), Offer: name(offer)}
}

// request is for one use of an offer that has one.
func (s *store) request(n byte, sale, offer string) arbiter.Request {
	s.attempts++
	return arbiter.Request{Key: key(n, sale, offer), Names: []arbiter.Name{name(offer)}, Attempt: s.attempts, Uses: 1,
		Allowed: 1, At: int64(s.now / time.Millisecond)}
}

func (s *store) claim(n byte, sale, offer string) arbiter.Result {
	return s.Claim(s.now, s.request(n, sale, offer)).Result
}

// newID names another record of a lane.
func (s *store) newID(n byte) record.ID {
	s.records++
	return record.ID{n, byte(s.records), byte(s.records >> 8)}
}

// fact is a redemption of one use.
func (s *store) fact(n byte, sale, offer string) arbiter.Fact {
	id := s.newID(n)
	return arbiter.Fact{Kind: record.Redemption, Record: id, Group: id, Parts: 1, Lane: lane(n), Sale: name(sale),
		Names: []arbiter.Name{name(offer)}, Allowed: 1, At: int64(s.now / time.Millisecond)}
}

// use tells a redemption and returns its record.
func (s *store) use(n byte, sale, offer string) record.ID {
	f := s.fact(n, sale, offer)
	s.Tell(s.now, f)
	return f.Record
}

func (s *store) void(n byte, of record.ID) {
	s.Tell(s.now, arbiter.Fact{Kind: record.Void, Record: s.newID(n), Lane: lane(n), Of: of})
}

// restart has another arbiter take up what was stored, which was given in pieces.
func (s *store) restart(stored ...arbiter.Changes) {
	s.Arbiter = arbiter.New(limits)
	for _, changes := range stored {
		s.Restore(s.now, changes)
	}
}

func TestTheSamePassAtTwoLanes(t *testing.T) {
	s := newStore()
	s.now = 5 * time.Second
	assert.Equal(t, arbiter.Granted, s.claim(1, "a", "pass"))
	assert.Equal(t, arbiter.Reserved, s.claim(2, "b", "pass"), "lane 1 has not told yet")
	s.use(1, "a", "pass")
	answer := s.Claim(s.now, s.request(2, "b", "pass"))
	assert.Equal(t, arbiter.Answer{Result: arbiter.Taken, Lane: lane(1), At: 5000}, answer)
	assert.Equal(t, arbiter.Granted, s.claim(1, "a", "pass"), "the same sale has it already")
	assert.Equal(t, arbiter.Taken, s.claim(1, "other", "pass"), "another sale of the same lane is another claim")
}

func TestAClaimThatIsAskedAgainIsTheSameOne(t *testing.T) {
	s := newStore()
	first := s.request(1, "a", "pass")
	require.Equal(t, arbiter.Granted, s.Claim(s.now, first).Result)
	s.now += 9 * time.Second
	require.Equal(t, arbiter.Granted, s.claim(1, "a", "pass"))
	s.now += 9 * time.Second
	assert.Equal(t, arbiter.Reserved, s.claim(2, "b", "pass"), "the second attempt began the lease anew")
	assert.Equal(t, arbiter.Stale, s.Claim(s.now, first).Result, "a delayed copy of the first attempt is old")
	s.GiveUp(s.now, first.Key, first.Attempt)
	assert.Equal(t, arbiter.Reserved, s.claim(2, "c", "pass"), "a delayed give-up of the first attempt changes nothing")
}

func TestAGiveUpThatOvertakesItsClaim(t *testing.T) {
	s := newStore()
	req := s.request(1, "a", "pass")
	s.GiveUp(s.now, req.Key, req.Attempt)
	assert.Equal(t, arbiter.Stale, s.Claim(s.now, req).Result)
	assert.Equal(t, arbiter.Granted, s.claim(2, "b", "pass"), "the claim that came late holds nothing")
	s.now += limits.Memory
	s.Sweep(s.now, time.Time{})
	assert.Equal(t, 1, s.Len(), "what was given up is forgotten, the other lane's claim is not")
}

func TestASilentLane(t *testing.T) {
	s := newStore()
	require.Equal(t, arbiter.Granted, s.claim(1, "a", "pass"))
	s.now += lease
	answer := s.Claim(s.now, s.request(2, "b", "pass"))
	assert.Equal(t, arbiter.Answer{Result: arbiter.Silent, Lane: lane(1), At: 0}, answer)

	req := s.request(2, "b", "pass")
	req.Override = true
	assert.Equal(t, arbiter.Answer{Result: arbiter.Granted, Overrode: arbiter.Silent, Lane: lane(1)},
		s.Claim(s.now, req), "a manager took it over")
	assert.Equal(t, arbiter.Reserved, s.claim(3, "c", "pass"))
	notices := s.Notices(lane(1))
	require.Len(t, notices, 1, "the silent lane is told")
	assert.Equal(t, arbiter.NoticeTakenOver, notices[0].Kind)
	assert.Equal(t, lane(2), notices[0].Lane)

	second := s.use(2, "b", "pass")
	first := s.use(1, "a", "pass")
	assert.Equal(t, arbiter.Notice{Number: 1, Kind: arbiter.NoticeConflict, Lane: lane(1), At: 10000, Record: second,
		Other: first}, s.Notices(lane(2))[0], "it had redeemed it all the same: both are told")
	assert.Equal(t, arbiter.Notice{Number: 2, Kind: arbiter.NoticeConflict, Lane: lane(2), At: 10000, Record: first,
		Other: second}, s.Notices(lane(1))[1])
	s.DropNotices(lane(1), 2)
	assert.Empty(t, s.Notices(lane(1)))
}

func TestWhatWasTakenOverAsksNobodyAgain(t *testing.T) {
	s := newStore()
	require.Equal(t, arbiter.Granted, s.claim(1, "a", "pass"))
	s.now += lease
	req := s.request(2, "b", "pass")
	req.Override = true
	require.Equal(t, arbiter.Granted, s.Claim(s.now, req).Result)
	s.GiveUp(s.now, req.Key, req.Attempt)
	assert.Equal(t, arbiter.Granted, s.claim(3, "c", "pass"), "a manager decided about lane 1's claim")
}

func TestASilentLaneThatAnswersAgain(t *testing.T) {
	s := newStore()
	req := s.request(1, "a", "pass")
	require.Equal(t, arbiter.Granted, s.Claim(s.now, req).Result)
	s.now += lease
	open := s.Open(lane(1))
	require.Len(t, open, 1)
	assert.Equal(t, req.Key, open[0].Key)
	s.GiveUp(s.now, req.Key, req.Attempt)
	assert.Equal(t, arbiter.Granted, s.claim(2, "b", "pass"))
	assert.Empty(t, s.Open(lane(1)))
}

func TestVoidsFreeWhatIsCountedOnce(t *testing.T) {
	s := newStore()
	id := s.use(1, "a", "pass")
	s.void(2, record.ID{77})
	assert.Equal(t, arbiter.Taken, s.claim(2, "b", "pass"), "an unmatched void frees nothing")
	s.Tell(s.now, arbiter.Fact{Kind: record.Void, Record: record.ID{8}, Lane: lane(1), Of: id, Partial: true})
	assert.Equal(t, arbiter.Taken, s.claim(2, "b", "pass"), "a part was returned")
	s.void(2, id)
	require.Len(t, s.Notices(lane(1)), 1, "the lane that redeemed it is told")
	assert.Equal(t, arbiter.NoticeVoided, s.Notices(lane(1))[0].Kind)
	require.Equal(t, arbiter.Granted, s.claim(2, "b", "pass"))
	s.use(2, "b", "pass")
	s.void(3, id)
	assert.Equal(t, arbiter.Taken, s.claim(3, "c", "pass"), "the second void of a redemption frees nothing")
	assert.Len(t, s.Notices(lane(1)), 1, "and nobody is told of it")
}

func TestAVoidNamesItsRedemptionInThreeWays(t *testing.T) {
	for what, name := range map[string]func(*arbiter.Fact, record.ID){
		"its id":      func(f *arbiter.Fact, id record.ID) { f.Of = id },
		"its receipt": func(f *arbiter.Fact, id record.ID) { f.Receipt = id.Receipt() },
		"its offer":   func(f *arbiter.Fact, _ record.ID) { f.Names = []arbiter.Name{name("pass")} },
	} {
		s := newStore()
		id := s.use(1, "a", "pass")
		void := arbiter.Fact{Kind: record.Void, Record: record.ID{9}, Lane: lane(2)}
		name(&void, id)
		s.Tell(s.now, void)
		s.use(3, "c", "pass")
		s.Tell(s.now, void)
		assert.Equal(t, arbiter.Taken, s.claim(2, "b", "pass"), "told again, a void by %s frees nothing", what)
		assert.Empty(t, s.Notices(lane(3)), "there is no conflict, since it was freed by %s before", what)
	}
}

func TestAVoidedSaleMayRedeemAnew(t *testing.T) {
	s := newStore()
	first := s.fact(1, "a", "pass")
	s.Tell(s.now, first)
	s.void(1, first.Record)
	require.Equal(t, arbiter.Granted, s.claim(1, "a", "pass"))
	s.Tell(s.now, first)
	assert.Equal(t, arbiter.Reserved, s.claim(2, "b", "pass"), "the old redemption, told again, is still taken back")
	s.use(1, "a", "pass")
	assert.Equal(t, arbiter.Taken, s.claim(2, "b", "pass"))
}

func TestSeveralUses(t *testing.T) {
	s := newStore()
	req := s.request(1, "a", "pass")
	req.Uses, req.Allowed = 3, 4
	require.Equal(t, arbiter.Granted, s.Claim(s.now, req).Result)
	ask := func(n byte, uses int) arbiter.Result {
		r := s.request(n, "b", "pass")
		r.Uses, r.Allowed = uses, 4
		return s.Claim(s.now, r).Result
	}
	assert.Equal(t, arbiter.Reserved, ask(2, 2))
	f := s.fact(1, "a", "pass")
	f.Parts, f.Allowed = 3, 4
	s.Tell(s.now, f)
	assert.Equal(t, arbiter.Taken, ask(2, 2), "one of three records was told: the others are on their way")
	assert.Equal(t, arbiter.Granted, ask(2, 1))
	s.void(1, f.Record)
	assert.Equal(t, arbiter.Granted, ask(3, 1))
	assert.Equal(t, arbiter.Reserved, ask(4, 1))
}

func TestLanesThatReadDifferentNumbersOfUses(t *testing.T) {
	s := newStore()
	s.use(1, "a", "pass")
	req := s.request(2, "b", "pass")
	req.Allowed = 2
	assert.Equal(t, arbiter.Answer{Result: arbiter.Differs, Lane: lane(1)}, s.Claim(s.now, req))
	req.Attempt, req.Override = req.Attempt+1, true
	assert.Equal(t, arbiter.Granted, s.Claim(s.now, req).Result)
}

func TestOneOfferWithTwoNames(t *testing.T) {
	s := newStore()
	f := s.fact(1, "a", "pass")
	f.Names = append(f.Names, name("number"))
	s.Tell(s.now, f)
	assert.Equal(t, arbiter.Taken, s.claim(2, "b", "number"))
	assert.Equal(t, arbiter.Taken, s.claim(2, "c", "pass"))
}

func TestReservations(t *testing.T) {
	const hold = time.Hour
	s := newStore()
	require.Equal(t, arbiter.Granted, s.claim(1, "a", "pass"))
	f := s.fact(1, "a", "pass")
	f.Kind, f.Hold = record.Reservation, hold
	s.Tell(s.now, f)
	s.now += hold + limits.Margin - 1
	assert.Equal(t, arbiter.Reserved, s.claim(2, "b", "pass"), "it is held longer than at the lane")
	assert.Empty(t, s.Open(lane(1)), "what is held is not open")
	s.Tell(s.now, f)
	s.now++
	assert.Equal(t, arbiter.Granted, s.claim(2, "b", "pass"), "it lapsed, also where it is told again")

	s = newStore()
	s.Tell(s.now, f)
	require.Equal(t, arbiter.Granted, s.claim(1, "a", "pass"), "completing asks again")
	s.now += lease
	assert.Equal(t, arbiter.Reserved, s.claim(2, "b", "pass"), "and a completion that is cut short holds on")
	s.Tell(s.now, arbiter.Fact{Kind: record.Release, Record: record.ID{5}, Of: f.Record, Lane: lane(1), Sale: f.Sale,
		Names: f.Names})
	assert.Equal(t, arbiter.Granted, s.claim(2, "b", "pass"))
}

func TestWhatAMissingLaneCouldHoldAsks(t *testing.T) {
	s := newStore()
	s.Expect(lane(1), lane(2), lane(3))
	s.SetTold(lane(2), record.ChainID{1}, 7, true)
	answer := s.Claim(s.now, s.request(2, "b", "pass"))
	assert.Equal(t, arbiter.Answer{Result: arbiter.Missing, Lane: lane(1)}, answer)
	s.SetTold(lane(1), record.ChainID{1}, 0, true)
	assert.Equal(t, []record.TerminalID{lane(3)}, s.MissingLanes())
	s.Expect(lane(1), lane(2))
	assert.Equal(t, arbiter.Granted, s.claim(2, "b", "pass"), "lane 3 is out of service")
	chain, told := s.LastTold(lane(2))
	assert.Equal(t, record.ChainID{1}, chain)
	assert.EqualValues(t, 7, told)
}

func TestARestartLosesNothingAndBeginsLeasesAnew(t *testing.T) {
	s := newStore()
	s.use(1, "a", "one")
	first := s.Changes()
	require.Equal(t, arbiter.Granted, s.claim(1, "b", "two"))
	require.EqualValues(t, 1, s.Begin(lane(1)))
	second := s.Changes()
	require.Empty(t, s.Changes(), "nothing changed since")
	s.GiveUp(s.now, key(1, "b", "two"), 9)
	require.Equal(t, arbiter.Granted, s.claim(2, "c", "two"))
	third := s.Changes()
	s.now += 9 * time.Second
	s.restart(third, first, second)
	s.now += 9 * time.Second
	assert.Equal(t, arbiter.Taken, s.claim(3, "d", "one"))
	assert.Equal(t, arbiter.Reserved, s.claim(3, "d", "two"), "lane 2's lease began anew")
	assert.EqualValues(t, 1, s.Session(lane(1)))
	assert.Empty(t, s.Open(lane(1)), "the give-up is newer than the claim, whatever order they are read in")
}

func TestWhatIsPastIsDropped(t *testing.T) {
	s := newStore()
	f := s.fact(1, "a", "pass")
	f.KeepUntil = 5000
	s.Tell(s.now, f)
	s.Sweep(s.now, time.Time{})
	s.Sweep(s.now, time.UnixMilli(4999))
	require.Equal(t, 1, s.Len())
	s.Changes()
	s.Sweep(s.now, time.UnixMilli(5000))
	assert.Zero(t, s.Len())
	dropped := s.Changes().Dropped
	require.Len(t, dropped, 1, "the claim that is past")
	assert.Equal(t, key(1, "a", "pass"), dropped[0].Key)
	assert.Equal(t, arbiter.Granted, s.claim(2, "b", "pass"))
}

// Of a call that a crash cut short the redemption may be on disk and the notice not.
func TestAConflictThatIsToldAgainIsNoticedAgain(t *testing.T) {
	s := newStore()
	s.use(1, "a", "pass")
	f := s.fact(2, "b", "pass")
	s.Tell(s.now, f)
	require.Len(t, s.Notices(lane(1)), 1)
	changes := s.Changes()
	changes.Lanes = nil
	s.restart(changes)
	require.Empty(t, s.Notices(lane(1)))
	s.Tell(s.now, f)
	s.Tell(s.now, f)
	assert.Len(t, s.Notices(lane(1)), 1, "the same notice waits once")
	assert.Len(t, s.Notices(lane(2)), 1)
}

func TestNoticesAreBounded(t *testing.T) {
	s := newStore()
	for range arbiter.MaxNotices + 10 {
		s.void(2, s.use(1, "a", "pass"))
	}
	notices := s.Notices(lane(1))
	require.Len(t, notices, arbiter.MaxNotices)
	assert.EqualValues(t, 11, notices[0].Number, "the oldest ones were dropped")
}
