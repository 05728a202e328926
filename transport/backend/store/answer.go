package store

import (
	"bytes"
	"slices"
)

// An Answer is what one device was shown of one follow-up, or under "New" of one campaign. Days are numbers of days
// since 1970 (UTC), moments are in milliseconds since 1970.
type Answer struct {
	Device Hash `json:"-"` // a part of the key
	// Name names the answer, unique in the backend. Campaign is whose follow-up it is, Offer the campaign that it offers.
	Name     string `json:"name"`
	Campaign string `json:"campaign"`
	Offer    string `json:"offer,omitempty"`
	// Days are the days on which it was shown, ascending, at most so many as its cap looks at and at least the last.
	// Times is on how many days it was shown in all.
	Days  []int64 `json:"days,omitempty"`
	Times int     `json:"times,omitempty"`
	// Quiet is until when it is not shown, since the customer dismissed it; 0: it was not dismissed.
	Quiet int64 `json:"quiet,omitempty"`
}

// IsShownOn reports whether it was shown on a day.
func (a *Answer) IsShownOn(day int64) bool { return slices.Contains(a.Days, day) }

// AnswerTx is the part of a Tx that is about what devices were shown. The lock of a Device guards its answers.
type AnswerTx interface {
	// Answers lists what a device was shown, by name. ForgetDevice removes it.
	Answers(Hash) ([]Answer, error)
	PutAnswers([]Answer) error
	DropAnswers(device Hash, names []string) error
	// ShownInAll returns how often all devices together were shown an answer, and locks that.
	ShownInAll(name string) (int64, error)
	PutShownInAll(name string, times int64) error
}

func answerKey(device Hash, name string) []byte { return append(bytes.Clone(device[:]), name...) }

func (t keyTx) Answers(device Hash) (all []Answer, err error) {
	err = scan(t.kv, tableAnswers, device[:], func(key, raw []byte) (bool, error) {
		if !bytes.HasPrefix(key, device[:]) {
			return false, nil
		}
		row, err := Decode[Answer](raw)
		row.Device = device
		all = append(all, row)
		return true, err
	})
	return all, err
}

func (t keyTx) PutAnswers(answers []Answer) error {
	for i := range answers {
		if err := put(t.kv, tableAnswers, answerKey(answers[i].Device, answers[i].Name), answers[i]); err != nil {
			return err
		}
	}
	return nil
}

func (t keyTx) DropAnswers(device Hash, names []string) error {
	for _, name := range names {
		if err := t.kv.Delete(tableAnswers, answerKey(device, name)); err != nil {
			return err
		}
	}
	return nil
}

// dropAllAnswers removes what was kept of a device's answers.
func (t keyTx) dropAllAnswers(device Hash) error {
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

func (t keyTx) ShownInAll(name string) (int64, error) {
	n, err := get[int64](t.kv, tableShown, []byte(name))
	if n == nil {
		return 0, err
	}
	return *n, err
}

func (t keyTx) PutShownInAll(name string, times int64) error {
	return put(t.kv, tableShown, []byte(name), times)
}
