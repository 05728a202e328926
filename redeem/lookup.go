package redeem

import (
	"cmp"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// A storedRecord is a record of the journal together with what it says.
type storedRecord struct {
	journal.Stored
	rec record.Record
}

// recordsOf finds the records of some kinds by a key or name, oldest first. Those that were reported so long ago that
// only their keys are kept are left out. Where others cannot be read, it returns those that can be, and the error: see
// isUnread.
func recordsOf(v *journal.View, key string, kinds ...record.Kind) ([]storedRecord, error) {
	ids, unread := v.Find(key)
	all, err := recordsAt(v, ids, kinds...)
	return all, cmp.Or(err, unread)
}

// recordsAt reads the records of some kinds among those with these ids. Errors as of recordsOf.
func recordsAt(v *journal.View, ids []journal.ID, kinds ...record.Kind) (all []storedRecord, unread error) {
	for _, id := range ids {
		stored, ok, err := v.Get(id)
		if err == nil && (!ok || stored.Payload == nil) {
			continue
		}
		rec := record.Record{}
		if err == nil {
			rec, err = record.Decode(stored.Payload)
		}
		switch {
		case err != nil:
			unread = cmp.Or(unread, unreadable(err))
		case slices.Contains(kinds, rec.Kind):
			all = append(all, storedRecord{stored, rec})
		}
	}
	return all, unread
}

// unreadable is the error for a record that the journal cannot read, or whose content makes no sense any more.
func unreadable(err error) error {
	if isUnread(err) {
		return err
	}
	return fault.New(fault.Damaged, "", "a record is not as it was written: %w", err)
}

// isUnread reports whether an error says that a record cannot be read.
func isUnread(err error) bool {
	code := fault.CodeOf(err)
	return code == fault.Damaged || code == fault.DiskFailed
}

// pendingUses counts the uses that the backend has not answered.
func pendingUses(v *journal.View, ids []journal.ID) (pending int) {
	for _, id := range ids {
		if status, ok := v.State(id); ok && status.State == journal.Pending {
			pending += status.Uses
		}
	}
	return pending
}

// withoutUses leaves out the redemptions that stand: only what counts no use can be a reservation.
func withoutUses(v *journal.View, ids []journal.ID) (rest []journal.ID) {
	for _, id := range ids {
		if status, ok := v.State(id); ok && status.Uses == 0 {
			rest = append(rest, id)
		}
	}
	return rest
}

// offerKeys are the names under which a use is counted: one offer in two dresses is still one.
func offerKeys(p offer.Presented) []string {
	if !p.Identifies() {
		return nil // a coupon without a serial is no identifier; its campaign's budget bounds it
	}
	return keysOf(p.ID, p.Alias)
}

func keysOf(id offer.ID, alias string) []string {
	var keys []string
	if !id.IsZero() {
		keys = append(keys, "offer:"+string(id[:]))
	}
	if alias != "" {
		keys = append(keys, "alias:"+alias)
	}
	return keys
}

func saleKey(key string) string { return "sale:" + key }

func receiptKey(receipt record.Receipt) string { return "receipt:" + string(receipt) }
