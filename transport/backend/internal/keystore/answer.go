package keystore

import (
	"bytes"

	"github.com/offlane/offlane/transport/backend/internal/rowcode"
	"github.com/offlane/offlane/transport/backend/store"
)

func answerKey(device store.Hash, name string) []byte { return append(bytes.Clone(device[:]), name...) }

func (t transaction) Answers(device store.Hash) (all []store.Answer, err error) {
	err = scan(t.kv, tableAnswers, device[:], func(key, raw []byte) (bool, error) {
		if !bytes.HasPrefix(key, device[:]) {
			return false, nil
		}
		row, err := rowcode.Decode[store.Answer](raw)
		row.Device = device
		all = append(all, row)
		return true, err
	})
	return all, err
}

func dueKey(due int64, device store.Hash, name string) []byte {
	return append(append(moment(due), device[:]...), name...)
}

// clickKey is that of a click's row in the list of its merchant's.
func clickKey(merchant string, device store.Hash, name string) []byte {
	return append(append(sizedText(merchant), device[:]...), name...)
}

func (t transaction) PutAnswers(answers []store.Answer) error {
	for i := range answers {
		a := &answers[i]
		if err := t.unlist(a.Device, a.Name); err != nil {
			return err
		}
		if err := put(t.kv, tableAnswers, answerKey(a.Device, a.Name), a); err != nil {
			return err
		}
		if err := t.enlist(a); err != nil {
			return err
		}
	}
	return nil
}

// enlist enters a row in the lists of those that are due and of clicks.
func (t transaction) enlist(a *store.Answer) error {
	if a.Due != 0 {
		if err := t.kv.Put(tableDue, dueKey(a.Due, a.Device, a.Name), []byte{1}); err != nil {
			return err
		}
	}
	if a.Click == nil {
		return nil
	}
	return t.kv.Put(tableClicks, clickKey(a.Click.Merchant, a.Device, a.Name), []byte{1})
}

// unlist takes the row of an answer off the lists, which never name a device that has no such row.
func (t transaction) unlist(device store.Hash, name string) error {
	was, err := get[store.Answer](t.kv, tableAnswers, answerKey(device, name))
	if err != nil || was == nil {
		return err
	}
	if was.Due != 0 {
		if err := t.kv.Delete(tableDue, dueKey(was.Due, device, name)); err != nil {
			return err
		}
	}
	if was.Click == nil {
		return nil
	}
	return t.kv.Delete(tableClicks, clickKey(was.Click.Merchant, device, name))
}

func (t transaction) DropAnswers(device store.Hash, names []string) error {
	for _, name := range names {
		if err := t.unlist(device, name); err != nil {
			return err
		}
		if err := t.kv.Delete(tableAnswers, answerKey(device, name)); err != nil {
			return err
		}
	}
	return nil
}

func (t transaction) ClickAnswers(merchant string) (all []store.Answer, err error) {
	prefix := sizedText(merchant)
	var keys [][]byte
	err = t.kv.Scan(tableClicks, prefix, func(key, _ []byte) bool {
		rest, ok := bytes.CutPrefix(key, prefix)
		if ok {
			keys = append(keys, bytes.Clone(rest))
		}
		return ok
	})
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		row, err := get[store.Answer](t.kv, tableAnswers, key)
		if err != nil {
			return nil, err
		}
		if row != nil {
			row.Device = store.Hash(key[:len(store.Hash{})])
			all = append(all, *row)
		}
	}
	return all, nil
}

func (t transaction) DueAnswers(before int64, most int) (all []store.Answer, err error) {
	keys, err := t.due(tableDue, before, most, func([]byte) (bool, error) { return true, nil })
	if err != nil {
		return nil, err
	}
	for _, key := range keys {
		device, name := store.Hash(key[8:8+len(store.Hash{})]), key[8+len(store.Hash{}):]
		row, err := get[store.Answer](t.kv, tableAnswers, answerKey(device, string(name)))
		if err != nil {
			return nil, err
		}
		if row != nil {
			row.Device = device
			all = append(all, *row)
		}
	}
	return all, nil
}

// dropAllAnswers removes what was kept of a device's answers.
func (t transaction) dropAllAnswers(device store.Hash) error {
	var names []string
	err := t.kv.Scan(tableAnswers, device[:], func(key, _ []byte) bool {
		name, ok := bytes.CutPrefix(key, device[:])
		if ok {
			names = append(names, string(name))
		}
		return ok
	})
	if err != nil {
		return err
	}
	return t.DropAnswers(device, names)
}

func (t transaction) ShownInAll(name string) (int64, error) {
	n, err := get[int64](t.kv, tableShown, []byte(name))
	if n == nil {
		return 0, err
	}
	return *n, err
}

func (t transaction) PutShownInAll(name string, times int64) error {
	return put(t.kv, tableShown, []byte(name), times)
}
