package store

import (
	"encoding/binary"
	"encoding/json"
	"errors"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// Campaigns, codes, terminals and tallies are JSON: {"version":1,"row":…}. The rows of which there are many begin with
// a version. Numbers are varints, texts have their length before them. A new field goes to the end under a new
// version; readers know all versions before theirs. In a KeyStore the number and the kind of its mark stand before an
// offer: number(8) kind(1).
//
//	offer: version alias campaign device(32) number accepted notBefore notAfter maxUses revoked recovered pass
//	       n × use
//	use:   record(16) terminal(16) merchant store lane earliest redeemed committed amount currency
//	entry: version raw hash(32) terminal(16) kind effect offer(16) campaign merchant store lane day earliest latest
//	       amount currency takenBack correctedBy delay until voided(16)
//	       verdict: number record(16) status reason detail judged, 0 or 1 × first: record(16) merchant store lane
//	       redeemed committed, 0 or 1 × booked: amount currency
const rowVersion = 2 // 1 was never released

// A rowWriter appends fields.
type rowWriter struct{ b []byte }

func (w *rowWriter) number(n int64)       { w.b = binary.AppendVarint(w.b, n) }
func (w *rowWriter) count(n uint64)       { w.b = binary.AppendUvarint(w.b, n) }
func (w *rowWriter) fixed(b []byte)       { w.b = append(w.b, b...) }
func (w *rowWriter) text(s string)        { w.count(uint64(len(s))); w.b = append(w.b, s...) }
func (w *rowWriter) bytes(b []byte)       { w.count(uint64(len(b))); w.b = append(w.b, b...) }
func (w *rowWriter) money(m record.Money) { w.number(m.Amount); w.text(m.Currency) }
func (w *rowWriter) place(p record.Place) { w.text(p.Merchant); w.text(p.Store); w.text(p.Lane) }

// A rowReader takes fields off. After the first that is not there it gives zeros, and bad is set.
type rowReader struct {
	b   []byte
	bad bool
}

func (r *rowReader) take(n uint64) []byte {
	if r.bad || n > uint64(len(r.b)) {
		r.bad = true
		return nil
	}
	taken := r.b[:n:n]
	r.b = r.b[n:]
	return taken
}

func (r *rowReader) skip(n int) {
	if n <= 0 {
		r.bad = true
		return
	}
	r.take(uint64(n))
}

func (r *rowReader) number() int64 {
	v, n := binary.Varint(r.b)
	r.skip(n)
	return v
}

func (r *rowReader) count() uint64 {
	v, n := binary.Uvarint(r.b)
	r.skip(n)
	return v
}

func (r *rowReader) fixed(into []byte)   { copy(into, r.take(uint64(len(into)))) }
func (r *rowReader) text() string        { return string(r.take(r.count())) }
func (r *rowReader) money() record.Money { return record.Money{Amount: r.number(), Currency: r.text()} }
func (r *rowReader) place() record.Place {
	return record.Place{Merchant: r.text(), Store: r.text(), Lane: r.text()}
}

var errRow = errors.New("it is cut short, or goes on after its end, or is of a newer version")

// end says whether the row was read whole.
func (r *rowReader) end() error {
	if r.bad || len(r.b) != 0 {
		return errRow
	}
	return nil
}

// A document is a row of which there are few.
type document[T any] struct {
	Version int `json:"version"`
	Row     T   `json:"row"`
}

// Encode returns a campaign, code, terminal or tally as JSON.
func Encode(row any) ([]byte, error) { return json.Marshal(document[any]{rowVersion, row}) }

// Decode reads what Encode wrote. Error: fault.Damaged.
func Decode[T any](raw []byte) (T, error) {
	var d document[T]
	err := json.Unmarshal(raw, &d)
	if err == nil && d.Version != rowVersion {
		err = errRow
	}
	return d.Row, damaged(err)
}

func damaged(err error) error {
	if err == nil {
		return nil
	}
	return fault.New(fault.Damaged, "store", "a row is not as it was written: restore a backup: %w", err)
}

// EncodeOffer returns all of the offer but its identifier.
func EncodeOffer(o *Offer) []byte {
	w := rowWriter{make([]byte, 0, 256+len(o.Pass))}
	w.count(rowVersion)
	w.text(o.Alias)
	w.text(o.Campaign)
	w.fixed(o.Device[:])
	for _, n := range [...]int64{int64(o.Number), o.Accepted, o.NotBefore, o.NotAfter, int64(o.MaxUses), o.Revoked,
		o.Recovered} {
		w.number(n)
	}
	w.text(o.Pass)
	w.uses(o.Uses)
	return w.b
}

func (w *rowWriter) uses(uses []Use) {
	w.count(uint64(len(uses)))
	for i := range uses {
		u := &uses[i]
		w.fixed(u.Record[:])
		w.fixed(u.Terminal[:])
		w.place(u.Place)
		w.number(u.Earliest)
		w.number(u.Redeemed)
		w.number(u.Committed)
		w.money(u.Given)
	}
}

func (r *rowReader) uses() (uses []Use) {
	for n := r.count(); n > 0 && !r.bad; n-- {
		var u Use
		r.fixed(u.Record[:])
		r.fixed(u.Terminal[:])
		u.Place, u.Earliest, u.Redeemed, u.Committed, u.Given = r.place(), r.number(), r.number(), r.number(), r.money()
		uses = append(uses, u)
	}
	return uses
}

// DecodeOffer reads what EncodeOffer wrote. Error: fault.Damaged.
func DecodeOffer(id offer.ID, raw []byte) (Offer, error) {
	r, o := rowReader{b: raw}, Offer{ID: id}
	r.bad = r.count() != rowVersion
	o.Alias, o.Campaign = r.text(), r.text()
	r.fixed(o.Device[:])
	o.Number = int(r.number())
	o.Accepted, o.NotBefore, o.NotAfter = r.number(), r.number(), r.number()
	o.MaxUses, o.Revoked, o.Recovered = int(r.number()), r.number(), r.number()
	o.Pass, o.Uses = r.text(), r.uses()
	return o, damaged(r.end())
}

// maxRaw bounds a record that is kept, in bytes. It is more than record.MaxSize: what is too long to be a record is
// kept as it came.
const maxRaw = 8 * record.MaxSize

// EncodeEntry returns all of the entry but its id. Error: fault.TooLarge.
func EncodeEntry(e *Entry) ([]byte, error) {
	if len(e.Raw) > maxRaw {
		return nil, fault.New(fault.TooLarge, "store", "a record of %d bytes is not kept", len(e.Raw))
	}
	w := rowWriter{make([]byte, 0, 384+len(e.Raw))}
	w.count(rowVersion)
	w.bytes(e.Raw)
	w.fixed(e.Hash[:])
	w.fixed(e.Terminal[:])
	w.count(uint64(e.Kind))
	w.count(uint64(e.Effect))
	w.fixed(e.Offer[:])
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
	w.fixed(e.Voided[:])
	w.verdict(&e.Verdict)
	return w.b, nil
}

// DecodeEntry reads what EncodeEntry wrote. Error: fault.Damaged.
func DecodeEntry(id record.ID, raw []byte) (Entry, error) {
	r, e := rowReader{b: raw}, Entry{ID: id}
	r.bad = r.count() != rowVersion
	if e.Raw = append(e.Raw, r.take(r.count())...); len(e.Raw) == 0 {
		e.Raw = nil
	}
	r.fixed(e.Hash[:])
	r.fixed(e.Terminal[:])
	e.Kind, e.Effect = record.Kind(r.count()), Effect(r.count())
	r.fixed(e.Offer[:])
	e.Campaign, e.Place, e.Day, e.Earliest, e.Latest = r.text(), r.place(), r.text(), r.number(), r.number()
	e.Given, e.TakenBack, e.CorrectedBy, e.Delay, e.Until = r.money(), r.number(), r.count(), r.number(), r.number()
	r.fixed(e.Voided[:])
	e.Verdict = r.verdict(e.Hash)
	return e, damaged(r.end())
}

func (w *rowWriter) verdict(v *record.Verdict) {
	w.count(v.Number)
	w.fixed(v.Record[:])
	w.text(string(v.Status))
	w.text(string(v.Reason))
	w.text(v.Detail)
	w.number(v.Judged)
	w.count(present(v.First != nil))
	if v.First != nil {
		w.fixed(v.First.Record[:])
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
	r.fixed(v.Record[:])
	v.Status, v.Reason, v.Detail, v.Judged = record.Status(r.text()), fault.Code(r.text()), r.text(), r.number()
	if v.Status != "" {
		v.Version = record.Version
	}
	if r.count() == 1 {
		v.First = &record.First{}
		r.fixed(v.First.Record[:])
		v.First.Place, v.First.Redeemed, v.First.Committed = r.place(), r.number(), r.number()
	}
	if r.count() == 1 {
		v.Booked = new(r.money())
	}
	return v
}
