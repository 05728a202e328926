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

func (t transaction) PutAnswers(answers []store.Answer) error {
	for i := range answers {
		if err := put(t.kv, tableAnswers, answerKey(answers[i].Device, answers[i].Name), answers[i]); err != nil {
			return err
		}
	}
	return nil
}

func (t transaction) DropAnswers(device store.Hash, names []string) error {
	for _, name := range names {
		if err := t.kv.Delete(tableAnswers, answerKey(device, name)); err != nil {
			return err
		}
	}
	return nil
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
