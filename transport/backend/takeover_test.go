package backend_test

import (
	"crypto/ed25519"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/internal/flags"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// thief is somebody who knows the till's id, and has another key.
func (t *till) thief() *till {
	t.t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(t.t, err)
	other := *t
	other.key, other.token = key, ""
	return &other
}

// works reports whether the backend takes the till's token.
func (t *till) works() bool {
	t.t.Helper()
	return t.do(t.server, "GET", wire.PathVerdicts, t.token, nil).Code == http.StatusOK
}

// lane is the till as the merchant sees it.
func (t *till) lane() wire.Lane {
	t.t.Helper()
	for _, lane := range read[wire.Lanes](t.t, t.manage("GET", wire.PathTerminalList, nil), http.StatusOK).Terminals {
		if lane.Terminal == t.id {
			return lane
		}
	}
	require.Fail(t.t, "the merchant has no such terminal")
	return wire.Lane{}
}

// flags are the kinds of flags on a terminal or its records, in their order.
func (t *till) flags() (kinds []string) {
	t.t.Helper()
	for _, f := range read[wire.Flags](t.t, t.manage("GET", wire.PathFlags, nil), http.StatusOK).Flags {
		if f.Terminal == t.id {
			kinds = append(kinds, f.Kind)
		}
	}
	return kinds
}

// codeFor makes a code for one terminal.
func (d *desk) codeFor(st string, terminal record.TerminalID) string {
	d.t.Helper()
	return read[wire.Code](d.t, d.manage("POST", wire.PathCodes, wire.NewCode{Store: st, Terminal: terminal}),
		http.StatusCreated).Code
}

func TestNoCodeTakesATerminalOver(t *testing.T) {
	d := newDesk(t)
	spare := d.code("s-1", 3)
	till := d.tillWith(spare, "s-1", "1")
	usedUp := d.code("s-1", 1)
	d.tillWith(usedUp, "s-1", "2")
	other := d.till("s-1", "3")
	before := till.lane()
	foreign := read[wire.Code](t, d.do(d.server.Management(), "POST", wire.PathCodes, otherKey,
		wire.NewCode{Store: "s-1"}), http.StatusCreated).Code
	for name, c := range map[string]struct{ code, want string }{
		"none":                              {"", "unauthorized"},
		"the one that it took itself":       {spare, "unauthorized"},
		"one that is used up":               {usedUp, "unauthorized"},
		"a fresh one of its store":          {d.code("s-1", 1), "unauthorized"},
		"a fresh one of another store":      {d.code("s-2", 1), "unauthorized"},
		"one that is for another terminal":  {d.codeFor("s-1", other.id), "unauthorized"},
		"another merchant's":                {foreign, "other-merchant"},
		"its own merchant's, in small type": {strings.ToLower(spare), "unauthorized"},
	} {
		assert.Equal(t, c.want, codeOf(t, till.thief().enrol(c.code)), name)
		assert.True(t, till.works(), "%s: the terminal keeps its token", name)
	}
	assert.Equal(t, before, till.lane(), "nothing changed")
}

func TestACodeMadeForATerminalChangesItsKeyOnce(t *testing.T) {
	d := newDesk(t)
	till := d.till("s-1", "1")
	first := till.lane().Key
	code := d.codeFor("s-1", till.id)
	repaired := till.thief() // it has the terminal's folder and a new key
	d.set(d.now().Add(time.Minute))
	repaired.token = read[wire.Enrolled](t, repaired.enrol(code), http.StatusOK).Token
	assert.False(t, till.works(), "the token of the old key has ended")
	assert.Equal(t, "unauthorized", codeOf(t, till.enrol("")), "and the old key is worth nothing")
	lane := repaired.lane()
	assert.NotEqual(t, first, lane.Key, "the merchant sees that the key is another")
	assert.Equal(t, d.now().UnixMilli(), lane.KeyChanged)
	assert.Equal(t, []string{string(flags.KeyChanged)}, repaired.flags())

	assert.Equal(t, "unauthorized", codeOf(t, repaired.thief().enrol(code)), "the code is used up")
	repaired.token = read[wire.Enrolled](t, repaired.enrol(code), http.StatusOK).Token
	assert.True(t, repaired.works(), "the answer was lost: the key and a fresh challenge are enough")
	assert.Equal(t, []string{string(flags.KeyChanged)}, repaired.flags())
	assert.Equal(t, "not-found", codeOf(t, d.manage("POST", wire.PathCodes, wire.NewCode{Store: "s-1",
		Terminal: record.NewTerminalID()})))
	w := d.do(d.server.Management(), "POST", wire.PathCodes, otherKey, wire.NewCode{Store: "s-1", Terminal: till.id})
	assert.Equal(t, "not-found", codeOf(t, w), "another merchant makes no code for it")
	two := wire.NewCode{Store: "s-1", Terminal: till.id, Terminals: 2}
	assert.Equal(t, "invalid-request", codeOf(t, d.manage("POST", wire.PathCodes, two)))
}

func TestARotationIsShownToTheMerchant(t *testing.T) {
	d := newDesk(t)
	till := d.till("s-1", "1")
	first := till.lane()
	assert.Zero(t, first.KeyChanged)
	rotation := till.rotate()
	require.Equal(t, http.StatusOK, till.show("", rotation).Code)
	require.Equal(t, http.StatusOK, till.show("", rotation).Code, "again, as after an answer that was lost")
	assert.NotEqual(t, first.Key, till.lane().Key)
	assert.Equal(t, d.now().UnixMilli(), till.lane().KeyChanged)
	assert.Equal(t, []string{string(flags.KeyChanged)}, till.flags(), "it changed once")
}

func TestACapturedEnrolmentIsWorthNothing(t *testing.T) {
	d := newDesk(t)
	code := d.code("s-1", 2)
	till := d.tillWith(code, "s-1", "1")
	captured := till.enrolment(record.Enrolment{Code: code})
	till.token = read[wire.Enrolled](t, till.enrolWith(captured), http.StatusOK).Token
	for _, wait := range []time.Duration{0, 4 * time.Minute, time.Hour} {
		d.set(d.now().Add(wait))
		assert.Equal(t, "stale-challenge", codeOf(t, till.enrolWith(captured)))
		assert.True(t, till.works(), "it does not end the terminal's token")
	}
	kept := till.enrolment(record.Enrolment{})
	d.set(d.now().Add(5 * time.Minute))
	assert.Equal(t, "stale-challenge", codeOf(t, till.enrolWith(kept)), "one that was kept back has ended")

	other := *till
	other.id = record.NewTerminalID()
	fresh := till.enrolment(record.Enrolment{})
	fresh.Terminal = other.id
	assert.Equal(t, "forged", codeOf(t, till.enrolWith(fresh)), "a challenge is signed for one terminal")
	for name, challenge := range map[string]string{"made up": "AAAA", "as long as one": strings.Repeat("A", 54),
		"with a later end": "_" + till.challenge()[1:]} {
		e, err := record.Enrolment{Terminal: till.id, Lane: "1", Challenge: challenge}.Prove(till.key)
		require.NoError(t, err)
		assert.Equal(t, "stale-challenge", codeOf(t, till.enrolWith(e)), name)
	}
	e, err := record.Enrolment{Terminal: till.id, Lane: "1"}.Prove(till.key)
	require.NoError(t, err)
	assert.Equal(t, "malformed", codeOf(t, till.enrolWith(e)), "without a challenge")
	assert.True(t, till.works(), "it works")
}

func TestWhatFailsUsesNoChallengeUp(t *testing.T) {
	d := newDesk(t)
	till := d.till("s-1", "1")
	challenge := till.challenge()
	for _, code := range []string{"WRONG", d.code("s-1", 1)} {
		till.id = record.NewTerminalID()
		e, err := record.Enrolment{Code: code, Terminal: till.id, Lane: "1", Challenge: challenge}.Prove(till.key)
		require.NoError(t, err)
		w := till.enrolWith(e)
		assert.Equal(t, code != "WRONG", w.Code == http.StatusOK, w.Body.String())
	}
}

func TestAnyServerOfAStoreTakesAChallengeOnce(t *testing.T) {
	d := newDesk(t)
	second, err := backend.New(t.Context(), backend.Config{Store: d.store, Merchants: []backend.Merchant{{Name: "m-1"}},
		Now: func() time.Time { return d.now() }})
	require.NoError(t, err)
	till := d.till("s-1", "1")
	e := till.enrolment(record.Enrolment{}) // with a challenge of the first
	till.token = read[wire.Enrolled](t, till.do(second, "POST", wire.PathTerminals, "", wire.FromEnrolment(e)),
		http.StatusOK).Token
	assert.Equal(t, "stale-challenge", codeOf(t, till.enrolWith(e)), "the first knows that the second took it")
	assert.True(t, till.works(), "it works")
}

func TestANewTerminalThatLostTheAnswerTakesOneUse(t *testing.T) {
	d := newDesk(t)
	code := d.code("s-1", 1)
	till := d.tillWith(code, "s-1", "1") // its token never arrived
	till.token = read[wire.Enrolled](t, till.enrol(code), http.StatusOK).Token
	assert.True(t, till.works(), "it works")
	codes := read[wire.Codes](t, d.manage("GET", wire.PathCodes, nil), http.StatusOK).Codes
	require.Len(t, codes, 1)
	assert.Equal(t, 1, codes[0].Used)
}

func TestACodeIsShownOnceAndCanBeBlocked(t *testing.T) {
	d := newDesk(t)
	made := read[wire.Code](t, d.manage("POST", wire.PathCodes, wire.NewCode{Store: "s-1", Terminals: 2}),
		http.StatusCreated)
	till := d.tillWith(made.Code, "s-1", "1")
	list := d.manage("GET", wire.PathCodes, nil)
	assert.NotContains(t, list.Body.String(), made.Code)
	listed := read[wire.Codes](t, list, http.StatusOK).Codes
	require.Len(t, listed, 1)
	assert.Equal(t, wire.Code{ID: made.ID, Store: "s-1", Terminals: 2, Used: 1}, listed[0])
	assert.Equal(t, made.ID, till.lane().Code, "which code let the terminal in")
	require.NoError(t, d.store.View(t.Context(), func(tx store.Tx) error {
		codes, err := tx.Codes("m-1")
		raw, failed := rowcode.Encode(codes)
		require.NoError(t, failed)
		assert.NotContains(t, string(raw), made.Code[:4], "nor does the store know it")
		return err
	}))

	path := wire.PathCodes + "/" + made.ID
	assert.Equal(t, "not-found", codeOf(t, d.do(d.server.Management(), "DELETE", path, otherKey, nil)))
	assert.Equal(t, "not-found", codeOf(t, d.manage("DELETE", wire.PathCodes+"/ABCD", nil)))
	assert.NotZero(t, read[wire.Code](t, d.manage("DELETE", path, nil), http.StatusOK).Blocked)
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	late := *till
	late.id, late.key = record.NewTerminalID(), key
	assert.Equal(t, "unauthorized", codeOf(t, late.enrol(made.Code)))
	assert.Equal(t, http.StatusOK, till.enrol(made.Code).Code, "who took it before is not touched")
}

// The challenge of an enrolment was forgotten when it ended, and was new to a server whose clock was a little behind.
func TestAChallengeIsKnownAsUsedToEveryClock(t *testing.T) {
	d := newDesk(t)
	lane := d.till("s-1", "1")
	captured := lane.enrolment(record.Enrolment{})
	require.Equal(t, http.StatusOK, lane.enrolWith(captured).Code, "the terminal enrols with its key")
	behind := d.now().Add(4 * time.Minute)
	d.set(d.now().Add(5*time.Minute + time.Second))
	d.till("s-1", "2") // which forgets what has ended
	server, err := backend.New(t.Context(), backend.Config{Store: d.store, Now: func() time.Time { return behind }})
	require.NoError(t, err)
	lane.desk = &desk{t: t, server: server, store: d.store, at: d.at}
	assert.Equal(t, "stale-challenge", codeOf(t, lane.enrolWith(captured)), "whoever listened gets no token")
}
