package backend_test

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// A sick store is one whose updates a test decides.
type sick struct {
	store.Store
	view, update func(context.Context) error // nil: as the store does
	updates      atomic.Int64
}

func (s *sick) View(ctx context.Context, fn func(store.Tx) error) error {
	if s.view != nil {
		if err := s.view(ctx); err != nil {
			return err
		}
	}
	return s.Store.View(ctx, fn)
}

func (s *sick) Update(ctx context.Context, fn func(store.Tx) error) error {
	s.updates.Add(1)
	if s.update != nil {
		if err := s.update(ctx); err != nil {
			return err
		}
	}
	return s.Store.Update(ctx, fn)
}

func TestReadyTriesToWriteOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st := &sick{Store: memstore.New()}
		d := newDesk(t, func(c *backend.Config) { c.Store = st })
		ready := func() int { return d.do(d.server, "GET", wire.PathReady, "", nil).Code }
		before := st.updates.Load()
		for range 100 {
			assert.Equal(t, http.StatusOK, ready())
		}
		assert.EqualValues(t, 1, st.updates.Load()-before, "a hundred who ask at once cost one write")
		metrics := d.do(d.server.Management(), "GET", "/metrics", "", nil).Body.String()
		assert.Contains(t, metrics, `offlane_requests_total{route="GET /v1/ready",status="200"} 100`)

		time.Sleep(time.Second)
		st.update = func(context.Context) error { return fault.New(fault.DiskFull, "", "/var/lib/secret.db: no space") }
		w := d.do(d.server, "GET", wire.PathReady, "", nil)
		assert.Equal(t, "unavailable", codeOf(t, w), "what can be read alone is not ready")
		assert.NotContains(t, w.Body.String(), "disk", "details are for management")
		told := read[wire.Readiness](t, d.manage("GET", wire.PathReadiness, nil), http.StatusOK)
		assert.Equal(t, wire.Readiness{Code: fault.DiskFull, Checked: d.now().UnixMilli()}, told)
		assert.Equal(t, "unauthorized", codeOf(t, d.do(d.server.Management(), "GET", wire.PathReadiness, "", nil)))

		time.Sleep(time.Second)
		st.update = nil
		assert.Equal(t, http.StatusOK, ready(), "it recovers by itself")
		assert.True(t, read[wire.Readiness](t, d.manage("GET", wire.PathReadiness, nil), http.StatusOK).Ready,
			"the backend is ready")
		require.NoError(t, d.server.Close())
		assert.Equal(t, "closed", codeOf(t, d.do(d.server, "GET", wire.PathHealth, "", nil)))
	})
}

func TestReadyDoesNotWaitForAStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		st, woken := &sick{Store: memstore.New()}, make(chan struct{})
		d := newDesk(t, func(c *backend.Config) { c.Store = st })
		before := st.updates.Load()
		st.update = func(context.Context) error { <-woken; return nil } // as a disk that does not answer
		start := time.Now()
		assert.Equal(t, "unavailable", codeOf(t, d.do(d.server, "GET", wire.PathReady, "", nil)))
		assert.Equal(t, 2*time.Second, time.Since(start), "there is a deadline")
		for range 100 {
			assert.Equal(t, "unavailable", codeOf(t, d.do(d.server, "GET", wire.PathReady, "", nil)))
		}
		assert.Equal(t, 2*time.Second, time.Since(start), "who asks later does not wait again")
		assert.EqualValues(t, 1, st.updates.Load()-before, "nor is the store asked again")
		close(woken)
		time.Sleep(time.Second)
		assert.Equal(t, http.StatusOK, d.do(d.server, "GET", wire.PathReady, "", nil).Code)
	})
}

// What a problem tells never holds addresses, users, files or statements of a database.
func TestAProblemTellsNothingOfTheStore(t *testing.T) {
	secret := "failed to connect to `user=offlane database=books`: 10.1.2.3:5432: SELECT data FROM offers, " +
		"/var/lib/offlane.db"
	st := &sick{Store: memstore.New()}
	d := newDesk(t, func(c *backend.Config) { c.Store = st })
	d.campaign(coffee)
	p := d.phone()
	offered := p.accept("coffee", true)
	lane := d.till("s-1", "7")
	report := wire.FromReport(lane.seal(lane.redemption(offered.Pass)))
	e := lane.enrolment(record.Enrolment{Code: "ABCD"})
	for what, failure := range map[string]error{
		"an error of the driver": errors.New(secret),
		"unavailable": fault.New(fault.Unavailable, "pgstore", "the database did not do it: %w",
			errors.New(secret)),
		"a full disk": fault.New(fault.DiskFull, "boltstore", "nothing was written: %s", secret),
		"damaged":     fault.New(fault.Damaged, "rows", "%s", secret),
	} {
		fail := func(context.Context) error { return failure }
		st.view, st.update = fail, fail
		management := d.server.Management()
		for _, c := range []struct {
			h                   http.Handler
			method, path, token string
			body                any
		}{
			{d.server, "GET", wire.PathReady, "", nil}, {d.server, "POST", wire.PathTerminals, "", wire.FromEnrolment(e)},
			{d.server, "POST", wire.PathReports, lane.token, report}, {d.server, "GET", wire.PathVerdicts, lane.token, nil},
			{d.server, "GET", wire.PathBundle, lane.token, nil}, {d.server, "POST", wire.PathDeviceOffers, "",
				wire.Accept{Campaign: "coffee"}},
			{d.server, "GET", wire.PathDeviceOffers, "", nil}, {d.server, "GET", wire.PathDeviceOffers + "/" + offered.Name +
				"/pass.svg", "", nil},
			{d.server, "GET", wire.PathDeviceVisit, "", nil}, {d.server, "PUT", wire.PathConsent, "",
				wire.Consent{Personal: true}},
			{d.server, "DELETE", wire.PathDevice, "", nil},
			{management, "GET", wire.PathCampaigns, managementKey, nil}, {management, "POST", wire.PathCodes, managementKey,
				wire.NewCode{Store: "s"}},
			{management, "POST", wire.PathUploads, managementKey, wire.Upload{Reports: []wire.Report{report}}},
			{management, "GET", wire.PathFigures, managementKey, nil}, {management, "GET", wire.PathReadiness, managementKey,
				nil},
		} {
			var cookies []*http.Cookie
			for _, cookie := range p.cookies {
				cookies = append(cookies, cookie)
			}
			w := d.do(c.h, c.method, c.path, c.token, c.body, cookies...)
			if c.path != wire.PathUploads && c.path != wire.PathReadiness {
				assert.GreaterOrEqual(t, w.Code, 500, "%s: %s %s: %s", what, c.method, c.path, w.Body)
			}
			for _, word := range []string{"user=", "database", "10.1.2.3", "SELECT", "/var/lib", "offers,"} {
				assert.NotContains(t, w.Body.String(), word, "%s: %s %s", what, c.method, c.path)
			}
		}
	}
}
