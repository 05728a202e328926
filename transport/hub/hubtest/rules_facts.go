package hubtest

import "github.com/offlane/offlane/redeem/record"

var giveUpRules = []Rule{
	{"give-up", "What was given up is free at once.", checkGiveUp},
	{"older-give-up", "A give-up of an older attempt changes nothing.", checkOlderGiveUp},
	{"early-give-up", "A give-up that overtakes its claim makes that claim stale.", checkEarlyGiveUp},
	{"redeemed-give-up", "What was redeemed is not given up.", checkRedeemedGiveUp},
	{"another-lane", "A lane gives up nothing of another one.", checkAnotherLane},
}

func checkGiveUp(s *store) {
	one, two := s.open()
	one.claim("a", "pass", granted)
	one.giveUp("a", "pass", one.last())
	two.claim("b", "pass", granted)
}

func checkOlderGiveUp(s *store) {
	one, two := s.open()
	one.claim("a", "pass", granted)
	older := one.last()
	one.claim("a", "pass", granted)
	one.giveUp("a", "pass", older)
	two.claim("b", "pass", reserved)
}

func checkEarlyGiveUp(s *store) {
	one, two := s.open()
	number := one.next()
	one.giveUp("a", "pass", number)
	one.claimWith("a", "pass", fields{"attempt": number}, stale)
	two.claim("b", "pass", granted)
}

func checkRedeemedGiveUp(s *store) {
	one, two := s.open()
	one.claim("a", "pass", granted)
	one.redeem("a", "pass", nil)
	one.giveUp("a", "pass", one.last())
	two.claim("b", "pass", taken)
}

func checkAnotherLane(s *store) {
	one, two := s.open()
	one.claim("a", "pass", granted)
	two.giveUp("a", "pass", one.last()+1)
	two.claim("b", "pass", reserved)
}

var factRules = []Rule{
	{"redemption-once", "A redemption that is told again counts once.", checkRedemptionOnce},
	{"uses-of-one-call", "Uses that one call took count before all of them are told.", checkParts},
	{"conflict", "Lanes that used an offer together more often than it may be are told.", checkConflict},
	{"notices", "Notices come again until the lane heard them, and then no more.", checkNotices},
}

func checkRedemptionOnce(s *store) {
	one, two := s.open()
	use := fact(record.Redemption, "a", "pass", fields{"allowed": 2})
	one.record(use)
	one.record(use)
	two.claimWith("b", "pass", fields{"allowed": 2}, granted)
}

func checkParts(s *store) {
	one, two := s.open()
	allowed := fields{"allowed": 3}
	use := fact(record.Redemption, "a", "pass", fields{"allowed": 3, "parts": 2})
	use["group"] = use["record"]
	one.record(use)
	two.claimWith("b", "pass", allowed, granted)
	two.claimWith("c", "pass", allowed, reserved)
}

func checkConflict(s *store) {
	one, two := s.open()
	first := one.redeem("a", "pass", nil)
	second, notices := two.record(fact(record.Redemption, "b", "pass", nil))
	if n := two.wantNotice(notices, "conflict", one.name); n.Record != second || n.Other != first {
		fail("lane 2 hears of records %s and %s, not of %s and %s", n.Record, n.Other, second, first)
	}
	if n := one.wantNotice(one.tell(nil), "conflict", two.name); n.Record != first || n.Other != second {
		fail("lane 1 hears of records %s and %s, not of %s and %s", n.Record, n.Other, first, second)
	}
}

func checkNotices(s *store) {
	one, two := s.open()
	one.redeem("a", "pass", nil)
	two.redeem("b", "pass", nil)
	first := one.tell(nil)
	again := one.tell(nil)
	if len(first) != 1 || len(again) != 1 || first[0] != again[0] {
		fail("a notice that was not heard comes as %v, and then as %v", first, again)
	}
	if rest := one.tell(fields{"heard": first[0].Number}); len(rest) > 0 {
		fail("what was heard comes again: %v", rest)
	}
}

var voidRules = []Rule{
	{"void", "A void at any lane frees the use, and the lane that redeemed is told.", checkVoid},
	{"void-once", "A redemption is taken back once.", checkVoidOnce},
	{"unknown-void", "A void of a redemption that the hub does not know frees nothing.", checkUnknownVoid},
	{"partial-void", "A void of a part frees nothing.", checkPartialVoid},
	{"void-by-receipt", "A void finds its redemption by the receipt.", checkReceipt},
}

func checkVoid(s *store) {
	one, two := s.open()
	id := one.redeem("a", "pass", nil)
	two.void("pass", id, nil)
	two.claim("b", "pass", granted)
	if n := one.wantNotice(one.tell(nil), "voided", two.name); n.Record != id {
		fail("lane 1 hears that %s was taken back, not %s", n.Record, id)
	}
}

func checkVoidOnce(s *store) {
	one, two := s.open()
	allowed := fields{"allowed": 2}
	id := one.redeem("a", "pass", allowed)
	one.redeem("b", "pass", allowed)
	back := record.NewID()
	for range 2 {
		one.void("pass", id, fields{"record": back})
	}
	one.void("pass", id, nil)
	two.claimWith("c", "pass", allowed, granted)
	two.claimWith("d", "pass", allowed, reserved)
}

func checkUnknownVoid(s *store) {
	one, two := s.open()
	one.redeem("a", "pass", nil)
	one.void("pass", record.NewID(), nil)
	two.claim("b", "pass", taken)
}

func checkPartialVoid(s *store) {
	one, two := s.open()
	id := one.redeem("a", "pass", nil)
	one.void("pass", id, fields{"partial": true})
	two.claim("b", "pass", taken)
}

func checkReceipt(s *store) {
	one, two := s.open()
	id := one.redeem("a", "pass", nil)
	two.record(fields{"kind": record.Void, "record": record.NewID(), "receipt": id.Receipt(), "at": 1})
	two.claim("b", "pass", granted)
}

var reservationRules = []Rule{
	{"reservation-holds", "A reservation holds the offer beyond a lease, also over a restart.", checkReservation},
	{"reservation-completes", "The sale that holds an offer can claim it.", checkComplete},
	{"release", "A release frees the offer, also where it comes first.", checkRelease},
}

// hold is a reservation of an hour, in milliseconds.
var hold = fields{"holdMillis": 3_600_000}

func checkReservation(s *store) {
	one, two := s.open()
	one.claim("a", "pass", granted)
	one.record(fact(record.Reservation, "a", "pass", hold))
	s.pass(2 * lease)
	two.claim("b", "pass", reserved)
	s.restart()
	two.hello()
	two.claim("c", "pass", reserved)
}

func checkComplete(s *store) {
	one, two := s.open()
	one.record(fact(record.Reservation, "a", "pass", hold))
	one.claim("a", "pass", granted)
	one.redeem("a", "pass", nil)
	two.claim("b", "pass", taken)
}

func checkRelease(s *store) {
	one, two := s.open()
	id, _ := one.record(fact(record.Reservation, "a", "pass", hold))
	one.record(fact(record.Release, "a", "pass", fields{"of": id}))
	two.claim("b", "pass", granted)

	early := fact(record.Reservation, "c", "early", hold)
	one.record(fact(record.Release, "c", "early", fields{"of": early["record"]}))
	one.record(early)
	two.claim("d", "early", granted)
}
