package store

import (
	"context"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// A Store keeps everything that must not be lost. Implementations are tested with package storetest.
//
// Update runs fn in one transaction, which is durable when Update returns nil and has left no trace when it returns an
// error. Transactions are as if they ran one after another where they touch the same rows: what Tx says it locks stays
// as it was read until the transaction ends. A store that has to give way to another transaction (a serialisation
// failure, a deadlock, a row that both inserted) calls fn again, so fn has no effects but on the Tx; it gives up after
// a while with fault.Unavailable. An error of fn is returned as it is. Whether a transaction whose commit failed took
// place is not known: callers do it again, and everything in package backend is made so that doing it again changes
// nothing.
//
// View runs fn on one consistent state that at least includes every Update that had returned. Both may be called from
// several goroutines, and, if the store's database allows it, from several processes. A Tx is used by one goroutine
// and not after fn returned; nor are the slices that it gave.
type Store interface {
	View(ctx context.Context, fn func(Tx) error) error
	Update(ctx context.Context, fn func(Tx) error) error
	// Close releases the database. The Server does not call it: whoever opened the store closes it.
	Close() error
}

// A Tx reads and writes rows. A row that is not there is nil and no error; rows come in any order unless it is said.
// In a View the methods that write fail.
type Tx interface {
	AgreementTx

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
	// UseChallenge keeps that a challenge was used, and reports whether it was not before. It forgets those that have
	// ended.
	UseChallenge(c Challenge, now int64) (bool, error)

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
	// PutOffers replaces offers that exist. Their Device stays what it was: see DeviceTx.
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

	// Waiting returns what waits for any of the targets, in the order in which it was received.
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

	// Post adds to the ledger, to the figures, to those of operators and to settlements. A transaction posts once, at its
	// end, so that it holds what all share for moments only.
	Post(*Posting) error
	// Spent returns what a campaign came to in a currency, all as of one moment. Its liability is what counts on a day;
	// "": it is not asked for.
	Spent(campaign, currency, day string) (Spent, error)
	// Ledger returns the rows of a campaign in any order; rows with the same key add up.
	Ledger(campaign string) ([]LedgerRow, error)
	// Tallies returns the figures of campaigns from one day to another, both included; "" is no bound.
	Tallies(campaigns []string, from, to string) ([]Tally, error)

	OperatorTx
	DeviceTx
	AnswerTx
	SettlementTx
	TidyTx
	MarkTx
	BundleTx
}

// A Backuper is a Store that can be copied while it runs.
type Backuper interface {
	// Backup writes one consistent state to a file that does not exist yet.
	Backup(ctx context.Context, file string) error
}
