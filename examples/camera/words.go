package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/offlane/offlane/barcode"
	"github.com/offlane/offlane/redeem/cashier"
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

// maxKeys is the most bytes of a file of keys.
const maxKeys = 1 << 20

// readKeys reads issuers' keys from a JSON list of offer.Key; "": none.
func readKeys(name string) (offer.Keys, error) {
	if name == "" {
		return offer.Keys{}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return offer.Keys{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKeys+1))
	if err != nil {
		return offer.Keys{}, err
	}
	if len(data) > maxKeys {
		return offer.Keys{}, fmt.Errorf("%s has more than %d bytes", name, maxKeys)
	}
	return parseKeys(name, data)
}

func parseKeys(name string, data []byte) (offer.Keys, error) {
	var keys []offer.Key
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&keys); err != nil {
		return offer.Keys{}, fmt.Errorf("%s is no list of keys: %w", name, err)
	}
	if decoder.More() {
		return offer.Keys{}, fmt.Errorf("%s has something behind its list of keys", name)
	}
	return offer.NewKeys(keys...)
}

// A teller says in words what was read, as a till's libraries tell.
type teller struct {
	keys  offer.Keys
	texts cashier.Texts
}

// tell returns sentences on a symbol: what it is, who issued it, whether it is genuine, and when it is valid.
func (w teller) tell(s barcode.Symbol, now time.Time) []string {
	text := s.Transmitted()
	if look := offer.Looks(text); look != offer.LookOffer && look != offer.LookOther {
		return []string{"It is " + string(look) + " and no offer."}
	}
	p, err := offer.Parse(text)
	if err != nil {
		return []string{w.code(err)}
	}
	said := []string{w.what(p)}
	said = append(said, w.genuine(p), w.valid(p, now))
	return slices.DeleteFunc(said, func(s string) bool { return s == "" })
}

// code is the text of an error for a cashier.
func (w teller) code(err error) string { return w.texts.Code("en", fault.CodeOf(err)) }

func (w teller) what(p offer.Presented) string {
	switch {
	case p.Pass != nil && p.Pass.Campaign != "":
		return fmt.Sprintf("It is an offer: a signed pass of %s, campaign %s.", p.Pass.Issuer, p.Pass.Campaign)
	case p.Pass != nil:
		return fmt.Sprintf("It is an offer: a signed pass of %s.", p.Pass.Issuer)
	case p.Dress == offer.GS1 && !p.Identifies():
		return "It is a GS1 coupon without a serial number: it names no single offer."
	case p.Dress == offer.GS1:
		return "It is an offer: a GS1 coupon."
	}
	return "It is an offer: a short code."
}

// genuine says what the signature shows.
func (w teller) genuine(p offer.Presented) string {
	err := p.Verify(w.keys)
	switch {
	case err == nil:
		return "It is genuine: " + p.Pass.Issuer + " signed it."
	case p.Pass == nil:
		return "Whether it is genuine cannot be told: it carries no signature."
	case fault.CodeOf(err) == fault.UnknownIssuer:
		return "Whether it is genuine cannot be told: the key of " + p.Pass.Issuer + " is not known here."
	}
	return "It is not genuine: " + w.code(err)
}

// valid says when an offer is valid: of a pass by the moment, of a GS1 coupon by the day.
func (w teller) valid(p offer.Presented, now time.Time) string {
	if p.Pass == nil {
		if _, last := p.Days(); !last.IsZero() {
			return "It is valid to the end of " + last.Format("2 January 2006") + "."
		}
		return ""
	}
	from, until := p.Pass.ValidFrom(), p.Pass.NotAfter
	switch {
	case now.Before(from):
		return w.texts.Reason("en", decision.Reason{Code: fault.NotYetValid, Begins: from})
	case !now.Before(until):
		return w.texts.Reason("en", decision.Reason{Code: fault.Expired, Ends: until})
	}
	return "It is valid until " + until.In(time.Local).Format("2 January 2006, 15:04") + "."
}
