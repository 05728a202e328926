package offer

import (
	"crypto/ed25519"
	"math"
	"time"
	"unicode/utf8"

	"github.com/offlane/offlane/redeem/terms"
)

// readPlain reads a pass in the form in which Issue writes it, in one walk over its bytes: go-cose and cbor, which are made
// for all that may be written, take some fifteen times as long, and a till does this before every decision. It takes nothing
// that they would refuse and reads nothing otherwise than they do, to which a fuzz test holds it; whatever else there is,
// an error's words included, it leaves to them.
func readPlain(data []byte) (*Pass, *signature, bool) {
	r := plain{rest: string(data)}
	if len(r.rest) == 0 || r.rest[0] != tagSign1 {
		return nil, nil, false
	}
	r.rest = r.rest[1:]
	r.expect(r.head(majorArray) == 4)
	protected := r.raw(majorBytes)
	r.expect(r.head(majorMap) == 0)
	payload := r.raw(majorBytes)
	value := r.bytes(majorBytes)
	r.expect(r.rest == "" && len(value) == ed25519.SignatureSize)
	pass := &Pass{KeyID: readHeader(protected, &r)}
	pass.readClaims(payload, &r)
	if r.failed || pass.check() != nil {
		return nil, nil, false
	}
	return pass, &signature{toBeSigned(protected, payload), []byte(value)}, true
}

// tagSign1 is the CBOR tag of a COSE_Sign1 (RFC 9052, section 2).
const tagSign1 = majorTag<<5 | 18

// readHeader returns the key's id out of the protected header, as a byte string with its head.
func readHeader(protected string, outer *plain) (keyID string) {
	inner := plain{rest: protected}
	r := plain{rest: inner.bytes(majorBytes)}
	r.expect(r.head(majorMap) == 3 && r.head(majorUnsigned) == 1)
	algorithm := -1 - int64(r.head(majorNegative))
	r.expect(algorithm == int64(algorithmEdDSA) || algorithm == int64(algorithmEd25519))
	r.expect(r.head(majorUnsigned) == 4)
	keyID = r.bytes(majorBytes)
	r.expect(r.head(majorUnsigned) == 16 && r.head(majorUnsigned) == uint64(typeCWT) && r.rest == "")
	outer.expect(!r.failed)
	return keyID
}

// readClaims reads the claims set out of a byte string with its head.
func (p *Pass) readClaims(payload string, outer *plain) {
	inner := plain{rest: payload}
	r := plain{rest: inner.bytes(majorBytes)}
	n := r.head(majorMap)
	r.expect(n > 0)
	r.fields(n-1, func(claim uint64) {
		switch claim {
		case 1:
			p.Issuer = r.bytes(majorText)
		case 3:
			p.Audience = r.audience()
		case 4:
			p.NotAfter = r.moment()
		case 5:
			p.NotBefore = r.moment()
		case 6:
			p.IssuedAt = r.moment()
		case 7:
			id := r.bytes(majorBytes)
			r.expect(copy(p.ID[:], id) == len(id) && len(id) == len(p.ID))
		default:
			r.failed = true
		}
	})
	r.expect(r.head(majorNegative) == -1-claimOwn)
	p.readOwn(&r)
	r.expect(r.rest == "")
	outer.expect(!r.failed)
}

func (p *Pass) readOwn(r *plain) {
	n := r.head(majorMap)
	r.expect(n > 0 && r.head(majorUnsigned) == 0 && r.head(majorUnsigned) == passVersion)
	r.fields(n-1, func(key uint64) {
		switch key {
		case 1:
			p.Campaign = r.bytes(majorText)
			r.expect(p.Campaign != "")
		case 2:
			p.Stores = r.texts(r.head(majorArray))
		case 3:
			p.Uses = int(r.number(maxUses))
		case 4:
			p.OfflineUses = int(r.number(maxUses))
		case 5:
			p.Alias = r.bytes(majorText)
			r.expect(p.Alias != "")
		case 6:
			readTerms(&p.Terms, r)
		case 7:
			p.Owner = r.bytes(majorText)
			r.expect(p.Owner != "" && p.owner() != "")
		default:
			r.failed = true
		}
	})
	p.inferOwner()
}

func readTerms(t *terms.Terms, r *plain) {
	n := r.head(majorMap)
	r.expect(n > 0)
	r.fields(n, func(key uint64) {
		switch key {
		case 1:
			t.Kind = terms.Kind(r.number(math.MaxUint8))
		case 2:
			t.Amount = r.number(terms.MaxAmount)
		case 3:
			t.Percent = int(r.number(terms.MaxPercent))
		case 4:
			t.Currency = r.bytes(majorText)
			r.expect(t.Currency != "")
		case 5:
			t.MinSpend = r.number(terms.MaxAmount)
		case 6:
			t.MinQuantity = terms.Quantity(r.number(int64(terms.MaxQuantity)))
		case 7:
			t.Products = r.texts(r.head(majorArray))
		case 8:
			t.MaxQuantity = terms.Quantity(r.number(int64(terms.MaxQuantity)))
		case 9:
			t.Cap = r.number(terms.MaxAmount)
		case 10:
			const yes = 21
			r.expect(r.head(majorSimple) == yes)
			t.Combinable = true
		case 11:
			t.Unit = terms.Unit(r.number(math.MaxUint8))
		default:
			r.failed = true
		}
	})
}

// A plain takes items in the core deterministic encoding off the front of rest. Once something is not what was asked for it
// has failed for good, and what it returns means nothing.
type plain struct {
	rest   string
	failed bool
}

func (r *plain) expect(ok bool) { r.failed = r.failed || !ok }

// head takes the head of an item of this major type and returns its argument.
func (r *plain) head(major int) uint64 {
	if r.failed || len(r.rest) > 0 && r.rest[0]>>5 != byte(major) {
		r.failed = true
		return 0
	}
	_, n, rest, ok := afterHead(r.rest)
	r.rest = rest
	r.expect(ok)
	return n
}

// bytes takes a text or a byte string.
func (r *plain) bytes(major int) string {
	n := r.head(major)
	if r.failed || n > uint64(len(r.rest)) {
		r.failed = true
		return ""
	}
	content := r.rest[:n]
	r.rest = r.rest[n:]
	r.expect(major != majorText || utf8.ValidString(content))
	return content
}

// raw takes the same and returns it with its head.
func (r *plain) raw(major int) string {
	start := r.rest
	r.bytes(major)
	return start[:len(start)-len(r.rest)]
}

// fields calls field for each of n pairs, whose keys are unsigned and ascend.
func (r *plain) fields(n uint64, field func(key uint64)) {
	for least := uint64(0); n > 0 && !r.failed; n-- {
		key := r.head(majorUnsigned)
		r.expect(key >= least)
		least = key + 1
		field(key)
	}
}

// number takes a number from 1 to most: zero is left out.
func (r *plain) number(most int64) int64 {
	n := r.head(majorUnsigned)
	r.expect(0 < n && n <= uint64(most))
	return int64(n)
}

func (r *plain) moment() time.Time { return time.Unix(r.number(maxUnix), 0).UTC() }

// audience takes one text alone, or an array of several.
func (r *plain) audience() []string {
	if len(r.rest) > 0 && r.rest[0]>>5 == majorText {
		return r.texts(1)
	}
	n := r.head(majorArray)
	r.expect(n > 1)
	return r.texts(n)
}

// texts takes n texts, at least one: an empty array is left out.
func (r *plain) texts(n uint64) []string {
	r.expect(0 < n && n <= uint64(len(r.rest)))
	if r.failed {
		return nil
	}
	all := make([]string, n)
	for i := range all {
		all[i] = r.bytes(majorText)
	}
	return all
}
