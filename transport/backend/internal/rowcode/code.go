// Package rowcode writes the rows of a store as bytes, and reads them.
package rowcode

import (
	"encoding/binary"
	"encoding/json"
	"errors"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// Campaigns, codes, terminals and tallies are JSON: {"version":1,"row":…}. The rows of which there are many begin
// with a version. Numbers are varints, texts have their length before them. A new field goes to the end under a new
// version; readers know all versions before theirs. In a keystore the number and the kind of its mark stand before an
// offer: number(8) kind(1).
//
//	offer: version alias campaign device(32) number accepted notBefore notAfter maxUses revoked recovered pass
//	       n × use
//	use:   record(16) terminal(16) merchant store lane earliest redeemed committed amount currency
//	       n × product
//	entry: version raw hash(32) terminal(16) kind effect offer(16) campaign merchant store lane day earliest latest
//	       amount currency takenBack correctedBy delay until voided(16)
//	       verdict: number record(16) status reason detail judged, 0 or 1 × first: record(16) merchant store lane
//	       redeemed committed, 0 or 1 × booked: amount currency
//	mark:  kind notAfter campaign alias, without a version
const rowVersion = 2 // 1 was never released

// A rowWriter appends fields.
type rowWriter struct{ b []byte }

func (w *rowWriter) number(n int64) { w.b = binary.AppendVarint(w.b, n) }

func (w *rowWriter) count(n uint64) { w.b = binary.AppendUvarint(w.b, n) }

func (w *rowWriter) array(b []byte) { w.b = append(w.b, b...) }

func (w *rowWriter) text(s string) { w.count(uint64(len(s))); w.b = append(w.b, s...) }

func (w *rowWriter) bytes(b []byte) { w.count(uint64(len(b))); w.b = append(w.b, b...) }

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

func (r *rowReader) array(into []byte) { copy(into, r.take(uint64(len(into)))) }

func (r *rowReader) text() string { return string(r.take(r.count())) }

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
	return d.Row, damagedError(err)
}

func damagedError(err error) error {
	if err == nil {
		return nil
	}
	return fault.New(fault.Damaged, "store", "a row is not as it was written: restore a backup: %w", err)
}
