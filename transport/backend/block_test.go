package backend_test

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/internal/flags"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

func (t *till) path(what string) string {
	return wire.PathTerminalList + "/" + t.id.String() + "/" + what
}

func (t *till) block(blocked bool) wire.Lane {
	t.t.Helper()
	return read[wire.Lane](t.t, t.manage("PUT", t.path("block"), wire.NewBlock{Blocked: blocked}), http.StatusOK)
}

// rootOf is the key that the backend gives with an enrolment.
func (d *desk) rootOf(enrolled wire.Enrolled) ed25519.PublicKey {
	return ed25519.PublicKey(enrolled.Roots[0].Public)
}

func noticeOf(t *testing.T, w *httptest.ResponseRecorder) record.Signed {
	t.Helper()
	var p wire.Problem
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
	return p.Notice.Record()
}

func TestABlockedTerminalHearsItSignedWhateverItAsks(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	till := d.till("s-1", "1")
	enrolled := read[wire.Enrolled](t, till.enrol(""), http.StatusOK)
	till.token = enrolled.Token
	root := d.rootOf(enrolled)
	other := d.till("s-1", "2")
	report := wire.FromReport(till.seal(till.redemption(d.phone().accept("coffee", false).Pass)))
	assert.Equal(t, "not-found", codeOf(t, d.do(d.server.Management(), "PUT", till.path("block"), otherKey,
		wire.NewBlock{Blocked: true})))
	assert.Equal(t, d.now().UnixMilli(), till.block(true).Blocked)
	for name, w := range map[string]*httptest.ResponseRecorder{
		"report":           till.do(d.server, "POST", wire.PathReports, till.token, report),
		"verdicts":         till.do(d.server, "GET", wire.PathVerdicts, till.token, nil),
		"bundle":           till.do(d.server, "GET", wire.PathBundle, till.token, nil),
		"another token":    till.enrol(""),
		"with a code":      till.enrol(d.code("s-1", 1)),
		"with another key": till.show("", till.rotate()),
	} {
		assert.Equal(t, "blocked", codeOf(t, w), name)
		assert.Equal(t, http.StatusForbidden, w.Code, name)
		notice, err := noticeOf(t, w).OpenNotice(till.id, root)
		require.NoError(t, err, name)
		assert.True(t, notice.Blocked, name)
		assert.Equal(t, d.now().UnixMilli(), notice.Made, name)
	}
	assert.True(t, other.works(), "no other one is touched")
}

func TestATerminalThatIsLetWorkAgainHearsThatSigned(t *testing.T) {
	d := newDesk(t)
	till := d.till("s-1", "1")
	enrolled := read[wire.Enrolled](t, till.enrol(""), http.StatusOK)
	till.token = enrolled.Token
	root := d.rootOf(enrolled)
	assert.Nil(t, till.report().Notice, "who never was blocked hears nothing of it")
	var last uint64
	for range 3 { // within one millisecond, as far as the clock says
		till.block(true)
		till.block(true)
		blocked, err := noticeOf(t, till.do(d.server, "GET", wire.PathVerdicts, till.token, nil)).OpenNotice(till.id,
			root)
		require.NoError(t, err)
		till.block(false)
		works, err := till.report().Notice.Record().OpenNotice(till.id, root)
		require.NoError(t, err)
		assert.False(t, works.Blocked, "it works again")
		asked := read[wire.Answer](t, till.do(d.server, "GET", wire.PathVerdicts, till.token, nil), http.StatusOK)
		assert.NotNil(t, asked.Notice)
		assert.Less(t, last, blocked.Number)
		assert.Equal(t, blocked.Number+1, works.Number, "the newer word has the higher number")
		last = works.Number
	}
	assert.Zero(t, till.lane().Blocked)
}

func TestTheQueueOfABlockedTerminalIsUploadedAndFlagged(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	till := d.till("s-1", "1")
	sell := func(edit ...func(*record.Record)) record.Record {
		return till.redemption(d.phone().accept("coffee", false).Pass, edit...)
	}
	require.Equal(t, record.Confirmed, till.verdict(sell()).Status)
	before, early := sell(), d.phone().accept("coffee", false).Pass
	d.set(d.now().Add(time.Hour))
	till.block(true)
	d.set(d.now().Add(time.Hour))
	after := sell()
	upload := wire.Upload{Reports: []wire.Report{wire.FromReport(till.seal(before, after))}}
	uploaded := read[wire.Uploaded](t, d.manage("POST", wire.PathUploads, upload), http.StatusOK)
	require.NotNil(t, uploaded.Answers[0].Answer, "%+v", uploaded.Answers[0].Problem)
	for _, v := range uploaded.Answers[0].Answer.Items {
		assert.Equal(t, record.Confirmed, v.Status, "what was given was given")
	}
	flagged := read[wire.Flags](t, d.manage("GET", wire.PathFlags, nil), http.StatusOK).Flags
	require.Len(t, flagged, 2, "the word of a blocked terminal on when it made a record counts for nothing")
	for _, f := range flagged {
		assert.Equal(t, string(flags.Blocked), f.Kind)
		assert.Equal(t, f.Record == before.ID,
			f.Detail == "it came after the block; it is before it by the terminal's own word alone", f.Detail)
	}
	d.manage("POST", wire.PathUploads, upload)
	assert.Len(t, till.flags(), 2, "again: it is flagged once")

	d.set(d.now().Add(time.Hour))
	till.block(false)
	during := till.redemption(early, func(r *record.Record) { r.Time.Earliest = before.Time.Earliest })
	d.set(d.now().Add(time.Hour))
	till.report(during, sell())
	assert.Len(t, till.flags(), 3, "of one that works again, what may be from the time of its block")
}

func TestATokenEndsAtOnce(t *testing.T) {
	d := newDesk(t)
	till := d.till("s-1", "1")
	assert.Equal(t, "not-found", codeOf(t, d.do(d.server.Management(), "DELETE", till.path("token"), otherKey, nil)))
	assert.Equal(t, "not-found", codeOf(t, d.manage("DELETE", wire.PathTerminalList+"/x/token", nil)))
	read[wire.Lane](t, d.manage("DELETE", till.path("token"), nil), http.StatusOK)
	assert.False(t, till.works(), "it is blocked")
	assert.Equal(t, "unauthorized", codeOf(t, till.thief().enrol("")), "who has the token alone gets no other")
	till.token = read[wire.Enrolled](t, till.enrol(""), http.StatusOK).Token
	assert.True(t, till.works(), "the terminal has its key")
}

// A report that was let in, and whose terminal is blocked before it is booked, is not booked.
func TestABlockTakesEffectOnWhatIsUnderWay(t *testing.T) {
	var block func()
	d := newDesk(t, func(c *backend.Config) {
		c.Store = &between{Store: c.Store, before: func() {
			if block != nil {
				block()
			}
		}}
	})
	d.campaign(coffee)
	till := d.till("s-1", "1")
	sold := till.redemption(d.phone().accept("coffee", false).Pass)
	block = func() { block = nil; till.block(true) }
	w := till.do(d.server, "POST", wire.PathReports, till.token, wire.FromReport(till.seal(sold)))
	assert.Equal(t, "blocked", codeOf(t, w))
	till.block(false)
	block = func() { block = nil; d.manage("DELETE", till.path("token"), nil) }
	w = till.do(d.server, "POST", wire.PathReports, till.token, wire.FromReport(till.seal(sold)))
	assert.Equal(t, "unauthorized", codeOf(t, w))
	till.token = read[wire.Enrolled](t, till.enrol(""), http.StatusOK).Token
	assert.Equal(t, record.Confirmed, till.verdict(sold).Status, "nothing was booked before")
}

// between does something before each transaction.
type between struct {
	store.Store
	before func()
}

func (b *between) Update(ctx context.Context, fn func(store.Tx) error) error {
	b.before()
	return b.Store.Update(ctx, fn)
}
