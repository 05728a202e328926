package store

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// A keyTx keeps rows under keys.
type keyTx struct{ kv KeysTx }

func (t keyTx) Setting(name string) ([]byte, error) {
	raw, err := t.kv.Get(tableSettings, []byte(name))
	return bytes.Clone(raw), err
}

func (t keyTx) PutSetting(name string, value []byte) error {
	return t.kv.Put(tableSettings, []byte(name), value)
}

// get reads one row; nil where there is none.
func get[T any](kv KeysTx, table string, key []byte) (*T, error) {
	raw, err := kv.Get(table, key)
	if err != nil || raw == nil {
		return nil, err
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
	err = scan(kv, table, nil, func(_, raw []byte) (bool, error) {
		row, err := Decode[T](raw)
		if err == nil && keep(&row) {
			rows = append(rows, row)
		}
		return true, err
	})
	return rows, err
}

// scan yields the pairs of a table from a key on until yield returns false or an error. It returns that error, or the
// scan's.
func scan(kv KeysTx, table string, from []byte, yield func(key, value []byte) (bool, error)) error {
	var failed error
	err := kv.Scan(table, from, func(key, value []byte) (more bool) {
		more, failed = yield(key, value)
		return more && failed == nil
	})
	if failed != nil {
		return failed
	}
	return err
}

func (t keyTx) Campaign(id string) (*Campaign, error) {
	return get[Campaign](t.kv, tableCampaigns, []byte(id))
}

func (t keyTx) LockCampaign(id string) (*Campaign, error) { return t.Campaign(id) }

func (t keyTx) Campaigns() ([]Campaign, error) {
	return list(t.kv, tableCampaigns, func(*Campaign) bool { return true })
}

func (t keyTx) PutCampaign(c Campaign) error {
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
	for _, id := range ids {
		if offers, err = t.appendOffer(offers, seen, id); err != nil {
			return nil, err
		}
	}
	for _, alias := range aliases {
		if alias == "" {
			continue
		}
		id, err := t.kv.Get(tableAliases, []byte(alias))
		if err == nil && len(id) == len(offer.ID{}) {
			offers, err = t.appendOffer(offers, seen, offer.ID(id))
		}
		if err != nil {
			return nil, err
		}
	}
	return offers, nil
}

// appendOffer appends an offer that is there and was not seen.
func (t keyTx) appendOffer(offers []Offer, seen map[offer.ID]bool, id offer.ID) ([]Offer, error) {
	if seen[id] {
		return offers, nil
	}
	_, raw, err := t.offerRow(id)
	if err != nil || raw == nil {
		return offers, err
	}
	seen[id] = true
	o, err := DecodeOffer(id, raw)
	if err != nil {
		o = Offer{ID: id, Err: err}
	}
	return append(offers, o), nil
}

// isTaken reports whether there is an offer with this one's identifier or alias.
func (t keyTx) isTaken(o *Offer) (bool, error) {
	if row, err := t.kv.Get(tableOffers, o.ID[:]); err != nil || row != nil || o.Alias == "" {
		return row != nil, err
	}
	row, err := t.kv.Get(tableAliases, []byte(o.Alias))
	return row != nil, err
}

func (t keyTx) AddOffer(o Offer) error {
	switch taken, err := t.isTaken(&o); {
	case err != nil:
		return err
	case taken:
		return fault.New(fault.Conflict, "store", "the identifier or alias of offer %s is taken", o.ID)
	}
	if o.Alias != "" {
		if err := t.kv.Put(tableAliases, []byte(o.Alias), o.ID[:]); err != nil {
			return err
		}
	}
	if !o.Device.IsZero() {
		if err := t.kv.Put(tableHeld, heldKey(o.Device, o.Number, o.ID), []byte{1}); err != nil {
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
		was, _, err := t.offerRow(o.ID)
		if err != nil {
			return err
		}
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
		raw, err := t.kv.Get(tableEntries, id[:])
		if err != nil {
			return nil, err
		}
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
	err = scan(t.kv, tableVerdicts, verdictKey(terminal, after+1), func(key, id []byte) (bool, error) {
		if len(verdicts) == most || !bytes.HasPrefix(key, terminal[:]) {
			return false, nil
		}
		raw, err := t.kv.Get(tableEntries, id)
		if err != nil {
			return false, err
		}
		e, err := DecodeEntry(record.ID(id), raw)
		verdicts = append(verdicts, e.Verdict)
		return true, err
	})
	return verdicts, err
}

func (t keyTx) Tallies(campaigns []string, from, to string) (tallies []Tally, err error) {
	for _, campaign := range campaigns {
		prefix := append([]byte(campaign), 0)
		err := scan(t.kv, tableTallies, append(bytes.Clone(prefix), from...), func(key, raw []byte) (bool, error) {
			if !bytes.HasPrefix(key, prefix) {
				return false, nil
			}
			row, err := Decode[Tally](raw)
			if err != nil || to != "" && row.Day > to {
				return false, err
			}
			if !IsNothing(row) {
				tallies = append(tallies, row)
			}
			return true, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return tallies, nil
}
