package record

import "github.com/offlane/offlane/redeem/internal/cbor"

// A writer writes the parts of a record.
type writer struct{ cbor.Writer }

// plain writes what encode writes of a record, to which a test holds it: of all that a redemption costs beside the
// flush, encoding by reflection was the largest part.
func (r *Record) plain(size int) []byte {
	w := writer{cbor.NewWriter(size)}
	all := w.OpenMap()
	w.PutInt(1, int64(r.Version))
	w.PutInt(2, int64(r.Kind))
	w.PutBytes(3, r.ID[:])
	w.PutBytes(4, r.Terminal[:])
	w.PutBytes(5, r.Chain[:])
	w.PutUint(6, r.Number)
	w.PutBytes(7, r.Prev[:])
	w.Key(8)
	w.place(r.Place)
	if !r.Offer.IsZero() {
		w.PutBytes(9, r.Offer[:])
	}
	w.OptText(10, r.Alias)
	w.OptText(11, r.Campaign)
	if !r.Of.IsZero() {
		w.PutBytes(12, r.Of[:])
	}
	w.Key(13)
	w.sale(r.Sale)
	if r.Given != (Money{}) {
		w.Key(14)
		w.money(r.Given)
	}
	w.Key(15)
	w.evidence(r.Time)
	w.details(r)
	w.CloseMap(all)
	return w.Data()
}

// details writes what follows the time.
func (w *writer) details(r *Record) {
	w.OptTrue(16, r.Proven)
	if r.Override != nil {
		w.Key(17)
		w.override(*r.Override)
	}
	w.OptTrue(18, r.Partial)
	w.OptInt(19, r.Until)
	w.OptText(20, string(r.Receipt))
	w.OptText(21, r.Coupon)
	w.OptTrue(22, r.Exclusive)
	if len(r.Turned) > 0 {
		w.Key(23)
		w.refusals(r.Turned)
	}
	w.OptInt(24, int64(r.GivenBy))
	if r.Before != (Money{}) {
		w.Key(25)
		w.money(r.Before)
	}
	if !r.Group.IsZero() {
		w.PutBytes(26, r.Group[:])
	}
	if len(r.Notes) > 0 {
		w.Key(27)
		w.notes(r.Notes)
	}
	if r.Claim != nil {
		w.Key(28)
		w.claim(*r.Claim)
	}
	if len(r.Products) > 0 {
		w.Key(29)
		w.products(r.Products)
	}
}

func (w *writer) place(p Place) {
	in := w.OpenMap()
	w.OptText(1, p.Merchant)
	w.OptText(2, p.Store)
	w.OptText(3, p.Lane)
	w.CloseMap(in)
}

func (w *writer) money(m Money) {
	in := w.OpenMap()
	w.OptInt(1, m.Amount)
	w.OptText(2, m.Currency)
	w.CloseMap(in)
}

func (w *writer) sale(s Sale) {
	in := w.OpenMap()
	w.PutText(1, s.Key)
	w.OptText(2, s.Transaction)
	w.OptText(3, s.Operator)
	w.OptText(4, s.BusinessDate)
	w.OptText(5, s.Shift)
	w.CloseMap(in)
}

func (w *writer) evidence(e Evidence) {
	in := w.OpenMap()
	w.PutInt(1, e.Wall)
	w.PutInt(2, e.SinceBoot)
	w.OptText(3, e.Boot)
	w.OptInt(4, e.Server)
	w.OptInt(5, e.Earliest)
	w.OptInt(6, e.Latest)
	w.OptTrue(7, e.Trusted)
	w.OptUint(8, e.Correction)
	w.OptInt(9, e.Off)
	w.CloseMap(in)
}

func (w *writer) override(o Override) {
	in := w.OpenMap()
	w.PutText(1, o.Manager)
	w.PutText(2, o.Why)
	if len(o.Reasons) > 0 {
		w.Key(3)
		w.Head(cbor.Array, uint64(len(o.Reasons)))
		for _, reason := range o.Reasons {
			w.Text(string(reason))
		}
	}
	w.CloseMap(in)
}

func (w *writer) refusals(list []Turned) {
	w.Head(cbor.Array, uint64(len(list)))
	for _, t := range list {
		in := w.OpenMap()
		w.PutText(1, string(t.Reason))
		w.PutInt(2, int64(t.Times))
		w.CloseMap(in)
	}
}

func (w *writer) notes(list []Note) {
	w.Head(cbor.Array, uint64(len(list)))
	for _, note := range list {
		w.Text(string(note))
	}
}

func (w *writer) products(list []string) {
	w.Head(cbor.Array, uint64(len(list)))
	for _, gtin := range list {
		w.Text(gtin)
	}
}

func (w *writer) claim(c Claim) {
	in := w.OpenMap()
	w.PutUint(1, c.Epoch)
	w.PutUint(2, c.Attempt)
	w.CloseMap(in)
}
