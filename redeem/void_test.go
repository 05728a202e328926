package redeem_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

func voided(t *testing.T, terminal *redeem.Terminal, req redeem.VoidRequest) redeem.Voided {
	t.Helper()
	v, err := terminal.Void(t.Context(), req)
	require.NoError(t, err)
	return v
}

func TestVoidNamesARedemptionInFourWays(t *testing.T) {
	for name, request := range map[string]func(redeem.Decision, string) redeem.VoidRequest{
		"id": func(d redeem.Decision, _ string) redeem.VoidRequest {
			return redeem.VoidRequest{Redemption: d.Redemption}
		},
		"sale key": func(redeem.Decision, string) redeem.VoidRequest { return redeem.VoidRequest{SaleKey: "sale"} },
		"receipt":  func(d redeem.Decision, _ string) redeem.VoidRequest { return redeem.VoidRequest{Receipt: d.Receipt} },
		"offer": func(_ redeem.Decision, scanned string) redeem.VoidRequest {
			return redeem.VoidRequest{Scanned: scanned}
		},
	} {
		t.Run(name, func(t *testing.T) {
			terminal := newShop(t).online(t)
			scanned := pass(t, nil)
			d := redeemed(t, terminal, scanned, "sale")
			require.Equal(t, redeem.Allow, redeemed(t, terminal, pass(t, nil), "another").Outcome)
			v := voided(t, terminal, request(d, scanned))
			assert.Equal(t, []record.ID{d.Redemption}, v.Redemptions)
			assert.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, "later").Outcome)
			assert.True(t, redeemed(t, terminal, pass(t, nil), "another").Outcome == redeem.Allow, "another offer is allowed")
		})
	}
}

// The receipt leads to the redemption by the index, however long the journal is; also after a restart.
func TestVoidFindsAReceiptAmongMany(t *testing.T) {
	shop := newShop(t)
	shop.dir, shop.disk = "till", &vfs.Memory{}
	terminal := shop.online(t)
	var wanted redeem.Decision
	for i := range 300 {
		d := redeemed(t, terminal, pass(t, nil), fmt.Sprint(i))
		if i == 100 {
			wanted = d
		}
	}
	require.NoError(t, terminal.Close())
	terminal = shop.open(t)
	typed := record.Receipt(strings.ToLower(strings.ReplaceAll(string(wanted.Receipt), "-", " ")))
	v := voided(t, terminal, redeem.VoidRequest{Receipt: typed})
	assert.Equal(t, []record.ID{wanted.Redemption}, v.Redemptions)
	assert.True(t, voided(t, terminal, redeem.VoidRequest{Receipt: wanted.Receipt}).Again,
		"a repeated call has the answer of the first")
}

func TestVoidOfAnotherTerminalsRedemptionGoesToTheBackend(t *testing.T) {
	id, receipt := offer.NewID(), record.NewID().Receipt()
	for name, request := range map[string]redeem.VoidRequest{
		"receipt": {Receipt: receipt}, "offer": {Scanned: id.Code()}, "id": {Redemption: record.NewID()},
	} {
		t.Run(name, func(t *testing.T) {
			shop := newShop(t)
			terminal := shop.online(t)
			_, err := terminal.Void(t.Context(), request)
			require.ErrorIs(t, err, fault.NotFound, "without a key")
			request.Key, request.Returned = "return-1", record.Money{Amount: 150, Currency: "EUR"}
			v := voided(t, terminal, request)
			require.Len(t, v.Voids, 1)
			again := voided(t, terminal, request)
			assert.True(t, again.Again, "the same call again")
			assert.Equal(t, v.Voids, again.Voids)
			require.NoError(t, terminal.ReportNow(t.Context()))
			void := shop.desk.booked[v.Voids[0]]
			assert.Equal(t, request.Redemption, void.Of)
			assert.Equal(t, request.Receipt, void.Receipt)
			assert.Equal(t, request.Scanned != "", void.Offer == id)
			assert.Equal(t, request.Returned, void.Given)
		})
	}
}

func TestVoidsTogetherTakeBackWhatWasGiven(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	euros := func(cents int64) record.Money { return record.Money{Amount: cents, Currency: "EUR"} }
	scanned := pass(t, nil)
	d, err := terminal.Redeem(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "s", Given: euros(500)})
	require.NoError(t, err)
	part := redeem.VoidRequest{Redemption: d.Redemption, Key: "r1", Partial: true, Returned: euros(200)}
	first := voided(t, terminal, part)
	assert.True(t, voided(t, terminal, part).Again, "the same return twice")
	part.Key = "r2"
	assert.False(t, voided(t, terminal, part).Again, "another return")
	part.Key = "r3"
	_, err = terminal.Void(t.Context(), part)
	assert.ErrorIs(t, err, fault.OverReturn, "more than is left")
	part.Returned = record.Money{Amount: 1, Currency: "CHF"}
	_, err = terminal.Void(t.Context(), part)
	assert.ErrorIs(t, err, fault.OverReturn, "another currency")
	assert.Equal(t, redeem.Refuse, redeemed(t, terminal, scanned, "later").Outcome, "parts give no use back")

	rest := voided(t, terminal, redeem.VoidRequest{Redemption: d.Redemption})
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, euros(200), shop.desk.booked[first.Voids[0]].Given)
	assert.True(t, shop.desk.booked[first.Voids[0]].Partial, "the record says that it is a part")
	assert.Equal(t, euros(100), shop.desk.booked[rest.Voids[0]].Given)
	assert.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, "later").Outcome)
}

func TestVoidRequestsThatCannotBe(t *testing.T) {
	terminal := newShop(t).online(t)
	for name, test := range map[string]struct {
		req  redeem.VoidRequest
		code fault.Code
	}{
		"nothing":          {redeem.VoidRequest{}, fault.InvalidRequest},
		"two names":        {redeem.VoidRequest{SaleKey: "a", Receipt: "b"}, fault.InvalidRequest},
		"long key":         {redeem.VoidRequest{SaleKey: "a", Key: string(make([]byte, 129))}, fault.InvalidRequest},
		"negative":         {redeem.VoidRequest{SaleKey: "a", Returned: record.Money{Amount: -1}}, fault.InvalidRequest},
		"no such receipt":  {redeem.VoidRequest{Receipt: "7K2F9-XR41M"}, fault.Mistyped},
		"no such offer":    {redeem.VoidRequest{Scanned: "no offer at all"}, fault.NotAnOffer},
		"no such sale":     {redeem.VoidRequest{SaleKey: "a", Key: "k"}, fault.NotFound},
		"coupon of no one": {redeem.VoidRequest{Scanned: gcn(""), Key: "k"}, fault.InvalidRequest},
	} {
		_, err := terminal.Void(t.Context(), test.req)
		assert.ErrorIs(t, err, test.code, name)
	}
	v := voided(t, terminal, redeem.VoidRequest{SaleKey: "a", Training: true})
	assert.True(t, v.Training, "it was training")
	assert.Zero(t, terminal.Status().Pending)
}

// The backend's filter was made while it knew of a redemption that this till has taken back since.
func TestOwnVoidOutranksTheFilter(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	id := offer.NewID()
	scanned := pass(t, func(p *offer.Pass) { p.ID = id })
	d := redeemed(t, terminal, scanned, "a")
	require.NoError(t, terminal.ReportNow(t.Context()))
	spent := func(sequence uint64) {
		t.Helper()
		require.NoError(t, terminal.InstallBundle(t.Context(), bundleOf(t, bundleWith(t, sequence, shop.clock.wall(), id))))
	}
	shop.clock.pass(time.Hour)
	spent(2)
	shop.clock.pass(time.Minute)
	voided(t, terminal, redeem.VoidRequest{Redemption: d.Redemption})
	check := func() redeem.Decision {
		t.Helper()
		d, err := terminal.Check(t.Context(), redeem.Request{Scanned: scanned, SaleKey: "b"})
		require.NoError(t, err)
		return d
	}
	assert.Equal(t, redeem.Allow, check().Outcome, "the backend has not heard of the void")
	shop.clock.pass(time.Hour)
	require.NoError(t, terminal.ReportNow(t.Context()))
	assert.Equal(t, redeem.Allow, check().Outcome, "the bundle is older than the void")
	spent(3)
	assert.True(t, check().Because(fault.RedeemedElsewhere), "the backend knew of the void and says spent")
}

// What this terminal's journal knows to be no redemption is not taken back, also where a key would have the backend
// look.
func TestOnlyARedemptionIsVoided(t *testing.T) {
	shop := newShop(t)
	terminal := shop.online(t)
	scanned := pass(t, nil)
	held := reserved(t, terminal, scanned, "a", time.Hour)
	d := gave(t, terminal, "o", euros(100))
	part := voided(t, terminal, redeem.VoidRequest{Redemption: d.Redemption, Partial: true, Returned: euros(10)})
	changed := corrected(t, terminal, redeem.CorrectRequest{Redemption: d.Redemption, Given: euros(50)})
	pending := terminal.Status().Pending
	for name, id := range map[string]record.ID{"reservation": held.Reservation, "void": part.Voids[0],
		"correction": changed.Corrections[0]} {
		for _, key := range []string{"", "return of a " + name} {
			_, err := terminal.Void(t.Context(), redeem.VoidRequest{Redemption: id, Key: key})
			assert.ErrorIs(t, err, fault.NotFound, "a %s, key %q", name, key)
		}
	}
	assert.Equal(t, pending, terminal.Status().Pending, "nothing is written")
	assert.Equal(t, "refuse reserved", redeemed(t, terminal, scanned, "b").String(), "the reservation holds")
	assert.Equal(t, redeem.Allow, redeemed(t, terminal, scanned, "a").Outcome, "and is completed")
}
