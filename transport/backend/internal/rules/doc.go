// Package rules says what may be done with a campaign, an agreement and a follow-up, by their rows: when an offer may
// be accepted and until when it is valid, who redeems it, which state follows which, what terminals hear of it. It
// reads and changes values; whoever reads a row in a transaction writes it back.
package rules
