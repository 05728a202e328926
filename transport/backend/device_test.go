package backend_test

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	bolt "go.etcd.io/bbolt"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/boltstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// keeps is a phone with the cookies as they are now, whatever becomes of the first one's.
func (p *phone) keeps() *phone { return &phone{p.desk, maps.Clone(p.cookies)} }

func (p *phone) listed() wire.DeviceOffers {
	p.t.Helper()
	return read[wire.DeviceOffers](p.t, p.ask("GET", wire.PathDeviceOffers, nil), http.StatusOK)
}

// together accepts as a browser does that sends n requests at once: all bear the same cookies, and the last answer's
// cookies stay. It returns the offers.
func (p *phone) together(n int, personal bool) []wire.DeviceOffer {
	p.t.Helper()
	var mu sync.Mutex
	var all sync.WaitGroup
	var offers []wire.DeviceOffer
	cookies := maps.Clone(p.cookies)
	for range n {
		all.Go(func() {
			one := &phone{p.desk, maps.Clone(cookies)}
			w := one.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "coffee", Personal: personal})
			var offered wire.DeviceOffer
			err := json.Unmarshal(w.Body.Bytes(), &offered)
			mu.Lock()
			defer mu.Unlock()
			if assert.NoError(p.t, err) && assert.Equal(p.t, http.StatusCreated, w.Code) {
				offers, p.cookies = append(offers, offered), one.cookies
			}
		})
	}
	all.Wait()
	return offers
}

// onDisk is a desk with a database file, of which the test reads what is in it.
func onDisk(t testing.TB) (*desk, *bolt.DB) {
	t.Helper()
	db, err := bolt.Open(filepath.Join(t.TempDir(), "db"), 0o600, &bolt.Options{NoSync: true})
	require.NoError(t, err)
	st, err := boltstore.New(t.Context(), db)
	require.NoError(t, err)
	t.Cleanup(func() { st.Close() })
	return newDesk(t, func(c *backend.Config) { c.Store = st }), db
}

// holds reports in which tables a text stands.
func holds(t testing.TB, db *bolt.DB, text string) (tables []string) {
	t.Helper()
	require.NoError(t, db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bolt.Bucket) error {
			return b.ForEach(func(key, value []byte) error {
				if strings.Contains(string(key)+string(value), text) {
					tables = append(tables, string(name))
				}
				return nil
			})
		})
	}))
	return tables
}

// Withdrawal and erasure reach what the cookies no longer hold, as what acceptances at the same moment took out of
// them.
func TestErasureReachesAllThatTheDeviceAccepted(t *testing.T) {
	d, db := onDisk(t)
	d.campaign(coffee)
	p := d.phone()
	accepted := []wire.DeviceOffer{p.accept("coffee", true)}
	for range 79 {
		accepted = append(accepted, p.accept("coffee", false))
	}
	p.together(16, false)
	lane := d.till("s-1", "7")
	for _, o := range []wire.DeviceOffer{accepted[0], accepted[79]} {
		require.Equal(t, record.Confirmed, lane.verdict(lane.redemption(o.Pass)).Status)
	}
	held := p.listed()
	assert.Len(t, held.Offers, 96, "all are shown, those of the parallel acceptances too")
	assert.Equal(t, 2, held.Slots, "in two cookies")
	assert.True(t, held.Personal, "the customer agreed")

	hash := store.HashOf(p.cookies["offlane_device"].Value)
	var linked int
	view := func(read func(store.Tx) error) { require.NoError(t, d.store.View(t.Context(), read)) }
	view(func(tx store.Tx) error {
		offers, err := tx.DeviceOffers(hash, 0, 1000)
		linked = len(offers)
		return err
	})
	assert.Equal(t, 96, linked, "the backend knows all of them")
	require.NotEmpty(t, holds(t, db, string(hash[:])))

	before := p.keeps()
	require.Equal(t, http.StatusNoContent, p.ask("DELETE", wire.PathDevice, nil).Code)
	assert.Empty(t, p.cookies)
	assert.Empty(t, before.listed().Offers, "who kept the cookies sees nothing")
	assert.Empty(t, before.visit().Matches)
	assert.Empty(t, holds(t, db, string(hash[:])), "nothing in the store names the device")
	assert.Empty(t, holds(t, db, before.cookies["offlane_device"].Value))
	view(func(tx store.Tx) error {
		var ids []offer.ID
		for _, o := range accepted {
			presented, err := offer.Parse(o.Pass)
			require.NoError(t, err)
			ids = append(ids, presented.ID)
		}
		offers, err := tx.Offers(ids, nil)
		assert.Len(t, offers, 80, "the offers stay good on paper")
		for _, o := range offers {
			assert.True(t, o.Device.IsZero(), "the device is forgotten")
		}
		return err
	})
	assert.Equal(t, record.Confirmed, lane.verdict(lane.redemption(accepted[40].Pass)).Status)
	assert.EqualValues(t, 96, d.tally("coffee").Accepted, "and so do the books")
}

func TestParallelAcceptancesKeepConsentAndOffers(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	p := d.phone()
	first := p.accept("coffee", false)
	var all sync.WaitGroup
	consent := p.keeps()
	all.Go(func() { consent.ask("PUT", wire.PathConsent, wire.Consent{Personal: true}) })
	p.together(16, false)
	all.Wait()
	held := p.listed()
	assert.True(t, held.Personal, "nothing took the customer's word back")
	assert.Len(t, held.Offers, 17)
	lane := d.till("s-1", "7")
	require.Equal(t, record.Confirmed, lane.verdict(lane.redemption(first.Pass)).Status)
	require.Len(t, p.visit().Matches, 1, "the list gave the device back what its cookie had lost")
	require.Equal(t, http.StatusOK, p.ask("PUT", wire.PathConsent, wire.Consent{}).Code)
	p.together(8, false)
	assert.False(t, p.listed().Personal, "nor does an acceptance give it")
	assert.Empty(t, p.visit().Matches)
}

// An acceptance that was under way when the device was forgotten goes to a new device: the old secret links nothing any
// more.
func TestAForgottenSecretIsNone(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	p := d.phone()
	p.accept("coffee", true)
	late := p.keeps()
	require.Equal(t, http.StatusNoContent, p.ask("DELETE", wire.PathDevice, nil).Code)
	old := late.cookies["offlane_device"].Value
	offered := late.accept("coffee", false)
	assert.NotEqual(t, old, late.cookies["offlane_device"].Value)
	held := late.listed()
	require.Len(t, held.Offers, 1)
	assert.Equal(t, offered.Name, held.Offers[0].Name)
	assert.False(t, held.Personal, "the new device has not agreed")

	for range 20 { // erasure beside acceptances: whichever is first, nothing stays linked that its customer cannot reach
		p := d.phone()
		p.accept("coffee", true)
		hash := store.HashOf(p.cookies["offlane_device"].Value)
		forget := p.keeps()
		var all sync.WaitGroup
		all.Go(func() { forget.ask("DELETE", wire.PathDevice, nil) })
		p.together(4, false)
		all.Wait()
		require.NoError(t, d.store.View(t.Context(), func(tx store.Tx) error {
			linked, err := tx.DeviceOffers(hash, 0, 100)
			assert.Empty(t, linked)
			return err
		}))
	}
}

// A secret that the server did not make is none, so that nobody can plant one that he knows.
func TestAPlantedSecretIsNone(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	p := d.phone()
	own := p.accept("coffee", true)
	real := p.cookies["offlane_device"].Value
	planted, other := strings.Repeat("A", 48), "A"
	if real[0] == 'A' {
		other = "B"
	}
	for _, secret := range []string{planted, strings.ToLower(real), real[1:] + other, other + real[1:]} {
		victim := d.phone()
		victim.cookies["offlane_device"] = &http.Cookie{Name: "offlane_device", Value: secret}
		victim.accept("coffee", true)
		assert.NotEqual(t, secret, victim.cookies["offlane_device"].Value, "it gets one of its own")
		thief := d.phone()
		thief.cookies["offlane_device"] = &http.Cookie{Name: "offlane_device", Value: secret}
		assert.Empty(t, thief.listed().Offers, "and whoever planted sees nothing")
		for _, c := range []struct {
			method, path string
			body         any
		}{{"PUT", wire.PathConsent, wire.Consent{Personal: true}}, {"DELETE", wire.PathDevice, nil}} {
			thief.cookies["offlane_device"] = &http.Cookie{Name: "offlane_device", Value: secret}
			assert.Less(t, thief.ask(c.method, c.path, c.body).Code, 300)
		}
	}
	assert.Equal(t, []wire.DeviceOffer{own}, p.listed().Offers)
	again, err := backend.New(t.Context(), backend.Config{Store: d.store, Now: func() time.Time { return d.now() }})
	require.NoError(t, err)
	d.server = again
	assert.Len(t, p.listed().Offers, 1, "another process of the same store recognises them")
}

func TestCookiesBelongToThisHostAlone(t *testing.T) {
	for name, over := range map[string]func(*backend.Config){
		"TLS": nil, "a proxy that ends TLS": func(c *backend.Config) { c.SecureCookies = true },
	} {
		d := newDesk(t)
		if over != nil {
			d = newDesk(t, over)
		}
		d.campaign(coffee)
		ask := func(method, path, body string, cookies ...*http.Cookie) *httptest.ResponseRecorder {
			address := path
			if over == nil {
				address = "https://backend.example" + path
			}
			r := httptest.NewRequest(method, address, strings.NewReader(body))
			for _, c := range cookies {
				r.AddCookie(c)
			}
			w := httptest.NewRecorder()
			d.server.ServeHTTP(w, r)
			return w
		}
		got := ask("POST", wire.PathDeviceOffers, `{"campaign":"coffee","personal":true}`).Result().Cookies()
		require.Len(t, got, 2, name)
		var plain []*http.Cookie
		paths := map[string]string{"__Host-offlane_device": "/", "__Secure-offlane_held": "/v1/device/held/0"}
		for _, c := range got {
			assert.Equal(t, paths[c.Name], c.Path, "%s: the path of %s", name, c.Name)
			assert.True(t, c.Secure && c.HttpOnly && c.Domain == "" && c.SameSite == http.SameSiteLaxMode, "%s: %s", name, c)
			_, bare, _ := strings.Cut(c.Name, "-")
			plain = append(plain, &http.Cookie{Name: bare, Value: c.Value})
		}
		var held wire.DeviceOffers
		require.NoError(t, json.Unmarshal(ask("GET", wire.PathDeviceOffers, "", got...).Body.Bytes(), &held))
		assert.Len(t, held.Offers, 1, name)
		require.NoError(t, json.Unmarshal(ask("GET", wire.PathDeviceOffers, "", plain...).Body.Bytes(), &held))
		assert.Empty(t, held.Offers, "%s: a cookie without the prefix may be from another host of the domain", name)
		for _, c := range ask("DELETE", wire.PathDevice, "", got...).Result().Cookies() {
			assert.True(t, paths[c.Name] == c.Path && c.MaxAge < 0 && c.Secure, c.String())
		}
	}
	d := newDesk(t)
	d.campaign(coffee)
	p := d.phone()
	p.accept("coffee", false)
	assert.Contains(t, p.cookies, "offlane_device", "without TLS, as on loopback, no browser takes the prefix")
}

func TestADeviceAcceptsABoundedNumber(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "c"})
	p := d.phone()
	p.accept("c", false)
	hash := store.HashOf(p.cookies["offlane_device"].Value)
	require.NoError(t, d.store.Update(t.Context(), func(tx store.Tx) error {
		row, err := tx.Device(hash)
		require.NoError(t, err)
		row.Accepted = 9_999
		return tx.PutDevice(*row)
	}))
	p.accept("c", false)
	assert.Equal(t, string(fault.OutOfOffers), codeOf(t, p.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "c"})))
	require.Equal(t, http.StatusNoContent, p.ask("DELETE", wire.PathDevice, nil).Code)
	p.accept("c", false)
}

// What was never used goes once nobody can still come with it; what was used stays, and so does what may still come.
func TestTidyRemovesOffersThatNobodyUsed(t *testing.T) {
	d, db := onDisk(t)
	d.campaign(wire.Campaign{ID: "c", ValidSeconds: 24 * 3600})
	p, other := d.phone(), d.phone()
	unused, used := p.accept("c", true), other.accept("c", true)
	lane := d.till("s-1", "7")
	late := lane.redemption(p.accept("c", false).Pass) // which is reported as late as can be
	redemption := lane.redemption(used.Pass)
	require.Equal(t, record.Confirmed, lane.verdict(redemption).Status)
	require.Equal(t, record.Confirmed, lane.verdict(lane.void(redemption.ID)).Status)
	ids := func(o wire.DeviceOffer) string {
		presented, err := offer.Parse(o.Pass)
		require.NoError(t, err)
		return string(presented.ID[:])
	}
	tidy := func() backend.Tidied {
		done, err := d.server.Tidy(t.Context())
		require.NoError(t, err)
		return done
	}
	day := 24 * time.Hour
	start := d.now()
	for _, after := range []time.Duration{0, day, 32 * day, 63 * day} { // its end, 31 days alone and 31 days late
		d.set(start.Add(after))
		assert.Equal(t, backend.Tidied{}, tidy(), "%v after it was accepted", after)
	}
	require.Equal(t, record.Confirmed, lane.verdict(late).Status, "whoever comes that late is judged")
	ledger := d.ledger("c", "")
	d.set(start.Add(63*day + time.Millisecond))
	assert.Equal(t, backend.Tidied{Offers: 1}, tidy())
	assert.Empty(t, holds(t, db, ids(unused)), "it is in no table")
	assert.NotEmpty(t, holds(t, db, ids(used)), "one that was used and taken back stays")
	assert.Equal(t, ledger, d.ledger("c", ""), "the books stay")
	assert.Len(t, p.listed().Offers, 1)
	assert.Equal(t, backend.Tidied{}, tidy())
}

func TestTidyIsBounded(t *testing.T) {
	d := newDesk(t, func(c *backend.Config) { c.LongestAlone, c.LateReports = time.Hour, time.Hour })
	require.NoError(t, d.store.Update(t.Context(), func(tx store.Tx) error {
		for range 10_001 {
			if err := tx.AddOffer(store.Offer{ID: offer.NewID(), Campaign: "c", NotAfter: 1, MaxUses: 1}); err != nil {
				return err
			}
		}
		return nil
	}))
	for _, want := range []backend.Tidied{{Offers: 10_000, More: true}, {Offers: 1}, {}} {
		done, err := d.server.Tidy(t.Context())
		require.NoError(t, err)
		assert.Equal(t, want, done)
	}
}

// The names of operators and managers go with the records that terminals signed; what is booked stays, and the same
// report again changes nothing.
func TestNamesOfOperatorsAreKeptForATime(t *testing.T) {
	for name, c := range map[string]struct{ retention, after time.Duration }{
		"as long as is set": {30 * 24 * time.Hour, 30 * 24 * time.Hour}, "400 days": {0, 400 * 24 * time.Hour},
		"for ever": {-1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			d, db := onDisk(t)
			d.set(d.now().Add(time.Hour))
			server, err := backend.New(t.Context(), backend.Config{Store: d.store, Retention: c.retention,
				Now: func() time.Time {
					return d.now()
				},
				Merchants: []backend.Merchant{{Name: "m-1", Key: managementKey}}, Limits: backend.Limits{PerSecond: -1,
					AcceptBurst: -1}})
			require.NoError(t, err)
			d.server = server
			d.campaign(coffee)
			lane := d.till("s-1", "7")
			person := func(r *record.Record) {
				r.Sale.Operator = "Olga Operator"
				r.Override = &record.Override{Manager: "Max Manager", Why: "Wanda's wish", Reasons: []fault.Code{fault.Unproven}}
			}
			sold := lane.redemption(d.phone().accept("coffee", false).Pass, person)
			waits := lane.void(record.NewID(), person)
			report := lane.seal(sold, waits)
			first := lane.send(report)
			people := func() (tables []string) {
				for _, who := range []string{"Olga Operator", "Max Manager", "Wanda's wish"} {
					tables = append(tables, holds(t, db, who)...)
				}
				return tables
			}
			tidy := func() int {
				done, err := d.server.Tidy(t.Context())
				require.NoError(t, err)
				return done.Records
			}
			d.set(d.now().Add(c.after))
			require.NotEmpty(t, people())
			assert.Zero(t, tidy(), "not before its time")
			d.set(d.now().Add(time.Millisecond))
			if c.retention < 0 {
				d.set(d.now().Add(100 * 365 * 24 * time.Hour))
				assert.Zero(t, tidy())
				return
			}
			books := d.books("coffee", "EUR")
			d.set(d.now().Add(2 * 24 * time.Hour)) // what the void waits for can no longer come; its till is not heard of again
			assert.Equal(t, 2, tidy())
			assert.Empty(t, people(), "nobody's name is left")
			assert.Equal(t, books.Given, d.books("coffee", "EUR").Given, "the books stay")
			lane.after = 0
			again := lane.send(report)
			assert.Equal(t, first.Items[0], again.Items[0], "the same report again has the same verdict")
			assert.Empty(t, people(), "and brings nothing back")
			assert.Zero(t, tidy())
			assert.Equal(t, record.Confirmed, lane.verdict(lane.void(sold.ID)).Status, "what was booked can be taken back")
		})
	}
}
