package pgstore_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/internal/storesuite"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

const partner, managementKey = "m-2", "management-key-of-m-1"

// A pair is two servers on one database, of which the first has an interleaved store. Each look at their clock is two
// seconds after the one before.
type pair struct {
	one, two *backend.Server
	store    *interleaved
	address  string
}

func newPair(t *testing.T) *pair {
	t.Helper()
	plain, address := openPlain(t)
	p := &pair{store: &interleaved{Store: plain}, address: address}
	var looks atomic.Int64
	begin := time.Now()
	serve := func(st store.Store) *backend.Server {
		server, err := backend.New(t.Context(), backend.Config{Store: st, Merchants: []backend.Merchant{{Name: merchant,
			Key: managementKey}, {Name: partner}}, Limits: backend.Limits{PerSecond: -1, FailuresPerMinute: -1, AcceptBurst: -1},
			Now: func() time.Time { return begin.Add(2 * time.Second * time.Duration(looks.Add(1))) }})
		require.NoError(t, err)
		return server
	}
	p.one, p.two = serve(p.store), serve(plain)
	return p
}

// enrol enrols a new terminal.
func enrol(server http.Handler, code, lane string) (id record.TerminalID, told wire.Enrolled, err error) {
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		return id, told, err
	}
	var challenge wire.Challenge
	if err := send(server, wire.PathChallenges, "", nil, &challenge); err != nil {
		return id, told, err
	}
	id = record.NewTerminalID()
	e, err := record.Enrolment{Code: code, Terminal: id, Lane: lane, Challenge: challenge.Challenge}.Prove(key)
	if err != nil {
		return id, told, err
	}
	err = send(server, wire.PathTerminals, "", wire.FromEnrolment(e), &told)
	return id, told, err
}

// manage puts something in the merchant's name, which may take five seconds.
func (p *pair) manage(t *testing.T, path string, body any) *httptest.ResponseRecorder {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	raw, err := json.Marshal(body)
	require.NoError(t, err)
	r := httptest.NewRequestWithContext(ctx, http.MethodPut, path, bytes.NewReader(raw))
	r.Header.Set("Authorization", "Bearer "+managementKey)
	w := httptest.NewRecorder()
	p.two.Management().ServeHTTP(w, r)
	return w
}

// Two terminals that enrolled in one lane at the same moment did not see each other, and neither asked.
func TestOfTwoTerminalsThatEnrolInOneLaneAtOnceTheSecondIsTold(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	var codes [2]string
	for i := range codes {
		made, err := p.two.AddCode(t.Context(), merchant, wire.NewCode{Store: "s-1"})
		require.NoError(t, err)
		codes[i] = made.Code
	}
	var second wire.Enrolled
	var done <-chan error
	p.store.after, p.store.then = "Terminals", func() {
		done = startOther(t, p.address, func() (err error) {
			_, second, err = enrol(p.two, codes[1], "1")
			return err
		})
	}
	_, first, err := enrol(p.one, codes[0], "1")
	require.NoError(t, err)
	require.NoError(t, <-done)
	assert.Zero(t, first.Second, "the first is alone in its lane")
	assert.NotZero(t, second.Second, "the second hears of the first")
}

// A pass named a partner whose agreement had ended before, since it was issued while that was being written down.
func TestNoPassNamesAPartnerAfterTheAgreementEnded(t *testing.T) {
	t.Parallel()
	storesuite.SkipUnlessLong(t)
	p := newPair(t)
	a, err := p.two.Propose(t.Context(), merchant, wire.NewAgreement{Owner: merchant, Partner: partner})
	require.NoError(t, err)
	_, err = p.two.ChangeAgreement(t.Context(), partner, a.ID, wire.NewAgreementState{State: wire.AgreementActive})
	require.NoError(t, err)
	_, err = p.two.AddCampaign(t.Context(), merchant, wire.Campaign{ID: "c", Title: "C", Partners: []string{partner}})
	require.NoError(t, err)
	var accepted wire.DeviceOffer
	var done <-chan error
	p.store.after, p.store.then = "PutAgreement", func() {
		done = startOther(t, p.address, func() error {
			return send(p.two, wire.PathDeviceOffers, "", wire.Accept{Campaign: "c"}, &accepted)
		})
	}
	ended, err := p.one.ChangeAgreement(t.Context(), merchant, a.ID, wire.NewAgreementState{State: wire.AgreementEnded})
	require.NoError(t, err)
	require.NoError(t, <-done)
	presented, err := offer.Parse(accepted.Pass)
	require.NoError(t, err)
	assert.Greater(t, presented.Pass.IssuedAt.UnixMilli(), ended.Ended, "the pass was issued after the end")
	assert.NotContains(t, presented.Pass.Audience, partner, "the partner's tills would refuse it")
}

// A merchant that had allowed a hub once could allow no other one.
func TestASecondTerminalMayHostAHub(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	made, err := p.two.AddCode(t.Context(), merchant, wire.NewCode{Store: "s-1", Terminals: 2})
	require.NoError(t, err)
	for _, lane := range []string{"1", "2"} {
		id, _, err := enrol(p.two, made.Code, lane)
		require.NoError(t, err)
		w := p.manage(t, strings.ReplaceAll(wire.PathHubRole, "{id}", id.String()), wire.NewHubRole{MayHost: true})
		assert.Equal(t, http.StatusOK, w.Code, fmt.Sprint("lane ", lane, ": ", w.Body))
	}
}

// An acceptance held the row of its merchant's shop until it was on disk, which all others of the merchant waited for.
func TestAcceptancesOfAMerchantDoNotWaitForOneAnother(t *testing.T) {
	t.Parallel()
	storesuite.SkipUnlessLong(t)
	p := newPair(t)
	require.Equal(t, http.StatusOK, p.manage(t, wire.PathShop, wire.Shop{Name: "Coffee & Cake"}).Code, "it has a name")
	for _, id := range []string{"c", "d"} { // so that they post to other rows
		_, err := p.two.AddCampaign(t.Context(), merchant, wire.Campaign{ID: id, Title: id})
		require.NoError(t, err)
	}
	var told [2]wire.DeviceOffer
	p.store.after, p.store.then = "end", func() {
		done := startOther(t, p.address, func() error {
			return send(p.two, wire.PathDeviceOffers, "", wire.Accept{Campaign: "d"}, &told[1])
		})
		assert.NoError(t, <-done, "the other acceptance does not wait for this one to end")
	}
	require.NoError(t, send(p.one, wire.PathDeviceOffers, "", wire.Accept{Campaign: "c"}, &told[0]))
	assert.Equal(t, "Coffee & Cake", told[0].Shop.Name, "customers see the shop's name")
}
