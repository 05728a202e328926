package hub_test

import (
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
)

// otherKey is no key of a test's hub.
const otherKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

// mutations are what a hub can get wrong without its own tests noticing.
var mutations = slices.Concat(trustMutations, sessionMutations, claimMutations, factMutations, epochMutations,
	limitMutations)

var trustMutations = []mutation{
	{name: "anybody is the first lane", rule: "strangers-refused",
		server: func(s *hub.Server) { s.Loosen(true, tls.VersionTLS13) }, raw: asFirstLane},
	{name: "old TLS is spoken", rule: "tls-1.3", server: func(s *hub.Server) { s.Loosen(false, tls.VersionTLS12) }},
	{name: "the epoch has another key", rule: "hub-key",
		ask: onKnown(func(m *memory, e object) {
			if e["key"] == otherKey {
				e["key"] = m.cfg.Key.Public()
			}
		}),
		say: func(_ *memory, path string, _, out object) {
			if e, _ := out["epoch"].(object); path == "/v1/hello" {
				e["key"] = otherKey
			}
		}},
	{name: "tunnels for every address", rule: "tunnel", raw: func(m *memory, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodConnect {
				r.Host = m.cfg.Backend
			}
			next.ServeHTTP(w, r)
		})
	}},
}

func asFirstLane(m *memory, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		lanes := m.cfg.Lanes()
		key, _ := r.TLS.PeerCertificates[0].PublicKey.(ed25519.PublicKey)
		if !slices.ContainsFunc(lanes, func(l record.HubPeer) bool { return l.Key.Equal(key) }) {
			state := *r.TLS
			state.PeerCertificates = []*x509.Certificate{{PublicKey: lanes[0].Key}}
			r.TLS = &state
		}
		next.ServeHTTP(w, r)
	})
}

var sessionMutations = []mutation{
	{name: "sessions begin anew with the program", rule: "sessions", ask: func(m *memory, _ string, in object) {
		if session, ok := in["session"].(float64); ok && m.isRestart() {
			in["session"] = session + sessionsBefore
		}
	}, say: func(m *memory, _ string, _, out object) {
		if session, ok := out["session"].(float64); ok && m.isRestart() {
			out["session"] = session - sessionsBefore
		}
	}},
	{name: "every session of the lane is taken", rule: "last-session", ask: func(m *memory, _ string, in object) {
		if in["session"] != nil && m.greeted[m.lane] {
			in["session"] = m.session[m.lane]
		}
	}},
	{name: "nobody need say hello after a restart", rule: "session-of-this-process",
		ask: func(m *memory, path string, in object) {
			if path != "/v1/hello" && !m.greeted[m.lane] && m.isRestart() {
				ask(m.next, m.lanes[m.lane], "/v1/hello", []byte(stranger))
				m.session[m.lane], m.greeted[m.lane] = m.session[m.lane].(float64)+1, true
				in["session"] = m.session[m.lane]
			}
		}},
	{name: "of any chain the hub says that it heard something", rule: "told-up-to",
		say: func(_ *memory, path string, _, out object) {
			if out["told"] == 0.0 {
				out["told"] = 5
			}
		}},
	{name: "open claims are not listed", rule: "open-claims",
		say: func(_ *memory, _ string, _, out object) { delete(out, "open") }},
}

// sessionsBefore is how many sessions a lane of the rule on sessions has before the restart, less one.
const sessionsBefore = 2

// result changes a result of claims.
func result(from, to string, where func(*memory, object) bool) func(*memory, string, object, object, object) {
	return func(m *memory, _ string, _, claim, answer object) {
		if answer["result"] == from && where(m, claim) {
			answer["result"] = to
		}
	}
}

func always(*memory, object) bool { return true }

func isOverride(_ *memory, claim object) bool { return claim["override"] == true }

// nameless has answers with a result name nobody.
func nameless(result string) func(*memory, string, object, object, object) {
	return func(_ *memory, _ string, _, _, answer object) {
		if answer["result"] == result {
			delete(answer, "lane")
		}
	}
}

// onClaims changes each claim.
func onClaims(edit func(m *memory, claim object)) func(*memory, string, object) {
	return func(m *memory, _ string, in object) {
		for _, claim := range objects(in["claims"]) {
			edit(m, claim)
		}
	}
}

var claimMutations = []mutation{
	{name: "who claimed it is not said", rule: "reserved", each: nameless("reserved")},
	{name: "who redeemed it is not said", rule: "taken", each: nameless("taken")},
	{name: "a sale is refused what it has", rule: "claim-again",
		each: result("granted", "taken", func(m *memory, claim object) bool { return m.wasRedeemed(claim) })},
	{name: "the same attempt again gets the same answer", rule: "stale-attempt",
		each: func(m *memory, _ string, _, claim, answer object) {
			if answer["result"] == "stale" && m.repeats(claim) {
				answer["result"] = "granted"
			}
		}},
	{name: "a claim is for one use", rule: "uses", ask: onClaims(func(_ *memory, claim object) {
		if claim["uses"] == 2.0 {
			claim["uses"] = 1
		}
	})},
	{name: "the larger number of uses counts", rule: "uses-differ", each: result("differs", "granted", always)},
	{name: "an offer has one name", rule: "shared-name", ask: onClaims(func(_ *memory, claim object) {
		if names, _ := claim["names"].([]any); len(names) == 2 {
			claim["names"] = names[:1]
		}
	})},
	{name: "answers come in another order", rule: "claims-in-order", say: func(_ *memory, _ string, _, out object) {
		if answers, _ := out["answers"].([]any); len(answers) > 1 {
			slices.Reverse(answers)
		}
	}},
	{name: "a lease that is over frees", rule: "lease-over-asks", each: result("silent", "granted", always)},
	{name: "an override is not told", rule: "override", say: dropNotices("taken-over")},
	{name: "what was overridden is not said", rule: "override", each: func(_ *memory, _ string, _, _, answer object) {
		if answer["overrode"] == "silent" {
			delete(answer, "overrode")
		}
	}},
	{name: "a manager may have what is reserved", rule: "override-refused",
		each: result("reserved", "granted", isOverride)},
	{name: "a manager may have what is taken", rule: "override-refused", each: result("taken", "granted", isOverride)},
	{name: "a record after its lease does not count", rule: "late-record",
		facts: without(func(m *memory, f object) bool {
			c := m.claims[m.key(f)]
			return f["kind"] == float64(record.Redemption) && c != nil && m.cfg.SinceBoot()-c.at >= m.cfg.Lease
		})},
}

func (m *memory) wasRedeemed(claim object) bool {
	for _, of := range m.uses {
		if of == m.key(claim) {
			return true
		}
	}
	return false
}

// repeats reports whether an attempt was made before; the memory has it as the last one already.
func (m *memory) repeats(claim object) bool {
	attempt, _ := claim["attempt"].(float64)
	before := m.granted[m.key(claim)]
	return before != 0 && before == attempt
}

// dropNotices has lanes hear nothing of a kind.
func dropNotices(kind string) func(*memory, string, object, object) {
	return func(_ *memory, _ string, _, out object) {
		out["notices"] = slices.DeleteFunc(objects(out["notices"]), func(n object) bool { return n["kind"] == kind })
	}
}

// without drops facts, where there are few.
func without(which func(*memory, object) bool) func(*memory, string, []object) []object {
	return func(m *memory, _ string, list []object) []object {
		return slices.DeleteFunc(list, func(o object) bool { return len(list) < 10 && which(m, o) })
	}
}

// onFacts changes each fact of a kind.
func onFacts(kind record.Kind, edit func(m *memory, f object)) func(*memory, string, []object) []object {
	return func(m *memory, _ string, list []object) []object {
		for _, f := range list {
			if f["kind"] == float64(kind) {
				edit(m, f)
			}
		}
		return list
	}
}

func isKind(kind record.Kind) func(*memory, object) bool {
	return func(_ *memory, f object) bool { return f["kind"] == float64(kind) }
}

var factMutations = []mutation{
	{name: "what is given up stays claimed", rule: "give-up", giveUps: without(func(m *memory, g object) bool {
		c := m.claims[m.key(g)]
		return c != nil && g["attempt"] == c.attempt && !c.redeemed
	})},
	{name: "an older give-up counts", rule: "older-give-up",
		giveUps: func(m *memory, _ string, list []object) []object {
			for _, g := range list {
				if c := m.claims[m.key(g)]; c != nil && !c.redeemed {
					g["attempt"] = c.attempt
				}
			}
			return list
		}},
	{name: "a give-up that comes first is forgotten", rule: "early-give-up",
		giveUps: without(func(m *memory, g object) bool { return m.claims[m.key(g)] == nil })},
	{name: "what was redeemed is given up", rule: "redeemed-give-up", ask: func(m *memory, _ string, in object) {
		for _, g := range objects(in["giveUps"]) {
			if c := m.claims[m.key(g)]; c != nil && c.redeemed {
				in["facts"] = []any{object{"kind": 2, "record": record.NewID().String(), "of": c.record, "at": 1}}
			}
		}
	}},
	{name: "a lane gives up what another one claimed", rule: "another-lane", giveUps: asOwner},
	{name: "a redemption counts as often as it is told", rule: "redemption-once",
		facts: onFacts(record.Redemption, func(m *memory, f object) {
			if _, again := m.uses[f["record"]]; again {
				f["record"] = record.NewID().String()
			}
		})},
	{name: "of one call only what was told counts", rule: "uses-of-one-call",
		facts: onFacts(record.Redemption, func(_ *memory, f object) { f["parts"] = 1 })},
	{name: "a conflict names no other record", rule: "conflict", say: func(_ *memory, _ string, _, out object) {
		for _, n := range objects(out["notices"]) {
			if n["kind"] == "conflict" {
				delete(n, "other")
			}
		}
	}},
	{name: "notices never end", rule: "notices", ask: func(_ *memory, _ string, in object) { delete(in, "heard") }},
	{name: "a void is not told", rule: "void", say: dropNotices("voided")},
	{name: "each void frees a use", rule: "void-once", facts: onFacts(record.Void, func(m *memory, f object) {
		if m.voided[f["of"]] {
			for id := range m.uses {
				if !m.voided[id] {
					f["of"], f["record"] = id, record.NewID().String()
				}
			}
		}
	})},
	{name: "a void of anything frees a use", rule: "unknown-void", facts: onFacts(record.Void, func(m *memory, f object) {
		if _, known := m.uses[f["of"]]; !known && f["receipt"] == nil {
			delete(f, "of")
		}
	})},
	{name: "a void of a part frees a use", rule: "partial-void",
		facts: onFacts(record.Void, func(_ *memory, f object) { delete(f, "partial") })},
	{name: "receipts are not looked up", rule: "void-by-receipt",
		facts: without(func(_ *memory, f object) bool { return f["receipt"] != nil })},
	{name: "a reservation ends with the lease", rule: "reservation-holds", facts: without(isKind(record.Reservation))},
	{name: "a sale is refused what it reserved", rule: "reservation-completes",
		each: result("granted", "reserved", func(m *memory, claim object) bool { return m.held[m.key(claim)] })},
	{name: "a release frees nothing", rule: "release", facts: without(isKind(record.Release))},
}

// asOwner gives up in the name of the lane that made the claim.
func asOwner(m *memory, lane string, list []object) []object {
	for _, g := range list {
		for of := range m.claims {
			if of.lane != lane && of.sale == g["sale"] && of.offer == g["offer"] {
				body := marshal(object{"session": m.session[of.lane], "chain": record.NewChainID(), "giveUps": list})
				ask(m.next, m.lanes[of.lane], "/v1/facts", body)
			}
		}
	}
	return list
}

var epochMutations = []mutation{
	{name: "epochs begin low", rule: "new-epoch", ask: onKnown(func(m *memory, e object) {
		if number, _ := e["number"].(float64); m.epoch == nil {
			e["number"] = min(number, 2)
		}
	})},
	{name: "a lane has told everything at once", rule: "waits-for-lanes",
		ask: func(_ *memory, path string, in object) {
			if path == "/v1/facts" && in["facts"] != nil {
				in["all"] = true
			}
		}},
	{name: "what a missing lane holds is free", rule: "missing-lane-asks", each: result("missing", "granted", always)},
	{name: "lanes out of service are waited for", rule: "out-of-service", config: func(_ *memory, cfg *hub.Config) {
		lanes := slices.Clone(cfg.Lanes())
		for i := range lanes {
			lanes[i].OutOfService = false
		}
		cfg.Lanes = func() []record.HubPeer { return lanes }
	}},
	{name: "a lane may know a higher epoch", rule: "higher-epoch", ask: onKnown(func(m *memory, e object) {
		if number, _ := e["number"].(float64); m.epoch != nil && number > m.epoch["number"].(float64) && number < 1<<53 {
			e["number"] = 0
		}
	})},
	{name: "a lane may know another key", rule: "two-keys", ask: onKnown(func(m *memory, e object) {
		if m.epoch != nil && e["number"] == m.epoch["number"] {
			e["key"] = m.epoch["key"]
		}
	})},
	{name: "redemptions are forgotten over a restart", rule: "restart-keeps",
		each: result("taken", "granted", func(m *memory, _ object) bool { return m.isRestart() })},
	{name: "leases go on over a restart", rule: "restart-keeps-claims", config: func(m *memory, cfg *hub.Config) {
		counts := cfg.SinceBoot
		cfg.SinceBoot = func() time.Duration {
			if m.isRestart() && m.epoch != nil {
				return counts() + cfg.Lease/2
			}
			return counts()
		}
	}},
	{name: "notices are forgotten over a restart", rule: "restart-keeps-notices",
		say: func(m *memory, _ string, _, out object) {
			if m.isRestart() {
				delete(out, "notices")
			}
		}},
	{name: "after a loss nothing is heard again", rule: "lost-disk", facts: without(func(m *memory, f object) bool {
		return len(m.dirs) > 1 && !m.isRestart()
	})},
}

// onKnown changes which epoch a lane knows.
func onKnown(edit func(m *memory, epoch object)) func(*memory, string, object) {
	return func(m *memory, path string, in object) {
		if e, _ := in["epoch"].(object); path == "/v1/hello" && e != nil {
			edit(m, e)
		}
	}
}

var limitMutations = []mutation{
	{name: "blanks have no end", rule: "body-limits", raw: answering(func(body string) bool {
		return len(body) > 4<<10 && strings.TrimSpace(body) == ""
	}, http.StatusOK, "application/json", "{}")},
	{name: "lists are cut", rule: "list-limits", ask: func(_ *memory, _ string, in object) {
		for field, most := range map[string]int{"claims": 256, "facts": 200, "giveUps": 500} {
			if list, _ := in[field].([]any); len(list) > most {
				in[field] = list[:most]
			}
		}
	}},
	{name: "what is wrong is a page", rule: "problems", raw: answering(func(body string) bool {
		return strings.Contains(body, "<html>")
	}, http.StatusBadRequest, "text/html", "<html>")},
	{name: "later fields are refused", rule: "later-fields", raw: answering(func(body string) bool {
		return strings.Contains(body, `"later"`)
	}, http.StatusBadRequest, "application/problem+json", `{"type":"https://offlane.example/problems/invalid-request"}`)},
}

// answering answers some bodies, and hands the others on.
func answering(which func(body string) bool, status int, kind, answer string) func(*memory, http.Handler) http.Handler {
	return func(m *memory, next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodConnect {
				next.ServeHTTP(w, r)
				return
			}
			body, _ := io.ReadAll(r.Body)
			if !which(string(body)) {
				r.Body = io.NopCloser(strings.NewReader(string(body)))
				next.ServeHTTP(w, r)
				return
			}
			w.Header().Set("Content-Type", kind)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, answer)
		})
	}
}
