// Package posting adds up what one transaction posts to the ledger, to the figures, to those of operators, to
// settlements and to measures, and says what an entry counts in them.
package posting

import (
	"cmp"
	"maps"
	"slices"

	"github.com/offlane/offlane/transport/backend/store"
)

// Sums adds up what one transaction posts. Its zero value is empty; it is used by one goroutine.
type Sums struct {
	// Each sum is kept under itself without its counts.
	tallies   map[store.Tally]store.Tally
	ledger    map[store.LedgerRow]store.LedgerRow
	operators map[store.OperatorRow]store.OperatorRow

	settlements map[store.Settlement]store.Settlement
	measures    map[store.Measure]store.Measure
}

// Count adds what an entry counts now and takes off what it counted before; nil counts nothing.
func (s *Sums) Count(before, now *store.Entry) {
	if before != nil {
		s.Add(TallyOf(before), -1)
	}
	if now != nil {
		s.Add(TallyOf(now), 1)
	}
}

// Add adds a tally so many times, to the figures and to the ledger.
func (s *Sums) Add(t store.Tally, times int64) {
	if s.tallies == nil {
		s.tallies, s.ledger = map[store.Tally]store.Tally{}, map[store.LedgerRow]store.LedgerRow{}
	}
	key := bare(t)
	sum, ok := s.tallies[key]
	if !ok {
		sum = key
	}
	s.tallies[key] = AddTally(sum, t, times)
	s.change(store.LedgerRow{Campaign: t.Campaign, Currency: t.Currency,
		Accepted: times * t.Accepted, Given: times * t.Given, TakenBack: times * t.TakenBack})
}

// Owe changes what a campaign may still have to give until the day on which it ends.
func (s *Sums) Owe(campaign, currency, ends string, amount int64) {
	if s.ledger == nil {
		s.tallies, s.ledger = map[store.Tally]store.Tally{}, map[store.LedgerRow]store.LedgerRow{}
	}
	s.change(store.LedgerRow{Campaign: campaign, Currency: currency, Ends: ends, Liability: amount})
}

func (s *Sums) change(by store.LedgerRow) {
	key := store.LedgerRow{Campaign: by.Campaign, Currency: by.Currency, Ends: by.Ends}
	sum, ok := s.ledger[key]
	if !ok {
		sum = key
	}
	AddRow(&sum, &by)
	s.ledger[key] = sum
}

// Settle adds to what is between two merchants.
func (s *Sums) Settle(by store.Settlement) {
	if s.settlements == nil {
		s.settlements = map[store.Settlement]store.Settlement{}
	}
	key := bareSettlement(by)
	sum, ok := s.settlements[key]
	if !ok {
		sum = key
	}
	s.settlements[key] = AddSettlement(sum, by)
}

// Posting is what was added up. What comes to nothing is left out.
func (s *Sums) Posting() *store.Posting {
	return &store.Posting{Ledger: s.ledgerRows(), Tallies: s.tallyRows(), Operators: s.operatorRows(),
		Settlements: s.settlementRows(), Measures: s.measureRows()}
}

func (s *Sums) settlementRows() []store.Settlement {
	all := slices.SortedFunc(maps.Values(s.settlements), CompareSettlements)
	return slices.DeleteFunc(all, func(s store.Settlement) bool { return s == bareSettlement(s) })
}

func (s *Sums) tallyRows() []store.Tally {
	all := slices.SortedFunc(maps.Values(s.tallies), func(a, b store.Tally) int {
		return cmp.Compare(TallyKey(&a), TallyKey(&b))
	})
	return slices.DeleteFunc(all, IsNothing)
}

func (s *Sums) ledgerRows() []store.LedgerRow {
	all := slices.SortedFunc(maps.Values(s.ledger), func(a, b store.LedgerRow) int {
		return cmp.Compare(RowKey(&a), RowKey(&b))
	})
	return slices.DeleteFunc(all, isEmptyRow)
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
func SumLedger(campaign, day string, rows []store.LedgerRow) (lines []LedgerLine) {
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
