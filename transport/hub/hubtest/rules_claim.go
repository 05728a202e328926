package hubtest

import "github.com/offlane/offlane/redeem/record"

var claimRules = []Rule{
	{"reserved", "What another lane claimed is reserved, and the answer names it.", checkReserved},
	{"taken", "What another lane redeemed is taken, and the answer names it.", checkTaken},
	{"claim-again", "The same claim with a later attempt is the same claim.", checkAgain},
	{"stale-attempt", "An attempt that is not above the claim's last one is stale.", checkStale},
	{"uses", "All uses of an offer can be claimed, and no more.", checkUses},
	{"uses-differ", "Where lanes read different numbers of uses, the smaller counts and the answer asks.", checkDiffers},
	{"shared-name", "Offers that share a name are one.", checkSharedName},
	{"claims-in-order", "Claims of one message are decided, and answered, in their order.", checkOrder},
}

func checkReserved(s *store) {
	one, two := s.open()
	one.claim("a", "pass", granted)
	if a := two.claim("b", "pass", reserved); a.Lane != one.name || a.At <= 0 {
		fail("the answer names lane %q at %d, not %q", a.Lane, a.At, one.name)
	}
	two.claim("b", "another", granted)
}

func checkTaken(s *store) {
	one, two := s.open()
	one.claim("a", "pass", granted)
	one.redeem("a", "pass", nil)
	if a := two.claim("b", "pass", taken); a.Lane != one.name {
		fail("the answer names lane %q, not %q", a.Lane, one.name)
	}
	one.claim("other sale", "pass", taken)
}

func checkAgain(s *store) {
	one, two := s.open()
	for range 2 {
		one.claimWith("a", "pass", fields{"allowed": 2}, granted)
	}
	two.claimWith("b", "pass", fields{"allowed": 2}, granted)
	one.claim("c", "single", granted)
	one.redeem("c", "single", nil)
	one.claim("c", "single", granted) // the sale has it
}

func checkStale(s *store) {
	one, _ := s.open()
	one.next()
	one.claim("a", "pass", granted)
	for _, older := range []uint64{0, 1} {
		one.claimWith("a", "pass", fields{"attempt": one.session<<32 + 2 - older}, stale)
	}
}

func checkUses(s *store) {
	one, two := s.open()
	three := fields{"allowed": 3}
	one.claimWith("a", "pass", fields{"allowed": 3, "uses": 2}, granted)
	two.claimWith("b", "pass", fields{"allowed": 3, "uses": 2}, reserved)
	two.claimWith("c", "pass", three, granted)
	two.claimWith("d", "pass", three, reserved)
}

func checkDiffers(s *store) {
	one, two := s.open()
	one.claim("a", "pass", granted)
	one.redeem("a", "pass", nil)
	two.claimWith("b", "pass", fields{"allowed": 2}, differs)
	two.claimWith("b", "pass", fields{"allowed": 2, "override": true}, granted)
}

func checkSharedName(s *store) {
	one, two := s.open()
	one.claimWith("a", "identifier", fields{"names": []string{name("identifier"), name("alias")}}, granted)
	two.claim("b", "alias", reserved)
	two.claim("c", "identifier", reserved)
}

func checkOrder(s *store) {
	one, two := s.open()
	two.redeem("z", "gone", nil)
	answers := one.claims(one.wish("a", "pass", nil), one.wish("b", "gone", nil), one.wish("c", "pass", nil))
	for i, want := range []string{granted, taken, reserved} {
		if answers[i].Result != want {
			fail("claim %d of a message: %s, not %s", i+1, answers[i].Result, want)
		}
	}
}

var leaseRules = []Rule{
	{"lease-over-asks", "What a silent lane claimed asks, naming it, once its lease is over.", checkSilent},
	{"override", "A manager's override takes over what a silent lane claimed, and that lane is told.", checkOverride},
	{"override-refused", "An override changes nothing where the answer refuses.", checkOverrideRefused},
	{"late-record", "What a lane recorded counts, though it tells it after its lease.", checkLate},
}

func checkSilent(s *store) {
	one, two := s.open()
	one.claim("a", "pass", granted)
	s.pass(lease)
	if a := two.claim("b", "pass", silent); a.Lane != one.name {
		fail("the answer names lane %q, not %q", a.Lane, one.name)
	}
}

func checkOverride(s *store) {
	one, two := s.open()
	one.claim("a", "pass", granted)
	s.pass(lease)
	a := two.claimWith("b", "pass", fields{"override": true}, granted)
	if a.Overrode != silent || a.Lane != one.name {
		fail("the answer says that %q of lane %q was overridden", a.Overrode, a.Lane)
	}
	one.wantNotice(one.tell(nil), "taken-over", two.name)
}

// wantNotice ends the rule unless there is one notice, of a kind and about a lane.
func (l *lane) wantNotice(notices []notice, kind, about string) notice {
	if len(notices) != 1 || notices[0].Kind != kind || notices[0].Lane != about || notices[0].Number == 0 {
		fail("lane %s hears %v, not one %q of lane %s", l.name, notices, kind, about)
	}
	return notices[0]
}

func checkOverrideRefused(s *store) {
	one, two := s.open()
	one.claim("a", "pass", granted)
	two.claimWith("b", "pass", fields{"override": true}, reserved)
	one.claim("c", "gone", granted)
	one.redeem("c", "gone", nil)
	two.claimWith("d", "gone", fields{"override": true}, taken)
}

func checkLate(s *store) {
	one, two := s.open()
	one.claim("a", "pass", granted)
	s.pass(2 * lease)
	one.record(fact(record.Redemption, "a", "pass", nil))
	two.claim("b", "pass", taken)
}
