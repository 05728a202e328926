// Package keystore is a store.Store on any ordered key-value database, such as bbolt or one in memory. Package rowcode
// draws the rows; the tables and their keys are here. The database has a format of its own: one of another format is
// refused.
package keystore

import (
	"context"
	"strconv"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/store"
)

// Tables of a Store. The names are part of the format, and so are the keys.
const (
	tableSettings  = "settings"
	tableCampaigns = "campaigns" // by id
	tableCodes     = "codes"     // by hash
	tableTerminals = "terminals" // by id
	tableTokens    = "tokens"    // credentials by hash of the token
	tableOffers    = "offers"    // by identifier, each behind the number and kind of its mark
	tableAliases   = "aliases"   // GS1 number to identifier
	tableChanged   = "changed"   // marks by number and identifier
	tableEntries   = "entries"   // by id
	tableVerdicts  = "verdicts"  // terminal id and number to entry id
	tableReceipts  = "receipts"  // receipt and entry id, of redemptions
	tableDays      = "days"      // merchant, day, latest moment and entry id
	tableTallies   = "tallies"   // campaign, day, merchant, store and currency to counts
	tableLedger    = "ledger"    // campaign, currency and end of a liability to amounts
	tableWaiting   = "waiting"   // target, moment and entry id of what waits for a redemption
	tableOverdue   = "overdue"   // terminal, moment and entry id to target
	tableFlags     = "flags"     // merchant, moment, entry id, terminal id and kind

	tableAgreements = "agreements" // by id
	tableDevices    = "devices"    // by hash of the secret
	tableHeld       = "held"       // hash of the device, number from the highest and identifier, of offers
	tableUnused     = "unused"     // end and identifier of offers of which no use was ever taken
	tableRaws       = "raws"       // moment and entry id of entries that have their record
	tableKeys       = "keys"       // management keys by hash
	tableChallenges = "challenges" // end and nonce of those that were used
	tableOperators  = "operators"  // merchant, day, operator, store, lane and currency to counts

	tableAnswers  = "answers"  // hash of the device and name
	tableShown    = "shown"    // name of an answer to how often it was shown in all
	tableDue      = "due"      // moment, hash of the device and name of answers that are to be looked at
	tableClicks   = "clicks"   // merchant, hash of the device and name of answers that are clicks
	tableMeasures = "measures" // campaign and arm to counts

	tableSettlements = "settlements" // owner, partner, day, campaign and currency to counts
	tableClosings    = "closings"    // owner, partner and day to a signed statement; without a day, to the last one

	tableBundles = "bundles" // trust bundles by merchant, and their parts
)

// Tables lists the tables that a Keys must have.
func Tables() []string {
	return []string{tableSettings, tableCampaigns, tableCodes, tableTerminals, tableTokens, tableOffers, tableAliases,
		tableEntries, tableVerdicts, tableReceipts, tableDays, tableTallies, tableLedger, tableWaiting, tableOverdue,
		tableFlags,
		tableAgreements,
		tableDevices, tableHeld, tableUnused, tableRaws, tableKeys, tableChallenges, tableOperators,
		tableChanged, tableBundles, tableAnswers, tableShown, tableDue, tableClicks, tableMeasures,
		tableSettlements, tableClosings}
}

// Keys is an ordered key-value database with one writer at a time, such as an embedded one. Update and View are as in
// Store; Update never calls fn twice.
type Keys interface {
	View(ctx context.Context, fn func(KeysTx) error) error
	Update(ctx context.Context, fn func(KeysTx) error) error
	Close() error
}

// A KeysTx reads and writes the Tables. The slices that it gives are good until fn returns and must not be changed.
type KeysTx interface {
	// Get returns the value, nil where there is none. What cannot be read is an error, and never as if it were not there.
	Get(table string, key []byte) ([]byte, error)
	Put(table string, key, value []byte) error
	Delete(table string, key []byte) error
	// Scan yields the pairs from a key on in ascending order until yield returns false. Where it returns an error, pairs
	// may be missing.
	Scan(table string, from []byte, yield func(key, value []byte) bool) error
}

// settingMark is the number of the next mark.
const settingMark = "mark"

// A Store is a store.Store on Keys. It is a store.Backuper where the Keys are one.
type Store struct{ keys Keys }

// The format as a whole, in the settings: which tables there are, and what their keys are made of.
const (
	settingFormat = "format"
	format        = 5 // those before were never released
)

// New returns a Store that keeps its rows in keys, which it closes when it is closed. Error:
// fault.UnsupportedVersion where a newer program has changed the format.
func New(ctx context.Context, keys Keys) (*Store, error) {
	err := keys.Update(ctx, func(tx KeysTx) error {
		raw, err := tx.Get(tableSettings, []byte(settingFormat))
		switch {
		case err != nil:
			return err
		case raw == nil:
			return tx.Put(tableSettings, []byte(settingFormat), strconv.AppendInt(nil, format, 10))
		}
		if is, err := strconv.Atoi(string(raw)); err != nil || is != format {
			return fault.New(fault.UnsupportedVersion, "store.NewKeyStore",
				"the database is of format %.20q, this program reads %d: use the program that wrote it", raw, format)
		}
		return nil
	})
	return &Store{keys}, err
}

// View implements Store.
func (s *Store) View(ctx context.Context, fn func(store.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.keys.View(ctx, func(tx KeysTx) error { return fn(transaction{tx}) })
}

// Update implements Store.
func (s *Store) Update(ctx context.Context, fn func(store.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.keys.Update(ctx, func(tx KeysTx) error { return fn(transaction{tx}) })
}

// Close implements Store.
func (s *Store) Close() error { return s.keys.Close() }

// Backup implements Backuper where the Keys do.
func (s *Store) Backup(ctx context.Context, file string) error {
	if b, ok := s.keys.(store.Backuper); ok {
		return b.Backup(ctx, file)
	}
	return fault.New(fault.InvalidRequest, "store.Backup", "this store cannot be copied while it runs")
}
