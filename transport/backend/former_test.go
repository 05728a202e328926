package backend_test

import (
	"crypto/ed25519"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/wire"
)

// rotate has the till's key give way to a new one, which the backend is not told of yet.
func (t *till) rotate() record.Rotation {
	t.t.Helper()
	_, fresh, err := ed25519.GenerateKey(nil)
	require.NoError(t.t, err)
	rotation, err := record.Rotate(t.id, t.key, fresh.Public().(ed25519.PublicKey), t.number)
	require.NoError(t.t, err)
	t.key = fresh
	return rotation
}

// show enrols with the key in use and the rotations that led to it.
func (t *till) show(code string, rotations ...record.Rotation) *httptest.ResponseRecorder {
	t.t.Helper()
	w := t.enrolWith(t.enrolment(record.Enrolment{Code: code, Rotations: rotations}))
	if w.Code == http.StatusOK {
		t.token = read[wire.Enrolled](t.t, w, http.StatusOK).Token
	}
	return w
}

func TestATerminalChangesItsKeyByItself(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "c"})
	till := d.till("s-1", "1")
	sell := func() record.Record { return till.redemption(d.phone().accept("c", false).Code) }
	first := sell()
	till.report(first)
	waiting := till.seal(sell()) // exported, or under way, when the key changes
	old := till.key

	rotation := till.rotate()
	require.Equal(t, http.StatusOK, till.show("", rotation).Code)
	assert.Equal(t, record.Confirmed, till.send(waiting).Items[0].Status, "what the old key signed for still counts")
	assert.Equal(t, record.Confirmed, till.verdict(sell()).Status)
	require.Equal(t, http.StatusOK, till.show("", rotation).Code,
		"the answer was lost: the same again gives a fresh token")

	till.key, old = old, till.key
	late := till.seal(sell())
	w := till.do(till.server, "POST", wire.PathReports, till.token, wire.FromReport(late))
	assert.Equal(t, "forged", codeOf(t, w), "the old key counts for nothing made after it gave way")
	w = till.do(till.server, "POST", wire.PathReports, till.token, wire.FromReport(till.sealRaw()))
	assert.Equal(t, "forged", codeOf(t, w), "nor does it speak without records")
	assert.Equal(t, "unauthorized", codeOf(t, till.show("")), "nor does it fetch a token")
	till.key = old
	last := sell() // the next record follows the one that was refused, which the terminal still has
	answer := till.report(last)
	assert.Equal(t, []record.Range{{First: 4, Last: 4}}, answer.Missing)
	verdicts := read[wire.Answer](t, till.do(till.server, "GET", wire.PathVerdicts, till.token, nil), http.StatusOK)
	assert.Equal(t, answer.Missing, verdicts.Missing, "a terminal that died before it acted on that hears it again")
}

func TestABackendThatMissedRotationsFollowsThem(t *testing.T) {
	d := newDesk(t)
	till := d.till("s-1", "1")
	var rotations []record.Rotation
	for range 3 {
		rotations = append(rotations, till.rotate())
	}
	assert.Equal(t, http.StatusOK, till.show("", rotations...).Code)
	assert.Equal(t, http.StatusOK, till.show("", append(rotations, till.rotate())...).Code)
}

func TestWhoDoesNotHaveTheOldKeyChangesNothing(t *testing.T) {
	for name, edit := range map[string]func(*till, *record.Rotation){
		"another key":  func(_ *till, r *record.Rotation) { r.Signature[0] ^= 1 },
		"more records": func(_ *till, r *record.Rotation) { r.Last++ },
		"another terminal": func(of *till, r *record.Rotation) {
			*r, _ = record.Rotate(record.NewTerminalID(), of.key, r.To, r.Last)
		},
		"a key that was not his": func(of *till, r *record.Rotation) { *r, _ = record.Rotate(of.id, of.key, r.To, r.Last) },
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			till := d.till("s-1", "1")
			before := till.key
			rotation := till.rotate()
			edit(till, &rotation)
			assert.Equal(t, "unauthorized", codeOf(t, till.show("", rotation)))
			till.key = before
			assert.Equal(t, http.StatusOK, till.show("").Code, "the key in use stays in use")
		})
	}
}

func TestAKnownTerminalNeedsNoCodeThatStillHolds(t *testing.T) {
	d := newDesk(t, func(c *backend.Config) { c.TokenLife = 24 * time.Hour })
	code := read[wire.Code](t, d.manage("POST", wire.PathCodes,
		wire.NewCode{Store: "s-1", Terminals: 2, Expires: d.now().Add(time.Hour).UnixMilli()}), http.StatusCreated).Code
	till := d.till("s-1", "1")
	require.Equal(t, http.StatusOK, till.show(code).Code)
	require.Equal(t, http.StatusOK, till.do(till.server, "GET", wire.PathVerdicts, till.token, nil).Code)
	d.set(d.now().Add(24 * time.Hour))
	assert.Equal(t, "unauthorized", codeOf(t, till.do(till.server, "GET", wire.PathVerdicts, till.token, nil)),
		"the token has expired")
	assert.Equal(t, http.StatusOK, till.show(code).Code, "the code has expired, the terminal's key has not")
	assert.Equal(t, http.StatusOK, till.do(till.server, "GET", wire.PathVerdicts, till.token, nil).Code)
	till.rotate()
	assert.Equal(t, "unauthorized", codeOf(t, till.show(code)), "a new key needs a code that holds, or a rotation")
}
