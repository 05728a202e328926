package storesuite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// alone is how long the histories' tills may work without their backend.
const alone = 48 * time.Hour

// A world is a backend, its tills, what customers hold, and the plain books that the backend must agree with.
type world struct {
	t     testing.TB
	h     *Histories
	rng   *rand.Rand
	now   time.Time
	store store.Store
	// served is the store as the server sees it; reads has its reads fail. nil: it is store, and none fails.
	served    store.Store
	reads     *injector
	server    *backend.Server
	root      offer.Key
	restored  backend.Period
	campaigns []wire.Campaign
	tills     []*till
	passes    []*pass
	books     *plainBooks
	backups   []*backup
	restores  int
	// deaf says that a restore was made of which the operator declared no period: verdicts may stay unheard.
	deaf bool
	// collides are the ids that two records have.
	collides map[record.ID]bool
	step     int
	log      []string
	tally    tally
}

// A pass is what a customer holds.
type pass struct {
	text     string
	id       offer.ID
	alias    string
	campaign *wire.Campaign
	// audience are the merchants that redeem it.
	audience []string
	// issued is when, cut to seconds as the pass says it; notAfter is when it ends. Milliseconds since 1970.
	issued, notAfter int64
}

func (p *pass) String() string {
	if p == nil {
		return "no offer"
	}
	return fmt.Sprintf("offer %x of %s", p.id[:3], p.campaign.ID)
}

// A backup is a copy of the store, with the books as they were.
type backup struct {
	store store.Store
	books *plainBooks
	at    time.Time
}

var merchants = []string{"m-1", "m-2", "m-3"}

// prefixes are the beginnings of the merchants' coupon numbers.
var prefixes = map[string][]string{"m-1": {"4054321"}, "m-2": {"4012345"}}

func managementKey(merchant string) string { return "management key of " + merchant }

func newWorld(t testing.TB, h *Histories, seed uint64) *world {
	t.Helper()
	w := &world{t: t, h: h, now: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC), tally: tally{},
		collides: map[record.ID]bool{}}
	w.rng = rand.New(rand.NewPCG(seed, 0))
	w.store = h.Open(t)
	w.served = w.store
	return w
}

// begin makes the agreements and the campaigns and enrols the tills.
func (w *world) begin() {
	w.books = newPlainBooks(w)
	w.serve()
	w.agree("m-1", "m-2")
	w.agree("m-2", "m-1")
	for _, c := range theCampaigns() {
		key := managementKey(c.Merchant)
		c.Merchant, c.Title = "", "Offer "+c.ID
		made := request[wire.Campaign](w, w.server.Management(), "POST", wire.PathCampaigns, key, c, http.StatusCreated)
		w.campaigns = append(w.campaigns, made)
	}
	for i := range w.campaigns {
		w.books.campaigns = append(w.books.campaigns, &w.campaigns[i])
	}
	for i, at := range theLanes {
		w.tills = append(w.tills, w.enrol(at, i))
	}
}

// theCampaigns differ in what the books depend on.
func theCampaigns() []wire.Campaign {
	euros := func(kind terms.Kind, amount, most int64, percent int) terms.Terms {
		return terms.Terms{Kind: kind, Amount: amount, Percent: percent, Cap: most, Currency: "EUR"}
	}
	const hour, day = 3600, 24 * 3600
	return []wire.Campaign{
		{ID: "once", Merchant: "m-1", Partners: []string{"m-2"}, ValidSeconds: day, Terms: euros(terms.AmountOff, 250, 0, 0)},
		{ID: "card", Merchant: "m-1", Uses: 4, OfflineUses: 4, ValidSeconds: 2 * day, FollowUps: []wire.FollowUp{
			{Ad: &wire.Ad{ID: "another", Title: "Another card"}, Cap: wire.Cap{Total: 1000}}}},
		{ID: "percent", Merchant: "m-2", ValidSeconds: day, Terms: euros(terms.PercentOff, 0, 0, 5000)},
		{ID: "capped", Merchant: "m-1", Uses: 3, OfflineUses: 1, ValidSeconds: 10 * hour,
			Terms: terms.Terms{Kind: terms.PercentOff, Percent: 2000, Cap: 300, Currency: "CHF"}},
		{ID: "budget", Merchant: "m-1", Partners: []string{"m-2"}, ValidSeconds: 3 * day, Budget: 2500, Currency: "EUR"},
		{ID: "coupon", Merchant: "m-2", Partners: []string{"m-1"}, ValidSeconds: day, Coupon: "4012345000009",
			Budget: 400, Currency: "USD"},
		{ID: "printed", Merchant: "m-1", Uses: 2, ValidSeconds: 12 * hour, Coupon: "4054321000009",
			Terms: terms.Terms{Kind: terms.AmountOff, Amount: 120, Currency: "USD"}},
		{ID: "stores", Merchant: "m-1", Stores: []string{"s-1"}, ValidSeconds: 8 * hour, Limit: 12,
			Terms: euros(terms.AmountOff, 90, 0, 0)},
	}
}

// serve starts a server on the store.
func (w *world) serve() {
	cfg := backend.Config{Store: w.served, LongestAlone: alone, Restored: w.restored,
		Now:    func() time.Time { return w.now },
		Limits: backend.Limits{PerSecond: -1, FailuresPerMinute: -1, AcceptBurst: -1}}
	for _, m := range merchants {
		cfg.Merchants = append(cfg.Merchants, backend.Merchant{Name: m, Key: managementKey(m), Prefixes: prefixes[m]})
	}
	w.each("New", func() bool {
		server, err := backend.New(w.t.Context(), cfg)
		if w.reads == nil {
			w.must(err)
		}
		w.server = server
		return err == nil
	})
}

func (w *world) close() {
	w.store.Close()
	for _, b := range w.backups {
		b.store.Close()
	}
}

// fail ends the life.
func (w *world) fail(format string, args ...any) {
	panic(&failure{fmt.Sprintf(format, args...)})
}

func (w *world) must(err error) {
	if err != nil {
		w.fail("%v", err)
	}
}

// logLength is how many steps a failure tells.
const logLength = 60

// note keeps what a step did for the case of a failure.
func (w *world) note(format string, args ...any) {
	line := fmt.Sprintf("%4d %s ", w.step, w.now.Format("02 15:04:05.000")) + fmt.Sprintf(format, args...)
	w.log = append(w.log, line)
	w.log = w.log[max(0, len(w.log)-logLength):]
}

// send sends a request to a handler without a socket.
func (w *world) send(h http.Handler, method, path, token string, body any, cookies ...*http.Cookie) (
	answer *httptest.ResponseRecorder,
) {
	w.each(method+" "+path, func() bool {
		answer = w.sendOnce(h, method, path, token, body, cookies...)
		return isDone(answer)
	})
	return answer
}

// sendOnce sends it whether or not reads fail.
func (w *world) sendOnce(h http.Handler, method, path, token string, body any,
	cookies ...*http.Cookie) *httptest.ResponseRecorder {
	raw, err := json.Marshal(body)
	w.must(err)
	r := httptest.NewRequest(method, path, bytes.NewReader(raw))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for _, c := range cookies {
		r.AddCookie(c)
	}
	answer := httptest.NewRecorder()
	h.ServeHTTP(answer, r)
	return answer
}

// request sends a request and reads the answer, which must have the status.
func request[T any](w *world, h http.Handler, method, path, token string, body any, status int) (v T) {
	answer := w.send(h, method, path, token, body)
	if answer.Code != status {
		w.fail("%s %s: %d: %s", method, path, answer.Code, answer.Body)
	}
	return readAs[T](w, answer)
}

func readAs[T any](w *world, answer *httptest.ResponseRecorder) (v T) {
	w.must(json.Unmarshal(answer.Body.Bytes(), &v))
	return v
}

// randomTime is a time of less than d.
func (w *world) randomTime(d time.Duration) time.Duration {
	return time.Duration(w.rng.Int64N(int64(d)))
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// one picks one of several.
func one[T any](rng *rand.Rand, of ...T) T { return of[rng.IntN(len(of))] }

// chance is true so often of a hundred times.
func (w *world) chance(percent int) bool { return w.rng.IntN(100) < percent }
