package hub

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub/internal/arbiter"
	"github.com/offlane/offlane/transport/wire"
)

// Whatever a lane sends, the hub takes it or says why not, and its claims can be stored and read again.
func FuzzWhatALaneSends(f *testing.F) {
	f.Add([]byte(`{"session":1,"claims":[{"attempt":1,"sale":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a",` +
		`"names":["0b0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"],"uses":1,"allowed":1}]}`))
	f.Add([]byte(`{"session":1,"upTo":4,"all":true,"facts":[{"kind":1,"record":"0c0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a",` +
		`"names":["0b0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"],"parts":2,"at":1}],` +
		`"giveUps":[{"sale":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","offer":"0b0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","attempt":3}]}`))
	f.Add([]byte(`{"session":1,"facts":[{"kind":2,"record":"0d0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","receipt":"x"}]}`))
	f.Add([]byte(`{"session":1,"facts":[{"kind":3,"record":"0e0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","holdMillis":5,` +
		`"names":["0b0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"]}]}`))
	lane := record.TerminalID{1}
	f.Fuzz(func(t *testing.T, body []byte) {
		a := arbiter.New(arbiter.Limits{Lease: time.Second, Margin: time.Second, Memory: time.Second})
		if m, err := wire.Read[claims](bytes.NewReader(body), maxClaims); err == nil && m.check() == nil {
			for i := range m.Claims {
				a.Claim(0, m.Claims[i].request(lane, 0))
			}
		}
		if m, err := wire.Read[tell](bytes.NewReader(body), maxTell); err == nil && m.check() == nil {
			for i := range m.Facts {
				a.Tell(0, m.Facts[i].fact(lane))
			}
			for _, g := range m.GiveUps {
				a.GiveUp(0, arbiter.Key{Lane: lane, Sale: g.Sale, Offer: g.Offer}, g.Attempt)
			}
			a.SetTold(lane, m.Chain, m.UpTo, m.All)
		}
		if m, err := wire.Read[hello](bytes.NewReader(body), maxHello); err == nil && m.check() == nil {
			assert.Less(t, m.Epoch.Number, m.Epoch.Number+1, "there is a next epoch")
		}
		changes := a.Changes()
		for i := range changes.Claims {
			stored := state{epoch: 1, claim: &changes.Claims[i]}
			read, err := readState(stored.appendTo(nil))
			assert.NoError(t, err, "what was stored can be read")
			assert.Equal(t, changes.Claims[i], *read.claim, "as it was stored")
		}
	})
}

// Whatever a hub answers, the lane takes it or says why not.
func FuzzWhatAHubAnswers(f *testing.F) {
	f.Add([]byte(`{"epoch":{"number":1,"key":"AAAA"},"session":1,"told":3,"leaseMillis":10000,` +
		`"open":[{"sale":"0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","offer":"0b0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a","attempt":3}]}`))
	f.Add([]byte(`{"epoch":1,"answers":[{"result":"taken","lane":"3","at":5}]}`))
	f.Add([]byte(`{"epoch":1,"notices":[{"number":1,"kind":"conflict","lane":"3","at":1}]}`))
	f.Add([]byte(`{"type":"https://offlane.example/problems/stale-claim","detail":"x"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		c := &Client{}
		if w, err := wire.Read[welcome](bytes.NewReader(body), maxAnswer); err == nil {
			err := c.accept(t.Context(), record.HubEpoch{Number: w.Epoch.Number, Key: w.Epoch.Key}, &w)
			assert.False(t, err == nil && (w.Session == 0 || w.Lease <= 0), "a session and a lease are required: %+v", w)
		}
		if m, err := wire.Read[claimAnswers](bytes.NewReader(body), maxAnswer); err == nil {
			for _, a := range m.Answers {
				assert.False(t, checkResult(a.Result) == nil && a.Result == "", "a result is one of those that there are")
			}
		}
		_, _ = wire.Read[tellAnswer](bytes.NewReader(body), maxAnswer)
	})
}

// Whatever stands in a record of the hub's journal, the hub takes it up or passes over it, and works on.
func FuzzWhatTheJournalHolds(f *testing.F) {
	for _, s := range sampleStates() {
		f.Add(s.appendTo(nil))
	}
	f.Add([]byte(`{"version":1,"epoch":1}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		lane, name := record.TerminalID{1}, arbiter.Name{2}
		a := arbiter.New(arbiter.Limits{Lease: time.Second, Margin: time.Second, Memory: time.Second})
		if s, err := readState(raw); err == nil {
			again, err := readState(s.appendTo(nil))
			assert.NoError(t, err, "what was read can be stored and read again: %x", raw)
			assert.Equal(t, s, again, "the same state: %x", raw)
			var stored arbiter.Changes
			if s.claim != nil {
				stored.Claims, name = append(stored.Claims, *s.claim), s.claim.Offer
			} else {
				stored.Lanes = append(stored.Lanes, *s.lane)
			}
			a.Restore(0, stored)
			a.Restore(0, stored)
			assert.LessOrEqual(t, a.Len(), 1, "what is stored twice counts once: %x", raw)
		}
		req := arbiter.Request{Key: arbiter.Key{Lane: lane, Sale: arbiter.Name{3}, Offer: name},
			Names: []arbiter.Name{name}, Attempt: 1 << 40, Uses: 1, Allowed: 1}
		a.Claim(0, req)
		a.Tell(0, arbiter.Fact{Kind: record.Redemption, Record: record.ID{4}, Lane: lane, Sale: arbiter.Name{3},
			Names: []arbiter.Name{name}, Allowed: 1})
		a.Sweep(time.Hour, time.UnixMilli(1))
		w := &write{revisions: appendRevisions(nil, a.Changes())}
		w.encode(1)
		for _, e := range w.entries {
			_, err := readState(e.Payload)
			assert.NoError(t, err, "what the hub stores then can be read: %x", e.Payload)
		}
	})
}

// Whatever a hub refuses with, the lane has an error with a code, and its text has a bound.
func FuzzWhatAHubRefusesWith(f *testing.F) {
	f.Add(409, []byte(`{"type":"https://offlane.example/problems/stale-claim","detail":"x"}`))
	f.Add(503, []byte(`{"type":"about:blank","status":503}`))
	f.Add(200, []byte(`<html>`))
	f.Add(400, []byte(`{"type":"https://offlane.example/problems/`+strings.Repeat("x", 8000)+`"}`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		err := problemOf(&http.Response{StatusCode: status, Body: io.NopCloser(bytes.NewReader(body))})
		assert.NotEmpty(t, fault.CodeOf(err), "the error has a code")
		assert.Less(t, len(err.Error()), 4000, "the text has a bound")
	})
}

// A hashed name is read as it is written, and nothing else is read.
func FuzzName(f *testing.F) {
	f.Add([]byte("0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a"))
	f.Add([]byte("0A"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var n arbiter.Name
		if n.UnmarshalText(text) == nil {
			assert.Equal(t, strings.ToLower(string(text)), n.String(), "the same name")
		}
	})
}
