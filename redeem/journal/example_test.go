package journal_test

import (
	"context"
	"fmt"
	"os"

	"github.com/offlane/offlane/redeem/journal"
)

func Example() {
	dir, _ := os.MkdirTemp("", "journal")
	defer os.RemoveAll(dir)
	ctx := context.Background()
	log, err := journal.Open(ctx, dir, journal.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer log.Close()

	redeem := func(v *journal.View) ([]journal.Entry, error) {
		if v.Uses("offer 7") > 0 {
			return nil, fmt.Errorf("redeemed already")
		}
		number, _ := v.Next()
		payload := fmt.Appendf(nil, "redemption %d", number)
		return []journal.Entry{{ID: journal.ID{1}, CountedKeys: []string{"offer 7"}, Uses: 1, Payload: payload}}, nil
	}
	fmt.Println(log.Append(ctx, redeem))
	fmt.Println(log.Append(ctx, redeem))

	batch, _ := log.Pending(100, 1<<20)
	for _, record := range batch {
		fmt.Printf("%d: %s\n", record.Number, record.Payload)
	}
	fmt.Println(log.Settle(ctx, []journal.Settlement{{Ref: journal.ID{1}}}, nil), log.Stats().Pending)
	// Output:
	// <nil>
	// redeemed already
	// 1: redemption 1
	// <nil> 0
}
