package storesuite

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/flags"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/internal/waits"
	"github.com/offlane/offlane/transport/backend/store"
)

// manyOfAKind is how many rows of a kind there are that are listed at once: more than a database may give in one part.
const manyOfAKind = 5_001

// A listing writes rows of one kind, and counts those that are listed.
type listing struct {
	write func(tx store.Tx, n int) error
	count func(tx store.Tx) (int, error)
}

// countRows counts what a method lists.
func countRows[T any](rows []T, err error) (int, error) { return len(rows), err }

// each calls write with the numbers up to n.
func each(n int, write func(i int) error) error {
	for i := range n {
		if err := write(i); err != nil {
			return err
		}
	}
	return nil
}

// hashOf is a hash of its own for each number.
func hashOf(i int) store.Hash { return store.HashOf(fmt.Sprint("row ", i)) }

// slowToWrite are the kinds of which a database takes a second to write so many; they are listed with the flag -long.
var slowToWrite = []string{"agreements", "codes", "management keys", "terminals", "flags", "offers", "marks"}

// listings are the kinds of rows that are listed without a bound, or with one that is higher.
func listings() map[string]listing {
	terminal, target := record.NewTerminalID(), waits.TargetReceipt("m", "X79NA-0B3W9")
	return map[string]listing{
		"campaigns": {func(tx store.Tx, n int) error {
			return each(n, func(i int) error { return tx.PutCampaign(store.Campaign{ID: fmt.Sprint("c", i)}) })
		}, func(tx store.Tx) (int, error) { return countRows(tx.Campaigns()) }},
		"agreements": {func(tx store.Tx, n int) error {
			return each(n, func(i int) error {
				return tx.PutAgreement(store.Agreement{ID: fmt.Sprint("a", i), Owner: "m", Partner: "n"})
			})
		}, func(tx store.Tx) (int, error) { return countRows(tx.Agreements("n")) }},
		"codes": {func(tx store.Tx, n int) error {
			return each(n, func(i int) error { return tx.PutCode(store.Code{Hash: hashOf(i), Merchant: "m"}) })
		}, func(tx store.Tx) (int, error) { return countRows(tx.Codes("m")) }},
		"management keys": {func(tx store.Tx, n int) error {
			return each(n, func(i int) error {
				return tx.PutManagementKey(store.ManagementKey{Hash: hashOf(i), Merchant: "m"})
			})
		}, func(tx store.Tx) (int, error) { return countRows(tx.ManagementKeys("m")) }},
		"terminals": {func(tx store.Tx, n int) error {
			return each(n, func(i int) error {
				return tx.PutTerminal(store.Terminal{ID: record.NewTerminalID(), Token: hashOf(i),
					Place: record.Place{Merchant: "m"}})
			})
		}, func(tx store.Tx) (int, error) { return countRows(tx.Terminals("m")) }},
		"waiting": {func(tx store.Tx, n int) error {
			return each(n, func(i int) error {
				return tx.AddWaiting(store.Waiting{Target: target, Record: record.NewID(), Terminal: terminal, Received: int64(i)})
			})
		}, func(tx store.Tx) (int, error) { return countRows(tx.Waiting([]store.Target{target})) }},
		"overdue": {nil, func(tx store.Tx) (int, error) { return countRows(tx.Overdue(terminal, 1, 2*manyOfAKind)) }},
		"flags": {func(tx store.Tx, n int) error {
			return each(n, func(i int) error {
				return tx.AddFlag(store.Flag{Kind: flags.Forked, Merchant: "m", Record: record.NewID(), At: int64(i)})
			})
		}, func(tx store.Tx) (int, error) { return countRows(tx.Flags("m", store.Flag{}, 2*manyOfAKind)) }},
		"verdicts": {func(tx store.Tx, n int) error {
			entries := make([]store.Entry, n)
			for i := range entries {
				entries[i] = anEntry(terminal, uint64(i+1))
			}
			return tx.PutEntries(entries)
		}, func(tx store.Tx) (int, error) { return countRows(tx.Verdicts(terminal, 0, 2*manyOfAKind)) }},
		"a day": {nil, func(tx store.Tx) (int, error) {
			return countRows(tx.DayEntries("m", "2026-11-02", store.DayMark{}, 2*manyOfAKind))
		}},
		"offers": {func(tx store.Tx, n int) error {
			return each(n, func(int) error {
				o := spentOffer("")
				o.Device = hashOf(0)
				return tx.AddOffer(o)
			})
		}, func(tx store.Tx) (int, error) { return countRows(tx.DeviceOffers(hashOf(0), 0, 2*manyOfAKind)) }},
		"marks": {nil, func(tx store.Tx) (int, error) { return countRows(tx.Marks(store.Mark{}, 2*manyOfAKind)) }},
		"figures": {func(tx store.Tx, n int) error { return tx.Post(manyPosted(n)) },
			func(tx store.Tx) (int, error) { return countRows(tx.Tallies([]string{"c"}, "", "")) }},
		"ledger":    {nil, func(tx store.Tx) (int, error) { return countRows(tx.Ledger("c")) }},
		"operators": {nil, func(tx store.Tx) (int, error) { return countRows(tx.Operators("m", "", "")) }},
	}
}

// manyPosted is a posting of n figures, n rows of the ledger and n operators.
func manyPosted(n int) *store.Posting {
	var p posting.Sums
	for i := range n {
		p.Add(store.Tally{Campaign: "c", Merchant: "m", Store: fmt.Sprint(i), Day: "2026-11-02", Shown: 1}, 1)
		p.Owe("c", "EUR", fmt.Sprintf("2027-01-01 %d", i), 1)
		p.CountOperator(store.OperatorRow{Merchant: "m", Counts: didVoid("2026-11-02", fmt.Sprint(i), "1")})
	}
	return p.Posting()
}

// manyRows lists more rows than a database may give in one part, or a fifth of them without the flag -long, and removes
// as many.
func manyRows(t *testing.T, s store.Store) {
	all, n := listings(), manyOfAKind
	if !*long {
		n = 1_001
		maps.DeleteFunc(all, func(name string, _ listing) bool { return slices.Contains(slowToWrite, name) })
	}
	for name, kind := range all {
		if kind.write != nil {
			require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error { return kind.write(tx, n) }), name)
		}
	}
	for name, kind := range all {
		view(t, s, func(tx store.Tx) error {
			counted, err := kind.count(tx)
			assert.Equal(t, n, counted, name)
			return err
		})
	}
	removed := func(what string, remove func(tx store.Tx) (int, error)) {
		update(t, s, func(tx store.Tx) error {
			gone, err := remove(tx)
			assert.Equal(t, n, gone, what)
			return err
		})
	}
	removed("records", func(tx store.Tx) (int, error) { return tx.DropRaw(1e15, 2*manyOfAKind) })
	removed("operators", func(tx store.Tx) (int, error) { return tx.DropOperators("m", "9", 2*manyOfAKind) })
	update(t, s, func(tx store.Tx) error { return tx.ForgetDevice(hashOf(0)) })
	view(t, s, func(tx store.Tx) error {
		left, err := countRows(tx.DeviceOffers(hashOf(0), 0, 2*manyOfAKind))
		assert.Zero(t, left, "all offers are forgotten")
		return err
	})
}
