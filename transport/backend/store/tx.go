package store

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// A keyTx keeps rows under keys.
type keyTx struct{ kv KeysTx }

func (t keyTx) Setting(name string) ([]byte, error) {
	return bytes.Clone(t.kv.Get(tableSettings, []byte(name))), nil
}

func (t keyTx) PutSetting(name string, value []byte) error {
	return t.kv.Put(tableSettings, []byte(name), value)
}

// get reads one row; nil where there is none.
func get[T any](kv KeysTx, table string, key []byte) (*T, error) {
	raw := kv.Get(table, key)
	if raw == nil {
		return nil, nil
	}
	row, err := Decode[T](raw)
	return &row, err
}

func put(kv KeysTx, table string, key []byte, row any) error {
	raw, err := Encode(row)
	if err != nil {
		return err
	}
	return kv.Put(table, key, raw)
}

// list reads the rows of a table for which keep says so, in the order of their keys.
func list[T any](kv KeysTx, table string, keep func(*T) bool) (rows []T, err error) {
	scanned := kv.Scan(table, nil, func(_, raw []byte) bool {
		var row T
		if row, err = Decode[T](raw); err == nil && keep(&row) {
			rows = append(rows, row)
		}
		return err == nil
	})
	return rows, cmp.Or(err, scanned)
}

func (t keyTx) Campaign(id string) (*wire.Campaign, error) {
	return get[wire.Campaign](t.kv, tableCampaigns, []byte(id))
}

func (t keyTx) LockCampaign(id string) (*wire.Campaign, error) { return t.Campaign(id) }

func (t keyTx) Campaigns() ([]wire.Campaign, error) {
	return list(t.kv, tableCampaigns, func(*wire.Campaign) bool { return true })
}

func (t keyTx) PutCampaign(c wire.Campaign) error {
	return put(t.kv, tableCampaigns, []byte(c.ID), c)
}

func (t keyTx) Code(hash Hash) (*Code, error) {
	return get[Code](t.kv, tableCodes, hash[:])
}

func (t keyTx) Codes(merchant string) ([]Code, error) {
	return list(t.kv, tableCodes, func(c *Code) bool { return c.Merchant == merchant })
}

func (t keyTx) PutCode(c Code) error { return put(t.kv, tableCodes, c.Hash[:], c) }

func (t keyTx) Terminal(id record.TerminalID) (*Terminal, error) {
	return get[Terminal](t.kv, tableTerminals, id[:])
}

func (t keyTx) Terminals(merchant string) ([]Terminal, error) {
	return list(t.kv, tableTerminals, func(t *Terminal) bool { return t.Place.Merchant == merchant })
}

func (t keyTx) PutTerminal(row Terminal) error {
	old, err := t.Terminal(row.ID)
	if err != nil {
		return err
	}
	if err := t.putCredentials(&row, old); err != nil {
		return err
	}
	return put(t.kv, tableTerminals, row.ID[:], row)
}

func (t keyTx) Offers(ids []offer.ID, aliases []string) (offers []Offer, err error) {
	seen := make(map[offer.ID]bool, len(ids))
	load := func(id offer.ID) {
		_, raw := t.offerRow(id)
		if raw == nil || seen[id] {
			return
		}
		seen[id] = true
		o, failed := DecodeOffer(id, raw)
		if failed != nil {
			o = Offer{ID: id, Err: failed}
		}
		offers = append(offers, o)
	}
	for _, id := range ids {
		load(id)
	}
	for _, alias := range aliases {
		if alias == "" {
			continue
		}
		if id := t.kv.Get(tableAliases, []byte(alias)); len(id) == len(offer.ID{}) {
			load(offer.ID(id))
		}
	}
	return offers, err
}

func (t keyTx) AddOffer(o Offer) error {
	if t.kv.Get(tableOffers, o.ID[:]) != nil || o.Alias != "" && t.kv.Get(tableAliases, []byte(o.Alias)) != nil {
		return fault.New(fault.Conflict, "store", "the identifier or alias of offer %s is taken", o.ID)
	}
	if o.Alias != "" {
		if err := t.kv.Put(tableAliases, []byte(o.Alias), o.ID[:]); err != nil {
			return err
		}
	}
	if !o.Device.IsZero() {
		if err := t.kv.Put(tableHeld, heldKey(o.Device, o.Accepted, o.ID), []byte{1}); err != nil {
			return err
		}
	}
	if len(o.Uses) == 0 {
		if err := t.kv.Put(tableUnused, endKey(&o), []byte{1}); err != nil {
			return err
		}
	}
	return (&marker{keyTx: t}).put(&o, markRef{})
}

func (t keyTx) PutOffers(offers []Offer) error {
	slices.SortFunc(offers, func(a, b Offer) int { return bytes.Compare(a.ID[:], b.ID[:]) }) // neighbours in the file
	marks := marker{keyTx: t}
	for i := range offers {
		o := &offers[i]
		was, _ := t.offerRow(o.ID)
		if err := marks.put(o, was); err != nil {
			return err
		}
		if err := t.keepUnused(o); err != nil {
			return err
		}
	}
	return nil
}

func (t keyTx) Entries(ids []record.ID) ([]Entry, error) {
	entries := make([]Entry, 0, len(ids))
	for _, id := range ids {
		raw := t.kv.Get(tableEntries, id[:])
		if raw == nil {
			continue
		}
		e, err := DecodeEntry(id, raw)
		if err != nil {
			e = Entry{ID: id, Err: err}
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func (t keyTx) PutEntries(entries []Entry) error {
	slices.SortFunc(entries, func(a, b Entry) int { return bytes.Compare(a.ID[:], b.ID[:]) }) // neighbours in the file
	for i := range entries {
		if err := t.putEntry(&entries[i]); err != nil {
			return err
		}
	}
	return t.putReceipts(entries)
}

// putReceipts has redemptions found by their receipts.
func (t keyTx) putReceipts(entries []Entry) error {
	var keys [][]byte
	for i := range entries {
		if e := &entries[i]; e.Kind == record.Redemption {
			keys = append(keys, receiptKey(e.ID.Receipt(), e.ID))
		}
	}
	slices.SortFunc(keys, bytes.Compare)
	for _, key := range keys {
		if err := t.kv.Put(tableReceipts, key, []byte{1}); err != nil {
			return err
		}
	}
	return nil
}

func (t keyTx) putEntry(e *Entry) error {
	raw, err := EncodeEntry(e)
	if err != nil {
		return err
	}
	if err := t.kv.Put(tableEntries, e.ID[:], raw); err != nil {
		return err
	}
	if len(e.Raw) > 0 {
		if err := t.kv.Put(tableRaws, rawKey(e), []byte{1}); err != nil {
			return err
		}
	}
	if e.Verdict.Number == 0 {
		return nil
	}
	return t.kv.Put(tableVerdicts, verdictKey(e.Terminal, e.Verdict.Number), e.ID[:])
}

func receiptKey(receipt record.Receipt, id record.ID) []byte {
	return append([]byte(receipt), id[:]...)
}

func (t keyTx) Redemptions(merchant string, receipts []record.Receipt) ([]Entry, error) {
	var ids []record.ID
	for _, receipt := range receipts {
		err := t.kv.Scan(tableReceipts, []byte(receipt), func(key, _ []byte) bool {
			rest, ok := bytes.CutPrefix(key, []byte(receipt))
			if ok && len(rest) == len(record.ID{}) {
				ids = append(ids, record.ID(rest))
			}
			return ok
		})
		if err != nil {
			return nil, err
		}
	}
	entries, err := t.Entries(ids)
	return slices.DeleteFunc(entries, func(e Entry) bool { return e.Err == nil && e.Place.Merchant != merchant }), err
}

// LockMerchant has nothing to do: there is one writer.
func (t keyTx) LockMerchant(string, bool) error { return nil }

func verdictKey(terminal record.TerminalID, number uint64) []byte {
	return binary.BigEndian.AppendUint64(bytes.Clone(terminal[:]), number)
}

func (t keyTx) Verdicts(terminal record.TerminalID, after uint64, most int) (verdicts []record.Verdict, err error) {
	if after+1 == 0 {
		return nil, nil
	}
	scanned := t.kv.Scan(tableVerdicts, verdictKey(terminal, after+1), func(key, id []byte) bool {
		if len(verdicts) == most || !bytes.HasPrefix(key, terminal[:]) {
			return false
		}
		var e Entry
		e, err = DecodeEntry(record.ID(id), t.kv.Get(tableEntries, id))
		verdicts = append(verdicts, e.Verdict)
		return err == nil
	})
	return verdicts, cmp.Or(err, scanned)
}

func (t keyTx) Tallies(campaigns []string, from, to string) (tallies []wire.Tally, err error) {
	for _, campaign := range campaigns {
		prefix := append([]byte(campaign), 0)
		scanned := t.kv.Scan(tableTallies, append(bytes.Clone(prefix), from...), func(key, raw []byte) bool {
			var row wire.Tally
			if !bytes.HasPrefix(key, prefix) {
				return false
			}
			if row, err = Decode[wire.Tally](raw); err != nil || to != "" && row.Day > to {
				return false
			}
			if !IsNothing(row) {
				tallies = append(tallies, row)
			}
			return true
		})
		if err = cmp.Or(err, scanned); err != nil {
			return nil, err
		}
	}
	return tallies, nil
}
