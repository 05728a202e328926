package rowcode

import (
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// maxRaw bounds a record that is kept, in bytes. It is more than record.MaxSize: what is too long to be a record is
// kept as it came.
const maxRaw = 8 * record.MaxSize

// EncodeEntry returns all of the entry but its id. Error: fault.TooLarge.
func EncodeEntry(e *store.Entry) ([]byte, error) {
	if len(e.Raw) > maxRaw {
		return nil, fault.New(fault.TooLarge, "store", "a record of %d bytes is not kept", len(e.Raw))
	}
	w := rowWriter{make([]byte, 0, 384+len(e.Raw))}
	w.count(rowVersion)
	w.bytes(e.Raw)
	w.array(e.Hash[:])
	w.array(e.Terminal[:])
	w.count(uint64(e.Kind))
	w.count(uint64(e.Effect))
	w.array(e.Offer[:])
	w.text(e.Campaign)
	w.place(e.Place)
	w.text(e.Day)
	w.number(e.Earliest)
	w.number(e.Latest)
	w.money(e.Given)
	w.number(e.TakenBack)
	w.count(e.CorrectedBy)
	w.number(e.Delay)
	w.number(e.Until)
	w.array(e.Voided[:])
	w.verdict(&e.Verdict)
	return w.b, nil
}

// DecodeEntry reads what EncodeEntry wrote. Error: fault.Damaged.
func DecodeEntry(id record.ID, raw []byte) (store.Entry, error) {
	r, e := rowReader{b: raw}, store.Entry{ID: id}
	r.bad = r.count() != rowVersion
	if e.Raw = append(e.Raw, r.take(r.count())...); len(e.Raw) == 0 {
		e.Raw = nil
	}
	r.array(e.Hash[:])
	r.array(e.Terminal[:])
	e.Kind, e.Effect = record.Kind(r.count()), store.Effect(r.count())
	r.array(e.Offer[:])
	e.Campaign, e.Place, e.Day, e.Earliest, e.Latest = r.text(), r.place(), r.text(), r.number(), r.number()
	e.Given, e.TakenBack, e.CorrectedBy, e.Delay, e.Until = r.money(), r.number(), r.count(), r.number(), r.number()
	r.array(e.Voided[:])
	e.Verdict = r.verdict(e.Hash)
	return e, damagedError(r.end())
}

func (w *rowWriter) verdict(v *record.Verdict) {
	w.count(v.Number)
	w.array(v.Record[:])
	w.text(string(v.Status))
	w.text(string(v.Reason))
	w.text(v.Detail)
	w.number(v.Judged)
	w.count(present(v.First != nil))
	if v.First != nil {
		w.array(v.First.Record[:])
		w.place(v.First.Place)
		w.number(v.First.Redeemed)
		w.number(v.First.Committed)
	}
	w.count(present(v.Booked != nil))
	if v.Booked != nil {
		w.money(*v.Booked)
	}
}

func present(there bool) uint64 {
	if there {
		return 1
	}
	return 0
}

func (r *rowReader) verdict(hash record.Hash) record.Verdict {
	v := record.Verdict{Number: r.count(), Hash: hash}
	r.array(v.Record[:])
	v.Status, v.Reason, v.Detail, v.Judged = record.Status(r.text()), fault.Code(r.text()), r.text(), r.number()
	if v.Status != "" {
		v.Version = record.Version
	}
	if r.count() == 1 {
		v.First = &record.First{}
		r.array(v.First.Record[:])
		v.First.Place, v.First.Redeemed, v.First.Committed = r.place(), r.number(), r.number()
	}
	if r.count() == 1 {
		v.Booked = new(r.money())
	}
	return v
}
