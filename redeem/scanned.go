package redeem

import (
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/trust"
)

// reader returns what reads a text under a bundle, with the layouts of its campaigns; nil: none is known.
func reader(bundle *trust.Bundle, separated bool) offer.Reader {
	r := offer.Reader{Separated: separated}
	if bundle != nil {
		r.Layouts = bundle
	}
	return r
}

// read parses what was scanned, by the bundle in force.
func (t *Terminal) read(scanned string, separated bool) (offer.Presented, error) {
	_, bundle := t.trusted()
	return reader(bundle, separated).Parse(scanned)
}
