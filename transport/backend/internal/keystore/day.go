package keystore

import (
	"bytes"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

func dayPrefix(merchant, day string) []byte { return append(sizedText(merchant), sizedText(day)...) }

func dayKey(merchant, day string, mark store.DayMark) []byte {
	key := append(dayPrefix(merchant, day), moment(mark.Latest)...)
	return append(key, mark.ID[:]...)
}

func (t transaction) putDay(e *store.Entry) error {
	return t.kv.Put(tableDays, dayKey(e.Place.Merchant, e.Day, store.MarkOf(e)), []byte{1})
}

func (t transaction) DayEntries(merchant, day string, after store.DayMark, most int) ([]store.Entry, error) {
	prefix, from := dayPrefix(merchant, day), dayKey(merchant, day, after)
	var ids []record.ID
	err := t.kv.Scan(tableDays, from, func(key, _ []byte) bool {
		if !bytes.HasPrefix(key, prefix) || len(ids) == most {
			return false
		}
		if !bytes.Equal(key, from) {
			ids = append(ids, record.ID(key[len(key)-len(record.ID{}):]))
		}
		return true
	})
	if err != nil {
		return nil, err
	}
	return t.Entries(ids)
}
