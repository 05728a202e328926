package record_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

const symbols = "0123456789ABCDEFGHJKLMNPRSTUVWXY"

func TestReceiptIsReadAsPeopleTypeIt(t *testing.T) {
	want := record.NewID().Receipt()
	for _, typed := range []string{string(want), strings.ToLower(string(want)), strings.ReplaceAll(string(want), "-", ""),
		" " + string(want)[:3] + " " + string(want)[3:]} {
		got, err := record.ParseReceipt(typed)
		require.NoError(t, err, typed)
		assert.Equal(t, want, got)
	}
}

func TestReceiptNoticesSlips(t *testing.T) {
	plain := strings.ReplaceAll(string(record.ID{5}.Receipt()), "-", "")
	for i := range plain {
		for _, s := range symbols {
			if byte(s) == plain[i] {
				continue
			}
			_, err := record.ParseReceipt(plain[:i] + string(s) + plain[i+1:])
			assert.ErrorIs(t, err, fault.Mistyped)
		}
		if i > 0 && plain[i] != plain[i-1] {
			_, err := record.ParseReceipt(plain[:i-1] + plain[i:i+1] + plain[i-1:i] + plain[i+1:])
			assert.ErrorIs(t, err, fault.Mistyped)
		}
	}
	for _, bad := range []string{"", "ABC", plain + "0", "OOOOO-OOOOO", strings.Repeat("0", 1000)} {
		_, err := record.ParseReceipt(bad)
		assert.ErrorIs(t, err, fault.Unreadable, bad)
	}
}

func ExampleID_Receipt() {
	fmt.Println(record.ID{1, 2, 3}.Receipt())
	_, err := record.ParseReceipt("00000-00001")
	fmt.Println(err)
	// Output:
	// M1TVR-BE0Y3
	// record.ParseReceipt: mistyped: the check symbol does not fit: read the code again
}

func FuzzParseReceipt(f *testing.F) {
	f.Add("7K2F9-XR41M")
	f.Fuzz(func(t *testing.T, text string) {
		receipt, err := record.ParseReceipt(text)
		if err != nil {
			return
		}
		again, err := record.ParseReceipt(string(receipt))
		require.NoError(t, err)
		assert.Equal(t, receipt, again)
	})
}
