package storesuite

import (
	"maps"
	"net/http"
	"slices"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// checkItems holds the items of an answer to those that are expected.
func checkItems(l *till, answer record.Answer, want expected) {
	if len(answer.Items) != len(want.items) {
		l.fail("%s: %d records were answered, not %d", l.name, len(answer.Items), len(want.items))
	}
	for i := range want.items {
		f := &want.items[i]
		at := slices.IndexFunc(answer.Items, func(v record.Verdict) bool { return v.Hash == f.hash })
		if at < 0 {
			l.fail("%s: %s was not answered", l.name, f)
		}
		checkVerdict(l, answer.Items[at], f)
	}
	if !slices.Equal(answer.Wanted, want.wanted) {
		l.fail("%s: wanted are %v, not %v", l.name, answer.Wanted, want.wanted)
	}
}

func checkVerdict(l *till, v record.Verdict, f *fact) {
	var first record.ID
	if v.First != nil {
		first = v.First.Record
	}
	booked := func(m *record.Money) record.Money {
		if m == nil {
			return record.Money{Currency: "not said"}
		}
		return *m
	}
	same := v.Record == f.id && v.Status == f.status && v.Reason == f.reason && first == f.first
	if !same || booked(v.Booked) != booked(f.booked) {
		l.fail("%s: the verdict on %s is %q %q, first %s, booked %v (%s); it should be %q %q, first %s, booked %v",
			l.name, f, v.Status, v.Reason, first, booked(v.Booked), v.Detail, f.status, f.reason, f.first, booked(f.booked))
	}
}

// often is after how many comparisons every entry is read, and what merchants see, where steps are compared one by one.
const often = 10

// compare holds what the store has to the plain books.
func (w *world) compare() {
	w.tally["comparisons"]++
	w.read(func(tx store.Tx) error { return w.compareSums(tx) })
	w.read(func(tx store.Tx) error { return w.compareOffers(tx) })
	w.read(func(tx store.Tx) error { return w.compareTerminals(tx) })
	if w.h.Every > 1 || w.tally["comparisons"]%often == 0 {
		w.compareAll()
	}
}

func (w *world) compareAll() {
	w.read(func(tx store.Tx) error { return w.compareEntries(tx) })
	w.compareSeen()
}

func (w *world) read(fn func(store.Tx) error) {
	w.must(w.store.View(w.t.Context(), fn))
}

// compareSums compares the figures and the ledger, which must agree with one another as well.
func (w *world) compareSums(tx store.Tx) error {
	tallies, err := tx.Tallies(w.campaignNames(), "", "")
	if err != nil {
		return err
	}
	figures, ledger := map[wire.Tally]wire.Tally{}, map[wire.LedgerLine]wire.LedgerLine{}
	sums := map[wire.LedgerLine]wire.LedgerLine{}
	for _, t := range tallies {
		key, sum := splitTally(wire.Tally(t))
		figures[key] = sum
		line := wire.LedgerLine{Campaign: t.Campaign, Currency: t.Currency}
		add := sums[line]
		add.Accepted, add.Given, add.TakenBack = add.Accepted+t.Accepted, add.Given+t.Given, add.TakenBack+t.TakenBack
		sums[line] = add
	}
	for _, id := range w.campaignNames() {
		kept, err := tx.Ledger(id)
		if err != nil {
			return err
		}
		for _, line := range posting.SumLedger(id, utcDay(w.books.millis()), kept) {
			key := wire.LedgerLine{Campaign: line.Campaign, Currency: line.Currency}
			ledger[key] = wire.LedgerLine{Accepted: line.Accepted, Given: line.Given, TakenBack: line.TakenBack,
				Liability: line.Liability}
		}
	}
	if err := w.compareSettlements(tx, tallies); err != nil {
		return err
	}
	compareMaps(w, "the figures", figures, w.books.figures())
	compareMaps(w, "the ledger", ledger, w.books.ledger())
	for key, line := range ledger {
		line.Liability = 0
		if sums[key] != line {
			w.fail("%v: the figures add up to %+v, the ledger has %+v", key, sums[key], line)
		}
		if line.TakenBack > line.Given {
			w.fail("%v: more was taken back than given: %+v", key, line)
		}
	}
	return nil
}

// compareSettlements holds what is between merchants to the figures: the same, by the day of booking.
func (w *world) compareSettlements(tx store.Tx, tallies []store.Tally) error {
	owners := map[string]string{}
	for i := range w.campaigns {
		owners[w.campaigns[i].ID] = w.campaigns[i].Merchant
	}
	counted, settled := map[store.Settlement]store.Settlement{}, map[store.Settlement]store.Settlement{}
	for _, t := range tallies {
		if owner := owners[t.Campaign]; owner != "" && t.Merchant != "" && t.Merchant != owner {
			key := store.Settlement{Owner: owner, Partner: t.Merchant, Campaign: t.Campaign, Currency: t.Currency}
			counted[key] = posting.AddSettlement(counted[key], store.Settlement{Redeemed: t.Redeemed,
				Voided: t.Voided, Given: t.Given, TakenBack: t.TakenBack})
		}
	}
	for _, pair := range [][2]string{{"m-1", "m-2"}, {"m-2", "m-1"}} {
		rows, err := tx.Settlements(pair[0], pair[1], "", "")
		if err != nil {
			return err
		}
		for _, s := range rows {
			key := store.Settlement{Owner: s.Owner, Partner: s.Partner, Campaign: s.Campaign, Currency: s.Currency}
			s.Owner, s.Partner, s.Day, s.Campaign, s.Currency = "", "", "", "", ""
			settled[key] = posting.AddSettlement(settled[key], s)
		}
	}
	compareMaps(w, "the settlements", settled, counted)
	return nil
}

func (w *world) campaignNames() []string {
	names := []string{""}
	for i := range w.campaigns {
		names = append(names, w.campaigns[i].ID)
	}
	return names
}

// splitTally takes what a tally is kept under from what it counts.
func splitTally(t wire.Tally) (key, sum wire.Tally) {
	key = wire.Tally{Campaign: t.Campaign, Merchant: t.Merchant, Store: t.Store, Day: t.Day, Currency: t.Currency}
	t.Campaign, t.Merchant, t.Store, t.Day, t.Currency = "", "", "", "", ""
	return key, t
}

// compareMaps compares sums that are kept under keys. A sum of nothing is none.
func compareMaps[K comparable](w *world, what string, got, want map[K]K) {
	var zero K
	maps.DeleteFunc(got, func(_, sum K) bool { return sum == zero })
	for key, sum := range want {
		if got[key] != sum {
			w.fail("%s of %+v are %+v, not %+v", what, key, got[key], sum)
		}
	}
	for key, sum := range got {
		if want[key] != sum {
			w.fail("%s of %+v are %+v, not %+v", what, key, sum, want[key])
		}
	}
}

// compareOffers compares what is known of all offers that were ever accepted, with their uses.
func (w *world) compareOffers(tx store.Tx) error {
	var ids []offer.ID
	for _, p := range w.passes {
		ids = append(ids, p.id)
	}
	known, err := tx.Offers(ids, nil)
	if err != nil {
		return err
	}
	if len(known) != len(w.books.offers) {
		w.fail("%d offers are known, not %d", len(known), len(w.books.offers))
	}
	for i := range known {
		w.compareOffer(&known[i])
	}
	want := w.books.markedOffers()
	marked, err := marksAfter(tx, w.books.millis())
	if !slices.Equal(marked, want) {
		w.fail("%d offers are marked for tills, not %d", len(marked), len(want))
	}
	return err
}

func (w *world) compareOffer(o *store.Offer) {
	want := w.books.offerBy(o.ID, "")
	if want == nil {
		w.fail("offer %s is known and should not be", o.ID.Code())
	}
	uses, stood := w.books.uses(want), 0
	same := len(uses) == len(o.Uses) && o.MaxUses == want.maxUses && o.Revoked == want.revoked && o.Alias == want.alias &&
		o.NotAfter == want.notAfter && o.NotBefore == want.notBefore && o.Accepted == want.accepted &&
		(o.Recovered != 0) == want.recovered
	for i, f := range uses {
		if f.stood {
			stood++
		}
		same = same && o.Uses[i].Record == f.id && o.Uses[i].Given == f.given && o.Uses[i].Earliest == f.earliest &&
			o.Uses[i].Redeemed == f.latest
	}
	if !same {
		w.fail("offer %x of %s has %d uses: %+v, not %d: %v", o.ID[:3], o.Campaign, len(o.Uses), o.Uses, len(uses), uses)
	}
	if len(o.Uses)-stood > o.MaxUses {
		w.fail("offer %x of %s has %d uses, %d of them from before a restore, of %d",
			o.ID[:3], o.Campaign, len(o.Uses), stood, o.MaxUses)
	}
}

// compareTerminals compares what waits, and what is flagged.
func (w *world) compareTerminals(tx store.Tx) error {
	for _, l := range w.tills {
		row, err := tx.Terminal(l.id)
		if err != nil {
			return err
		}
		if row.Awaiting != w.books.waiting(l) {
			w.fail("%d records of %s wait, not %d", row.Awaiting, l.name, w.books.waiting(l))
		}
		got, want := map[string]uint64{}, map[string]uint64{}
		for kind, n := range row.Flags {
			got[string(kind)] = n
		}
		for what, n := range w.books.flags {
			if what.till == l {
				want[what.kind] = uint64(n)
			}
		}
		if !maps.Equal(got, want) {
			w.fail("the flags of %s are %v, not %v", l.name, got, want)
		}
	}
	return nil
}

var effects = map[effect]store.Effect{nothing: posting.NoEffect, gave: posting.Gave, tookBack: posting.TookBack,
	corrected: posting.Corrected, awaits: posting.Waits}

// compareEntries compares the entry of every fact.
func (w *world) compareEntries(tx store.Tx) error {
	var ids []record.ID
	for _, f := range w.books.facts {
		ids = append(ids, f.id)
	}
	entries, err := tx.Entries(ids)
	if err != nil {
		return err
	}
	byID := map[record.ID]*store.Entry{}
	for i := range entries {
		byID[entries[i].ID] = &entries[i]
	}
	for _, f := range w.books.facts {
		if e := byID[f.id]; !f.spare {
			w.compareEntry(e, f)
		}
	}
	return nil
}

func (w *world) compareEntry(e *store.Entry, f *fact) {
	if e == nil {
		w.fail("%s is not in the books", f)
	}
	counts := e.Effect == effects[f.effect] && e.Given == f.given && e.TakenBack == f.takenBack && e.Voided == f.voided
	dated := e.Day == f.day && e.Earliest == f.earliest && e.Latest == f.latest
	if !counts || !dated || e.Hash != f.hash || e.Verdict.Status != f.status || e.Verdict.Reason != f.reason {
		w.fail("%s is booked as %+v, it should be %+v", f, *e, *f)
	}
	if e.TakenBack > e.Given.Amount {
		w.fail("%s gave %v, and %d were taken back", f, e.Given, e.TakenBack)
	}
}

// viewAs returns what a merchant sees.
func viewAs[T any](w *world, path, merchant string) T {
	return request[T](w, w.server.Management(), "GET", path, managementKey(merchant), nil, http.StatusOK)
}

// compareSeen compares what merchants see with what the store has.
func (w *world) compareSeen() {
	figures, flags, lines := map[wire.Tally]wire.Tally{}, map[string]uint64{}, map[wire.LedgerLine]wire.LedgerLine{}
	for _, m := range merchants {
		for _, t := range viewAs[wire.Figures](w, wire.PathFigures, m).Figures {
			key, sum := splitTally(t)
			figures[key] = sum
		}
		for _, line := range viewAs[wire.Ledger](w, wire.PathLedger, m).Ledger {
			key := wire.LedgerLine{Campaign: line.Campaign, Currency: line.Currency}
			if line.Budget > 0 && line.Beyond != max(line.Given-line.TakenBack-line.Budget, 0) {
				w.fail("%+v: what was given beyond the budget is something else", line)
			}
			line.Campaign, line.Currency, line.Unbounded, line.Budget, line.Beyond = "", "", false, 0, 0
			lines[key] = line
		}
		for _, f := range viewAs[wire.Flags](w, wire.PathFlags, m).Flags {
			flags[f.Kind]++
		}
	}
	want, wantLines := w.books.figures(), w.books.ledger()
	maps.DeleteFunc(want, func(key, _ wire.Tally) bool { return key.Campaign == "" })
	maps.DeleteFunc(wantLines, func(key, _ wire.LedgerLine) bool { return key.Campaign == "" })
	compareMaps(w, "the figures that merchants see", figures, want)
	compareMaps(w, "the ledger lines that merchants see", lines, wantLines)
	wantFlags := map[string]uint64{}
	for what, n := range w.books.flags {
		wantFlags[what.kind] += uint64(n)
	}
	if !maps.Equal(flags, wantFlags) {
		w.fail("the flags that merchants see are %v, not %v", flags, wantFlags)
	}
}
