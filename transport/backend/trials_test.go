package backend_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/internal/effect"
	"github.com/offlane/offlane/transport/backend/memstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

const day = 24 * time.Hour

// trialDays is how long a trial goes on where the campaign does not say.
const trialDays = 30 * day

// An eligible is a device that could be answered with the campaign "second", and whether it was.
type eligible struct {
	*phone
	answered bool
}

// enters has a new device redeem an offer of the campaign "first" and come back.
func (d *desk) enters(lane *till) eligible {
	d.t.Helper()
	p := d.phone()
	accepted := read[wire.DeviceOffer](d.t, p.ask("POST", wire.PathDeviceOffers, wire.Accept{Campaign: "first",
		Personal: true, Measurement: true, Text: "v1"}), http.StatusCreated)
	require.Equal(d.t, record.Confirmed, lane.verdict(lane.redemption(accepted.Pass)).Status)
	return eligible{p, p.answer("second") != nil}
}

// enter has devices enter until there is one of each arm.
func (d *desk) enter(lane *till) (answered, heldOut eligible) {
	d.t.Helper()
	for range 200 {
		if e := d.enters(lane); e.answered {
			answered = e
		} else {
			heldOut = e
		}
		if answered.phone != nil && heldOut.phone != nil {
			return answered, heldOut
		}
	}
	require.Fail(d.t, "200 devices are in one arm")
	return answered, heldOut
}

// tidy removes what is to be removed, and says what it was.
func (d *desk) tidy() backend.Tidied {
	d.t.Helper()
	done, err := d.server.Tidy(d.t.Context())
	require.NoError(d.t, err)
	return done
}

func TestAHeldOutDeviceIsShownTheCampaignNowhere(t *testing.T) {
	counted := &countedStore{Store: memstore.New()}
	d := newDesk(t, func(c *backend.Config) { c.Store = counted })
	d.answering(50)
	lane := d.till("s-1", "7")
	answered, heldOut := d.enter(lane)
	before := counted.updates.Load()
	for range 20 {
		shown := answered.answer("second")
		require.NotNil(t, shown)
		assert.Equal(t, "redeemed", shown.Why.Rule)
		assert.Nil(t, heldOut.answer("second"), "neither as an answer nor under New")
	}
	assert.Equal(t, before, counted.updates.Load(), "visits that show nothing new write nothing")
	d.set(d.now().Add(trialDays - time.Minute))
	assert.Nil(t, heldOut.answer("second"), "to the last of its days")
	d.set(d.now().Add(time.Minute))
	assert.NotNil(t, heldOut.answer("second"), "then it is as any other")
	trial := d.effect("second").Trial
	require.NotNil(t, trial)
	assert.Equal(t, wire.SaysTooLittle, trial.Redeemed.Says)
	assert.Equal(t, trial.HeldOut.Eligible, trial.HeldOut.Open, "late reports are waited for")
}

func TestADeviceEntersATrialOnce(t *testing.T) {
	d := newDesk(t)
	d.answering(50)
	d.campaign(wire.Campaign{ID: "other", FollowUps: []wire.FollowUp{{Offer: "second"}}})
	lane := d.till("s-1", "7")
	_, heldOut := d.enter(lane)
	first := d.effect("second").Trial
	heldOut.redeems(lane, "other")
	assert.Nil(t, heldOut.answer("second"), "nor because of another campaign's redemption")
	d.set(d.now().Add(trialDays + 4*day))
	assert.EqualValues(t, first.Answered.Eligible+first.HeldOut.Eligible, d.tidy().Trials)
	heldOut.redeems(lane, "other")
	assert.NotNil(t, heldOut.answer("second"))
	assert.Equal(t, [2]int64{first.Answered.Eligible, first.HeldOut.Eligible}, d.eligible(), "it entered once")
	assert.Zero(t, d.tidy().Trials, "and is counted once")

	silent := d.phone() // was answered before its customer agreed to measurement
	silent.redeems(lane, "first")
	require.NotNil(t, silent.answer("second"))
	silent.consents(measured)
	d.set(d.now().Add(day))
	require.NotNil(t, silent.answer("second"))
	assert.Equal(t, [2]int64{first.Answered.Eligible, first.HeldOut.Eligible}, d.eligible(), "it enters no trial")
}

// eligible is how many devices are in the arms of the campaign "second".
func (d *desk) eligible() [2]int64 {
	d.t.Helper()
	trial := d.effect("second").Trial
	return [2]int64{trial.Answered.Eligible, trial.HeldOut.Eligible}
}

func TestOnlyWhatWasDoneInTheTrialsDaysCounts(t *testing.T) {
	d := newDesk(t)
	d.answering(50)
	lane := d.till("s-1", "7")
	answered, heldOut := d.enter(lane)
	d.set(d.now().Add(trialDays - time.Hour))
	early := answered.accept("second", false)
	late := heldOut.accept("second", false) // by a link, say
	require.Equal(t, record.Confirmed, lane.verdict(lane.redemption(early.Pass)).Status)
	d.set(d.now().Add(2 * time.Hour))
	heldOut.accept("second", false)
	require.Equal(t, record.Confirmed, lane.verdict(lane.redemption(late.Pass)).Status)
	assert.Zero(t, d.tidy().Trials, "late reports are waited for")
	d.set(d.now().Add(3 * day))
	assert.Positive(t, d.tidy().Trials)
	trial := d.effect("second").Trial
	assert.EqualValues(t, 1, trial.Answered.Accepted)
	assert.EqualValues(t, 1, trial.Answered.Redeemed)
	assert.EqualValues(t, 1, trial.HeldOut.Accepted, "the acceptance was in time")
	assert.EqualValues(t, 0, trial.HeldOut.Redeemed, "the redemption was not")
	assert.Zero(t, trial.Answered.Open+trial.HeldOut.Open)
}

func TestAVoidAfterTheClickTakesTheRedemptionBack(t *testing.T) {
	d := newDesk(t)
	d.answering(50)
	lane := d.till("s-1", "7")
	answered, _ := d.enter(lane)
	token := answered.answer("second").Token
	require.Equal(t, http.StatusNoContent, answered.happens(token, wire.EventClick).Code)
	o := answered.accept("second", false)
	redeemed := lane.redemption(o.Pass)
	require.Equal(t, record.Confirmed, lane.verdict(redeemed).Status)
	require.Equal(t, record.Confirmed, lane.verdict(lane.void(redeemed.ID)).Status)
	d.set(d.now().Add(trialDays + 4*day))
	d.tidy()
	trial := d.effect("second").Trial
	assert.EqualValues(t, 1, trial.Answered.Accepted)
	assert.Zero(t, trial.Answered.Redeemed, "what was taken back is no redemption")
	assert.EqualValues(t, 1, d.effect("first").Clicked, "the click stays")
}

// What an erased device did counts, what its passes do later does not, and nothing in the store names it.
func TestErasureInTheMiddleOfATrial(t *testing.T) {
	d, db := onDisk(t)
	d.answering(50)
	lane := d.till("s-1", "7")
	answered, heldOut := d.enter(lane)
	token := answered.answer("second").Token
	require.Equal(t, http.StatusNoContent, answered.happens(token, wire.EventSeen).Code)
	done, later := answered.accept("second", false), heldOut.accept("second", false)
	require.Equal(t, record.Confirmed, lane.verdict(lane.redemption(done.Pass)).Status)
	eligible := d.eligible()
	for _, p := range []*phone{answered.phone, heldOut.phone} {
		secret := p.cookies["offlane_device"].Value
		hash := store.HashOf(secret)
		require.NotEmpty(t, holds(t, db, string(hash[:])))
		kept := p.keeps()
		require.Equal(t, http.StatusNoContent, p.ask("DELETE", wire.PathDevice, nil).Code)
		assert.Empty(t, holds(t, db, string(hash[:])), "nothing in the store names the device")
		assert.Empty(t, holds(t, db, secret))
		want := "forbidden" // it is the other one's token
		if p == answered.phone {
			want = "not-found"
		}
		assert.Equal(t, want, codeOf(t, kept.happens(token, wire.EventClick)), "a token is worth nothing")
	}
	require.Equal(t, record.Confirmed, lane.verdict(lane.redemption(later.Pass)).Status)
	trial := d.effect("second").Trial
	assert.Equal(t, wire.Arm{Eligible: eligible[0], Open: eligible[0] - 1, Accepted: 1, Redeemed: 1, Erased: 1},
		trial.Answered, "the outcome so far is in the sums")
	assert.Equal(t, wire.Arm{Eligible: eligible[1], Open: eligible[1] - 1, Accepted: 1, Erased: 1}, trial.HeldOut,
		"what its passes do later counts nowhere")
	d.set(d.now().Add(trialDays + 4*day))
	d.tidy()
	after := d.effect("second").Trial
	assert.Equal(t, trial.Answered.Redeemed, after.Answered.Redeemed, "nor once the others are counted")
	assert.Equal(t, trial.HeldOut.Redeemed, after.HeldOut.Redeemed)
	assert.EqualValues(t, 1, d.effect("first").Seen)
}

func TestTakingTheConsentBackEndsTheTrial(t *testing.T) {
	d, db := onDisk(t)
	d.answering(50)
	lane := d.till("s-1", "7")
	_, heldOut := d.enter(lane)
	heldOut.consents(wire.Consent{Personal: true})
	assert.NotNil(t, heldOut.answer("second"), "it is as any other")
	trial := d.effect("second").Trial
	assert.EqualValues(t, 1, trial.HeldOut.Erased)
	heldOut.consents(measured)
	heldOut.accept("second", false)
	d.set(d.now().Add(day))
	heldOut.visit()
	assert.Equal(t, [2]int64{trial.Answered.Eligible, trial.HeldOut.Eligible}, d.eligible(), "it enters no trial again")
	hash := store.HashOf(heldOut.cookies["offlane_device"].Value)
	require.NoError(t, d.store.View(t.Context(), func(tx store.Tx) error {
		rows, err := tx.Answers(hash)
		for _, row := range rows {
			assert.Nil(t, row.Trial, "%s: nothing of the trial is left", row.Name)
		}
		return err
	}))
	assert.NotEmpty(t, holds(t, db, string(hash[:])), "the device is")
}

func TestWhatWasKeptLongEnoughIsRemovedByPurpose(t *testing.T) {
	d := newDesk(t, func(c *backend.Config) { c.Kept = backend.Kept{Answers: 50 * day, Measurement: 10 * day} })
	d.answering(0)
	p, lane := d.phone(), d.till("s-1", "7")
	p.redeems(lane, "first")
	p.consents(measured)
	token := p.answer("second").Token
	p.happens(token, wire.EventSeen)
	row := func() *store.Answer {
		var rows []store.Answer
		require.NoError(t, d.store.View(t.Context(), func(tx store.Tx) (err error) {
			rows, err = tx.Answers(store.HashOf(p.cookies["offlane_device"].Value))
			return err
		}))
		if len(rows) == 0 {
			return nil
		}
		return &rows[0]
	}
	start := d.now()
	require.NotZero(t, row().Seen)
	d.set(start.Add(10*day - time.Second))
	d.tidy()
	assert.NotZero(t, row().Seen, "it is kept as long as it is said")
	d.set(start.Add(10 * day))
	assert.Zero(t, d.tidy().Answers, "the row is needed for caps")
	assert.Zero(t, row().Seen, "measurement ends before that")
	d.set(start.Add(51 * day))
	assert.Equal(t, 1, d.tidy().Answers, "it says what it removed")
	assert.Nil(t, row())
	assert.EqualValues(t, 1, d.effect("first").Seen, "sums stay")
	_, err := backend.New(t.Context(), backend.Config{Store: memstore.New(), Kept: backend.Kept{Answers: -1}})
	assert.ErrorContains(t, err, "Kept")
}

// A model draws what 2,000 devices do, and counts it: the backend, asked over HTTP, comes to the same counts.
func TestTheBackendCountsAsTheModelDoes(t *testing.T) {
	const devices, base, lift = 2000, 0.1, 0.15
	d := newDesk(t)
	d.answering(40)
	lane := d.till("s-1", "7")
	chance := rand.New(rand.NewPCG(18, 2000))
	var answered, heldOut wire.Arm
	for i := range devices {
		if i%100 == 0 {
			d.set(d.now().Add(time.Hour))
		}
		e := d.enters(lane)
		arm, rate := &heldOut, base
		if e.answered {
			arm, rate = &answered, base+lift
		}
		arm.Eligible++
		accepts, redeems, erased, voided := chance.Float64() < rate, chance.Float64() < 0.8, i%50 == 7, i%50 == 11
		if accepts {
			arm.Accepted++
			redemption := lane.redemption(e.accept("second", false).Pass)
			if redeems {
				require.Equal(t, record.Confirmed, lane.verdict(redemption).Status)
				if voided {
					require.Equal(t, record.Confirmed, lane.verdict(lane.void(redemption.ID)).Status)
				} else {
					arm.Redeemed++
				}
			} else {
				lane.number, lane.prev = lane.number-1, redemption.Prev // it did not happen
			}
		}
		if erased {
			arm.Erased++
			require.Equal(t, http.StatusNoContent, e.ask("DELETE", wire.PathDevice, nil).Code)
		}
	}
	open := answered.Eligible + heldOut.Eligible - answered.Erased - heldOut.Erased
	d.set(d.now().Add(trialDays + 4*day))
	assert.EqualValues(t, open, d.tidy().Trials)
	trial := d.effect("second").Trial
	require.NotNil(t, trial)
	assert.Equal(t, answered, trial.Answered, "those that were answered")
	assert.Equal(t, heldOut, trial.HeldOut, "those that were held out")
	share := float64(heldOut.Eligible) / devices
	assert.InDelta(t, 0.4, share, 0.06, "the share that is held out")
	want := effect.Compare(effect.Arm{Devices: answered.Eligible, Outcomes: answered.Redeemed},
		effect.Arm{Devices: heldOut.Eligible, Outcomes: heldOut.Redeemed})
	assert.Equal(t, wire.Difference{Estimate: want.Estimate, Low: want.Low, High: want.High, Says: wire.SaysMore},
		trial.Redeemed, fmt.Sprint(want))
}
