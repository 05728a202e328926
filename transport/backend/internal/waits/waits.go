// Package waits says for which redemption a void or a correction waits, and in which order several do.
package waits

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/store"
)

// TargetRecord is the redemption with this id.
func TargetRecord(id record.ID) store.Target { return store.Target("i" + string(id[:])) }

// TargetReceipt is the merchant's redemption with this receipt.
func TargetReceipt(merchant string, receipt record.Receipt) store.Target {
	return store.Target("r" + string(receipt) + "\x00" + merchant)
}

// TargetOffer is the next redemption of an offer.
func TargetOffer(id offer.ID) store.Target { return store.Target("o" + string(id[:])) }

// Sort sorts in the order in which they were received; of one terminal at one moment as they stand in its chain.
func Sort(all []store.Waiting) {
	slices.SortFunc(all, func(a, b store.Waiting) int {
		return cmp.Or(cmp.Compare(a.Received, b.Received), bytes.Compare(a.Terminal[:], b.Terminal[:]),
			cmp.Compare(a.Number, b.Number), bytes.Compare(a.Record[:], b.Record[:]))
	})
}
