package wire

import (
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// Records is the answer to a GET of PathRecords.
type Records struct {
	Records []BookedRecord `json:"records"`
	// Next is what the parameter after takes to go on; empty: there are no more.
	Next string `json:"next,omitempty"`
}

// A BookedRecord is one record of a terminal as it was booked, with its verdict. It has neither the identifier of the
// offer nor a name of a person.
type BookedRecord struct {
	Record record.ID `json:"record"`
	// Receipt is the code on the customer's receipt, of a redemption.
	Receipt  record.Receipt    `json:"receipt,omitempty"`
	Terminal record.TerminalID `json:"terminal"`
	Place    record.Place      `json:"place"`
	// Kind is redemption, void, reservation, release, correction, or unknown where the record cannot be read.
	Kind string `json:"kind"`
	// Campaign is empty where none was known.
	Campaign string `json:"campaign,omitempty"`
	// Day is the business date on which it counts; Earliest and Latest bound when it happened, in milliseconds since 1970.
	Day      string `json:"day"`
	Earliest int64  `json:"earliest"`
	Latest   int64  `json:"latest"`
	// Given is what a redemption gives, with its corrections, or what a void took back. TakenBack is what voids took back
	// of a redemption, in Given's currency.
	Given     record.Money `json:"given,omitzero"`
	TakenBack int64        `json:"takenBack,omitempty"`
	// Voided is the void that took a redemption back wholly, or the release of a reservation; absent: none.
	Voided record.ID `json:"voided,omitzero"`
	// Status, Reason, Detail and Judged are the verdict's.
	Status record.Status `json:"status"`
	Reason fault.Code    `json:"reason,omitempty"`
	Detail string        `json:"detail,omitempty"`
	Judged int64         `json:"judged,omitempty"`
}
