package local

import (
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// A listed is a redeem.Listed, flat. The identifier of the offer stays out of it.
type listed struct {
	Number       uint64            `json:"number"`
	Kind         string            `json:"kind"`
	ID           record.ID         `json:"id"`
	Terminal     record.TerminalID `json:"terminal"`
	Place        record.Place      `json:"place"`
	Alias        string            `json:"alias,omitempty"`
	Coupon       string            `json:"coupon,omitempty"`
	Campaign     string            `json:"campaign,omitempty"`
	Of           record.ID         `json:"of,omitzero"`
	Group        record.ID         `json:"group,omitzero"`
	Receipt      record.Receipt    `json:"receipt,omitempty"`
	SaleKey      string            `json:"saleKey"`
	Transaction  string            `json:"transaction,omitempty"`
	Operator     string            `json:"operator,omitempty"`
	BusinessDate string            `json:"businessDate,omitempty"`
	Shift        string            `json:"shift,omitempty"`
	Given        redeem.Money      `json:"given,omitzero"`
	GivenBy      record.GivenBy    `json:"givenBy,omitempty"`
	Before       redeem.Money      `json:"before,omitzero"`
	Discount     discount          `json:"discount,omitzero"`
	// Made is by the terminal's clock, to be believed if it is Trusted.
	Made       time.Time     `json:"made"`
	Trusted    bool          `json:"trusted,omitempty"`
	Until      time.Time     `json:"until,omitzero"`
	Proven     bool          `json:"proven,omitempty"`
	Partial    bool          `json:"partial,omitempty"`
	Exclusive  bool          `json:"exclusive,omitempty"`
	Override   *overridden   `json:"override,omitempty"`
	NotAllowed []notAllowed  `json:"notAllowed,omitempty"`
	Notes      []record.Note `json:"notes,omitempty"`
	Products   []string      `json:"products,omitempty"`
	Voided     bool          `json:"voided,omitempty"`
	Reported   bool          `json:"reported,omitempty"`
	Pass       string        `json:"pass,omitempty"`
}

// An overridden is what a manager allowed.
type overridden struct {
	override
	Reasons []fault.Code `json:"reasons"`
}

// A notAllowed says how often customers were turned away for a reason since the record before.
type notAllowed struct {
	Reason fault.Code `json:"reason"`
	Times  int        `json:"times"`
}

func newListed(l redeem.Listed, passes bool) listed {
	r := l.Record
	answer := listed{Number: r.Number, Kind: r.Kind.String(), ID: r.ID, Terminal: r.Terminal, Place: r.Place,
		Alias: r.Alias, Coupon: r.Coupon, Campaign: r.Campaign, Of: r.Of, Group: r.Group, Receipt: l.Receipt,
		SaleKey: r.Sale.Key, Transaction: r.Sale.Transaction, Operator: r.Sale.Operator,
		BusinessDate: r.Sale.BusinessDate, Shift: r.Sale.Shift, Given: r.Given, GivenBy: r.GivenBy, Before: r.Before,
		Discount: discount(l.Discount), Made: time.UnixMilli(r.Time.Wall).UTC(), Trusted: r.Time.Trusted,
		Proven: r.Proven, Partial: r.Partial, Exclusive: r.Exclusive, Notes: r.Notes,
		Products: r.Products, Voided: l.Voided, Reported: l.Reported}
	if r.Until != 0 {
		answer.Until = time.UnixMilli(r.Until).UTC()
	}
	if r.Override != nil {
		answer.Override = &overridden{override{r.Override.Manager, r.Override.Why}, notNil(r.Override.Reasons)}
	}
	for _, t := range r.Turned {
		answer.NotAllowed = append(answer.NotAllowed, notAllowed{t.Reason, t.Times})
	}
	if passes {
		answer.Pass = l.Pass
	}
	return answer
}
