package backend

import (
	"context"

	"github.com/offlane/offlane/redeem/fault"
)

// Tables of a KeyStore. The names are part of the format.
const (
	tableSettings  = "settings"
	tableCampaigns = "campaigns" // by id
	tableCodes     = "codes"     // by hash
	tableTerminals = "terminals" // by id
	tableTokens    = "tokens"    // hash of the token to terminal id
	tableOffers    = "offers"    // by identifier
	tableAliases   = "aliases"   // GS1 number to identifier
	tableMarked    = "marked"    // identifiers of offers that are spent or revoked
	tableEntries   = "entries"   // by id
	tableVerdicts  = "verdicts"  // terminal id and number to entry id
	tableReceipts  = "receipts"  // receipt and entry id, of redemptions
	tableTallies   = "tallies"   // campaign, day, merchant and store to counts
)

// Tables lists the tables that a Keys must have.
func Tables() []string {
	return []string{tableSettings, tableCampaigns, tableCodes, tableTerminals, tableTokens, tableOffers, tableAliases, tableMarked,
		tableEntries, tableVerdicts, tableReceipts, tableTallies}
}

// Keys is an ordered key-value database with one writer at a time, such as an embedded one. Update and View are as in Store;
// Update never calls fn twice.
type Keys interface {
	View(ctx context.Context, fn func(KeysTx) error) error
	Update(ctx context.Context, fn func(KeysTx) error) error
	Close() error
}

// A KeysTx reads and writes the Tables. The slices that it gives are good until fn returns and must not be changed.
type KeysTx interface {
	// Get returns the value, nil where there is none.
	Get(table string, key []byte) []byte
	Put(table string, key, value []byte) error
	Delete(table string, key []byte) error
	// Scan yields the pairs from a key on in ascending order until yield returns false.
	Scan(table string, from []byte, yield func(key, value []byte) bool) error
}

// A KeyStore is a Store on Keys.
type KeyStore struct{ keys Keys }

// NewKeyStore returns a Store that keeps its rows in keys.
func NewKeyStore(keys Keys) *KeyStore { return &KeyStore{keys} }

// View implements Store.
func (s *KeyStore) View(ctx context.Context, fn func(Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.keys.View(ctx, func(tx KeysTx) error { return fn(keyTx{tx}) })
}

// Update implements Store.
func (s *KeyStore) Update(ctx context.Context, fn func(Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.keys.Update(ctx, func(tx KeysTx) error { return fn(keyTx{tx}) })
}

// Close implements Store.
func (s *KeyStore) Close() error { return s.keys.Close() }

// Backup implements Backuper where the Keys do.
func (s *KeyStore) Backup(ctx context.Context, file string) error {
	if b, ok := s.keys.(Backuper); ok {
		return b.Backup(ctx, file)
	}
	return fault.New(fault.InvalidRequest, "backend.Backup", "this store cannot be copied while it runs")
}
