package pgstore_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport/backend/internal/booking"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
)

// A books books records of two terminals of one merchant, each in a transaction of its own.
type books struct {
	t         *testing.T
	now       time.Time
	rules     booking.Rules
	pass      offer.Pass // brought back with every record
	terminals [2]record.TerminalID
}

func newBooks(t *testing.T, st store.Store, campaign store.Campaign) *books {
	t.Helper()
	now := time.Now()
	b := &books{t: t, now: now, terminals: [2]record.TerminalID{record.NewTerminalID(), record.NewTerminalID()}}
	b.pass = offer.Pass{ID: offer.NewID(), Owner: merchant, Audience: []string{merchant}, Campaign: campaign.ID,
		IssuedAt: now.Add(-time.Hour), NotAfter: now.Add(time.Hour)}
	b.rules = booking.Rules{LongestAlone: time.Hour, Recover: func(string) (*offer.Pass, error) { return &b.pass, nil }}
	require.NoError(t, st.Update(t.Context(), func(tx store.Tx) error {
		campaign.Merchant = merchant
		err := tx.PutCampaign(campaign)
		for i, id := range b.terminals {
			err = errors.Join(err, tx.PutTerminal(store.Terminal{ID: id, Key: make([]byte, 32), Token: store.HashOf(id.String()),
				Place: record.Place{Merchant: merchant, Store: "s", Lane: string(rune('1' + i))}}))
		}
		return err
	}))
	return b
}

// book books a record of one of the terminals as the server does, and returns its verdict.
func (b *books) book(st store.Store, terminal int, rec record.Record) (v record.Verdict, err error) {
	now := b.now.UnixMilli()
	rec.Terminal, rec.Chain, rec.Number = b.terminals[terminal], record.NewChainID(), 1
	rec.Sale.Key = "sale"
	rec.Time = record.Evidence{Wall: now, Earliest: now - 1000, Latest: now, Trusted: true}
	raw, err := rec.Encode()
	if err != nil {
		return v, err
	}
	items := []record.Item{{Raw: raw, Hash: record.HashOf(raw), Name: rec.ID, Record: rec}}
	alone := false
	for range 5 {
		err = st.Update(b.t.Context(), func(tx store.Tx) error {
			if err := tx.LockMerchant(merchant, alone); err != nil {
				return err
			}
			row, err := tx.Terminal(b.terminals[terminal])
			if err != nil {
				return err
			}
			result, err := booking.Book(tx, &b.rules, &booking.Report{Now: now, Terminal: row, Sent: rec.Time, Items: items,
				Passes: []string{"the pass"}, Alone: alone})
			if err != nil {
				return err
			}
			v = result.Verdicts[0]
			return tx.PutTerminal(*row)
		})
		if alone = alone || errors.Is(err, booking.ErrAlone); !alone && !errors.Is(err, booking.ErrAgain) || err == nil {
			return v, err
		}
	}
	return v, err
}

// Two tills bring back an offer that the backend had issued before it was restored, one with its redemption and the
// other with a void that names nothing but the offer. Whoever was second went by what the store had said of an offer
// that was not there.
func TestAVoidMeetsTheRedemptionOfAnOfferThatAnotherTillBroughtBack(t *testing.T) {
	t.Parallel()
	plain, _ := openPlain(t)
	euro := record.Money{Amount: 100, Currency: "EUR"}
	for name, voidFirst := range map[string]bool{"the void was first": true, "the redemption was first": false} {
		t.Run(name, func(t *testing.T) {
			st := &interleaved{Store: plain, after: "Waiting"}
			b := newBooks(t, plain, store.Campaign{ID: name, Title: name})
			redemption := record.Record{ID: record.NewID(), Kind: record.Redemption, Offer: b.pass.ID, Given: euro}
			void := record.Record{ID: record.NewID(), Kind: record.Void, Offer: b.pass.ID, Given: euro}
			first, second := redemption, void
			if voidFirst {
				first, second = void, redemption
			}
			st.then = func() {
				_, err := b.book(plain, 0, first)
				require.NoError(t, err)
			}
			_, err := b.book(st, 1, second)
			require.NoError(t, err)
			require.NoError(t, plain.View(t.Context(), func(tx store.Tx) error {
				entries, err := tx.Entries([]record.ID{redemption.ID, void.ID})
				require.NoError(t, err)
				for _, e := range entries {
					assert.Equal(t, record.Confirmed, e.Verdict.Status, "neither waits for the other, which is there")
				}
				offers, err := tx.Offers([]offer.ID{b.pass.ID}, nil)
				require.Len(t, offers, 1, "the offer was taken up")
				assert.Empty(t, offers[0].Uses, "its use was given back")
				return err
			}))
		})
	}
}

// A budget was lowered while a coupon was booked: the booking went by the one before.
func TestACouponIsHeldToTheBudgetAsItIsUnderTheLock(t *testing.T) {
	t.Parallel()
	plain, _ := openPlain(t)
	const number = "9501234567891"
	coupon := store.Campaign{ID: "coupon", Title: "Coupon", Merchant: merchant, Coupon: number, Budget: 1000,
		Terms: terms.Terms{Kind: terms.AmountOff, Amount: 100, Currency: "EUR"}}
	b := newBooks(t, plain, coupon)
	require.NoError(t, plain.Update(t.Context(), func(tx store.Tx) error {
		var sums posting.Sums
		sums.Add(store.Tally{Campaign: coupon.ID, Day: "2026-11-01", Currency: "EUR", Redeemed: 5, Given: 500}, 1)
		return tx.Post(sums.Posting())
	}))
	st := &interleaved{Store: plain, after: "Campaigns", then: func() {
		require.NoError(t, plain.Update(t.Context(), func(tx store.Tx) error {
			c, err := tx.LockCampaign(coupon.ID)
			if err != nil {
				return err
			}
			c.Budget = 500
			return tx.PutCampaign(*c)
		}))
	}}
	v, err := b.book(st, 0, record.Record{ID: record.NewID(), Kind: record.Redemption, Coupon: "255:" + number,
		Given: record.Money{Amount: 100, Currency: "EUR"}})
	require.NoError(t, err)
	assert.Equal(t, record.Rejected, v.Status, "the lower budget was used up")
	assert.Equal(t, fault.OutOfOffers, v.Reason, v.Detail)
}
