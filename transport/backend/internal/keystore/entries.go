package keystore

import (
	"bytes"
	"encoding/binary"
	"slices"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

func (t transaction) Entries(ids []record.ID) ([]store.Entry, error) {
	entries := make([]store.Entry, 0, len(ids))
	for _, id := range ids {
		raw, err := t.kv.Get(tableEntries, id[:])
		if err != nil {
			return nil, err
		}
		if raw == nil {
			continue
		}
		e, err := rowcode.DecodeEntry(id, raw)
		if err != nil {
			e = store.Entry{ID: id, Err: err}
		}
		entries = append(entries, e)
	}
	return entries, nil
}

func (t transaction) PutEntries(entries []store.Entry) error {
	// neighbours in the file
	slices.SortFunc(entries, func(a, b store.Entry) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	for i := range entries {
		if err := t.putEntry(&entries[i]); err != nil {
			return err
		}
	}
	return t.putReceipts(entries)
}

// putReceipts has redemptions found by their receipts.
func (t transaction) putReceipts(entries []store.Entry) error {
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

func (t transaction) putEntry(e *store.Entry) error {
	raw, err := rowcode.EncodeEntry(e)
	if err != nil {
		return err
	}
	if err := t.kv.Put(tableEntries, e.ID[:], raw); err != nil {
		return err
	}
	if err := t.putDay(e); err != nil {
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

func (t transaction) Redemptions(merchant string, receipts []record.Receipt) ([]store.Entry, error) {
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
	return slices.DeleteFunc(entries, func(e store.Entry) bool {
		return e.Err == nil && e.Place.Merchant != merchant
	}), err
}

// LockMerchant has nothing to do: there is one writer.
func (t transaction) LockMerchant(string, bool) error { return nil }

func verdictKey(terminal record.TerminalID, number uint64) []byte {
	return binary.BigEndian.AppendUint64(bytes.Clone(terminal[:]), number)
}

func (t transaction) Verdicts(terminal record.TerminalID, after uint64, most int) (
	verdicts []record.Verdict, err error,
) {
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
		e, err := rowcode.DecodeEntry(record.ID(id), raw)
		verdicts = append(verdicts, e.Verdict)
		return true, err
	})
	return verdicts, err
}
