package reporter

import (
	"encoding/hex"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/slot"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/record"
)

var updateAside = flag.Bool("update-aside", false, "write testdata/aside-v1.hex anew")

func TestWhatWasSetAsideIsReadAsItWasWritten(t *testing.T) {
	records := []SetAside{
		{record.ID{1}, 7, fault.Internal, "the backend says: boom", time.UnixMilli(1_800_000_000_000).UTC()},
		{record.ID{2}, 70_000, fault.NotTheContract, "", time.UnixMilli(1_800_000_001_000).UTC()},
	}
	note := asideNote(records, 2)
	name := filepath.Join("testdata", "aside-v1.hex")
	if *updateAside {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(name, []byte(hex.EncodeToString(note.Value)+"\n"), 0o644))
	}
	golden, err := os.ReadFile(name)
	require.NoError(t, err)
	assert.Equal(t, strings.TrimSpace(string(golden)), hex.EncodeToString(note.Value))
	got, most := readAsides(note.Value)
	assert.Equal(t, records, got)
	assert.Equal(t, 2, most)

	for name, raw := range map[string][]byte{"nothing": nil, "no CBOR": {0xff}, "of tomorrow": {0xa1, 0x01, 0x02}} {
		got, most = readAsides(raw)
		assert.Empty(t, got, name)
		assert.Zero(t, most, name)
	}
}

func TestALongListFitsIntoItsSlot(t *testing.T) {
	records := make([]SetAside, MaxSetAside+1)
	for i := range records {
		records[i] = SetAside{record.NewID(), 1 << 60, fault.Code(strings.Repeat("c", 64)), strings.Repeat("d", maxDetail),
			time.Now()}
	}
	assert.Less(t, len(asideNote(records, 10).Value), journal.MaxPayload)
}

func TestWhatIsKeptOfAFailureIsTextOfSomeLength(t *testing.T) {
	assert.Equal(t, "ab", clip("abc", 2))
	assert.Equal(t, "a", clip("aé", 2), "no half of a letter")
	assert.Equal(t, "ab", clip("a\xffb", 9))
}

func TestRangesAreTakenOutOfRanges(t *testing.T) {
	out := map[journal.ID]uint64{{1}: 3, {2}: 4, {3}: 9}
	assert.Equal(t, []record.Range{{First: 3, Last: 4}, {First: 9, Last: 9}}, numbersExcept(out, nil))
	assert.Equal(t, []record.Range{{First: 3, Last: 3}, {First: 9, Last: 9}},
		numbersExcept(out, []journal.Stored{{ID: journal.ID{2}}}))
	for name, c := range map[string]struct{ from, want []record.Range }{
		"nothing": {nil, nil},
		"around": {[]record.Range{{First: 1, Last: 10}}, []record.Range{{First: 1, Last: 2}, {First: 5, Last: 8},
			{First: 10, Last: 10}}},
		"the whole":     {[]record.Range{{First: 3, Last: 4}, {First: 9, Last: 9}}, nil},
		"its beginning": {[]record.Range{{First: 4, Last: 6}}, []record.Range{{First: 5, Last: 6}}},
		"its end":       {[]record.Range{{First: 1, Last: 3}}, []record.Range{{First: 1, Last: 2}}},
		"beside": {[]record.Range{{First: 5, Last: 8}, {First: 10, Last: 20}}, []record.Range{{First: 5, Last: 8},
			{First: 10, Last: 20}}},
		"the same, twice": {[]record.Range{{First: 2, Last: 3}, {First: 3, Last: 3}}, []record.Range{{First: 2, Last: 2}}},
	} {
		assert.Equal(t, c.want, subtract(c.from, out), name)
	}
}

func TestRangesAreJoined(t *testing.T) {
	for name, c := range map[string]struct{ from, want []record.Range }{
		"nothing":    {nil, nil},
		"one":        {[]record.Range{{First: 3, Last: 4}}, []record.Range{{First: 3, Last: 4}}},
		"neighbours": {[]record.Range{{First: 5, Last: 9}, {First: 3, Last: 4}}, []record.Range{{First: 3, Last: 9}}},
		"within":     {[]record.Range{{First: 1, Last: 9}, {First: 3, Last: 4}}, []record.Range{{First: 1, Last: 9}}},
		"apart": {[]record.Range{{First: 6, Last: 9}, {First: 3, Last: 4}}, []record.Range{{First: 3, Last: 4},
			{First: 6, Last: 9}}},
	} {
		assert.Equal(t, c.want, fitSlot(record.Union(c.from)), name)
		assert.Equal(t, c.want, slot.Decode[[]record.Range](slot.Encode(fitSlot(record.Union(c.from)))), name)
	}
	var many []record.Range
	for i := range uint64(mostRanges + 1) {
		many = append(many, record.Range{First: 1<<60 + 2*i, Last: 1<<60 + 2*i})
	}
	assert.Less(t, len(slot.Encode(fitSlot(record.Union(many[:mostRanges])))), journal.MaxPayload)
	assert.Equal(t, []record.Range{{First: 1 << 60, Last: 1<<60 + 2*mostRanges}}, fitSlot(record.Union(many)))
	assert.Empty(t, slot.Decode[[]record.Range]([]byte{0xff}))
}
