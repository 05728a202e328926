package storesuite

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// How many devices come at once, and what they find: fewer offers and answers than there are devices.
const (
	shoppers     = 32
	limited      = 20 // of one campaign
	reserved     = 10 // for which the budget of another is enough
	perShopper   = 2  // of a third
	shownInTotal = 12 // of one answer
)

// A Shopping is backends that share a store, at which devices accept and visit at the same moment.
type Shopping struct {
	// Store is what they share, and Merchant is one of theirs.
	Store    store.Store
	Merchant string
	// Addresses are where they listen.
	Addresses []string
}

// Run has the devices come, and holds what they got to every limit, cap and budget.
func (s *Shopping) Run(t *testing.T, server *backend.Server) {
	coffee := terms.Terms{Kind: terms.AmountOff, Amount: 100, Currency: "EUR"}
	ad := func(id string, limit wire.Cap) wire.FollowUp {
		return wire.FollowUp{Campaign: "all", Ad: &wire.Ad{ID: id, Title: id}, Cap: limit}
	}
	for _, c := range []wire.Campaign{
		{ID: "all", Title: "All", FollowUps: []wire.FollowUp{ad("few", wire.Cap{Total: shownInTotal}),
			ad("once", wire.Cap{Times: 1})}},
		{ID: "limited", Title: "Limited", Limit: limited},
		{ID: "reserved", Title: "Reserved", Terms: coffee, Budget: 100 * reserved, Reserve: true},
		{ID: "each", Title: "Each", PerDevice: perShopper},
	} {
		_, err := server.AddCampaign(t.Context(), s.Merchant, c)
		require.NoError(t, err, c.ID)
	}
	for _, check := range []func(*testing.T){s.accept, s.acceptOnOne, s.visit} {
		check(t)
	}
}

// A shopper is a device with a bearer secret, which goes to the backends by turns.
type shopper struct {
	*Shopping
	secret string
	calls  int
}

func (d *shopper) ask(t *testing.T, method, path string, body, into any) int {
	raw, err := json.Marshal(body)
	assert.NoError(t, err)
	d.calls++
	address := d.Addresses[d.calls%len(d.Addresses)]
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+address+path, bytes.NewReader(raw))
	if !assert.NoError(t, err) {
		return 0
	}
	if d.secret != "" {
		r.Header.Set("Authorization", "Bearer "+d.secret)
	}
	answer, err := http.DefaultClient.Do(r)
	if !assert.NoError(t, err) {
		return 0
	}
	defer answer.Body.Close()
	if answer.StatusCode < 300 {
		assert.NoError(t, json.NewDecoder(answer.Body).Decode(into), path)
	}
	return answer.StatusCode
}

// take accepts an offer and reports whether there was one.
func (d *shopper) take(t *testing.T, campaign string) bool {
	var told wire.DeviceOffer
	status := d.ask(t, http.MethodPost, wire.PathDeviceOffers,
		wire.Accept{Campaign: campaign, Personal: true, Bearer: true}, &told)
	if told.Secret != "" {
		d.secret = told.Secret
	}
	if status != http.StatusCreated {
		assert.Equal(t, http.StatusConflict, status, "an offer is there, or it is out of offers")
	}
	return status == http.StatusCreated
}

// runAtOnce has as many devices as there are do something at the same moment.
func (s *Shopping) runAtOnce(do func(i int, d *shopper)) {
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range shoppers {
		all.Go(func() {
			<-begin
			do(i, &shopper{Shopping: s, calls: i})
		})
	}
	close(begin)
	all.Wait()
}

func (s *Shopping) accept(t *testing.T) {
	var ofLimited, ofReserved atomic.Int64
	s.runAtOnce(func(_ int, d *shopper) {
		for range 2 {
			if d.take(t, "limited") {
				ofLimited.Add(1)
			}
			if d.take(t, "reserved") {
				ofReserved.Add(1)
			}
		}
	})
	assert.EqualValues(t, limited, ofLimited.Load(), "as many as the limit lets")
	assert.EqualValues(t, reserved, ofReserved.Load(), "as many as the budget bears")
	view(t, s.Store, func(tx store.Tx) error {
		c, err := tx.Campaign("limited")
		require.NoError(t, err)
		assert.EqualValues(t, limited, c.Accepted, "the campaign counts what was accepted")
		spent, err := tx.Spent("reserved", "EUR", posting.DayOf(time.Now().UnixMilli()))
		assert.EqualValues(t, 100*reserved, posting.Usage(spent), "the ledger owes what was accepted")
		return err
	})
}

// acceptOnOne has one device accept at once as often as there are devices.
func (s *Shopping) acceptOnOne(t *testing.T) {
	one := &shopper{Shopping: s}
	require.True(t, one.take(t, "all"), "it has a secret now")
	var taken atomic.Int64
	s.runAtOnce(func(_ int, d *shopper) {
		if d.secret = one.secret; d.take(t, "each") {
			taken.Add(1)
		}
	})
	assert.EqualValues(t, perShopper, taken.Load(), "as many as one device may have")
}

// visit has devices whose offer was redeemed come back at once, each several times, and one of them everywhere at once.
func (s *Shopping) visit(t *testing.T) {
	devices := make([]*shopper, shoppers)
	for i := range devices {
		devices[i] = &shopper{Shopping: s, calls: i}
		require.True(t, devices[i].take(t, "all"), "the campaign has no limit")
		s.redeem(t, devices[i])
	}
	var few atomic.Int64
	s.runAtOnce(func(i int, _ *shopper) {
		sees := false
		for range 3 {
			sees = devices[i].sees(t, "few")
		}
		if sees {
			few.Add(1)
		}
	})
	assert.EqualValues(t, shownInTotal, few.Load(), "so many devices are shown it, each as often as it comes")
	one := &shopper{Shopping: s}
	require.True(t, one.take(t, "all"), "the campaign has no limit")
	s.redeem(t, one)
	s.runAtOnce(func(_ int, d *shopper) {
		d.secret = one.secret
		assert.True(t, d.sees(t, "once"), "what was shown today is shown all day")
	})
	view(t, s.Store, func(tx store.Tx) error {
		times, err := tx.ShownInAll("all/0")
		assert.EqualValues(t, shownInTotal, times, "the store counts it once a device")
		answers, err2 := tx.Answers(store.HashOf(one.secret))
		require.NoError(t, err2)
		for _, a := range answers {
			assert.Equal(t, 1, a.Times, "%s counts once, however many visits there are at once", a.Name)
		}
		tallies, err3 := tx.Tallies([]string{"all"}, "", "")
		require.NoError(t, err3)
		var shown int64
		for _, tally := range tallies {
			shown += tally.Shown
		}
		assert.EqualValues(t, shownInTotal+shoppers+1, shown, "the figures have each answer once a device")
		return err
	})
}

// redeem has the offers of a device look redeemed.
func (s *Shopping) redeem(t *testing.T, d *shopper) {
	update(t, s.Store, func(tx store.Tx) error {
		offers, err := tx.DeviceOffers(store.HashOf(d.secret), 0, shoppers)
		require.NotEmpty(t, offers, "the device has offers")
		for i := range offers {
			offers[i].Uses = []store.Use{{Record: record.NewID(), Redeemed: time.Now().UnixMilli(),
				Place: record.Place{Merchant: s.Merchant, Store: "s-1"}}}
		}
		if err != nil {
			return err
		}
		return tx.PutOffers(offers)
	})
}

// sees visits and reports whether an ad is shown.
func (d *shopper) sees(t *testing.T, ad string) bool {
	var told wire.Visit
	status := d.ask(t, http.MethodGet, wire.PathDeviceVisit, nil, &told)
	assert.Equal(t, http.StatusOK, status, fmt.Sprint(told))
	for _, a := range told.Answers {
		if a.ID == ad {
			return true
		}
	}
	return false
}
