package store

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// A LedgerRow is a row of the ledger, or a change of one. The row of a campaign and currency without Ends holds what
// was accepted, given and taken back; those with an end hold the liability that leaves the books on that day.
type LedgerRow struct {
	Campaign string `json:"campaign"`
	Currency string `json:"currency"`
	// Ends is the first day (UTC, YYYY-MM-DD) on which the liability counts no more; empty: the row has none.
	Ends string `json:"ends,omitempty"`
	// Accepted counts offers; the others are in minor units of Currency.
	Accepted  int64 `json:"accepted,omitempty"`
	Given     int64 `json:"given,omitempty"`
	TakenBack int64 `json:"takenBack,omitempty"`
	Liability int64 `json:"liability,omitempty"`
}

// Key is what the row is kept under. Rows of one campaign and currency follow one another, the one without an end
// first.
func (r *LedgerRow) Key() string {
	return strings.Join([]string{r.Campaign, r.Currency, r.Ends}, "\x00")
}

func (r *LedgerRow) add(other LedgerRow) {
	r.Accepted, r.Given = r.Accepted+other.Accepted, r.Given+other.Given
	r.TakenBack, r.Liability = r.TakenBack+other.TakenBack, r.Liability+other.Liability
}

func (r LedgerRow) isNothing() bool {
	return r.Accepted == 0 && r.Given == 0 && r.TakenBack == 0 && r.Liability == 0
}

// A Posting is what one transaction adds to the ledger, to the figures, to those of operators and to settlements. Its
// zero value is empty; it is used by one goroutine.
type Posting struct {
	// Each sum is kept under itself without its counts.
	tallies   map[Tally]Tally
	ledger    map[LedgerRow]LedgerRow
	operators map[OperatorRow]OperatorRow

	settlements map[Settlement]Settlement
}

// Count adds what an entry counts now and takes off what it counted before; nil counts nothing.
func (p *Posting) Count(before, now *Entry) {
	if before != nil {
		p.Add(TallyOf(before), -1)
	}
	if now != nil {
		p.Add(TallyOf(now), 1)
	}
}

// Add adds a tally so many times, to the figures and to the ledger.
func (p *Posting) Add(t Tally, times int64) {
	if p.tallies == nil {
		p.tallies, p.ledger = map[Tally]Tally{}, map[LedgerRow]LedgerRow{}
	}
	key := bare(t)
	sum, ok := p.tallies[key]
	if !ok {
		sum = key
	}
	p.tallies[key] = plus(sum, t, times)
	p.change(LedgerRow{Campaign: t.Campaign, Currency: t.Currency,
		Accepted: times * t.Accepted, Given: times * t.Given, TakenBack: times * t.TakenBack})
}

// Owe changes what a campaign may still have to give until the day on which it ends.
func (p *Posting) Owe(campaign, currency, ends string, amount int64) {
	if p.ledger == nil {
		p.tallies, p.ledger = map[Tally]Tally{}, map[LedgerRow]LedgerRow{}
	}
	p.change(LedgerRow{Campaign: campaign, Currency: currency, Ends: ends, Liability: amount})
}

func (p *Posting) change(by LedgerRow) {
	key := LedgerRow{Campaign: by.Campaign, Currency: by.Currency, Ends: by.Ends}
	sum, ok := p.ledger[key]
	if !ok {
		sum = key
	}
	sum.add(by)
	p.ledger[key] = sum
}

// Settle adds to what is between two merchants.
func (p *Posting) Settle(s Settlement) {
	if p.settlements == nil {
		p.settlements = map[Settlement]Settlement{}
	}
	key := s.bare()
	sum, ok := p.settlements[key]
	if !ok {
		sum = key
	}
	p.settlements[key] = sum.Plus(s)
}

// Settlements are the changes of what is between merchants, in the order in which all transactions change them.
func (p *Posting) Settlements() []Settlement {
	all := slices.SortedFunc(maps.Values(p.settlements), Settlement.Compare)
	return slices.DeleteFunc(all, func(s Settlement) bool { return s == s.bare() })
}

// Tallies are the changes of the figures, in the order in which all transactions change them.
func (p *Posting) Tallies() []Tally {
	all := slices.SortedFunc(maps.Values(p.tallies), func(a, b Tally) int { return cmp.Compare(keyOf(&a), keyOf(&b)) })
	return slices.DeleteFunc(all, IsNothing)
}

// Ledger are the changes of the ledger, in the order in which all transactions change them.
func (p *Posting) Ledger() []LedgerRow {
	all := slices.SortedFunc(maps.Values(p.ledger), func(a, b LedgerRow) int { return cmp.Compare(a.Key(), b.Key()) })
	return slices.DeleteFunc(all, LedgerRow.isNothing)
}

// A LedgerLine is what one campaign comes to in one currency.
type LedgerLine struct {
	Campaign string
	// Currency is empty where no amount is known.
	Currency string
	// Accepted counts offers; the others are in minor units of Currency.
	Accepted, Given, TakenBack int64
	// Liability is the most that accepted offers can still give. What expired leaves it when no late report can come any
	// more.
	Liability int64
}

// SumLedger makes one line a currency out of a campaign's rows, with the liability that counts on a day.
func SumLedger(campaign, day string, rows []LedgerRow) (lines []LedgerLine) {
	sums := map[string]*LedgerLine{}
	for _, r := range rows {
		line := sums[r.Currency]
		if line == nil {
			line = &LedgerLine{Campaign: campaign, Currency: r.Currency}
			sums[r.Currency] = line
		}
		line.Accepted, line.Given, line.TakenBack = line.Accepted+r.Accepted, line.Given+r.Given, line.TakenBack+r.TakenBack
		if r.Ends > day {
			line.Liability += r.Liability
		}
	}
	for _, currency := range slices.Sorted(maps.Keys(sums)) {
		lines = append(lines, *sums[currency])
	}
	return lines
}

// A Spent is what a campaign gave in a currency, what of it was taken back, and what accepted offers can still give, in
// minor units.
type Spent struct{ Given, TakenBack, Liability int64 }

// Sum is what of a budget is used.
func (s Spent) Sum() int64 { return s.Given - s.TakenBack + s.Liability }
