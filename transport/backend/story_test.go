package backend_test

import (
	"bytes"
	"encoding/csv"
	"image/png"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/wire"
)

var coffee = wire.Campaign{
	ID: "coffee", Title: "A free coffee", Category: "drinks",
	Terms:     terms.Terms{Kind: terms.AmountOff, Amount: 250, Currency: "EUR"},
	FollowUps: []wire.FollowUp{{Offer: "cake", Priority: 5}, {Ad: &wire.Ad{ID: "beans", Title: "Beans for home"}}},
}

func TestTheFiveSteps(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	d.campaign(wire.Campaign{ID: "cake", Title: "A piece of cake"})
	p := d.phone()
	accepted := p.accept("coffee", true)
	for _, c := range p.cookies {
		assert.True(t, c.HttpOnly && c.SameSite == http.SameSiteLaxMode && c.MaxAge == 365*24*3600, c.Name)
	}
	assert.Empty(t, p.visit().Matches, "nothing was redeemed yet")

	picture, err := png.Decode(p.ask("GET", wire.PathDeviceOffers+"/"+accepted.Name+"/pass.png", nil).Body)
	require.NoError(t, err)
	symbols, err := (&barcode.Scanner{}).Scan(t.Context(), picture)
	require.NoError(t, err)
	require.Len(t, symbols, 1)

	lane := d.till("s-1", "7")
	v := lane.verdict(lane.redemption(symbols[0].Text))
	assert.Equal(t, record.Confirmed, v.Status, v.Detail)

	visit := p.visit()
	require.Len(t, visit.Matches, 1)
	assert.Equal(t, lane.place, visit.Matches[0].Place)
	assert.Equal(t, accepted.Name, visit.Matches[0].Offer)
	require.Len(t, visit.Answers, 2)
	assert.Equal(t, "cake", visit.Answers[0].ID)
	assert.Equal(t, wire.Why{Rule: "redeemed", Offer: accepted.Name, Campaign: "coffee",
		Text: "Because you redeemed “A free coffee” at s-1"}, visit.Answers[0].Why)
	assert.Equal(t, "beans", visit.Answers[1].ID)
	held := read[wire.DeviceOffers](t, p.ask("GET", wire.PathDeviceOffers, nil), http.StatusOK)
	assert.Equal(t, wire.StateRedeemed, held.Offers[0].State)
}

func TestCookiesAreSecureOverHTTPS(t *testing.T) {
	d := newDesk(t, func(c *backend.Config) { c.SecureCookies = true })
	d.campaign(coffee)
	p := d.phone()
	p.accept("coffee", false)
	require.Len(t, p.cookies, 2)
	for _, c := range p.cookies {
		assert.True(t, c.Secure, c.Name)
	}
}

func TestAMatchNeedsIdentifierSecretAndConsent(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	p, silent := d.phone(), d.phone()
	accepted := p.accept("coffee", true)
	lane := d.till("s-1", "7")
	require.Equal(t, record.Confirmed, lane.verdict(lane.redemption(accepted.Pass)).Status)
	require.Equal(t, record.Confirmed, lane.verdict(lane.redemption(silent.accept("coffee", false).Code)).Status)
	require.Len(t, p.visit().Matches, 1)

	thief := d.phone()
	presented, err := offer.Parse(accepted.Pass)
	require.NoError(t, err)
	thief.cookies["offlane_held"] = &http.Cookie{Name: "offlane_held", Value: presented.ID.Code()}
	thief.cookies["offlane_device"] = &http.Cookie{Name: "offlane_device", Value: strings.Repeat("A", 43)}
	assert.Empty(t, thief.visit().Matches, "the identifier alone, as a photographed pass has it, opens nothing")
	w := thief.ask("GET", wire.PathDeviceOffers+"/"+accepted.Name+"/pass.txt", nil)
	assert.Equal(t, "not-found", codeOf(t, w))

	assert.Empty(t, silent.visit().Matches, "nobody agreed")
	for _, answer := range silent.visit().Answers {
		assert.NotEqual(t, "redeemed", answer.Why.Rule)
	}
	agreed := func() bool {
		return read[wire.DeviceOffers](t, silent.ask("GET", wire.PathDeviceOffers, nil), http.StatusOK).Personal
	}
	assert.False(t, agreed(), "nobody agreed")
	require.Equal(t, http.StatusOK, silent.ask("PUT", wire.PathConsent, wire.Consent{Personal: true}).Code)
	assert.True(t, agreed(), "a device that forgot what it was told can ask")
	assert.Len(t, silent.visit().Matches, 1)
	require.Equal(t, http.StatusOK, silent.ask("PUT", wire.PathConsent, wire.Consent{}).Code)
	assert.Empty(t, silent.visit().Matches, "consent can be taken back")
}

func TestForgetMeTakesTheLinkAndLeavesTheBooks(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	p := d.phone()
	lane := d.till("s-1", "7")
	accepted := p.accept("coffee", true)
	lane.verdict(lane.redemption(accepted.Pass))
	before := map[string]*http.Cookie{}
	for k, v := range p.cookies {
		before[k] = v
	}
	require.Equal(t, http.StatusNoContent, p.ask("DELETE", wire.PathDevice, nil).Code)
	assert.Empty(t, p.cookies)
	p.cookies = before
	assert.Empty(t, p.visit().Matches, "even a device that kept its cookies is not known")
	sum := d.tally("coffee")
	assert.EqualValues(t, 1, sum.Accepted)
	assert.EqualValues(t, 1, sum.Redeemed)
	assert.EqualValues(t, 250, sum.Given)
}

func TestFirstIsWhatIsCommittedFirst(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	pass := d.phone().accept("coffee", true).Pass
	one, two := d.till("s-1", "7"), d.till("s-2", "1")
	late := two.redemption(pass, func(r *record.Record) { r.Time.Wall -= 60_000 })
	first := one.redemption(pass)
	require.Equal(t, record.Confirmed, one.verdict(first).Status)
	again := one.redemption(pass)
	v := one.verdict(again)
	assert.Equal(t, record.Duplicate, v.Status)
	assert.Equal(t, fault.AlreadyRedeemed, v.Reason)

	v = two.verdict(late)
	assert.Equal(t, record.Duplicate, v.Status, "its till's clock does not make it first")
	assert.Equal(t, fault.RedeemedElsewhere, v.Reason)
	require.NotNil(t, v.First)
	assert.Equal(t, one.place, v.First.Place)
	assert.Equal(t, first.ID, v.First.Record)
	assert.Equal(t, d.now().UnixMilli(), v.First.Committed)
}

func TestTheSameReportTwiceChangesNothing(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	p := d.phone()
	report := lane.seal(lane.redemption(p.accept("coffee", true).Pass), lane.redemption(p.accept("coffee", true).Pass))
	first := lane.send(report)
	lane.after = 0
	d.set(d.now().Add(time.Hour))
	second := lane.send(report)
	assert.Equal(t, first.Items, second.Items)
	assert.Equal(t, first.Cursor, second.Cursor)
	third := lane.report(lane.redemption(p.accept("coffee", true).Pass))
	assert.Equal(t, []uint64{3}, numbers(third.Items))
	assert.False(t, third.Forked, "the chain is not forked")
	assert.Empty(t, third.Missing)
}

func numbers(verdicts []record.Verdict) (n []uint64) {
	for _, v := range verdicts {
		n = append(n, v.Number)
	}
	return n
}

func TestVoids(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	one, two := d.till("s-1", "7"), d.till("s-2", "1")
	pass := d.phone().accept("coffee", true).Pass
	first := one.redemption(pass)
	require.Equal(t, record.Confirmed, one.verdict(first).Status)
	require.Equal(t, record.Duplicate, two.verdict(two.redemption(pass)).Status)

	partial := one.part(first.ID, 100)
	require.Equal(t, record.Confirmed, one.verdict(partial).Status)
	require.Equal(t, record.Duplicate, two.verdict(two.redemption(pass)).Status, "a part returned frees nothing")

	require.Equal(t, record.Confirmed, one.verdict(one.void(first.ID)).Status)
	v := one.verdict(one.void(first.ID))
	assert.Equal(t, record.Rejected, v.Status)
	assert.Equal(t, fault.AlreadyVoided, v.Reason)
	assert.Equal(t, record.Confirmed, two.verdict(two.redemption(pass)).Status, "the use is free for what arrives later")
}

// tally sums what was accepted, redeemed and voided in a campaign of one currency.
func (d *desk) tally(campaign string) (sum wire.Tally) {
	d.t.Helper()
	for _, f := range read[wire.Figures](d.t, d.manage("GET", wire.PathFigures, nil), http.StatusOK).Figures {
		if f.Campaign == campaign {
			sum.Accepted += f.Accepted
			sum.Redeemed, sum.Voided = sum.Redeemed+f.Redeemed, sum.Voided+f.Voided
			sum.Given, sum.TakenBack = sum.Given+f.Given, sum.TakenBack+f.TakenBack
		}
	}
	return sum
}

func TestOnlyWhatWasBookedIsCountedAsVoided(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	pass := d.phone().accept("coffee", true).Pass
	reserved := func(r *record.Record) {
		r.Kind, r.Given, r.Until = record.Reservation, record.Money{}, d.now().Add(time.Minute).UnixMilli()
	}
	release := func(held record.Record) record.Record {
		return lane.next(record.Record{Kind: record.Release, Of: held.ID, Offer: held.Offer})
	}
	held := lane.redemption(pass, reserved)
	early := lane.redemption(pass, reserved)
	for _, r := range []record.Record{held, release(held), release(early), early} {
		require.Equal(t, record.Confirmed, lane.verdict(r).Status)
	}
	assert.Zero(t, d.tally("coffee").Voided,
		"a reservation that is released is no redemption taken back, whichever came first")

	sold, again := lane.redemption(pass), lane.redemption(pass)
	require.Equal(t, record.Confirmed, lane.verdict(sold).Status)
	require.Equal(t, record.Duplicate, lane.verdict(again).Status)
	require.Equal(t, record.Confirmed, lane.verdict(lane.void(again.ID)).Status)
	assert.Equal(t, [3]int64{1, 0, 250}, [3]int64{d.tally("coffee").Redeemed, d.tally("coffee").Voided,
		d.tally("coffee").Given}, "a duplicate was not counted")
	require.Equal(t, record.Confirmed, lane.verdict(lane.void(sold.ID)).Status)
	sum := d.tally("coffee")
	assert.Equal(t, [4]int64{1, 1, 250, 250}, [4]int64{sum.Redeemed, sum.Voided, sum.Given, sum.TakenBack})
}

// A void may come before its redemption, which may then turn out not to have been booked: a merchant's books must not
// show that money came back which never left.
func TestAVoidBeforeItsRedemptionIsCountedWithIt(t *testing.T) {
	for name, edit := range map[string]func(*record.Record){
		"id":      func(r *record.Record) { r.Offer = offer.ID{} },
		"receipt": func(r *record.Record) { r.Receipt, r.Of, r.Offer = r.Of.Receipt(), record.ID{}, offer.ID{} },
		"offer":   func(r *record.Record) { r.Of = record.ID{} },
	} {
		for _, together := range []bool{false, true} {
			d := newDesk(t)
			d.campaign(coffee)
			desk := d.till("s-2", "1")
			lane := desk
			if !together {
				lane = d.till("s-1", "7")
			}
			sums := func() [4]int64 {
				sum := d.tally("coffee")
				return [4]int64{sum.Redeemed, sum.Voided, sum.Given, sum.TakenBack}
			}
			pass := d.phone().accept("coffee", true).Pass
			presented, err := offer.Parse(pass)
			require.NoError(t, err)
			id := record.NewID()
			named := func(r *record.Record) { r.ID = id }
			of := func(r *record.Record) { r.Offer = presented.ID }

			want := [4]int64{1, 2, 250, 250}
			if together && name == "offer" { // the till's own chain says that it redeemed the offer after that
				want = [4]int64{1, 0, 250, 0}
			}
			early := []record.Record{desk.part(id, 100, of, edit), desk.void(id, of, edit)}
			late := lane.redemption(pass, named)
			if together {
				desk.report(append(early, late)...)
			} else {
				desk.report(early...)
				assert.Equal(t, [4]int64{}, sums(), "%s: nothing was booked yet", name)
				require.Equal(t, record.Confirmed, lane.verdict(late).Status, name)
			}
			assert.Equal(t, want, sums(), "%s, together: %v", name, together)
			lane.after, desk.after = 0, 0
			lane.report(late)
			assert.Equal(t, want, sums(), "%s: the same again counts nothing twice", name)
		}
	}
}

func TestAVoidOfWhatIsThenRejectedIsNotCounted(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane, desk := d.till("s-1", "7"), d.till("s-2", "1")
	refused := lane.redemption(d.phone().accept("coffee", true).Pass, func(r *record.Record) {
		r.Time = record.Evidence{Wall: r.Time.Wall + 1e12, Earliest: r.Time.Earliest + 1e12, Trusted: true}
	})
	for _, r := range []record.Record{desk.part(refused.ID, 100), desk.void(refused.ID)} {
		require.Equal(t, record.Received, desk.verdict(r).Status)
	}
	require.Equal(t, fault.ClockUntrusted, lane.verdict(refused).Reason)
	for _, v := range desk.later() {
		assert.Equal(t, record.Confirmed, v.Status, "nothing was given, so nothing is taken back")
	}
	assert.Equal(t, [3]int64{}, [3]int64{d.tally("coffee").Redeemed, d.tally("coffee").Voided, d.tally("coffee").Given})
}

func TestAVoidBeforeItsRedemptionIsKeptAndThePairTakesNoUse(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	one, two := d.till("s-1", "7"), d.till("s-2", "1")
	pass := d.phone().accept("coffee", true).Pass
	late := one.redemption(pass)
	require.Equal(t, record.Received, two.verdict(two.void(late.ID)).Status)
	require.Equal(t, record.Confirmed, one.verdict(late).Status)
	assert.Equal(t, record.Confirmed, two.verdict(two.redemption(pass)).Status, "the pair took no use")
}

func TestARecordIsRejectedWithItsReason(t *testing.T) {
	d := newDesk(t)
	c := coffee
	c.Stores, c.ValidSeconds = []string{"s-1", "s-2"}, 3600
	d.campaign(c)
	d.campaign(wire.Campaign{ID: "gone"})
	p := d.phone()
	one, far := d.till("s-1", "7"), d.till("s-9", "1")
	pass := func() string { return p.accept("coffee", true).Pass }
	gone := p.accept("gone", true).Pass
	d.set(d.now().Add(time.Minute))
	require.Equal(t, http.StatusOK, d.manage("PUT", wire.PathCampaigns+"/gone/state",
		wire.NewState{State: wire.Withdrawn}).Code)
	revoked := pass()
	d.set(d.now().Add(time.Minute))
	answer := read[wire.Revoked](t, d.manage("POST", wire.PathRevocations,
		wire.Revocation{Offers: []string{revoked, "nonsense"}}), http.StatusOK)
	assert.Equal(t, wire.Revoked{Revoked: 1, Unknown: []int{1}}, answer)
	early := one.redemption(revoked, func(r *record.Record) {
		r.Time.Wall -= 50_000
		r.Time.Earliest -= 50_000
		r.Time.Latest -= 50_000
	})
	d.set(d.now().Add(time.Minute))
	after := func(d time.Duration) func(*record.Record) {
		return func(r *record.Record) {
			r.Time = record.Evidence{Wall: r.Time.Wall + d.Milliseconds(), Earliest: r.Time.Earliest + d.Milliseconds(),
				Trusted: true}
		}
	}
	for _, c := range []struct {
		name string
		lane *till
		rec  record.Record
		want fault.Code
	}{
		{"unknown offer", one, one.redemption(offer.NewID().Code()), fault.UnknownOffer},
		{"other store", far, far.redemption(pass()), fault.OtherStore},
		{"other merchant", one, one.redemption(pass(), func(r *record.Record) { r.Place.Merchant = "m-2" }),
			fault.OtherMerchant},
		{"revoked campaign", one, one.redemption(gone), fault.Revoked},
		{"revoked", one, one.redemption(revoked), fault.Revoked},
		{"before it was revoked", one, early, ""},
		{"from the future", one, one.redemption(pass(), after(6*time.Minute)), fault.ClockUntrusted},
	} {
		v := c.lane.verdict(c.rec)
		assert.Equal(t, c.want, v.Reason, c.name)
		assert.Equal(t, c.want != "", v.Status == record.Rejected, c.name)
	}
	inTime, tooLate, doubtful := one.redemption(pass()), one.redemption(pass(), after(59*time.Minute+58*time.Second)),
		one.redemption(pass(), func(r *record.Record) {
			r.Time = record.Evidence{Wall: r.Time.Wall}
		})
	d.set(d.now().Add(3 * time.Hour))
	items := one.report(inTime, tooLate, doubtful).Items
	assert.Equal(t, record.Confirmed, items[0].Status, "reported late, redeemed in time")
	assert.Equal(t, record.Confirmed, items[1].Status)
	assert.Equal(t, fault.ClockUntrusted, items[2].Reason)
	d.set(d.now().Add(-2 * time.Hour))
	expired := one.redemption(pass(), after(61*time.Minute))
	d.set(d.now().Add(2 * time.Hour))
	assert.Equal(t, fault.Expired, one.verdict(expired).Reason)
}

func TestABadRecordSpoilsOnlyItself(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	p := d.phone()
	a, b := lane.redemption(p.accept("coffee", true).Pass), lane.redemption(p.accept("coffee", true).Pass)
	third := lane.redemption(p.accept("coffee", true).Pass)
	newer := lane.encode(b)
	newer = bytes.Replace(newer, []byte{0x01, 0x01, 0x02}, []byte{0x01, 0x09, 0x02}, 1) // version 9
	third.Prev = record.HashOf(newer)
	lane.prev = record.HashOf(lane.encode(third))
	answer := lane.send(lane.sealRaw(lane.encode(a), newer, lane.encode(third)))
	require.Len(t, answer.Items, 3)
	assert.Equal(t, record.Confirmed, answer.Items[0].Status)
	assert.Equal(t, record.Quarantined, answer.Items[1].Status)
	assert.Equal(t, b.ID, answer.Items[1].Record, "the till knows its record again")
	assert.Equal(t, record.Confirmed, answer.Items[2].Status)

	x, y := lane.redemption(p.accept("coffee", true).Pass), lane.redemption(p.accept("coffee", true).Pass)
	report := lane.seal(x, y)
	forged := x
	forged.Given.Amount = 999_999
	intact := report.Records[0]
	report.Records[0] = lane.encode(forged)
	w := d.do(d.server, "POST", wire.PathReports, lane.token, wire.FromReport(report))
	assert.Equal(t, "forged", codeOf(t, w), "the signature does not cover what was put in its place")
	report.Records[0] = intact
	answer = lane.send(report)
	assert.Equal(t, record.Confirmed, answer.Items[0].Status, "nothing was booked before")
}

func TestAReportWhoseRecordsDoNotFollowOneAnotherIsAFork(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	p := d.phone()
	a := lane.redemption(p.accept("coffee", true).Pass)
	b := lane.redemption(p.accept("coffee", true).Pass, func(r *record.Record) { r.Prev = record.Hash{9} })
	answer := lane.report(a, b)
	assert.True(t, answer.Forked, "the second names another record before it than the first")
	assert.Equal(t, record.Confirmed, answer.Items[0].Status, "both are the terminal's own")
	assert.Equal(t, record.Confirmed, answer.Items[1].Status)
}

func TestTheSameIDWithOtherBytesIsAConflict(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	p := d.phone()
	a := lane.redemption(p.accept("coffee", true).Pass)
	require.Equal(t, record.Confirmed, lane.verdict(a).Status)
	b := lane.redemption(p.accept("coffee", true).Pass, func(r *record.Record) { r.ID = a.ID })
	v := lane.verdict(b)
	assert.Equal(t, record.Rejected, v.Status)
	assert.Equal(t, fault.Conflict, v.Reason)
	lane.after = 0
	assert.Equal(t, v, lane.report(b).Items[0], "the same verdict again")
}

func TestGapsAndForksAreNoticed(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	p := d.phone()
	var records []record.Record
	for range 6 {
		records = append(records, lane.redemption(p.accept("coffee", true).Pass))
	}
	lane.report(records[0])
	answer := lane.report(records[4:]...)
	assert.Equal(t, []record.Range{{First: 2, Last: 4}}, answer.Missing)
	gaps := read[wire.Gaps](t, d.manage("GET", wire.PathGaps, nil), http.StatusOK).Gaps
	require.Len(t, gaps, 1)
	assert.Equal(t, answer.Missing, gaps[0].Missing)
	assert.EqualValues(t, 6, gaps[0].Highest)
	answer = lane.report(records[2])
	assert.Equal(t, []record.Range{{First: 2, Last: 2}, {First: 4, Last: 4}}, answer.Missing)
	assert.False(t, answer.Forked, "nothing forked")
	lost, err := record.Seal(record.Heading{Terminal: lane.id, Chain: lane.chain,
		Lost: []record.Range{{First: 2, Last: 2}}}, nil, lane.key)
	require.NoError(t, err)
	assert.Equal(t, []record.Range{{First: 4, Last: 4}}, lane.send(lost).Missing)

	clone := *lane
	lane.report(lane.redemption(p.accept("coffee", true).Pass))
	answer = clone.report(clone.redemption(p.accept("coffee", true).Pass))
	assert.True(t, answer.Forked, "two records came for one number")
	assert.Equal(t, record.Confirmed, answer.Items[0].Status, "both halves are booked as usual")

	clone.chain = record.NewChainID() // numbers go on
	answer = clone.report(clone.redemption(p.accept("coffee", true).Pass))
	assert.False(t, answer.Forked, "nothing forked")
	assert.Empty(t, answer.Missing)
}

func TestReportsComeAsTablesForSpreadsheets(t *testing.T) {
	d := newDesk(t)
	d.campaign(wire.Campaign{ID: "c", FollowUps: []wire.FollowUp{{Ad: &wire.Ad{ID: "a", Title: "A"}}}})
	lane := d.till("=s,1", "-7")
	p := d.phone()
	pass := p.accept("c", true).Pass
	d.set(d.now().Add(time.Minute))
	first := lane.redemption(pass)
	lane.verdict(first)
	p.visit()
	lane.redemption(pass) // which never comes
	second := lane.void(first.ID)
	lane.verdict(second)
	table := func(path string) (rows [][]string) {
		w := d.manage("GET", path, nil)
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
		assert.Equal(t, "text/csv; charset=utf-8", w.Header().Get("Content-Type"))
		rows, err := csv.NewReader(w.Body).ReadAll()
		require.NoError(t, err)
		return rows
	}
	w := d.manage("GET", wire.PathFigures+"?format=csv", nil)
	assert.Equal(t, "attachment; filename=figures.csv", w.Header().Get("Content-Disposition"))
	assert.Equal(t, [][]string{
		{"campaign", "merchant", "store", "day", "currency", "accepted", "shown", "redeemed", "voided", "corrected",
			"duplicates", "rejected",
			"quarantined", "waiting", "waiting_amount", "given", "taken_back", "mean_delay_seconds"},
		{"c", "", "", "2026-11-02", "", "1", "1", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0"},
		{"c", "m-1", "'=s,1", "2026-11-02", "EUR", "0", "0", "1", "1", "0", "0", "0", "0", "0", "0", "250", "250", "60"},
	}, table(wire.PathFigures+"?format=csv&from=2026-11-01&to=2026-11-02"), "names are no formulas, numbers stay numbers")
	assert.Len(t, table(wire.PathFigures+"?format=csv&from=2026-11-03"), 1)
	assert.Equal(t, "invalid-request", codeOf(t, d.manage("GET", wire.PathFigures+"?from=yesterday", nil)))
	assert.Equal(t, [][]string{
		{"terminal", "store", "lane", "chain", "what", "first", "last", "last_report"},
		{lane.id.String(), "'=s,1", "-7", lane.chain.String(), "missing", "2", "2", "2026-11-02T10:01:00Z"},
	}, table(wire.PathGaps+"?format=csv"))
}

func TestALaneIsShownWithItsQueueAsOfItsLastReport(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	lanes := func() []wire.Lane {
		return read[wire.Lanes](t, d.manage("GET", wire.PathTerminalList, nil), http.StatusOK).Terminals
	}
	require.Len(t, lanes(), 1)
	assert.Zero(t, lanes()[0].LastReport, "its queue is not known")
	for _, waiting := range []uint64{1700, 0} {
		d.set(d.now().Add(time.Minute))
		raw := lane.encode(lane.redemption(d.phone().accept("coffee", true).Pass))
		report, err := record.Seal(record.Heading{Terminal: lane.id, Chain: lane.chain, Waiting: waiting}, [][]byte{raw},
			lane.key)
		require.NoError(t, err)
		lane.send(report)
		assert.Equal(t, waiting, lanes()[0].Waiting)
		assert.Equal(t, d.now().UnixMilli(), lanes()[0].LastReport)
	}
}

func TestVerdictsComeByCursor(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	p := d.phone()
	for range 3 {
		lane.report(lane.redemption(p.accept("coffee", true).Pass))
	}
	answer := read[wire.Answer](t, d.do(d.server, "GET", wire.PathVerdicts+"?after=1", lane.token, nil), http.StatusOK)
	assert.Equal(t, []uint64{2, 3}, numbers(answer.Later))
	assert.EqualValues(t, 3, answer.Cursor)
	assert.False(t, answer.More, "there is no more")
	lane.after = 1
	answer = lane.report(lane.redemption(p.accept("coffee", true).Pass))
	assert.Equal(t, []uint64{2, 3}, numbers(answer.Later), "an answer that was lost is made good")
	assert.Equal(t, []uint64{4}, numbers(answer.Items))
	assert.EqualValues(t, 4, answer.Cursor)
	assert.Equal(t, "invalid-request", codeOf(t, d.do(d.server, "GET", wire.PathVerdicts+"?after=x", lane.token, nil)))
}

func TestAVoidMayNameTheReceiptOrTheOfferAlone(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	one, two := d.till("s-1", "7"), d.till("s-2", "1")
	byReceipt := func(of record.Record) record.Record {
		return two.next(record.Record{Kind: record.Void, Receipt: of.ID.Receipt()})
	}
	byOffer := func(of record.Record) record.Record {
		return two.next(record.Record{Kind: record.Void, Offer: of.Offer})
	}
	for name, void := range map[string]func(record.Record) record.Record{"receipt": byReceipt, "offer": byOffer} {
		pass := d.phone().accept("coffee", true).Pass
		first := one.redemption(pass)
		require.Equal(t, record.Confirmed, one.verdict(first).Status, name)
		require.Equal(t, record.Confirmed, two.verdict(void(first)).Status, name)
		require.Equal(t, record.Confirmed, two.verdict(two.redemption(pass)).Status, "%s: the use was free", name)
		require.Equal(t, record.Duplicate, one.verdict(one.redemption(pass)).Status, name)

		pass = d.phone().accept("coffee", true).Pass
		late := one.redemption(pass)
		require.Equal(t, record.Received, two.verdict(void(late)).Status, name)
		require.Equal(t, record.Confirmed, one.verdict(late).Status, name)
		require.Equal(t, record.Confirmed, two.verdict(two.redemption(pass)).Status, "%s: the pair took no use", name)
		require.Equal(t, record.Duplicate, one.verdict(one.redemption(pass)).Status, "%s: the void counts once", name)
	}
	v := two.verdict(two.next(record.Record{Kind: record.Void, Offer: offer.NewID()}))
	assert.Equal(t, fault.UnknownOffer, v.Reason)
}

func TestASecondVoidByTheSameReceiptIsRefusedAlsoBeforeTheRedemptionCame(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	lane, desk := d.till("s-1", "7"), d.till("s-2", "1")
	late := lane.redemption(d.phone().accept("coffee", true).Pass)
	byReceipt := func(r *record.Record) { r.Receipt = late.ID.Receipt() }
	first, second := desk.void(record.ID{}, byReceipt), desk.void(record.ID{}, byReceipt)
	for _, r := range []record.Record{first, second} {
		require.Equal(t, record.Received, desk.verdict(r).Status)
	}
	assert.Equal(t, record.Confirmed, lane.verdict(late).Status)
	verdicts := desk.later()
	require.Len(t, verdicts, 2)
	assert.Equal(t, record.Confirmed, verdicts[0].Status)
	assert.Equal(t, fault.AlreadyVoided, verdicts[1].Reason)
}
