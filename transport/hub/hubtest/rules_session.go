package hubtest

import (
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

var sessionRules = []Rule{
	{"sessions", "Sessions of a lane count up, over restarts.", checkSessions},
	{"last-session", "Messages of another session than the lane's last one are stale.", checkLastSession},
	{"session-of-this-process", "After a restart a lane says hello before all else.", checkSessionOfProcess},
	{"told-up-to", "The hub says up to which number of its chain a lane has told it, and 0 for another chain.", checkTold},
	{"open-claims", "The hub lists a lane's claims of which it does not know what became.", checkOpen},
}

func checkSessions(s *store) {
	one, _ := s.open()
	first := one.hello().Session
	second := one.hello().Session
	s.restart()
	third := one.hello().Session
	if first == 0 || second <= first || third <= second || third >= 1<<31 {
		fail("sessions %d, %d and after a restart %d", first, second, third)
	}
}

func checkLastSession(s *store) {
	one, _ := s.open()
	old := one.session
	one.hello()
	last := one.session
	for _, session := range []uint64{old, last + 1} {
		one.session = session
		one.wantStale("a session that is not the last one")
	}
	one.session = last
	one.claim("a", "pass", granted)
}

// wantStale ends the rule unless both calls of the session are stale.
func (l *lane) wantStale(what string) {
	claims := fields{"session": l.session, "claims": []fields{l.wish("stale", "stale", nil)}}
	l.post("/v1/claims", claims).wantRefusal("claims: "+what, fault.StaleClaim)
	l.post("/v1/facts", l.facts(fields{"all": true})).wantRefusal("facts: "+what, fault.StaleClaim)
}

func checkSessionOfProcess(s *store) {
	one, _ := s.open()
	s.restart()
	one.wantStale("a session of before the restart")
}

func checkTold(s *store) {
	one, _ := s.open()
	one.tell(fields{"upTo": 7})
	if w := one.hello(); w.Told != 7 {
		fail("the lane told up to 7, and the hub says %d", w.Told)
	}
	one.chain = record.NewChainID()
	if w := one.hello(); w.Told != 0 {
		fail("of a chain that the hub does not know it says %d", w.Told)
	}
}

func checkOpen(s *store) {
	one, two := s.open()
	one.claim("a", "open", granted)
	want := []attempt{{name("a"), name("open"), one.last()}}
	one.claim("b", "recorded", granted)
	one.redeem("b", "recorded", nil)
	if open := one.hello().Open; !slices.Equal(open, want) {
		fail("open claims: %v, not %v", open, want)
	}
	if open := two.hello().Open; len(open) > 0 {
		fail("a lane that claimed nothing has open claims: %v", open)
	}
}
