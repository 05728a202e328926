package offer

import (
	"crypto/ed25519"
	"math"
	"time"

	"github.com/offlane/offlane/redeem/internal/cbor"
	"github.com/offlane/offlane/redeem/terms"
)

// readPlain reads a pass in the form in which Issue writes it, in one walk over its bytes: go-cose and cbor, which are
// made for all that may be written, take some fifteen times as long, and a till does this before every decision. It
// takes nothing that they would refuse and reads nothing otherwise than they do, to which a fuzz test holds it;
// whatever else there is, an error's words included, it leaves to them.
func readPlain(data []byte) (*Pass, *signature, bool) {
	r := plain{cbor.NewReader(string(data))}
	r.Expect(r.Head(cbor.Tag) == tagSign1 && r.Head(cbor.Array) == 4)
	protected := r.Raw(cbor.Bytes)
	r.Expect(r.Head(cbor.Map) == 0)
	payload := r.Raw(cbor.Bytes)
	value := r.Content(cbor.Bytes)
	r.Expect(r.IsDone() && len(value) == ed25519.SignatureSize)
	pass := &Pass{KeyID: readHeader(protected, &r)}
	pass.readClaims(payload, &r)
	if r.HasFailed() || pass.check() != nil {
		return nil, nil, false
	}
	return pass, &signature{toBeSigned(protected, payload), []byte(value)}, true
}

// tagSign1 is the CBOR tag of a COSE_Sign1 (RFC 9052, section 2).
const tagSign1 = 18

// readHeader returns the key's id out of the protected header, as a byte string with its head.
func readHeader(protected string, outer *plain) (keyID string) {
	inner := plain{cbor.NewReader(protected)}
	r := plain{cbor.NewReader(inner.Content(cbor.Bytes))}
	r.Expect(r.Head(cbor.Map) == 3 && r.Head(cbor.Unsigned) == 1)
	algorithm := -1 - int64(r.Head(cbor.Negative))
	r.Expect(algorithm == int64(algorithmEdDSA) || algorithm == int64(algorithmEd25519))
	r.Expect(r.Head(cbor.Unsigned) == 4)
	keyID = r.Content(cbor.Bytes)
	r.Expect(r.Head(cbor.Unsigned) == 16 && r.Head(cbor.Unsigned) == uint64(typeCWT) && r.IsDone())
	outer.Expect(!r.HasFailed())
	return keyID
}

// readClaims reads the claims set out of a byte string with its head.
func (p *Pass) readClaims(payload string, outer *plain) {
	inner := plain{cbor.NewReader(payload)}
	r := plain{cbor.NewReader(inner.Content(cbor.Bytes))}
	n := r.Head(cbor.Map)
	r.Expect(n > 0)
	r.Fields(n-1, func(claim uint64) {
		switch claim {
		case 1:
			p.Issuer = r.Content(cbor.Text)
		case 3:
			p.Audience = r.audience()
		case 4:
			p.NotAfter = r.moment()
		case 5:
			p.NotBefore = r.moment()
		case 6:
			p.IssuedAt = r.moment()
		case 7:
			id := r.Content(cbor.Bytes)
			r.Expect(copy(p.ID[:], id) == len(id) && len(id) == len(p.ID))
		default:
			r.Expect(false)
		}
	})
	r.Expect(r.Head(cbor.Negative) == -1-claimOwn)
	p.readOwn(&r)
	r.Expect(r.IsDone())
	outer.Expect(!r.HasFailed())
}

func (p *Pass) readOwn(r *plain) {
	n := r.Head(cbor.Map)
	r.Expect(n > 0 && r.Head(cbor.Unsigned) == 0 && r.Head(cbor.Unsigned) == passVersion)
	r.Fields(n-1, func(key uint64) {
		switch key {
		case 1:
			p.Campaign = r.Content(cbor.Text)
			r.Expect(p.Campaign != "")
		case 2:
			p.Stores = r.Texts(r.Head(cbor.Array))
		case 3:
			p.Uses = int(r.Positive(maxUses))
		case 4:
			p.OfflineUses = int(r.Positive(maxUses))
		case 5:
			p.Alias = r.Content(cbor.Text)
			r.Expect(p.Alias != "")
		case 6:
			readTerms(&p.Terms, r)
		case 7:
			p.Owner = r.Content(cbor.Text)
			r.Expect(p.Owner != "" && p.owner() != "")
		default:
			r.Expect(false)
		}
	})
	p.inferOwner()
}

func readTerms(t *terms.Terms, r *plain) {
	n := r.Head(cbor.Map)
	r.Expect(n > 0)
	r.Fields(n, func(key uint64) {
		switch key {
		case 1:
			t.Kind = terms.Kind(r.Positive(math.MaxUint8))
		case 2:
			t.Amount = r.Positive(terms.MaxAmount)
		case 3:
			t.Percent = int(r.Positive(terms.MaxPercent))
		case 4:
			t.Currency = r.Content(cbor.Text)
			r.Expect(t.Currency != "")
		case 5:
			t.MinSpend = r.Positive(terms.MaxAmount)
		case 6:
			t.MinQuantity = terms.Quantity(r.Positive(int64(terms.MaxQuantity)))
		case 7:
			t.Products = r.Texts(r.Head(cbor.Array))
		case 8:
			t.MaxQuantity = terms.Quantity(r.Positive(int64(terms.MaxQuantity)))
		case 9:
			t.Cap = r.Positive(terms.MaxAmount)
		case 10:
			t.Combinable = r.True()
		case 11:
			t.Unit = terms.Unit(r.Positive(math.MaxUint8))
		default:
			r.Expect(false)
		}
	})
}

// A plain is a reader of a pass's items.
type plain struct{ cbor.Reader }

func (r *plain) moment() time.Time { return time.Unix(r.Positive(maxUnix), 0).UTC() }

// audience takes one text alone, or an array of several.
func (r *plain) audience() []string {
	if major, _ := r.Next(); major == cbor.Text {
		return r.Texts(1)
	}
	n := r.Head(cbor.Array)
	r.Expect(n > 1)
	return r.Texts(n)
}
