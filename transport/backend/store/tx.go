package store

import (
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// A Tx reads and writes rows. A row that is not there is nil and no error; rows come in any order unless it is said.
// In a View the methods that write fail.
type Tx interface {
	// Agreement returns an agreement and locks it. Agreements lists by id those of which a merchant is one of the two; ""
	// lists all.
	Agreement(id string) (*Agreement, error)
	Agreements(merchant string) ([]Agreement, error)
	PutAgreement(Agreement) error
	DropAgreement(id string) error

	// Setting is a small value of the server's own, such as its keys; nil: none.
	Setting(name string) ([]byte, error)
	PutSetting(name string, value []byte) error

	// Campaign returns a campaign; LockCampaign locks it as well. Campaigns lists all by id.
	Campaign(id string) (*Campaign, error)
	LockCampaign(id string) (*Campaign, error)
	Campaigns() ([]Campaign, error)
	PutCampaign(Campaign) error

	// Code returns an enrolment code and locks it; Codes lists those of a merchant.
	Code(Hash) (*Code, error)
	Codes(merchant string) ([]Code, error)
	PutCode(Code) error

	// ManagementKey returns a management key and locks it; ManagementKeys lists those of a merchant.
	ManagementKey(Hash) (*ManagementKey, error)
	ManagementKeys(merchant string) ([]ManagementKey, error)
	PutManagementKey(ManagementKey) error
	// UseChallenge keeps that a challenge was used, and reports whether it was not before. It forgets those that ended by
	// a moment (milliseconds since 1970).
	UseChallenge(c Challenge, ended int64) (bool, error)

	// Terminal returns a terminal and locks it. Credentials returns those with a token and locks nothing. Terminals lists
	// those of a merchant.
	Terminal(record.TerminalID) (*Terminal, error)
	Credentials(token Hash) (*Credentials, error)
	Terminals(merchant string) ([]Terminal, error)
	// LockMerchant keeps what is booked for a merchant in step with voids that name a redemption by its receipt alone,
	// which no row stands for before it came: whoever books holds the lock with the others, whoever voids by receipt
	// alone.
	LockMerchant(merchant string, alone bool) error
	// PutTerminal inserts or replaces, with its credentials; its old token is no longer found.
	PutTerminal(Terminal) error

	// Offers returns those of the named offers that exist, each once, and locks them. A zero id and an empty alias name
	// none. One that is not as it was written has Err set.
	Offers(ids []offer.ID, aliases []string) ([]Offer, error)
	// AddOffer inserts a new one: fault.Conflict where its id or alias is taken.
	AddOffer(Offer) error
	// PutOffers replaces offers that exist. Their Device stays what it was: only ForgetDevice changes it.
	PutOffers([]Offer) error

	// Entries returns those of the named entries that exist, and locks them in the order of their ids. One that is not as
	// it was written has Err set.
	Entries(ids []record.ID) ([]Entry, error)
	// Redemptions returns the merchant's redemptions with these receipts. One that is not as it was written has Err set,
	// and may be another merchant's.
	Redemptions(merchant string, receipts []record.Receipt) ([]Entry, error)
	// PutEntries inserts entries or replaces them, in the order of their ids: it sorts them. Verdicts finds them by their
	// numbers from then on.
	PutEntries([]Entry) error
	// Verdicts returns the terminal's verdicts after a number, in their order, at most so many.
	Verdicts(terminal record.TerminalID, after uint64, most int) ([]record.Verdict, error)

	// Waiting returns what waits for any of the targets, in the order of Received, Terminal, Number and Record.
	Waiting([]Target) ([]Waiting, error)
	// Overdue returns what a terminal has waiting whose redemptions can no longer come at a moment, the longest overdue
	// first, at most so many.
	Overdue(terminal record.TerminalID, at int64, most int) ([]Waiting, error)
	AddWaiting(Waiting) error
	DropWaiting(Waiting) error

	// AddFlag keeps something that a person should look at. Flags returns a merchant's flags after one, the zero Flag is
	// before all, in the order in which they were made, at most so many.
	AddFlag(Flag) error
	Flags(merchant string, after Flag, most int) ([]Flag, error)

	// Post adds to the ledger, to the figures, to those of operators, to settlements and to measures. A transaction posts
	// once, at its end, so that it holds what all share for moments only.
	Post(*Posting) error
	// Spent returns what a campaign came to in a currency, all as of one moment. Its liability is what counts on a day;
	// "": it is not asked for.
	Spent(campaign, currency, day string) (Spent, error)
	// Ledger returns the rows of a campaign in any order; rows of one currency and one end add up.
	Ledger(campaign string) ([]LedgerRow, error)
	// Tallies returns the figures of campaigns from one day to another, both included; "" is no bound. It leaves out those
	// that count nothing any more.
	Tallies(campaigns []string, from, to string) ([]Tally, error)

	// Operators returns a merchant's rows from one day to another, both included, by day; "" is no bound. Post adds to
	// them.
	Operators(merchant, from, to string) ([]OperatorTally, error)
	// DropOperators removes a merchant's rows of days before one, the oldest first, at most so many, and tells how many.
	DropOperators(merchant, before string, most int) (int, error)
	// EraseOperator moves what an operator's rows count to those without a name, and tells how many rows there were.
	EraseOperator(merchant, operator string) (int, error)

	// DayEntries returns what was booked for a merchant's terminals on a day, behind a mark, in the order of Latest and
	// of ids, at most so many. It locks nothing. One that is not as it was written has Err set.
	DayEntries(merchant, day string, after DayMark, most int) ([]Entry, error)

	// Device returns a device and locks it.
	Device(Hash) (*Device, error)
	PutDevice(Device) error
	// DeviceOffers returns the offers that were added with this Device and a Number below one, the highest first, at most
	// so many; 0: whatever their Number. It locks nothing. One that is not as it was written has Err set.
	DeviceOffers(device Hash, below, most int) ([]Offer, error)
	// ForgetDevice removes the device with its answers, and the link to it from all of its offers.
	ForgetDevice(Hash) error

	// Answers lists what a device was shown, by name. The lock of the Device guards it, and ForgetDevice removes it.
	Answers(Hash) ([]Answer, error)
	PutAnswers([]Answer) error
	DropAnswers(device Hash, names []string) error
	// DueAnswers returns rows of any device whose Due is before a moment (milliseconds since 1970), those first that are
	// due longest, at most so many. It locks nothing.
	DueAnswers(before int64, most int) ([]Answer, error)
	// ClickAnswers returns the rows of a merchant's clicks, of any device, by device and name. It locks nothing.
	ClickAnswers(merchant string) ([]Answer, error)
	// ShownInAll returns how often all devices together were shown an answer, and locks that.
	ShownInAll(name string) (int64, error)
	PutShownInAll(name string, times int64) error

	// Measures returns what became of campaigns' answers in any order, one for each arm. Post adds to it.
	Measures(campaigns []string) ([]Measure, error)

	// Settlements lists what a partner's tills redeemed of an owner's offers, from one day to another, both included; ""
	// is no bound. Post adds to it.
	Settlements(owner, partner, from, to string) ([]Settlement, error)
	// LastClosed is the last day that was closed between two merchants; "": none. In an Update it cannot be closed further
	// until the transaction ends.
	LastClosed(owner, partner string) (string, error)
	// Closing returns the statement of a day, nil where it was not closed: in an Update nobody else asks for LastClosed or
	// closes a day between the two then until the transaction ends. PutClosing keeps it; LastClosed is then that day, if
	// it was not a later one.
	Closing(owner, partner, day string) (*Closing, error)
	PutClosing(Closing) error

	// DropUnused removes offers of which no use was ever taken and that ended before a moment (milliseconds since 1970),
	// those that ended first, at most so many, and tells how many. A device that accepted nothing since that moment and
	// has no offers left is removed with its last one.
	DropUnused(before int64, most int) (int, error)
	// DropRaw removes Raw from entries that were judged first before a moment (milliseconds since 1970), the oldest
	// first, at most so many, and tells how many. Entries without a verdict keep it.
	DropRaw(before int64, most int) (int, error)

	// Marks returns the marks that stand behind one in the order of Changed and ID, which are all that it looks at, at
	// most so many. The zero Mark is before all. AddOffer and PutOffers keep the marks in step.
	Marks(behind Mark, most int) ([]Mark, error)
	// NextMark returns a number that no mark has passed which this transaction does not see: every change that it does not
	// see gets this number or a greater one.
	NextMark() (uint64, error)
	// DropMarks removes marks of offers that have ended. One whose offer changes later is there again.
	DropMarks([]offer.ID) error

	// Bundle returns a merchant's bundle without its data, and locks it.
	Bundle(merchant string) (*Bundle, error)
	// BundleData returns the signed bytes of the bundle, or of its delta; nil: there are none.
	BundleData(merchant string, delta bool) ([]byte, error)
	// PutBundle inserts or replaces. Without BaseData that of the stored one stays.
	PutBundle(Bundle) error
}
