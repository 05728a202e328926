package store

import (
	"bytes"
	"encoding/binary"

	"github.com/offlane/offlane/redeem/record"
)

// Post adds to the rows that there are.
func (t keyTx) Post(p *Posting) error {
	for _, row := range p.Ledger() {
		key := []byte(row.Key())
		have, err := get[LedgerRow](t.kv, tableLedger, key)
		if err != nil {
			return err
		}
		if have != nil {
			row.add(*have)
		}
		if err := put(t.kv, tableLedger, key, row); err != nil {
			return err
		}
	}
	for _, tally := range p.Tallies() {
		key := []byte(keyOf(&tally))
		have, err := get[Tally](t.kv, tableTallies, key)
		if err != nil {
			return err
		}
		if have != nil {
			tally = plus(tally, *have, 1)
		}
		if err := put(t.kv, tableTallies, key, tally); err != nil {
			return err
		}
	}
	for _, row := range p.Operators() {
		if err := t.addOperator(row); err != nil {
			return err
		}
	}
	for _, row := range p.Settlements() {
		if err := t.addSettlement(row); err != nil {
			return err
		}
	}
	return nil
}

func (t keyTx) Spent(campaign, currency, day string) (sum Spent, err error) {
	row, err := get[LedgerRow](t.kv, tableLedger, []byte((&LedgerRow{Campaign: campaign, Currency: currency}).Key()))
	if err != nil {
		return Spent{}, err
	}
	if row != nil {
		sum.Given, sum.TakenBack = row.Given, row.TakenBack
	}
	if day == "" {
		return sum, nil
	}
	prefix := []byte(campaign + "\x00" + currency + "\x00")
	err = scan(t.kv, tableLedger, append(bytes.Clone(prefix), day+"\x00"...), func(key, raw []byte) (bool, error) {
		if !bytes.HasPrefix(key, prefix) {
			return false, nil
		}
		row, err := Decode[LedgerRow](raw)
		sum.Liability += row.Liability
		return true, err
	})
	return sum, err
}

func (t keyTx) Ledger(campaign string) (rows []LedgerRow, err error) {
	prefix := append([]byte(campaign), 0)
	err = scan(t.kv, tableLedger, prefix, func(key, raw []byte) (bool, error) {
		if !bytes.HasPrefix(key, prefix) {
			return false, nil
		}
		row, err := Decode[LedgerRow](raw)
		rows = append(rows, row)
		return true, err
	})
	return rows, err
}

// moment is a number as keys hold it, so that they are in its order.
func moment(millis int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(max(millis, 0))) }

// lengthened is a text with its length before it, so that none is the beginning of another.
func lengthened(text string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(text))), text...)
}

func waitingKey(w *Waiting) []byte {
	return append(append(lengthened(string(w.Target)), moment(w.Received)...), w.Record[:]...)
}

func overdueKey(w *Waiting) []byte {
	return append(append(bytes.Clone(w.Terminal[:]), moment(w.Until)...), w.Record[:]...)
}

func (t keyTx) AddWaiting(w Waiting) error {
	if err := put(t.kv, tableWaiting, waitingKey(&w), w); err != nil {
		return err
	}
	return t.kv.Put(tableOverdue, overdueKey(&w), waitingKey(&w))
}

func (t keyTx) DropWaiting(w Waiting) error {
	if err := t.kv.Delete(tableWaiting, waitingKey(&w)); err != nil {
		return err
	}
	return t.kv.Delete(tableOverdue, overdueKey(&w))
}

func (t keyTx) Waiting(targets []Target) (all []Waiting, err error) {
	some := false
	if err := t.kv.Scan(tableWaiting, nil, func(_, _ []byte) bool { some = true; return false }); err != nil || !some {
		return nil, err // mostly nothing waits, and a look for each target costs more
	}
	for _, target := range targets {
		prefix := lengthened(string(target))
		err := scan(t.kv, tableWaiting, prefix, func(key, raw []byte) (bool, error) {
			if !bytes.HasPrefix(key, prefix) {
				return false, nil
			}
			w, err := Decode[Waiting](raw)
			all = append(all, w)
			return true, err
		})
		if err != nil {
			return nil, err
		}
	}
	SortWaiting(all)
	return all, nil
}

func (t keyTx) Overdue(terminal record.TerminalID, at int64, most int) (all []Waiting, err error) {
	err = scan(t.kv, tableOverdue, terminal[:], func(key, place []byte) (bool, error) {
		rest, ok := bytes.CutPrefix(key, terminal[:])
		if !ok || len(all) == most || int64(binary.BigEndian.Uint64(rest)) > at {
			return false, nil
		}
		w, err := get[Waiting](t.kv, tableWaiting, place)
		if w != nil {
			all = append(all, *w)
		}
		return true, err
	})
	return all, err
}

func flagKey(f *Flag) []byte {
	key := append(append(lengthened(f.Merchant), moment(f.At)...), f.Record[:]...)
	return append(append(key, f.Terminal[:]...), f.Kind...)
}

func (t keyTx) AddFlag(f Flag) error { return put(t.kv, tableFlags, flagKey(&f), f) }

func (t keyTx) Flags(merchant string, after Flag, most int) (flags []Flag, err error) {
	prefix, from := lengthened(merchant), lengthened(merchant)
	if after != (Flag{}) {
		after.Merchant = merchant
		from = append(flagKey(&after), 0)
	}
	err = scan(t.kv, tableFlags, from, func(key, raw []byte) (bool, error) {
		if !bytes.HasPrefix(key, prefix) || len(flags) == most {
			return false, nil
		}
		f, err := Decode[Flag](raw)
		flags = append(flags, f)
		return true, err
	})
	return flags, err
}
