package hubtest

import (
	"bytes"
	"net/http"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

var epochRules = []Rule{
	{"new-epoch", "A hub without a memory hears which epochs its lanes know, and begins one above the highest.", checkNew},
	{"waits-for-lanes", "A new epoch claims nothing until its lanes told all that they hold.", checkWaits},
	{"missing-lane-asks", "After a bound, what a lane may hold that told nothing asks, naming it.", checkMissing},
	{"out-of-service", "Nobody waits for a lane that is out of service.", checkOutOfService},
	{"higher-epoch", "A lane that knows a higher epoch is refused.", checkHigher},
	{"two-keys", "A lane that knows another key with the same number is refused.", checkTwoKeys},
}

func checkNew(s *store) {
	s.start()
	one, two := s.lanes[0], s.lanes[1]
	one.known = record.HubEpoch{Number: 6, Key: publicOf(newKey())}
	one.post("/v1/hello", one.greeting()).wantRefusal("hello before all lanes were heard", fault.Unavailable)
	if w := two.hello(); w.Epoch.Number != 7 {
		fail("the lanes know epoch 6, and the hub begins %d", w.Epoch.Number)
	}
}

func checkWaits(s *store) {
	s.start()
	one, two := s.lanes[0], s.lanes[1]
	one.post("/v1/hello", one.greeting())
	two.hello()
	one.hello()
	one.tell(fields{"all": true})
	one.wantRefusedClaim("before the other lane told anything")
	two.redeem("b", "pass", nil)
	one.wantRefusedClaim("before the other lane told everything")
	two.tell(fields{"all": true})
	one.claim("a", "pass", taken)
	one.claim("c", "another", granted)
}

func (l *lane) wantRefusedClaim(when string) {
	message := fields{"session": l.session, "claims": []fields{l.wish("early", "early", nil)}}
	l.post("/v1/claims", message).wantRefusal("a claim "+when, fault.Unavailable)
}

// soon is how long hubs of these rules wait for lanes.
const soon = 20 * time.Millisecond

// alone has the first lane begin a session with a hub that does not hear the second one.
func (s *store) alone() *lane {
	s.setup.Wait = soon
	s.start()
	l := s.lanes[0]
	for a := l.post("/v1/hello", l.greeting()); a.status != http.StatusOK; a = l.post("/v1/hello", l.greeting()) {
		a.wantRefusal("hello before a bound passed", fault.Unavailable)
		s.waitABit()
	}
	l.hello()
	l.tell(fields{"all": true})
	return l
}

func (s *store) waitABit() {
	timer := time.NewTimer(soon / 4)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-s.ctx.Done():
		fail("the hub waits longer than it was told")
	}
}

// claimOnceReady claims an offer until the hub does not wait for lanes any more.
func (l *lane) claimOnceReady(sale, offer string, more fields) claimAnswer {
	for {
		a := l.post("/v1/claims", fields{"session": l.session, "claims": []fields{l.wish(sale, offer, more)}})
		if a.status == http.StatusOK {
			return read[claimAnswers]("/v1/claims", a).Answers[0]
		}
		a.wantRefusal("a claim before a bound passed", fault.Unavailable)
		l.store.waitABit()
	}
}

func checkMissing(s *store) {
	one := s.alone()
	if a := one.claimOnceReady("a", "pass", nil); a.Result != missing || a.Lane != s.lanes[1].name {
		fail("a claim while a lane is missing: %s of lane %q", a.Result, a.Lane)
	}
	if a := one.claimWith("a", "pass", fields{"override": true}, granted); a.Overrode != missing {
		fail("the answer says that %q was overridden", a.Overrode)
	}
	s.lanes[1].hello()
	s.lanes[1].tell(fields{"all": true})
	one.claim("b", "another", granted)
}

func checkOutOfService(s *store) {
	s.setup.Lanes[1].OutOfService = true
	s.start()
	one := s.lanes[0]
	one.hello()
	one.tell(fields{"all": true})
	one.claim("a", "pass", granted)
}

func checkHigher(s *store) {
	one, two := s.open()
	one.known = record.HubEpoch{Number: one.known.Number + 1, Key: publicOf(newKey())}
	one.post("/v1/hello", one.greeting()).wantRefusal("a lane that knows a higher epoch", fault.WrongEpoch)
	two.claim("b", "pass", granted)
}

func checkTwoKeys(s *store) {
	one, two := s.open()
	one.known.Key = publicOf(newKey())
	one.post("/v1/hello", one.greeting()).wantRefusal("a lane that knows another hub", fault.WrongEpoch)
	two.claim("b", "pass", granted)
}

var restartRules = []Rule{
	{"restart-keeps", "What was acknowledged is there after a restart, in the same epoch.", checkRestart},
	{"restart-keeps-claims", "Open claims are there after a restart, with a lease that begins anew.", checkRestartLease},
	{"restart-keeps-notices", "Notices that were not heard are there after a restart.", checkRestartNotices},
	{"lost-disk", "A hub that lost its disk begins another epoch, and hears again what its lanes hold.", checkLostDisk},
}

func checkRestart(s *store) {
	one, two := s.open()
	epoch := one.known
	one.claim("a", "pass", granted)
	one.redeem("a", "pass", nil)
	s.restart()
	if w := two.hello(); w.Epoch.Number != epoch.Number || !bytes.Equal(w.Epoch.Key, epoch.Key) {
		fail("epoch %d became %d over a restart", epoch.Number, w.Epoch.Number)
	}
	two.claim("b", "pass", taken)
}

func checkRestartLease(s *store) {
	one, two := s.open()
	one.claim("a", "pass", granted)
	s.pass(lease * 3 / 4)
	s.restart()
	two.hello()
	s.pass(lease * 3 / 4)
	two.claim("b", "pass", reserved)
}

func checkRestartNotices(s *store) {
	one, two := s.open()
	one.redeem("a", "pass", nil)
	two.redeem("b", "pass", nil)
	s.restart()
	one.hello()
	one.wantNotice(one.tell(nil), "conflict", two.name)
}

func checkLostDisk(s *store) {
	one, two := s.open()
	before := one.known.Number
	one.redeem("a", "pass", nil)
	s.loseDisk()
	one.post("/v1/hello", one.greeting())
	two.hello()
	if one.hello(); one.known.Number != before+1 || two.known.Number != before+1 {
		fail("the hub begins epoch %d after %d", one.known.Number, before)
	}
	one.redeem("a", "pass", nil)
	one.tell(fields{"all": true})
	two.tell(fields{"all": true})
	two.claim("b", "pass", taken)
}
