package store

import (
	"bytes"
	"slices"
	"strings"
)

// A Settlement is what one merchant's tills redeemed of another's offers in one campaign and currency, and took back of
// it, as it was booked on one day.
type Settlement struct {
	// Owner is whose campaign it is, Partner whose tills redeemed. Day is the day (UTC) on which it was booked, as
	// YYYY-MM-DD, whenever it happened.
	Owner    string `json:"owner"`
	Partner  string `json:"partner"`
	Day      string `json:"day"`
	Campaign string `json:"campaign"`
	Currency string `json:"currency,omitempty"`
	// Redeemed and Voided count; Given and TakenBack are in minor units of Currency. A correction changes Given.
	Redeemed  int64 `json:"redeemed,omitempty"`
	Voided    int64 `json:"voided,omitempty"`
	Given     int64 `json:"given,omitempty"`
	TakenBack int64 `json:"takenBack,omitempty"`
}

// bare is one that counts nothing.
func (s Settlement) bare() Settlement {
	return Settlement{Owner: s.Owner, Partner: s.Partner, Day: s.Day, Campaign: s.Campaign, Currency: s.Currency}
}

// Plus is the settlement with what another one counts.
func (s Settlement) Plus(other Settlement) Settlement {
	s.Redeemed, s.Voided = s.Redeemed+other.Redeemed, s.Voided+other.Voided
	s.Given, s.TakenBack = s.Given+other.Given, s.TakenBack+other.TakenBack
	return s
}

// Compare orders settlements by owner, partner, day, currency and campaign.
func (s Settlement) Compare(other Settlement) int {
	key := func(s Settlement) []string { return []string{s.Owner, s.Partner, s.Day, s.Currency, s.Campaign} }
	return slices.Compare(key(s), key(other))
}

// A Closing is the signed statement of what two merchants owe each other for one day.
type Closing struct {
	Owner   string `json:"owner"`
	Partner string `json:"partner"`
	Day     string `json:"day"`
	// Content is what was signed, KeyID names the key.
	Content   []byte `json:"content"`
	KeyID     string `json:"keyID"`
	Signature []byte `json:"signature"`
}

// SettlementTx is the part of a Tx that is about what merchants owe each other. Rows are added to by Post.
type SettlementTx interface {
	// Settlements lists what a partner's tills redeemed of an owner's offers, from one day to another, both included; ""
	// is no bound.
	Settlements(owner, partner, from, to string) ([]Settlement, error)
	// LastClosed is the last day that was closed between two merchants; "": none. In an Update it cannot be closed further
	// until the transaction ends.
	LastClosed(owner, partner string) (string, error)
	// Closing returns the statement of a day, nil where it was not closed. PutClosing keeps it; LastClosed is then that
	// day, if it was not a later one.
	Closing(owner, partner, day string) (*Closing, error)
	PutClosing(Closing) error
}

// pairKey begins the keys of what is between two merchants.
func pairKey(owner, partner string) []byte { return append(lengthened(owner), lengthened(partner)...) }

func settlementKey(s *Settlement) []byte {
	return append(pairKey(s.Owner, s.Partner), strings.Join([]string{s.Day, s.Campaign, s.Currency}, "\x00")...)
}

func (t keyTx) addSettlement(s Settlement) error {
	key := settlementKey(&s)
	have, err := get[Settlement](t.kv, tableSettlements, key)
	if err != nil {
		return err
	}
	if have != nil {
		s = s.Plus(*have)
	}
	return put(t.kv, tableSettlements, key, s)
}

func (t keyTx) Settlements(owner, partner, from, to string) (rows []Settlement, err error) {
	pair := pairKey(owner, partner)
	err = scan(t.kv, tableSettlements, append(bytes.Clone(pair), from...), func(key, raw []byte) (bool, error) {
		if !bytes.HasPrefix(key, pair) {
			return false, nil
		}
		row, err := Decode[Settlement](raw)
		if err != nil || to != "" && row.Day > to {
			return false, err
		}
		rows = append(rows, row)
		return true, nil
	})
	return rows, err
}

func (t keyTx) LastClosed(owner, partner string) (string, error) {
	day, err := get[string](t.kv, tableClosings, pairKey(owner, partner))
	if day == nil {
		return "", err
	}
	return *day, err
}

func (t keyTx) Closing(owner, partner, day string) (*Closing, error) {
	return get[Closing](t.kv, tableClosings, append(pairKey(owner, partner), day...))
}

func (t keyTx) PutClosing(c Closing) error {
	last, err := t.LastClosed(c.Owner, c.Partner)
	if err != nil {
		return err
	}
	if err := put(t.kv, tableClosings, pairKey(c.Owner, c.Partner), max(last, c.Day)); err != nil {
		return err
	}
	return put(t.kv, tableClosings, append(pairKey(c.Owner, c.Partner), c.Day...), c)
}
