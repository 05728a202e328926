package store

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// A Target is what a void or a correction waits for: a redemption by its id or by its receipt, or the next one of an
// offer. It is the key of a row.
type Target string

// MarshalJSON returns base64, since a target is no text.
func (t Target) MarshalJSON() ([]byte, error) { return json.Marshal([]byte(t)) }

// UnmarshalJSON reads what MarshalJSON wrote.
func (t *Target) UnmarshalJSON(data []byte) error {
	var raw []byte
	err := json.Unmarshal(data, &raw)
	*t = Target(raw)
	return err
}

// TargetRecord is the redemption with this id.
func TargetRecord(id record.ID) Target { return Target("i" + string(id[:])) }

// TargetReceipt is the merchant's redemption with this receipt.
func TargetReceipt(merchant string, receipt record.Receipt) Target {
	return Target("r" + string(receipt) + "\x00" + merchant)
}

// TargetOffer is the next redemption of an offer.
func TargetOffer(id offer.ID) Target { return Target("o" + string(id[:])) }

// A Waiting is a void or a correction that waits for its redemption.
type Waiting struct {
	Target Target
	// Record is its entry, Terminal whose it is, and Number its place in the terminal's chain.
	Record   record.ID
	Terminal record.TerminalID
	Number   uint64
	// Received is when it came, Until when the redemption can no longer come, in milliseconds since 1970.
	Received, Until int64
	// Stands says that the backend had confirmed it before it was restored from a backup.
	Stands bool
}

// SortWaiting sorts in the order in which they were received; of one terminal at one moment as they stand in its chain.
func SortWaiting(all []Waiting) {
	slices.SortFunc(all, func(a, b Waiting) int {
		return cmp.Or(cmp.Compare(a.Received, b.Received), bytes.Compare(a.Terminal[:], b.Terminal[:]),
			cmp.Compare(a.Number, b.Number), bytes.Compare(a.Record[:], b.Record[:]))
	})
}

// A FlagKind says why a person should look at a record, or at a terminal.
type FlagKind string

// The kinds of flags.
const (
	// FlagOverlap: a void by offer was matched with a redemption that may have come after it.
	FlagOverlap FlagKind = "overlap"
	// FlagOverTerms: more was given than the terms can give, and a manager allowed it.
	FlagOverTerms FlagKind = "over-terms"
	// FlagRecovered: the offer was taken up from its pass after the backend was restored from a backup.
	FlagRecovered FlagKind = "recovered"
	// FlagUnrecovered: the offer is not known since the backend was restored from a backup, and there was no pass to take
	// it up from.
	FlagUnrecovered FlagKind = "unrecovered"
	// FlagClamped: less was booked than a signed verdict from before a restore had said.
	FlagClamped FlagKind = "clamped"
	// FlagOtherStore: the record names another store than the one for which its terminal was enrolled; it is booked in
	// that one.
	FlagOtherStore FlagKind = "other-store"
	// FlagBusinessDate: the business date is far from when the record was made; it is booked on the day of the sale.
	FlagBusinessDate FlagKind = "business-date"
	// FlagBlocked: the record can have been made while its terminal was blocked.
	FlagBlocked FlagKind = "blocked"
	// FlagBeyond: the terminal spoke of numbers far beyond those of its records. Those are not believed.
	FlagBeyond FlagKind = "beyond"
	// FlagKeyChanged: the terminal has another key.
	FlagKeyChanged FlagKind = "key-changed"
	// FlagMoved: the terminal moved to another store.
	FlagMoved FlagKind = "moved"
	// FlagForked: two records of the terminal have one number, or one does not follow the one before it: its folder was
	// copied, or restored from a copy.
	FlagForked FlagKind = "forked"
	// FlagForgotten: the terminal says that it may have forgotten records. FlagEnded: a manager at it ended that.
	FlagForgotten FlagKind = "forgotten"
	FlagEnded     FlagKind = "forgotten-ended"
	// FlagSecond: the terminal was enrolled for a lane that had another one.
	FlagSecond FlagKind = "second-terminal"
)

// A Flag is something that a person should look at.
type Flag struct {
	Kind     FlagKind `json:"kind"`
	Merchant string   `json:"merchant"`
	// Record is zero where the flag is on the terminal as a whole.
	Record   record.ID         `json:"record"`
	Terminal record.TerminalID `json:"terminal"`
	// At is when it was flagged, in milliseconds since 1970.
	At     int64  `json:"at"`
	Detail string `json:"detail,omitempty"`
}
