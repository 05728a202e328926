package storesuite

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// failedReads has every read of every method of a Tx fail once, in all that merchants, tills and customers ask for.
// Nothing is booked or answered then, and what is asked for again comes to what it would have come to.
func failedReads(t *testing.T, s store.Store) {
	reads := &injector{}
	w := newWorld(t, &Histories{Open: func(testing.TB) store.Store { return s }}, 20)
	w.served, w.reads = &failing{s, reads}, reads
	w.playFailing(t)
	if !*long {
		return // so few steps do not need every method
	}
	tx := reflect.TypeFor[store.Tx]()
	for i := range tx.NumMethod() {
		if m := tx.Method(i); m.Type.NumOut() > 1 || m.Name == "LockMerchant" {
			assert.Positive(t, reads.covered[m.Name], "a read by %s failed", m.Name)
		}
	}
}

// failingSteps is how many steps of a history are taken while reads fail.
func failingSteps() int {
	if *long {
		return 90
	}
	return 15
}

// playFailing takes steps of a history, and asks for everything else that a server is asked for.
func (w *world) playFailing(t *testing.T) {
	t.Helper()
	defer func() {
		switch p := recover().(type) {
		case nil:
		case *failure:
			t.Fatalf("%s\nafter\n%s", p, strings.Join(w.log, "\n"))
		default:
			panic(p)
		}
	}()
	w.begin()
	isCopied := func(s step) bool { return slices.Contains([]string{"backups", "restores", "ends of restores"}, s.name) }
	mayFail := slices.DeleteFunc(slices.Clone(steps), isCopied)
	for w.step = range failingSteps() {
		w.take(mayFail)
	}
	w.askAsTill()
	w.end()
	w.askAsCustomer()
	w.askAsMerchant()
	w.tidy()
}

// each does something with its first read failing, then with its second, and so on until none fails. do reports
// whether it was done: what a read fails in is not.
func (w *world) each(what string, do func() bool) {
	if w.reads == nil {
		do()
		return
	}
	for nth := 1; ; nth++ {
		w.reads.arm(nth)
		done := do()
		failed := w.reads.disarm()
		if len(w.reads.believed) > 0 {
			w.fail("%s: a transaction went on though a read by %s failed", what, w.reads.believed)
		}
		if failed == "" {
			return
		}
		if done {
			w.fail("%s: it was done though a read by %s failed", what, failed)
		}
	}
}

// isDone reports whether an answer says that something was done, or was refused for a reason that lies with whoever
// asks.
func isDone(answer *httptest.ResponseRecorder) bool {
	uploaded := strings.Contains(answer.Body.String(), `{"problem":`)
	return answer.Code < http.StatusInternalServerError && !uploaded
}

// askAsTill asks for trust bundles: for the first one, of another process, and for one that has changed. A newer one
// that cannot be made keeps no till from the one that there is.
func (w *world) askAsTill() {
	get := func() *httptest.ResponseRecorder {
		return w.sendOnce(w.server, "GET", wire.PathBundle, w.tills[0].token, nil)
	}
	for _, change := range []func(){func() {}, w.serve, w.revoke} {
		change()
		w.each("GET "+wire.PathBundle, func() bool {
			w.now = w.now.Add(time.Minute)
			get()
			return false
		})
		if answer := get(); answer.Code != http.StatusOK {
			w.fail("the bundle: %d: %s", answer.Code, answer.Body)
		}
	}
}

// askAsCustomer accepts offers with a device and asks for all that a device may.
func (w *world) askAsCustomer() {
	cookies := map[string]*http.Cookie{}
	ask := func(method, path string, body any) *httptest.ResponseRecorder {
		answer := w.send(w.server, method, path, "", body, slices.Collect(maps.Values(cookies))...)
		if answer.Code >= http.StatusBadRequest {
			w.fail("%s %s: %d: %s", method, path, answer.Code, answer.Body)
		}
		for _, c := range answer.Result().Cookies() {
			cookies[c.Name] = c
		}
		return answer
	}
	for range 2 {
		told := readAs[wire.DeviceOffer](w, ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "card", Personal: true,
			Click: &wire.Click{Platform: wire.PlatformECAPI, ID: "a", Text: "v1"}}))
		ask("GET", wire.PathDeviceOffers+"/"+told.Name+"/pass.txt", nil)
		w.takeUse(told.Pass)
	}
	ask("GET", wire.PathDeviceOffers, nil)
	ask("GET", strings.Replace(wire.PathHeld, "{slot}", "0", 1), nil)
	for range 2 { // the second visit has what the first one made, and another day counts again
		for _, shown := range readAs[wire.Visit](w, ask("GET", wire.PathDeviceVisit, nil)).Answers {
			if shown.Kind == "offer" {
				ask("POST", wire.PathDeviceEvents, wire.DeviceEvent{Token: shown.Token, Event: wire.EventDismiss})
			}
		}
		w.now = w.now.Add(24 * time.Hour)
	}
	ask("PUT", wire.PathConsent, wire.Consent{})
	ask("DELETE", wire.PathDevice, nil)
}

// takeUse has an offer look redeemed.
func (w *world) takeUse(pass string) {
	p, err := offer.Parse(pass)
	w.must(err)
	w.must(w.served.Update(w.t.Context(), func(tx store.Tx) error {
		known, err := tx.Offers([]offer.ID{p.ID}, nil)
		if err != nil {
			return err
		}
		known[0].Uses = []store.Use{{Place: record.Place{Merchant: "m-1"}, Redeemed: w.now.UnixMilli()}}
		return tx.PutOffers(known)
	}))
}

// askAsMerchant asks for all that a merchant may which the histories do not ask for.
func (w *world) askAsMerchant() {
	const merchant = "m-1"
	till := strings.NewReplacer("{id}", w.tills[1].id.String())
	ask := func(method, path string, body any) *httptest.ResponseRecorder {
		answer := w.send(w.server.Management(), method, path, managementKey(merchant), body)
		if answer.Code >= http.StatusBadRequest {
			w.fail("%s %s: %d: %s", method, path, answer.Code, answer.Body)
		}
		return answer
	}
	for _, path := range []string{wire.PathCampaigns, wire.PathCodes, wire.PathKeys, wire.PathGaps, wire.PathOperators,
		wire.PathLedger, wire.PathSettlements, wire.PathEffects, wire.PathExports,
		wire.PathRecords + "?day=" + utcDay(w.now.UnixMilli()),
		wire.PathRecords + "?terminal=" + w.tills[1].id.String(),
		wire.PathStatement + "?owner=m-1&partner=m-2&day=" + utcDay(w.now.Add(-48*time.Hour).UnixMilli()),
		wire.PathFlags, wire.PathAgreements, wire.PathTerminalList, wire.PathFigures} {
		ask("GET", path, nil)
	}
	ask("POST", wire.PathExports, wire.NewExport{Platform: wire.PlatformECAPI, Destination: "d"})
	code := readAs[wire.Code](w, ask("POST", wire.PathCodes, wire.NewCode{Store: "s-1", Terminal: w.tills[1].id}))
	ask("DELETE", strings.Replace(wire.PathCode, "{id}", code.ID, 1), nil)
	key := readAs[wire.ManagementKey](w, ask("POST", wire.PathKeys, wire.NewKey{Name: "another"}))
	ask("DELETE", strings.Replace(wire.PathKey, "{id}", key.ID, 1), nil)
	ask("PUT", till.Replace(wire.PathBlock), wire.NewBlock{Blocked: true})
	ask("PUT", till.Replace(wire.PathBlock), wire.NewBlock{})
	ask("PUT", till.Replace(wire.PathHubRole), wire.NewHubRole{MayHost: true})
	ask("DELETE", till.Replace(wire.PathForgotten), nil)
	// Nobody has the name, which the store says.
	w.send(w.server.Management(), "DELETE", strings.Replace(wire.PathOperator, "{operator}", "7", 1),
		managementKey(merchant), nil)
}

// tidy removes what is no longer needed, years later.
func (w *world) tidy() {
	w.now = w.now.Add(1000 * 24 * time.Hour)
	w.each("Tidy", func() bool {
		_, err := w.server.Tidy(w.t.Context())
		return err == nil
	})
}
