package backend_test

import (
	"compress/gzip"
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/wire"
)

func TestWhoIsNotAllowedIsRefused(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	d.campaign(wire.Campaign{ID: "a", Coupon: "9501234567891"})
	lane, other := d.till("s-1", "7"), d.till("s-1", "8")
	report := wire.FromReport(lane.seal())
	forged := wire.FromReport(lane.seal())
	forged.Signature[0] ^= 1
	management := d.server.Management()
	for name, c := range map[string]struct {
		answer *httptest.ResponseRecorder
		want   string
	}{
		"no token":                   {d.do(d.server, "POST", wire.PathReports, "", report), "unauthorized"},
		"wrong token":                {d.do(d.server, "POST", wire.PathReports, "nonsense", report), "unauthorized"},
		"another terminal's token":   {d.do(d.server, "POST", wire.PathReports, other.token, report), "forged"},
		"forged signature":           {d.do(d.server, "POST", wire.PathReports, lane.token, forged), "forged"},
		"terminal's token to manage": {d.do(management, "GET", wire.PathCampaigns, lane.token, nil), "unauthorized"},
		"another merchant's campaign": {d.do(management, "PUT", wire.PathCampaigns+"/coffee/state", otherKey,
			wire.NewState{State: wire.Ended}), "not-found"},
		"another campaign's coupon": {d.manage("POST", wire.PathCampaigns, wire.Campaign{ID: "b", Title: "B",
			Coupon: "9501234567891"}), "conflict"},
		"another merchant's coupon":   {d.campaignOf("m-2", wire.Campaign{ID: "c", Coupon: "9501234567891"}), "forbidden"},
		"a partner that never agreed": {d.campaignOf("m-2", wire.Campaign{ID: "c", Partners: []string{"m-1"}}), "forbidden"},
		"a campaign that is there":    {d.manage("POST", wire.PathCampaigns, coffee), "conflict"},
		"an unknown campaign": {d.phone().ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "nope"}),
			"not-found"},
		"management on the public": {d.do(d.server, "GET", wire.PathCampaigns, managementKey, nil), "not-found"},
		"no JSON":                  {d.do(d.server, "POST", wire.PathReports, lane.token, []byte("<html>")), "malformed"},
		"a code for no store":      {d.manage("POST", wire.PathCodes, wire.NewCode{}), "invalid-request"},
	} {
		assert.Equal(t, c.want, codeOf(t, c.answer), name)
		assert.Equal(t, "nosniff", c.answer.Header().Get("X-Content-Type-Options"), name)
	}
	assert.Empty(t, read[wire.Gaps](t, d.do(management, "GET", wire.PathGaps, otherKey, nil), http.StatusOK).Gaps)
}

func TestEnrolmentCodesEnd(t *testing.T) {
	d := newDesk(t)
	enrol := func(code string) *httptest.ResponseRecorder {
		_, key, err := ed25519.GenerateKey(nil)
		require.NoError(t, err)
		return (&till{desk: d, key: key, id: record.NewTerminalID()}).enrol(code)
	}
	code := d.code("s-1", 2)
	require.Equal(t, http.StatusOK, enrol(code).Code)
	require.Equal(t, http.StatusOK, enrol(strings.ToLower(code)).Code, "as people type it")
	assert.Equal(t, "unauthorized", codeOf(t, enrol(code)), "used up")
	assert.Equal(t, "unauthorized", codeOf(t, enrol("ABCD")), "unknown")
	ends := read[wire.Code](t, d.manage("POST", wire.PathCodes,
		wire.NewCode{Store: "s", Expires: d.now().Add(time.Hour).UnixMilli()}), http.StatusCreated)
	d.set(d.now().Add(time.Hour))
	assert.Equal(t, "unauthorized", codeOf(t, enrol(ends.Code)), "expired")
}

// endless is a body of a gigabyte that takes no memory.
type endless struct{ left, read int64 }

func (e *endless) Read(b []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(b)), e.left)
	for i := range b[:n] {
		b[i] = ' '
	}
	e.left, e.read = e.left-n, e.read+n
	return int(n), nil
}

func TestAGigabyteIsNotRead(t *testing.T) {
	d := newDesk(t)
	lane := d.till("s-1", "7")
	body := &endless{left: 1 << 30}
	r := httptest.NewRequest("POST", wire.PathReports, body)
	r.Header.Set("Authorization", "Bearer "+lane.token)
	w := httptest.NewRecorder()
	d.server.ServeHTTP(w, r)
	assert.Equal(t, "too-large", codeOf(t, w))
	assert.Less(t, body.read, int64(wire.MaxBody+1<<20))

	packed, pipe := io.Pipe()
	go func() {
		zip := gzip.NewWriter(pipe)
		_, err := io.Copy(zip, &endless{left: 1 << 30}) // until the server has had enough
		pipe.CloseWithError(err)
	}()
	r = httptest.NewRequest("POST", wire.PathReports, packed)
	r.Header.Set("Authorization", "Bearer "+lane.token)
	r.Header.Set("Content-Encoding", "gzip")
	w = httptest.NewRecorder()
	d.server.ServeHTTP(w, r)
	packed.Close()
	assert.Equal(t, "too-large", codeOf(t, w))
}

// Guesses at the device secret, and at a secret as the server makes them, each with the right identifier and with
// another: each is compared where nothing bounds how many may be made, and by far most are refused unheard where
// something does.
func TestTenThousandGuessesFindNothing(t *testing.T) {
	const guesses = 10_000
	for name, limits := range map[string]backend.Limits{"heard": {PerSecond: -1, FailuresPerMinute: -1}, "bounded": {}} {
		d := newDesk(t, func(c *backend.Config) { c.Limits = limits })
		d.campaign(coffee)
		p := d.phone()
		accepted := p.accept("coffee", true)
		secret, identifier := p.cookies["offlane_device"].Value, p.cookies["offlane_held"].Value
		status := map[int]int{}
		for i := range guesses {
			device, offers := rand.Text()+secret[26:], identifier
			if i%3 != 0 {
				device = rand.Text()
			}
			if i%3 != 1 {
				offers = offer.NewID().Code()
			}
			guess := d.phone()
			guess.cookies["offlane_device"] = &http.Cookie{Name: "offlane_device", Value: device}
			guess.cookies["offlane_held"] = &http.Cookie{Name: "offlane_held", Value: offers}
			w := guess.ask("GET", wire.PathDeviceOffers+"/"+accepted.Name+"/pass.txt", nil)
			status[w.Code]++
			require.NotContains(t, w.Body.String(), "OL1:")
			if name == "heard" {
				w := guess.ask("GET", wire.PathDeviceOffers, nil)
				require.Empty(t, read[wire.DeviceOffers](t, w, http.StatusOK).Offers)
			}
		}
		if name == "heard" {
			assert.Equal(t, map[int]int{http.StatusNotFound: guesses}, status)
			assert.Equal(t, http.StatusOK, p.ask("GET", wire.PathDeviceOffers+"/"+accepted.Name+"/pass.txt", nil).Code,
				"the device itself is heard")
			continue
		}
		assert.Less(t, status[http.StatusNotFound], 200, "an address that is refused so often is refused unheard: %v", status)
		assert.Equal(t, guesses, status[http.StatusNotFound]+status[http.StatusTooManyRequests])
		assert.NotEmpty(t, d.phone().ask("GET", wire.PathDeviceOffers, nil).Header().Get("Retry-After"))
	}
}

func TestEverythingThatAStrangerMayCallIsBounded(t *testing.T) {
	for _, c := range [][2]string{
		{"GET", wire.PathHealth}, {"GET", wire.PathReady}, {"POST", wire.PathTerminals}, {"GET", wire.PathDeviceOffers},
		{"POST", wire.PathDeviceOffers}, {"GET", wire.PathDeviceOffers + "/x/pass.svg"}, {"GET", wire.PathDeviceVisit},
		{"PUT", wire.PathConsent}, {"DELETE", wire.PathDevice}, {"GET", "/nowhere"},
	} {
		d := newDesk(t, func(c *backend.Config) { c.Limits = backend.Limits{PerSecond: 1, Burst: 5} })
		for range 5 {
			assert.NotEqual(t, http.StatusTooManyRequests, d.do(d.server, c[0], c[1], "", nil).Code, c)
		}
		w := d.do(d.server, c[0], c[1], "", nil)
		assert.Equal(t, "too-many-requests", codeOf(t, w), c)
		assert.NotEmpty(t, w.Header().Get("Retry-After"), c)
	}
}

func TestABrowserOfAnotherSiteIsRefused(t *testing.T) {
	d := newDesk(t)
	// older browsers send the second alone
	for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://other.example"} {
		r := httptest.NewRequest("POST", wire.PathDeviceOffers, strings.NewReader(`{"campaign":"coffee"}`))
		r.Header.Set(header, value)
		w := httptest.NewRecorder()
		d.server.ServeHTTP(w, r)
		assert.Equal(t, "forbidden", codeOf(t, w), header)
	}
}

func TestLimitAndBudgetEndACampaign(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "few", Limit: 2})
	d.campaign(wire.Campaign{ID: "dear", Budget: 400, Currency: "EUR"})
	p := d.phone()
	p.accept("few", false)
	p.accept("few", false)
	assert.Equal(t, "out-of-offers", codeOf(t, p.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "few"})))
	lane := d.till("s-1", "7")
	for range 2 {
		lane.verdict(lane.redemption(p.accept("dear", false).Pass))
	}
	assert.Equal(t, "out-of-offers", codeOf(t, p.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "dear"})))
	for _, state := range []wire.CampaignState{wire.Paused, wire.Active, wire.Ended} {
		require.Equal(t, http.StatusOK, d.manage("PUT", wire.PathCampaigns+"/few/state", wire.NewState{State: state}).Code,
			state)
	}
	assert.Equal(t, "conflict", codeOf(t, d.manage("PUT", wire.PathCampaigns+"/few/state",
		wire.NewState{State: wire.Active})), "ended stays ended")
}

func TestAnAliasIsTheSameOffer(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "gs1", Coupon: "9501234567891"})
	p := d.phone()
	accepted := p.accept("gs1", false)
	w := p.ask("GET", wire.PathDeviceOffers+"/"+accepted.Name+"/link.svg", nil)
	require.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, "image/svg+xml", w.Header().Get("Content-Type"))
	presented, err := offer.Parse(accepted.Pass)
	require.NoError(t, err)
	lane := d.till("s-1", "7")
	byAlias := lane.redemption(accepted.Pass, func(r *record.Record) { r.Offer = offer.ID{} })
	require.Equal(t, presented.Alias, byAlias.Alias)
	require.Equal(t, record.Confirmed, lane.verdict(byAlias).Status)
	assert.Equal(t, record.Duplicate, lane.verdict(lane.redemption(accepted.Pass)).Status,
		"one offer in two dresses is one")
}

// coupon makes the redemption of a GS1 coupon without a serial.
func (t *till) coupon(number string, amount int64, edit ...func(*record.Record)) record.Record {
	return t.next(record.Record{Kind: record.Redemption, Coupon: number, Given: record.Money{Amount: amount,
		Currency: "EUR"}}, edit...)
}

func TestACouponWithoutASerialIsBoundedByItsBudgetAlone(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "paper", Coupon: "9501234567891", Budget: 400, Currency: "EUR", Stores: []string{"s-1"},
		NotAfter: d.now().Add(time.Hour).UnixMilli()})
	d.campaign(wire.Campaign{ID: "free", Coupon: "9501234567907"})
	lane, far := d.till("s-1", "7"), d.till("s-2", "1")
	const paper, free = "255:9501234567891", "255:9501234567907"
	assert.Equal(t, fault.OtherStore, far.verdict(far.coupon(paper, 250)).Reason)
	assert.Equal(t, fault.UnknownOffer, lane.verdict(lane.coupon("255:9501234567914", 250)).Reason, "no campaign has it")

	first := lane.coupon(paper, 250)
	items := lane.report(first, lane.coupon(paper, 250), lane.coupon(paper, 250)).Items
	assert.Equal(t, record.Confirmed, items[0].Status)
	assert.Equal(t, record.Confirmed, items[1].Status, "it is no identifier: nothing was redeemed before")
	assert.Equal(t, fault.OutOfOffers, items[2].Reason)
	assert.Equal(t, record.Rejected, items[2].Status)
	require.Equal(t, record.Confirmed, lane.verdict(lane.void(first.ID)).Status)
	assert.Equal(t, record.Confirmed, lane.verdict(lane.coupon(paper, 100)).Status, "what was taken back is budget again")

	late := lane.coupon(paper, 10)
	require.Equal(t, record.Received, lane.verdict(lane.void(late.ID)).Status)
	d.set(d.now().Add(2 * time.Hour))
	assert.Equal(t, record.Confirmed, lane.verdict(late).Status, "redeemed in time, and voided before it came")
	assert.Equal(t, fault.Expired, lane.verdict(lane.coupon(paper, 10)).Reason)
	for range 3 {
		assert.Equal(t, record.Confirmed, lane.verdict(lane.coupon(free, 1000)).Status, "without a budget there is no bound")
	}
	require.Equal(t, http.StatusOK, d.manage("PUT", wire.PathCampaigns+"/free/state",
		wire.NewState{State: wire.Withdrawn}).Code)
	d.set(d.now().Add(time.Minute))
	assert.Equal(t, fault.Revoked, lane.verdict(lane.coupon(free, 1)).Reason)
}

func TestAFullBudgetStaysFullWhateverTheOrderOfVoids(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "paper", Coupon: "9501234567891", Budget: 100, Currency: "EUR"})
	lane := d.till("s-1", "7")
	const paper = "255:9501234567891"
	require.Equal(t, record.Confirmed, lane.verdict(lane.coupon(paper, 100)).Status)
	refused := lane.coupon(paper, 100)
	require.Equal(t, fault.OutOfOffers, lane.verdict(refused).Reason)
	require.Equal(t, record.Confirmed, lane.verdict(lane.void(refused.ID)).Status)
	assert.Equal(t, fault.OutOfOffers, lane.verdict(lane.coupon(paper, 1)).Reason,
		"taking back what was not counted gives nothing back")
}

func TestTheBundleFollowsWhatHappens(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	p := d.phone()
	enrolled := read[wire.Enrolled](t, lane.enrol(""), http.StatusOK)
	lane.token = enrolled.Token
	told, err := enrolled.Record()
	require.NoError(t, err)
	roots, err := offer.NewKeys(told.Roots...)
	require.NoError(t, err)
	fetch := func(have string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", wire.PathBundle, nil)
		r.Header.Set("Authorization", "Bearer "+lane.token)
		r.Header.Set("If-None-Match", have)
		w := httptest.NewRecorder()
		d.server.ServeHTTP(w, r)
		return w
	}
	w := fetch("")
	require.Equal(t, wire.BundleType, w.Header().Get("Content-Type"))
	bundle, err := trust.Accept(nil, w.Body.Bytes(), roots, "m-1")
	require.NoError(t, err)
	assert.Equal(t, http.StatusNotModified, fetch(w.Header().Get("ETag")).Code)

	accepted := p.accept("coffee", true)
	presented, err := offer.Parse(accepted.Pass)
	require.NoError(t, err)
	issuers, err := offer.NewKeys(bundle.Keys...)
	require.NoError(t, err)
	assert.NoError(t, presented.Verify(issuers), "the bundle holds the issuer's key")
	first := lane.redemption(accepted.Pass)
	lane.verdict(first)
	d.set(d.now().Add(time.Minute))
	delta := fetch(w.Header().Get("ETag"))
	require.Equal(t, http.StatusOK, delta.Code)
	bundle, err = trust.Accept(bundle, delta.Body.Bytes(), roots, "m-1")
	require.NoError(t, err)
	assert.True(t, bundle.MaySpent(presented.ID, ""), "the offer is spent")
	lane.verdict(lane.void(first.ID))
	d.set(d.now().Add(time.Minute))
	bundle, err = trust.Accept(bundle, fetch(delta.Header().Get("ETag")).Body.Bytes(), roots, "m-1")
	require.NoError(t, err)
	assert.False(t, bundle.MaySpent(presented.ID, ""), "a void frees it")
}

func TestPublicNamesTellNothing(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	accepted := d.phone().accept("coffee", false)
	presented, err := offer.Parse(accepted.Pass)
	require.NoError(t, err)
	assert.NotContains(t, accepted.Name, strings.ToLower(presented.ID.Code()[:8]))
	_, err = offer.Parse(accepted.Name)
	assert.Error(t, err)
}
