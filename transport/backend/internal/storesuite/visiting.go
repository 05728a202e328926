package storesuite

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// How many campaigns a visit chooses from.
const fewCampaigns, manyCampaigns = 10, 5000

// VisitStores visits with a device of 20 redeemed offers, in a store of many campaigns and redemptions and in one of
// few campaigns, by turns with the same reads made directly on the first. It reports the 99th percentile of the visits
// as a multiple of both, by the clock and by the processor time of the thread: other programs of the machine are in the
// one and not in the other, as is a database that is another process. open returns empty stores.
func VisitStores(b *testing.B, open func() store.Store) {
	many, few := newVisitor(b, open(), manyCampaigns), newVisitor(b, open(), fewCampaigns)
	redeemMany(b, many.store, "other", *redemptions)
	took, used := map[string][]time.Duration{}, map[string][]time.Duration{}
	acts := map[string]func(){"many": many.visit, "few": few.visit, "direct": many.read}
	names := []string{"many", "few", "direct"}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for b.Loop() {
		for _, name := range names {
			start, before := time.Now(), threadTime()
			acts[name]()
			used[name] = append(used[name], threadTime()-before)
			took[name] = append(took[name], time.Since(start))
		}
		names = append(names[1:], names[0])
	}
	for unit, times := range map[string]map[string][]time.Duration{"": took, "cpu-": used} {
		p99 := func(name string) float64 { return float64(percentile(times[name], 99)) }
		if p99("direct") > 0 && p99("few") > 0 {
			b.ReportMetric(p99("many")/p99("direct"), unit+"p99×direct")
			b.ReportMetric(p99("many")/p99("few"), unit+"p99×few")
		}
		b.ReportMetric(p99("many")/1000, unit+"p99-µs")
	}
}

// A visitor is a device that comes back to a server.
type visitor struct {
	b       *testing.B
	store   store.Store
	server  *backend.Server
	cookies []*http.Cookie
	hash    store.Hash
}

func newVisitor(b *testing.B, st store.Store, campaigns int) *visitor {
	b.Helper()
	b.Cleanup(func() { st.Close() })
	err := st.Update(b.Context(), func(tx store.Tx) error {
		for i := range campaigns {
			c := store.Campaign{ID: fmt.Sprint("c-", i), Merchant: "m", Title: "C", State: "active", Created: 1,
				FollowUps: []store.FollowUp{{Ad: &store.Ad{ID: fmt.Sprint("a-", i), Title: "A"}}}}
			if err := tx.PutCampaign(c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	v := &visitor{b: b, store: st}
	v.server, _ = serve(b, st)
	for i := range held {
		w := v.ask("POST", wire.PathDeviceOffers, fmt.Sprintf(`{"campaign":"c-%d","personal":true}`, i%campaigns))
		if w.Code != http.StatusCreated {
			b.Fatal(w.Body)
		}
		if set := w.Result().Cookies(); i == 0 {
			v.cookies = set
		}
	}
	i := slices.IndexFunc(v.cookies, func(c *http.Cookie) bool { return c.Name == "offlane_device" })
	v.hash = store.HashOf(v.cookies[i].Value)
	v.redeemAll()
	v.visit() // which counts what is new to it
	return v
}

// redeemAll has all offers of the device look redeemed.
func (v *visitor) redeemAll() {
	v.b.Helper()
	err := v.store.Update(v.b.Context(), func(tx store.Tx) error {
		offers, err := tx.DeviceOffers(v.hash, 0, held)
		for i := range offers {
			use := redeemedOffer(i).Uses[0]
			use.Redeemed = time.Now().UnixMilli()
			offers[i].Uses = []store.Use{use}
		}
		if err != nil {
			return err
		}
		return tx.PutOffers(offers)
	})
	if err != nil {
		v.b.Fatal(err)
	}
}

func (v *visitor) ask(method, path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	v.server.ServeHTTP(w, r)
	return w
}

func (v *visitor) visit() {
	if w := v.ask("GET", wire.PathDeviceVisit, ""); w.Code != http.StatusOK ||
		!strings.Contains(w.Body.String(), `"rule":"redeemed"`) {
		v.b.Fatal(w.Body)
	}
}

// read makes the reads of a visit directly on the store.
func (v *visitor) read() {
	err := v.store.View(v.b.Context(), func(tx store.Tx) error {
		if _, err := tx.Setting("answers 1"); err != nil {
			return err
		}
		if _, err := tx.Device(v.hash); err != nil {
			return err
		}
		if _, err := tx.DeviceOffers(v.hash, 0, 10_000); err != nil {
			return err
		}
		_, err := tx.Answers(v.hash)
		return err
	})
	if err != nil {
		v.b.Fatal(err)
	}
}
