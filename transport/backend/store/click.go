package store

import (
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// A Click is a click on an ad that an acceptance carried, which the customer agreed to have told to the ad's platform.
// Moments are in milliseconds since 1970.
type Click struct {
	// Merchant owns the campaign, Offer is what was accepted.
	Merchant string   `json:"merchant"`
	Offer    offer.ID `json:"offer"`
	// Platform is where the click was, ID what it is called there.
	Platform string `json:"platform"`
	ID       string `json:"id"`
	// Agreed is when the customer agreed, Text names the version of the text. Withdrawn is when the consent was taken
	// back; 0: it stands.
	Agreed    int64  `json:"agreed"`
	Text      string `json:"text"`
	Withdrawn int64  `json:"withdrawn,omitempty"`
	// Sent are the lines of exports that were made of it.
	Sent []Sent `json:"sent,omitempty"`
}

// A Sent is a line of an export: a redemption, or its retraction.
type Sent struct {
	// Export is the number of the export, among its merchant's.
	Export int `json:"export"`
	// Record is the redemption's, Redeemed when it was. Retracts says that it was taken back.
	Record   record.ID `json:"record"`
	Redeemed int64     `json:"redeemed"`
	Retracts bool      `json:"retracts,omitempty"`
}
