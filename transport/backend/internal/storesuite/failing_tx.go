package storesuite

import (
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// The reads of a Tx, those that remove rows which they look for included.

func (t *failingTx) Agreement(id string) (*store.Agreement, error) {
	return try(t, "Agreement", func() (*store.Agreement, error) { return t.Tx.Agreement(id) })
}

func (t *failingTx) Agreements(merchant string) ([]store.Agreement, error) {
	return try(t, "Agreements", func() ([]store.Agreement, error) { return t.Tx.Agreements(merchant) })
}

func (t *failingTx) Setting(name string) ([]byte, error) {
	return try(t, "Setting", func() ([]byte, error) { return t.Tx.Setting(name) })
}

func (t *failingTx) Campaign(id string) (*store.Campaign, error) {
	return try(t, "Campaign", func() (*store.Campaign, error) { return t.Tx.Campaign(id) })
}

func (t *failingTx) LockCampaign(id string) (*store.Campaign, error) {
	return try(t, "LockCampaign", func() (*store.Campaign, error) { return t.Tx.LockCampaign(id) })
}

func (t *failingTx) Campaigns() ([]store.Campaign, error) {
	return try(t, "Campaigns", func() ([]store.Campaign, error) { return t.Tx.Campaigns() })
}

func (t *failingTx) Code(hash store.Hash) (*store.Code, error) {
	return try(t, "Code", func() (*store.Code, error) { return t.Tx.Code(hash) })
}

func (t *failingTx) Codes(merchant string) ([]store.Code, error) {
	return try(t, "Codes", func() ([]store.Code, error) { return t.Tx.Codes(merchant) })
}

func (t *failingTx) ManagementKey(hash store.Hash) (*store.ManagementKey, error) {
	return try(t, "ManagementKey", func() (*store.ManagementKey, error) { return t.Tx.ManagementKey(hash) })
}

func (t *failingTx) ManagementKeys(merchant string) ([]store.ManagementKey, error) {
	return try(t, "ManagementKeys", func() ([]store.ManagementKey, error) { return t.Tx.ManagementKeys(merchant) })
}

func (t *failingTx) UseChallenge(c store.Challenge, now int64) (bool, error) {
	return try(t, "UseChallenge", func() (bool, error) { return t.Tx.UseChallenge(c, now) })
}

func (t *failingTx) Terminal(id record.TerminalID) (*store.Terminal, error) {
	return try(t, "Terminal", func() (*store.Terminal, error) { return t.Tx.Terminal(id) })
}

func (t *failingTx) Credentials(token store.Hash) (*store.Credentials, error) {
	return try(t, "Credentials", func() (*store.Credentials, error) { return t.Tx.Credentials(token) })
}

func (t *failingTx) Terminals(merchant string) ([]store.Terminal, error) {
	return try(t, "Terminals", func() ([]store.Terminal, error) { return t.Tx.Terminals(merchant) })
}

func (t *failingTx) Offers(ids []offer.ID, aliases []string) ([]store.Offer, error) {
	return try(t, "Offers", func() ([]store.Offer, error) { return t.Tx.Offers(ids, aliases) })
}

func (t *failingTx) Entries(ids []record.ID) ([]store.Entry, error) {
	return try(t, "Entries", func() ([]store.Entry, error) { return t.Tx.Entries(ids) })
}

func (t *failingTx) Redemptions(merchant string, receipts []record.Receipt) ([]store.Entry, error) {
	return try(t, "Redemptions", func() ([]store.Entry, error) { return t.Tx.Redemptions(merchant, receipts) })
}

func (t *failingTx) Verdicts(terminal record.TerminalID, after uint64, most int) ([]record.Verdict, error) {
	return try(t, "Verdicts", func() ([]record.Verdict, error) { return t.Tx.Verdicts(terminal, after, most) })
}

func (t *failingTx) DayEntries(merchant, day string, after store.DayMark, most int) ([]store.Entry, error) {
	return try(t, "DayEntries", func() ([]store.Entry, error) { return t.Tx.DayEntries(merchant, day, after, most) })
}

func (t *failingTx) Waiting(targets []store.Target) ([]store.Waiting, error) {
	return try(t, "Waiting", func() ([]store.Waiting, error) { return t.Tx.Waiting(targets) })
}

func (t *failingTx) Overdue(terminal record.TerminalID, at int64, most int) ([]store.Waiting, error) {
	return try(t, "Overdue", func() ([]store.Waiting, error) { return t.Tx.Overdue(terminal, at, most) })
}

func (t *failingTx) Flags(merchant string, after store.Flag, most int) ([]store.Flag, error) {
	return try(t, "Flags", func() ([]store.Flag, error) { return t.Tx.Flags(merchant, after, most) })
}

func (t *failingTx) Ledger(campaign string) ([]store.LedgerRow, error) {
	return try(t, "Ledger", func() ([]store.LedgerRow, error) { return t.Tx.Ledger(campaign) })
}

func (t *failingTx) Tallies(campaigns []string, from, to string) ([]store.Tally, error) {
	return try(t, "Tallies", func() ([]store.Tally, error) { return t.Tx.Tallies(campaigns, from, to) })
}

func (t *failingTx) Operators(merchant, from, to string) ([]store.OperatorTally, error) {
	return try(t, "Operators", func() ([]store.OperatorTally, error) { return t.Tx.Operators(merchant, from, to) })
}

func (t *failingTx) DropOperators(merchant, before string, most int) (int, error) {
	return try(t, "DropOperators", func() (int, error) { return t.Tx.DropOperators(merchant, before, most) })
}

func (t *failingTx) EraseOperator(merchant, operator string) (int, error) {
	return try(t, "EraseOperator", func() (int, error) { return t.Tx.EraseOperator(merchant, operator) })
}

func (t *failingTx) Device(hash store.Hash) (*store.Device, error) {
	return try(t, "Device", func() (*store.Device, error) { return t.Tx.Device(hash) })
}

func (t *failingTx) DeviceOffers(device store.Hash, below, most int) ([]store.Offer, error) {
	return try(t, "DeviceOffers", func() ([]store.Offer, error) { return t.Tx.DeviceOffers(device, below, most) })
}

func (t *failingTx) DropUnused(before int64, most int) (int, error) {
	return try(t, "DropUnused", func() (int, error) { return t.Tx.DropUnused(before, most) })
}

func (t *failingTx) DropRaw(before int64, most int) (int, error) {
	return try(t, "DropRaw", func() (int, error) { return t.Tx.DropRaw(before, most) })
}

func (t *failingTx) Marks(behind store.Mark, most int) ([]store.Mark, error) {
	return try(t, "Marks", func() ([]store.Mark, error) { return t.Tx.Marks(behind, most) })
}

func (t *failingTx) NextMark() (uint64, error) {
	return try(t, "NextMark", func() (uint64, error) { return t.Tx.NextMark() })
}

func (t *failingTx) Bundle(merchant string) (*store.Bundle, error) {
	return try(t, "Bundle", func() (*store.Bundle, error) { return t.Tx.Bundle(merchant) })
}

func (t *failingTx) BundleData(merchant string, delta bool) ([]byte, error) {
	return try(t, "BundleData", func() ([]byte, error) { return t.Tx.BundleData(merchant, delta) })
}

func (t *failingTx) Spent(campaign, currency, day string) (store.Spent, error) {
	return try(t, "Spent", func() (store.Spent, error) { return t.Tx.Spent(campaign, currency, day) })
}

func (t *failingTx) Answers(device store.Hash) ([]store.Answer, error) {
	return try(t, "Answers", func() ([]store.Answer, error) { return t.Tx.Answers(device) })
}

func (t *failingTx) ShownInAll(name string) (int64, error) {
	return try(t, "ShownInAll", func() (int64, error) { return t.Tx.ShownInAll(name) })
}

func (t *failingTx) Settlements(owner, partner, from, to string) ([]store.Settlement, error) {
	return try(t, "Settlements", func() ([]store.Settlement, error) {
		return t.Tx.Settlements(owner, partner, from, to)
	})
}

func (t *failingTx) LastClosed(owner, partner string) (string, error) {
	return try(t, "LastClosed", func() (string, error) { return t.Tx.LastClosed(owner, partner) })
}

func (t *failingTx) Closing(owner, partner, day string) (*store.Closing, error) {
	return try(t, "Closing", func() (*store.Closing, error) { return t.Tx.Closing(owner, partner, day) })
}

// LockMerchant reads nothing, and what is locked is read afterwards.
func (t *failingTx) LockMerchant(merchant string, alone bool) error {
	_, err := try(t, "LockMerchant", func() (struct{}, error) { return struct{}{}, t.Tx.LockMerchant(merchant, alone) })
	return err
}

func (t *failingTx) DueAnswers(before int64, most int) ([]store.Answer, error) {
	return try(t, "DueAnswers", func() ([]store.Answer, error) { return t.Tx.DueAnswers(before, most) })
}

func (t *failingTx) Measures(campaigns []string) ([]store.Measure, error) {
	return try(t, "Measures", func() ([]store.Measure, error) { return t.Tx.Measures(campaigns) })
}

func (t *failingTx) ClickAnswers(merchant string) ([]store.Answer, error) {
	return try(t, "ClickAnswers", func() ([]store.Answer, error) { return t.Tx.ClickAnswers(merchant) })
}
