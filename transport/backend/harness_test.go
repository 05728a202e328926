package backend_test

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

const (
	managementKey = "management-key-of-m-1"
	otherKey      = "management-key-of-m-2"
)

// A desk is a backend in memory with a clock that stands where the test puts it.
type desk struct {
	t      testing.TB
	server *backend.Server
	store  store.Store
	at     *atomic.Pointer[time.Time] // the server reads it in the background, too
}

func (d *desk) now() time.Time { return *d.at.Load() }

func (d *desk) set(now time.Time) { d.at.Store(&now) }

func newDesk(t testing.TB, edit ...func(*backend.Config)) *desk {
	t.Helper()
	d := &desk{t: t, store: memstore.New(), at: &atomic.Pointer[time.Time]{}}
	d.set(time.Date(2026, 11, 2, 10, 0, 0, 0, time.UTC))
	cfg := backend.Config{
		Store: d.store,
		Merchants: []backend.Merchant{{Name: "m-1", Key: managementKey, Prefixes: []string{"950123"}},
			{Name: "m-2", Key: otherKey, Prefixes: []string{"401234"}}},
		Limits: backend.Limits{PerSecond: -1, FailuresPerMinute: -1, AcceptBurst: -1},
		Now:    d.now,
	}
	for _, e := range edit {
		e(&cfg)
	}
	d.store = cfg.Store
	server, err := backend.New(t.Context(), cfg)
	require.NoError(t, err)
	d.server = server
	return d
}

// in is the same desk within another test.
func (d *desk) in(t testing.TB) *desk {
	there := *d
	there.t = t
	return &there
}

// do sends a request to a handler, with a bearer token unless it is empty.
func (d *desk) do(h http.Handler, method, path, token string, body any,
	cookies ...*http.Cookie) *httptest.ResponseRecorder {
	d.t.Helper()
	var raw []byte
	switch b := body.(type) {
	case nil:
	case []byte:
		raw = b
	default:
		var err error
		raw, err = json.Marshal(b)
		require.NoError(d.t, err)
	}
	r := httptest.NewRequest(method, path, bytes.NewReader(raw))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func read[T any](t testing.TB, w *httptest.ResponseRecorder, status int) (v T) {
	t.Helper()
	require.Equal(t, status, w.Code, w.Body.String())
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v))
	return v
}

func codeOf(t testing.TB, w *httptest.ResponseRecorder) string {
	t.Helper()
	require.Equal(t, wire.ProblemType, w.Header().Get("Content-Type"), w.Body.String())
	var p wire.Problem
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
	require.Equal(t, w.Code, p.Status)
	return string(p.Code())
}

func (d *desk) manage(method, path string, body any) *httptest.ResponseRecorder {
	d.t.Helper()
	return d.manageAs("m-1", method, path, body)
}

// manageAs asks with a merchant's own key.
func (d *desk) manageAs(merchant, method, path string, body any) *httptest.ResponseRecorder {
	d.t.Helper()
	key := map[string]string{"m-1": managementKey, "m-2": otherKey}[merchant]
	return d.do(d.server.Management(), method, path, key, body)
}

// propose proposes an agreement in the name of a merchant, of which m-1 is the owner and m-2 the partner unless edit
// says otherwise.
func (d *desk) propose(by string, edit ...func(*wire.NewAgreement)) wire.Agreement {
	d.t.Helper()
	want := wire.NewAgreement{Owner: "m-1", Partner: "m-2"}
	for _, e := range edit {
		e(&want)
	}
	return read[wire.Agreement](d.t, d.manageAs(by, "POST", wire.PathAgreements, want), http.StatusCreated)
}

// state changes the state of an agreement with a merchant's key.
func (d *desk) state(by string, a wire.Agreement, to wire.NewAgreementState) *httptest.ResponseRecorder {
	d.t.Helper()
	return d.manageAs(by, "PUT", wire.PathAgreements+"/"+a.ID+"/state", to)
}

// agree has the owner propose an agreement and the partner accept it.
func (d *desk) agree(edit ...func(*wire.NewAgreement)) wire.Agreement {
	d.t.Helper()
	owner := wire.NewAgreement{Owner: "m-1", Partner: "m-2"}
	for _, e := range edit {
		e(&owner)
	}
	a := d.propose(owner.Owner, edit...)
	accepted := d.state(owner.Partner, a, wire.NewAgreementState{State: wire.AgreementActive})
	return read[wire.Agreement](d.t, accepted, http.StatusOK)
}

// end ends an agreement in the name of one of the two.
func (d *desk) end(by string, a wire.Agreement, atOnce bool) wire.Agreement {
	d.t.Helper()
	ended := d.state(by, a, wire.NewAgreementState{State: wire.AgreementEnded, AtOnce: atOnce})
	return read[wire.Agreement](d.t, ended, http.StatusOK)
}

func (d *desk) campaign(c wire.Campaign) wire.Campaign {
	d.t.Helper()
	return read[wire.Campaign](d.t, d.campaignOf("m-1", c), http.StatusCreated)
}

// campaignOf asks for a campaign with a merchant's key.
func (d *desk) campaignOf(merchant string, c wire.Campaign) *httptest.ResponseRecorder {
	d.t.Helper()
	c.Title = cmp.Or(c.Title, "Offer "+c.ID)
	return d.manageAs(merchant, "POST", wire.PathCampaigns, c)
}

// A phone is a device: its cookies are all that it keeps.
type phone struct {
	*desk
	cookies map[string]*http.Cookie
}

func (d *desk) phone() *phone { return &phone{d, map[string]*http.Cookie{}} }

func (p *phone) ask(method, path string, body any) *httptest.ResponseRecorder {
	p.t.Helper()
	var cookies []*http.Cookie
	for _, c := range p.cookies {
		cookies = append(cookies, c)
	}
	w := p.do(p.server, method, path, "", body, cookies...)
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(p.cookies, c.Name)
			continue
		}
		p.cookies[c.Name] = c
	}
	return w
}

func (p *phone) accept(campaign string, personal bool) wire.DeviceOffer {
	p.t.Helper()
	return read[wire.DeviceOffer](p.t, p.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: campaign,
		Personal: personal}), http.StatusCreated)
}

func (p *phone) visit() wire.Visit {
	p.t.Helper()
	return read[wire.Visit](p.t, p.ask("GET", wire.PathDeviceVisit, nil), http.StatusOK)
}

// A till is a terminal: its key, token and chain.
type till struct {
	*desk
	key    ed25519.PrivateKey
	id     record.TerminalID
	token  string
	roots  []offer.Key
	have   *trust.Bundle
	place  record.Place
	chain  record.ChainID
	number uint64
	prev   record.Hash
	after  uint64
}

func (d *desk) code(shop string, terminals int) string {
	d.t.Helper()
	return read[wire.Code](d.t, d.manage("POST", wire.PathCodes, wire.NewCode{Store: shop, Terminals: terminals}),
		http.StatusCreated).Code
}

func (d *desk) till(shop, lane string) *till {
	d.t.Helper()
	return d.tillWith(d.code(shop, 1), shop, lane)
}

// tillOf is a till of the other merchant.
func (d *desk) tillOf(merchant, shop, lane string) *till {
	d.t.Helper()
	require.Equal(d.t, "m-2", merchant)
	code := read[wire.Code](d.t, d.do(d.server.Management(), "POST", wire.PathCodes, otherKey, wire.NewCode{Store: shop}),
		http.StatusCreated)
	return d.tillWith(code.Code, shop, lane)
}

func (d *desk) tillWith(code, shop, lane string) *till {
	d.t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(d.t, err)
	t := &till{desk: d, key: key, id: record.NewTerminalID(), chain: record.NewChainID(), place: record.Place{Store: shop,
		Lane: lane}}
	enrolled := read[wire.Enrolled](d.t, t.enrol(code), http.StatusOK)
	t.token, t.place = enrolled.Token, enrolled.Place
	told, err := enrolled.Record()
	require.NoError(d.t, err)
	t.roots = told.Roots
	return t
}

func (t *till) enrol(code string) *httptest.ResponseRecorder {
	t.t.Helper()
	return t.enrolWith(t.enrolment(record.Enrolment{Code: code}))
}

// challenge asks for one.
func (d *desk) challenge() string {
	d.t.Helper()
	return read[wire.Challenge](d.t, d.do(d.server, "POST", wire.PathChallenges, "", nil), http.StatusOK).Challenge
}

// enrolment signs an enrolment of the till's with a fresh challenge.
func (t *till) enrolment(e record.Enrolment) record.Enrolment {
	t.t.Helper()
	e.Terminal, e.Lane, e.Challenge, e.Last = t.id, t.place.Lane, t.challenge(), t.number
	e, err := e.Prove(t.key)
	require.NoError(t.t, err)
	return e
}

func (t *till) enrolWith(e record.Enrolment) *httptest.ResponseRecorder {
	t.t.Helper()
	return t.do(t.server, "POST", wire.PathTerminals, "", wire.FromEnrolment(e))
}

// evidence is that of a till whose clock is right.
func (d *desk) evidence() record.Evidence {
	now := d.now().UnixMilli()
	return record.Evidence{Wall: now, Earliest: now - 1000, Latest: now + 1000, Trusted: true}
}

// redemption makes the next record of the chain. The pass is what the till scanned.
func (t *till) redemption(pass string, edit ...func(*record.Record)) record.Record {
	t.t.Helper()
	p, err := offer.Parse(pass)
	require.NoError(t.t, err)
	return t.next(record.Record{Kind: record.Redemption, Offer: p.ID, Alias: p.Alias, Proven: p.Pass != nil,
		Given: record.Money{Amount: 250, Currency: "EUR"}}, edit...)
}

func (t *till) void(of record.ID, edit ...func(*record.Record)) record.Record {
	return t.next(record.Record{Kind: record.Void, Of: of, Given: record.Money{Amount: 250, Currency: "EUR"},
		GivenBy: record.GivenByRemainder}, edit...)
}

// part makes a void of a part, of which the POS said how much it takes back.
func (t *till) part(of record.ID, amount int64, edit ...func(*record.Record)) record.Record {
	part := func(r *record.Record) { r.Partial, r.Given.Amount, r.GivenBy = true, amount, record.GivenByPOS }
	return t.void(of, append([]func(*record.Record){part}, edit...)...)
}

// later are the verdicts that the till has not heard of, on records that it reported before.
func (t *till) later() []record.Verdict {
	t.t.Helper()
	w := t.do(t.server, "GET", wire.PathVerdicts+"?after="+strconv.FormatUint(t.after, 10), t.token, nil)
	answer, err := read[wire.Answer](t.t, w, http.StatusOK).Record()
	require.NoError(t.t, err)
	t.after = answer.Cursor
	return answer.Later
}

// books sums the figures of a campaign in a currency, which must agree with its ledger.
func (d *desk) books(campaign, currency string) (sum wire.Tally) {
	d.t.Helper()
	for _, f := range read[wire.Figures](d.t, d.manage("GET", wire.PathFigures, nil), http.StatusOK).Figures {
		if f.Campaign == campaign && f.Currency == currency {
			sum.Accepted, sum.Redeemed, sum.Voided = sum.Accepted+f.Accepted, sum.Redeemed+f.Redeemed, sum.Voided+f.Voided
			sum.Given, sum.TakenBack, sum.Corrected = sum.Given+f.Given, sum.TakenBack+f.TakenBack, sum.Corrected+f.Corrected
			sum.Waiting, sum.WaitingAmount = sum.Waiting+f.Waiting, sum.WaitingAmount+f.WaitingAmount
		}
	}
	line := d.ledger(campaign, currency)
	require.Equal(d.t, [3]int64{sum.Accepted, sum.Given, sum.TakenBack}, [3]int64{line.Accepted, line.Given,
		line.TakenBack}, "the ledger and the figures agree")
	return sum
}

func (d *desk) ledger(campaign, currency string) (found wire.LedgerLine) {
	d.t.Helper()
	for _, line := range read[wire.Ledger](d.t, d.manage("GET", wire.PathLedger, nil), http.StatusOK).Ledger {
		if line.Campaign == campaign && line.Currency == currency {
			found = line
		}
	}
	return found
}

func (t *till) next(r record.Record, edit ...func(*record.Record)) record.Record {
	t.number++
	r.ID, r.Terminal, r.Chain, r.Number, r.Prev, r.Place = record.NewID(), t.id, t.chain, t.number, t.prev, t.place
	r.Sale.Key, r.Time = "sale", t.evidence()
	for _, e := range edit {
		e(&r)
	}
	t.prev = record.HashOf(t.encode(r))
	return r
}

func (t *till) encode(r record.Record) []byte {
	t.t.Helper()
	raw, err := r.Encode()
	require.NoError(t.t, err)
	return raw
}

func (t *till) seal(records ...record.Record) record.Report {
	t.t.Helper()
	raws := make([][]byte, len(records))
	for i, r := range records {
		raws[i] = t.encode(r)
	}
	return t.sealRaw(raws...)
}

func (t *till) sealRaw(raws ...[]byte) record.Report {
	t.t.Helper()
	report, err := record.Seal(record.Heading{Terminal: t.id, Chain: t.chain, Sent: t.evidence(), After: t.after}, raws,
		t.key)
	require.NoError(t.t, err)
	return report
}

func (t *till) send(report record.Report) wire.Answer {
	t.t.Helper()
	w := t.do(t.server, "POST", wire.PathReports, t.token, wire.FromReport(report))
	answer, err := read[wire.Answer](t.t, w, http.StatusOK).Record()
	require.NoError(t.t, err)
	t.after = answer.Cursor
	return wire.FromAnswer(answer)
}

func (t *till) report(records ...record.Record) wire.Answer { return t.send(t.seal(records...)) }

// verdict reports one record and returns what became of it.
func (t *till) verdict(r record.Record) record.Verdict {
	t.t.Helper()
	answer := t.report(r)
	require.Len(t.t, answer.Items, 1)
	return answer.Items[0]
}
