package backend_test

import (
	"context"
	"maps"
	"net/http"
	"path"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/internal/keystore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// A vault is a store that can be put back to an earlier state: all tables in memory, copied as they are.
type vault struct {
	keystore.Keys
	mu     sync.Mutex // of tables: a server may gather in the background; tests call one within the transaction of another
	tables map[string]map[string][]byte
}

func newVault() *vault {
	v := &vault{tables: map[string]map[string][]byte{}}
	for _, name := range keystore.Tables() {
		v.tables[name] = map[string][]byte{}
	}
	return v
}

func (v *vault) copy() *vault {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := newVault()
	for name, table := range v.tables {
		for key, value := range table {
			c.tables[name][key] = value
		}
	}
	return c
}

func (v *vault) open(t testing.TB) store.Store {
	t.Helper()
	st, err := keystore.New(context.Background(), v)
	require.NoError(t, err)
	return st
}

func (v *vault) View(_ context.Context, fn func(keystore.KeysTx) error) error { return fn(vaultTx{v}) }

// Update keeps no way back: the tests that use it do not fail in the middle, but for ErrAlone, which comes before the
// first write.
func (v *vault) Update(_ context.Context, fn func(keystore.KeysTx) error) error {
	return fn(vaultTx{v})
}

func (v *vault) Close() error { return nil }

type vaultTx struct{ *vault }

func (v vaultTx) Get(table string, key []byte) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.tables[table][string(key)], nil
}

func (v vaultTx) Put(table string, key, value []byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tables[table][string(key)] = append([]byte{}, value...)
	return nil
}

func (v vaultTx) Delete(table string, key []byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	delete(v.tables[table], string(key))
	return nil
}

func (v vaultTx) Scan(table string, from []byte, yield func(key, value []byte) bool) error {
	v.mu.Lock()
	pairs := maps.Clone(v.tables[table])
	v.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(pairs)) {
		if key >= string(from) && !yield([]byte(key), pairs[key]) {
			break
		}
	}
	return nil
}

// restored is the desk as it goes on with a backup, and with the period that its operator names.
func (d *desk) restored(v *vault, period backend.Period) *desk {
	d.t.Helper()
	return newDesk(d.t, func(c *backend.Config) {
		c.Store, c.Restored, c.Now = v.open(d.t), period, func() time.Time { return d.now() }
	})
}

func (t *till) at(d *desk) *till {
	moved := *t
	moved.desk = d
	return &moved
}

// with is a report that brings passes and statements.
func (t *till) with(passes []string, statements []record.Signed, records ...record.Record) wire.Answer {
	t.t.Helper()
	report := t.seal(records...)
	report.Passes, report.Statements = passes, statements
	return t.send(report)
}

func statementOf(a wire.Answer) record.Signed {
	return record.Signed{KeyID: a.Statement.KeyID, Content: a.Statement.Content, Signature: a.Statement.Signature}
}

func TestARestoredBackendTakesUpItsOwnPasses(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	old := d.phone().accept("coffee", true).Pass
	backup, from := v.copy(), d.now()
	d.set(d.now().Add(time.Hour))
	lost, early := d.phone().accept("coffee", true).Pass, old
	first, second := lane.redemption(lost), lane.redemption(early)
	require.Equal(t, record.Confirmed, lane.verdict(first).Status)
	d.set(d.now().Add(time.Hour))
	after := d.restored(backup, backend.Period{From: from, Until: d.now()})
	after.set(d.now())
	again := lane.at(after)
	answer := again.report(first, second)
	require.Len(t, answer.Items, 1, "the offer of the first is not known")
	assert.Equal(t, second.ID, answer.Items[0].Record)
	assert.Equal(t, []record.ID{first.ID}, answer.Wanted)
	assert.Equal(t, []record.Range{{First: 1, Last: 1}}, answer.Missing, "it has to come again")
	answer = again.with([]string{lost}, nil, first)
	assert.Equal(t, "confirmed", asked(answer.Items[0]), "the backend verified its own signature")
	assert.Empty(t, answer.Missing)
	assert.Equal(t, record.Duplicate, again.verdict(again.redemption(lost)).Status, "its use is taken")
	line := after.ledger("coffee", "EUR")
	assert.Equal(t, [2]int64{2, 500}, [2]int64{line.Accepted + after.ledger("coffee", "").Accepted, line.Given})
	flags := read[wire.Flags](t, after.manage("GET", wire.PathFlags, nil), http.StatusOK).Flags
	require.Len(t, flags, 1)
	assert.Equal(t, "recovered", flags[0].Kind)
}

func TestOnlyPassesOfThePeriodAreTakenUp(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	d.campaign(coffee)
	lane := d.till("s-1", "7")
	backup := v.copy()
	d.set(d.now().Add(time.Hour))
	pass := d.phone().accept("coffee", true).Pass
	other := newDesk(t) // another backend's
	other.campaign(coffee)
	foreign := other.phone().accept("coffee", true).Pass
	first := lane.redemption(pass)
	for name, c := range map[string]struct {
		period backend.Period
		passes []string
		want   string
	}{
		"no period": {backend.Period{}, []string{pass}, "rejected unknown-offer"},
		"before the period": {backend.Period{From: d.now().Add(time.Minute), Until: d.now().Add(time.Hour)}, []string{pass},
			"rejected unknown-offer"},
		"after the period": {backend.Period{From: d.now().Add(-time.Hour), Until: d.now()}, []string{pass},
			"rejected unknown-offer"},
		"no pass": {backend.Period{From: d.now(), Until: d.now().Add(time.Hour)}, []string{""},
			"rejected unknown-offer"},
		"another one's pass": {backend.Period{From: d.now(), Until: d.now().Add(time.Hour)}, []string{foreign},
			"rejected unknown-offer"},
		"in the period": {backend.Period{From: d.now(), Until: d.now().Add(time.Hour)}, []string{pass}, "confirmed"},
	} {
		after := d.restored(backup.copy(), c.period)
		after.set(d.now())
		answer := lane.at(after).with(c.passes, nil, first)
		require.Len(t, answer.Items, 1, name)
		assert.Equal(t, c.want, asked(answer.Items[0]), name)
		flags := read[wire.Flags](t, after.manage("GET", wire.PathFlags, nil), http.StatusOK).Flags
		if name == "no period" {
			assert.Empty(t, flags, name)
			continue
		}
		require.Len(t, flags, 1, name)
		assert.Equal(t, c.want == "confirmed", flags[0].Kind == "recovered", name)
	}
}

// A verdict that was signed before the restore stands, whatever was booked since.
func TestASignedVerdictStandsAfterARestore(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	d.campaign(coffee)
	one, two := d.till("s-1", "7"), d.till("s-2", "1")
	pass := d.phone().accept("coffee", true).Pass
	backup := v.copy()
	first, late := one.redemption(pass), two.redemption(pass)
	confirmed := one.report(first)
	duplicate := two.report(late)
	require.Equal(t, record.Duplicate, duplicate.Items[0].Status)
	void := one.part(first.ID, 100)
	voided := one.report(void)

	after := d.restored(backup, backend.Period{From: d.now().Add(-time.Hour), Until: d.now().Add(time.Hour)})
	other := two.at(after)
	v2 := other.with([]string{pass}, []record.Signed{statementOf(duplicate)}, late).Items[0]
	assert.Equal(t, record.Duplicate, v2.Status, "it comes first now, and is the duplicate that it was")
	assert.Equal(t, duplicate.Items[0].First, v2.First)
	third := other.redemption(pass)
	assert.Equal(t, record.Confirmed, other.verdict(third).Status, "nothing of the first is known yet")
	again := one.at(after)
	items := again.with([]string{pass, ""}, []record.Signed{statementOf(confirmed), statementOf(voided)}, first,
		void).Items
	assert.Equal(t, "confirmed", asked(items[0]), "it stands beside the third")
	assert.Equal(t, "confirmed", asked(items[1]))
	sum := after.books("coffee", "EUR")
	assert.Equal(t, [4]int64{2, 500, 100, 1}, [4]int64{sum.Redeemed, sum.Given, sum.TakenBack, sum.Voided})

	stranger := d.restored(v.copy(), backend.Period{})
	forged := statementOf(confirmed)
	forged.Content = append([]byte{}, forged.Content...)
	forged.Content[len(forged.Content)-1] ^= 1
	items = two.at(stranger).with(nil, []record.Signed{forged, statementOf(confirmed)}, two.redemption(pass)).Items
	assert.Equal(t, record.Duplicate, items[0].Status, "a statement that is forged, or another terminal's, is passed over")
}

// A damaged row is the backend's trouble: the record that needs it waits, and the others go on.
func TestADamagedRowMakesOneRecordWait(t *testing.T) {
	v := newVault()
	d := newDesk(t, func(c *backend.Config) { c.Store = v.open(t) })
	d.campaign(coffee)
	d.campaign(wire.Campaign{ID: "cake"})
	lane := d.till("s-1", "7")
	passes := []string{d.phone().accept("coffee", true).Pass, d.phone().accept("coffee", true).Pass,
		d.phone().accept("cake", true).Pass,
		d.phone().accept("coffee", true).Pass}
	sold := lane.redemption(passes[3])
	require.Equal(t, record.Confirmed, lane.verdict(sold).Status)
	presented, err := offer.Parse(passes[1])
	require.NoError(t, err)
	whole := v.copy()
	v.tables["offers"][string(presented.ID[:])] = []byte{2, 0xff}
	v.tables["campaigns"]["cake"] = []byte("{")
	v.tables["entries"][string(sold.ID[:])] = []byte{2, 1}

	records := []record.Record{lane.redemption(passes[0]), lane.redemption(passes[1]), lane.redemption(passes[2]),
		lane.void(sold.ID)}
	last := lane.redemption(d.phone().accept("coffee", true).Pass)
	answer := lane.report(append(records, last)...)
	require.Len(t, answer.Items, 2, "no verdict on a good record")
	assert.Equal(t, []record.ID{records[0].ID, last.ID}, []record.ID{answer.Items[0].Record, answer.Items[1].Record})
	assert.Equal(t, []record.Range{{First: 3, Last: 5}}, answer.Missing, "those that wait are not here yet")
	for _, table := range []string{"offers", "campaigns", "entries"} { // the operator mends the rows
		for key := range v.tables[table] {
			if row, ok := whole.tables[table][key]; ok {
				v.tables[table][key] = row
			}
		}
	}
	answer = lane.report(records[1:]...)
	require.Len(t, answer.Items, 3)
	for _, item := range answer.Items {
		assert.Equal(t, "confirmed", asked(item))
	}
	assert.Empty(t, answer.Missing)
}

func TestTheDayOfASaleIsInItsStoresZone(t *testing.T) {
	d := newDesk(t)
	d.campaign(coffee)
	d.set(time.Date(2026, 11, 2, 22, 30, 0, 0, time.UTC)) // half past eleven in Berlin, the next day in Auckland
	for zone, day := range map[string]string{"": "2026-11-02", "Europe/Berlin": "2026-11-02",
		"Pacific/Auckland": "2026-11-03", "America/New_York": "2026-11-02"} {
		code := read[wire.Code](t, d.manage("POST", wire.PathCodes, wire.NewCode{Store: "s" + path.Base(zone), Zone: zone}),
			http.StatusCreated)
		lane := d.tillWith(code.Code, "s", "1")
		rec := lane.redemption(d.phone().accept("coffee", true).Pass)
		rec.Time.Latest = 0
		lane.prev = record.HashOf(lane.encode(rec))
		d.set(d.now().Add(9 * time.Hour)) // it is reported in the morning, after a reboot
		lane.verdict(rec)
		d.set(d.now().Add(-9 * time.Hour))
		var days []string
		for _, f := range read[wire.Figures](t, d.manage("GET", wire.PathFigures, nil), http.StatusOK).Figures {
			if f.Store == lane.place.Store {
				days = append(days, f.Day)
			}
		}
		assert.Equal(t, []string{day}, days, zone)
	}
}

func TestWhatWasReservedInTimeMayBeCompleted(t *testing.T) {
	d := newDesk(t)
	short := coffee
	short.ValidSeconds = 3600
	d.campaign(short)
	lane := d.till("s-1", "7")
	pass := func() string { return d.phone().accept("coffee", true).Pass }
	kept, gone, late, revoked := pass(), pass(), pass(), pass()
	d.set(d.now().Add(59 * time.Minute))
	hold := func(pass string, until time.Time) record.Record {
		return lane.redemption(pass, func(r *record.Record) {
			r.Kind, r.Given, r.Until = record.Reservation, record.Money{}, until.UnixMilli()
		})
	}
	end := d.now().Add(10 * time.Minute)
	held := []record.Record{hold(kept, end), hold(gone, end), hold(late, d.now().Add(2*time.Minute)), hold(revoked, end)}
	for _, r := range held {
		require.Equal(t, record.Confirmed, lane.verdict(r).Status)
	}
	d.set(d.now().Add(5 * time.Minute))
	complete := func(pass string, of record.Record) record.Record {
		return lane.redemption(pass, func(r *record.Record) { r.Of = of.ID })
	}
	assert.Equal(t, "confirmed", asked(lane.verdict(complete(kept, held[0]))), "it was reserved before the offer ended")
	require.Equal(t, record.Confirmed,
		lane.verdict(lane.next(record.Record{Kind: record.Release, Of: held[1].ID, Offer: held[1].Offer})).Status)
	assert.Equal(t, "rejected expired", asked(lane.verdict(complete(gone, held[1]))), "it was released")
	assert.Equal(t, "rejected expired", asked(lane.verdict(complete(late, held[2]))), "the reservation had lapsed")
	read[wire.Revoked](t, d.manage("POST", wire.PathRevocations, wire.Revocation{Offers: []string{revoked}}),
		http.StatusOK)
	d.set(d.now().Add(time.Minute))
	v := lane.verdict(complete(revoked, held[3]))
	assert.Equal(t, fault.Revoked, v.Reason, "a revocation counts all the same")
}

// A till was switched off for hours with no network. Its earliest moment lies behind by as much, its clock is believed,
// and it ends the reservation by the earliest moment. What it completes in time by that is booked.
func TestAReservationEndsByTheTillsOwnCount(t *testing.T) {
	const off = 5 * time.Hour
	behind := func(r *record.Record) {
		r.Time.Earliest -= off.Milliseconds()
		r.Time.Latest = r.Time.Earliest + (7 * 24 * time.Hour).Milliseconds()
	}
	for name, test := range map[string]struct {
		after time.Duration
		edit  func(*record.Record)
		want  string
	}{
		"in time":  {50 * time.Minute, func(*record.Record) {}, "confirmed"},
		"too late": {61 * time.Minute, func(*record.Record) {}, "rejected expired"},
		"the clock is not believed": {50 * time.Minute, func(r *record.Record) { r.Time.Trusted = false },
			"rejected clock-untrusted"},
		"what it believes was withdrawn": {50 * time.Minute, func(r *record.Record) { r.Time.Server = 5 },
			"rejected clock-untrusted"},
	} {
		d := newDesk(t, func(c *backend.Config) { c.Withdrawn = []backend.Period{periodOf(time.UnixMilli(1), time.Second)} })
		short := coffee
		short.ValidSeconds = int64((off + time.Hour) / time.Second)
		d.campaign(short)
		lane := d.till("s-1", "7")
		pass := d.phone().accept("coffee", true).Pass
		d.set(d.now().Add(off + 30*time.Minute))
		until := d.now().Add(time.Hour - off)
		held := lane.redemption(pass, behind, func(r *record.Record) {
			r.Kind, r.Given, r.Until = record.Reservation, record.Money{}, until.UnixMilli()
		})
		d.set(d.now().Add(test.after))
		done := lane.redemption(pass, behind, func(r *record.Record) { r.Of = held.ID }, test.edit)
		d.set(d.now().Add(time.Hour))
		require.Equal(t, record.Confirmed, lane.verdict(held).Status, name)
		assert.Equal(t, test.want, asked(lane.verdict(done)), name)
	}
}

func TestAPeriodDoesNotEndBeforeItBegins(t *testing.T) {
	_, err := backend.New(t.Context(), backend.Config{Store: newVault().open(t),
		Restored: backend.Period{From: time.Unix(2, 0), Until: time.Unix(1, 0)}})
	assert.ErrorIs(t, err, fault.InvalidRequest)
}
