package keystore

import (
	"bytes"
	"encoding/binary"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/internal/waits"
	"github.com/offlane/offlane/transport/backend/store"
)

// moment is a number as keys hold it, so that they are in its order.
func moment(millis int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(max(millis, 0))) }

// sizedText is a text with its length before it, so that none is the beginning of another.
func sizedText(text string) []byte {
	return append(binary.BigEndian.AppendUint16(nil, uint16(len(text))), text...)
}

func waitingKey(w *store.Waiting) []byte {
	return append(append(sizedText(string(w.Target)), moment(w.Received)...), w.Record[:]...)
}

func overdueKey(w *store.Waiting) []byte {
	return append(append(bytes.Clone(w.Terminal[:]), moment(w.Until)...), w.Record[:]...)
}

// A waitingRow is a Waiting as it is stored: its target is no text.
type waitingRow struct {
	Target          []byte
	Record          record.ID
	Terminal        record.TerminalID
	Number          uint64
	Received, Until int64
	Stands          bool
}

func (r *waitingRow) waiting() store.Waiting {
	return store.Waiting{Target: store.Target(r.Target), Record: r.Record, Terminal: r.Terminal, Number: r.Number,
		Received: r.Received, Until: r.Until, Stands: r.Stands}
}

func (t transaction) AddWaiting(w store.Waiting) error {
	row := waitingRow{[]byte(w.Target), w.Record, w.Terminal, w.Number, w.Received, w.Until, w.Stands}
	if err := put(t.kv, tableWaiting, waitingKey(&w), row); err != nil {
		return err
	}
	return t.kv.Put(tableOverdue, overdueKey(&w), waitingKey(&w))
}

func (t transaction) DropWaiting(w store.Waiting) error {
	if err := t.kv.Delete(tableWaiting, waitingKey(&w)); err != nil {
		return err
	}
	return t.kv.Delete(tableOverdue, overdueKey(&w))
}

func (t transaction) Waiting(targets []store.Target) (all []store.Waiting, err error) {
	some := false
	if err := t.kv.Scan(tableWaiting, nil, func(_, _ []byte) bool { some = true; return false }); err != nil || !some {
		return nil, err // mostly nothing waits, and a look for each target costs more
	}
	for _, target := range targets {
		prefix := sizedText(string(target))
		err := scan(t.kv, tableWaiting, prefix, func(key, raw []byte) (bool, error) {
			if !bytes.HasPrefix(key, prefix) {
				return false, nil
			}
			row, err := rowcode.Decode[waitingRow](raw)
			all = append(all, row.waiting())
			return true, err
		})
		if err != nil {
			return nil, err
		}
	}
	waits.Sort(all)
	return all, nil
}

func (t transaction) Overdue(terminal record.TerminalID, at int64, most int) (all []store.Waiting, err error) {
	err = scan(t.kv, tableOverdue, terminal[:], func(key, place []byte) (bool, error) {
		rest, ok := bytes.CutPrefix(key, terminal[:])
		if !ok || len(all) == most || int64(binary.BigEndian.Uint64(rest)) > at {
			return false, nil
		}
		row, err := get[waitingRow](t.kv, tableWaiting, place)
		if row != nil {
			all = append(all, row.waiting())
		}
		return true, err
	})
	return all, err
}

func flagKey(f *store.Flag) []byte {
	key := append(append(sizedText(f.Merchant), moment(f.At)...), f.Record[:]...)
	return append(append(key, f.Terminal[:]...), f.Kind...)
}

func (t transaction) AddFlag(f store.Flag) error { return put(t.kv, tableFlags, flagKey(&f), f) }

func (t transaction) Flags(merchant string, after store.Flag, most int) (flags []store.Flag, err error) {
	prefix, from := sizedText(merchant), sizedText(merchant)
	if after != (store.Flag{}) {
		after.Merchant = merchant
		from = append(flagKey(&after), 0)
	}
	err = scan(t.kv, tableFlags, from, func(key, raw []byte) (bool, error) {
		if !bytes.HasPrefix(key, prefix) || len(flags) == most {
			return false, nil
		}
		f, err := rowcode.Decode[store.Flag](raw)
		flags = append(flags, f)
		return true, err
	})
	return flags, err
}
