package hubtest

import (
	"bytes"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

var limitRules = []Rule{
	{"body-limits", "A body that is longer than its call allows is too large.", checkBodies},
	{"list-limits", "More claims, facts or give-ups than a message may have are refused.", checkLists},
	{"problems", "What a lane does wrong is a problem with a code.", checkProblems},
	{"later-fields", "Fields that the hub does not know are passed over.", checkLaterFields},
}

func checkBodies(s *store) {
	one, _ := s.open()
	for path, limit := range map[string]int{"/v1/hello": 4 << 10, "/v1/claims": 64 << 10, "/v1/facts": 256 << 10} {
		one.post(path, bytes.Repeat([]byte(" "), limit+1)).wantRefusal("a long body of "+path, fault.TooLarge)
	}
}

func checkLists(s *store) {
	one, _ := s.open()
	var claims, facts []fields
	for range 257 {
		claims = append(claims, one.wish("a", "pass", nil))
	}
	for range 201 {
		facts = append(facts, fact(record.Release, "a", "pass", nil))
	}
	giveUps := make([]attempt, 501)
	for i := range giveUps {
		giveUps[i] = attempt{name("a"), name("pass"), 1}
	}
	one.post("/v1/claims", fields{"session": one.session, "claims": claims}).wantRefusal("257 claims", fault.TooLarge)
	one.post("/v1/facts", one.facts(fields{"facts": facts})).wantRefusal("201 facts", fault.TooLarge)
	one.post("/v1/facts", one.facts(fields{"giveUps": giveUps})).wantRefusal("501 give-ups", fault.TooLarge)
}

func checkProblems(s *store) {
	one, _ := s.open()
	wrong := []fault.Code{fault.Malformed, fault.InvalidRequest}
	for _, path := range []string{"/v1/hello", "/v1/claims", "/v1/facts"} {
		for what, body := range map[string]string{"nothing": "", "a page": "<html>", "half an object": `{"session":`} {
			one.post(path, []byte(body)).wantRefusal(what+" for "+path, wrong...)
		}
	}
	for what, more := range map[string]fields{
		"no uses": {"uses": 0}, "too many uses": {"uses": 1001}, "no attempt": {"attempt": 0},
		"no name":     {"names": []string{}},
		"three names": {"names": []string{name("a"), name("b"), name("c")}}, "a name that is none": {"sale": "zz"},
		"an offer without uses": {"allowed": 0}, "a name of zeros": {"names": []string{strings.Repeat("0", 32)}},
	} {
		claims := fields{"session": one.session, "claims": []fields{one.wish("a", "pass", more)}}
		one.post("/v1/claims", claims).wantRefusal("a claim with "+what, wrong...)
	}
	for what, more := range map[string]fields{
		"another kind": {"kind": 5}, "no record": {"record": strings.Repeat("0", 32)},
		"a long hold": {"holdMillis": int64(1) << 40},
	} {
		facts := one.facts(fields{"facts": []fields{fact(record.Redemption, "a", "pass", more)}})
		one.post("/v1/facts", facts).wantRefusal("a fact with "+what, wrong...)
	}
	epoch := fields{"epoch": fields{"number": uint64(1) << 53, "key": nil}, "chain": one.chain}
	one.post("/v1/hello", epoch).wantRefusal("an epoch after which none can begin", wrong...)
	one.post("/v1/none", fields{}).wantRefusal("a call that there is not", fault.NotFound)
}

func checkLaterFields(s *store) {
	one, two := s.open()
	one.claimWith("a", "pass", fields{"later": fields{"x": 1}}, granted)
	one.tell(fields{"later": true})
	two.claim("b", "pass", reserved)
}
