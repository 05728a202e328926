package hubtest

import "github.com/offlane/offlane/redeem/record"

// The results of claims.
const (
	granted  = "granted"
	taken    = "taken"
	reserved = "reserved"
	silent   = "silent"
	missing  = "missing"
	differs  = "differs"
	stale    = "stale"
)

type claimAnswer struct {
	Result   string `json:"result"`
	Overrode string `json:"overrode"`
	Lane     string `json:"lane"`
	At       int64  `json:"at"`
}

type claimAnswers struct {
	Epoch   uint64        `json:"epoch"`
	Answers []claimAnswer `json:"answers"`
}

// next is the lane's next attempt.
func (l *lane) next() uint64 {
	l.attempts++
	return l.session<<32 + l.attempts
}

// wish is a claim of one use of an offer with one use, with other fields where more has them.
func (l *lane) wish(sale, offer string, more fields) fields {
	claim := fields{"attempt": l.next(), "sale": name(sale), "names": []string{name(offer)}, "uses": 1, "allowed": 1}
	for field, value := range more {
		claim[field] = value
	}
	return claim
}

// claims sends claims in one message.
func (l *lane) claims(claims ...fields) []claimAnswer {
	message := fields{"session": l.session, "claims": claims}
	a := read[claimAnswers]("/v1/claims", l.post("/v1/claims", message))
	if a.Epoch != l.known.Number || len(a.Answers) != len(claims) {
		fail("%d answers for epoch %d to %d claims in epoch %d", len(a.Answers), a.Epoch, len(claims), l.known.Number)
	}
	return a.Answers
}

// claim claims one use of an offer, and ends the rule where that comes to something else than want.
func (l *lane) claim(sale, offer, want string) claimAnswer {
	return l.claimWith(sale, offer, nil, want)
}

func (l *lane) claimWith(sale, offer string, more fields, want string) claimAnswer {
	a := l.claims(l.wish(sale, offer, more))[0]
	if a.Result != want {
		fail("lane %s claims %q in sale %q: %s, not %s", l.name, offer, sale, a.Result, want)
	}
	return a
}

// giveUp gives an attempt up.
func (l *lane) giveUp(sale, offer string, number uint64) {
	l.tell(fields{"giveUps": []attempt{{name(sale), name(offer), number}}})
}

// last is the lane's last attempt.
func (l *lane) last() uint64 { return l.session<<32 + l.attempts }

// fact is a record of an offer with one use in a sale.
func fact(kind record.Kind, sale, offer string, more fields) fields {
	f := fields{"kind": kind, "record": record.NewID(), "sale": name(sale), "names": []string{name(offer)}, "allowed": 1,
		"parts": 1, "at": 1}
	for field, value := range more {
		f[field] = value
	}
	return f
}

// record tells a fact, and returns the record and the notices.
func (l *lane) record(f fields) (record.ID, []notice) {
	return f["record"].(record.ID), l.tell(fields{"facts": []fields{f}})
}

// redeem tells a redemption.
func (l *lane) redeem(sale, offer string, more fields) record.ID {
	id, _ := l.record(fact(record.Redemption, sale, offer, more))
	return id
}

// void tells a void of a redemption.
func (l *lane) void(offer string, of record.ID, more fields) {
	f := fact(record.Void, "back", offer, more)
	f["of"] = of
	l.record(f)
}
