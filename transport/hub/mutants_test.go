package hub_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub"
	"github.com/offlane/offlane/transport/hub/hubtest"
)

var long = flag.Bool("long", false, "check every rule with every broken hub, not one in forty beside its own")

// A mutation breaks one rule of the contract on purpose. The other rules must not see it.
type mutation struct {
	name, rule string
	config     func(*memory, *hub.Config)
	server     func(*hub.Server)
	ask        func(m *memory, path string, in object)                 // changes what a lane sends
	say        func(m *memory, path string, in, out object)            // changes what it gets
	raw        func(*memory, http.Handler) http.Handler                // stands before all
	each       func(m *memory, path string, in, claim, answer object)  // changes single answers to claims
	facts      func(m *memory, lane string, facts []object) []object   // changes what was recorded
	giveUps    func(m *memory, lane string, giveUps []object) []object // changes what is given up
}

// An object is one of JSON.
type object = map[string]any

// A memory is what a broken hub saw, over restarts.
type memory struct {
	mu      sync.Mutex // guards what follows; lanes ask one after the other
	cfg     *hub.Config
	dirs    []string // one of each start
	greeted map[string]bool
	lane    string                   // that asks
	session map[string]any           // by lane
	epoch   object                   // of the last welcome since the start; nil: none
	claims  map[sold]*seen           // by lane, sale and offer
	granted map[sold]float64         // the last attempt that was
	held    map[sold]bool            // by a reservation
	uses    map[any]sold             // redemptions by record
	voided  map[any]bool             // records that were taken back
	lanes   map[string]*http.Request // the last request of each lane
	next    http.Handler             // the hub
}

type sold struct {
	lane        string
	sale, offer any
}

// A seen is a claim, and what became of it.
type seen struct {
	attempt  float64
	at       time.Duration
	redeemed bool
	record   any
}

func newMemory() *memory {
	return &memory{claims: map[sold]*seen{}, uses: map[any]sold{}, voided: map[any]bool{}, session: map[string]any{},
		lanes: map[string]*http.Request{}, granted: map[sold]float64{}, held: map[sold]bool{}}
}

// isRestart reports whether the hub runs again on the folder that it had.
func (m *memory) isRestart() bool {
	n := len(m.dirs)
	return n > 1 && m.dirs[n-1] == m.dirs[n-2]
}

// target makes the target of a broken hub.
func (mu *mutation) target() hubtest.Target {
	m := newMemory()
	return target(func(setup hubtest.Setup, cfg *hub.Config) func(*hub.Server) {
		m.cfg, m.dirs, m.greeted, m.epoch = cfg, append(m.dirs, setup.Dir), map[string]bool{}, nil
		if mu.config != nil {
			mu.config(m, cfg)
		}
		return func(s *hub.Server) {
			if mu.server != nil {
				mu.server(s)
			}
			s.Watch(func(next http.Handler) http.Handler {
				m.next = next
				if mu.raw != nil {
					return mu.raw(m, next)
				}
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { mu.serve(m, w, r) })
			})
		}
	})
}

// serve changes a message and its answer.
func (mu *mutation) serve(m *memory, w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodConnect {
		m.next.ServeHTTP(w, r)
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	raw, _ := io.ReadAll(r.Body) // a body that breaks off is no JSON
	m.lane = laneKey(r)
	m.lanes[m.lane] = r
	var in object
	if json.Unmarshal(raw, &in) == nil {
		mu.change(m, r.URL.Path, in)
		raw = marshal(in)
	}
	answer := ask(m.next, r, r.URL.Path, raw)
	var out object
	if answer.Code == http.StatusOK && json.Unmarshal(answer.Body.Bytes(), &out) == nil {
		m.note(r.URL.Path, in, out)
		mu.changeAnswer(m, r.URL.Path, in, out)
		answer.Body.Reset()
		_ = json.NewEncoder(answer.Body).Encode(out)
	}
	w.Header().Set("Content-Type", answer.Header().Get("Content-Type"))
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes())
}

// ask asks the hub as a lane that asked before.
func ask(hub http.Handler, r *http.Request, path string, body []byte) *httptest.ResponseRecorder {
	again := r.Clone(context.WithoutCancel(r.Context()))
	again.URL.Path, again.Body, again.ContentLength = path, io.NopCloser(bytes.NewReader(body)), int64(len(body))
	answer := httptest.NewRecorder()
	hub.ServeHTTP(answer, again)
	return answer
}

func laneKey(r *http.Request) string {
	if r.TLS == nil || len(r.TLS.PeerCertificates) == 0 {
		return ""
	}
	return string(marshal(r.TLS.PeerCertificates[0].PublicKey))
}

func marshal(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // numbers and texts
	}
	return raw
}

func (mu *mutation) change(m *memory, path string, in object) {
	if mu.ask != nil {
		mu.ask(m, path, in)
	}
	if mu.facts != nil && in["facts"] != nil {
		in["facts"] = mu.facts(m, m.lane, objects(in["facts"]))
	}
	if mu.giveUps != nil && in["giveUps"] != nil {
		in["giveUps"] = mu.giveUps(m, m.lane, objects(in["giveUps"]))
	}
}

func (mu *mutation) changeAnswer(m *memory, path string, in, out object) {
	if mu.say != nil {
		mu.say(m, path, in, out)
	}
	answers := objects(out["answers"])
	for i, claim := range objects(in["claims"]) {
		if mu.each != nil && i < len(answers) {
			mu.each(m, path, in, claim, answers[i])
		}
	}
}

func objects(list any) (all []object) {
	if changed, ok := list.([]object); ok {
		return changed
	}
	some, _ := list.([]any)
	for _, one := range some {
		if o, ok := one.(object); ok {
			all = append(all, o)
		}
	}
	return all
}

// key is which claim is meant.
func (m *memory) key(o object) sold {
	offer := o["offer"]
	if names, _ := o["names"].([]any); len(names) > 0 {
		offer = names[0]
	}
	return sold{m.lane, o["sale"], offer}
}

// note keeps what a lane sent, and what it got.
func (m *memory) note(path string, in, out object) {
	if path == "/v1/hello" {
		m.session[m.lane], m.greeted[m.lane] = out["session"], true
		m.epoch, _ = out["epoch"].(object)
	}
	answers := objects(out["answers"])
	for i, claim := range objects(in["claims"]) {
		attempt, _ := claim["attempt"].(float64)
		if answers[i]["result"] == "granted" {
			m.granted[m.key(claim)] = attempt
		}
		m.claims[m.key(claim)] = &seen{attempt: attempt, at: m.cfg.SinceBoot()}
	}
	for _, f := range objects(in["facts"]) {
		if f["kind"] == float64(record.Void) {
			m.voided[f["of"]] = true
			continue
		}
		c := m.claims[m.key(f)]
		if c == nil {
			c = &seen{at: m.cfg.SinceBoot()}
			m.claims[m.key(f)] = c
		}
		switch f["kind"] {
		case float64(record.Reservation):
			m.held[m.key(f)] = true
		case float64(record.Redemption):
			c.redeemed, c.record, m.uses[f["record"]] = true, f["record"], m.key(f)
		}
	}
}

// A hub that breaks a rule is seen by that rule alone.
func TestEachRuleSeesTheHubThatBreaksIt(t *testing.T) {
	rules, unseen := hubtest.Rules(), map[string]bool{}
	for _, rule := range rules {
		unseen[rule.Name] = true
	}
	for n, broken := range mutations {
		delete(unseen, broken.rule)
		t.Run(broken.name, func(t *testing.T) {
			t.Parallel()
			for i, rule := range rules {
				if rule.Name != broken.rule && !*long && i%40 != n%40 {
					continue
				}
				err := rule.Check(t.Context(), broken.target())
				if rule.Name == broken.rule {
					assert.Error(t, err, "the rule %s sees it", rule.Name)
				} else {
					assert.NoError(t, err, "the rule %s is about something else", rule.Name)
				}
			}
		})
	}
	assert.Empty(t, unseen, "rules that no broken hub is seen by")
}
