package offer_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/gs1"
	"github.com/offlane/offlane/redeem/offer"
)

// everyReading returns all that a text can mean, by trying everything.
func everyReading(text string, before gs1.Elements) (all []string) {
	if text == "" {
		coupons := 0
		for _, e := range before {
			if e.AI == "255" || e.AI == "8110" || e.AI == "8112" {
				coupons++
			}
		}
		if coupons == 1 && before.Check() == nil {
			return []string{before.String()}
		}
		return nil
	}
	for n := 2; n <= min(4, len(text)); n++ {
		ai := text[:n]
		usual := slices.Contains([]string{"255", "8110", "8112", "17", "8111"}, ai) ||
			len(ai) == 4 && (ai[:3] == "390" || ai[:3] == "394")
		twice := slices.ContainsFunc(before, func(e gs1.Element) bool { return e.AI == ai })
		if !usual || twice {
			continue
		}
		for end := n + 1; end <= len(text); end++ {
			e := gs1.Element{AI: ai, Value: text[n:end]}
			if e.Check() == nil {
				all = append(all, everyReading(text[end:], append(before[:len(before):len(before)], e))...)
			}
		}
	}
	return all
}

func TestReadingsAreCountedExactly(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	several := 0
	for range 2000 {
		text := strings.ReplaceAll(randomCoupon(r, 1, 12, 2).Raw(), "\x1d", "")
		if r.IntN(4) == 0 { // parts that look like the beginning of something else
			text = text[:16] + []string{"17260913", "39021", "3902173902", "255", "81118111",
				"1717171717"}[r.IntN(6)] + text[16:]
		}
		want := everyReading(text, nil)
		count, listed := offer.Reader{}.Unseparated(text)
		require.EqualValues(t, len(want), count, text)
		var found []string
		for _, elements := range listed {
			found = append(found, elements.String())
		}
		if len(want) <= 16 {
			require.ElementsMatch(t, want, found, text)
		}
		if len(want) > 3 {
			several++
		}
	}
	assert.NotZero(t, several, "some have several readings")
}

// A text that is hard on purpose must not keep the till busy.
func TestCountingDoesNotGrowWithTheReadings(t *testing.T) {
	hard := offer.Reader{LayoutOf: layouts{"255:": {AIs: []string{"91", "92", "93", "94", "95", "96", "97", "98"}}}.of}
	text := "255" + gcn + strings.Repeat("9192939495969798", 6)
	count, listed := hard.Unseparated(text)
	assert.Greater(t, count, uint64(1e6), "there are very many readings")
	assert.NotEmpty(t, listed, "some are listed")
	count, _ = hard.Unseparated(text + text)
	assert.Zero(t, count, "a text that no symbol at a till holds has none")
}

// FuzzUnseparated holds that every reading is the text with separators put in and goes together, and that a text which
// stands as a coupon of the usual elements has at least one.
func FuzzUnseparated(f *testing.F) {
	for _, seed := range []string{lost, "255" + gcn + "123456", "8110" + coupon + serial, "8112" + positive,
		"17261231255" + gcn + "1",
		"1726123141040123450000092554012345000009", "255" + gcn + "91AB", "002554012345000009"} {
		f.Add(seed)
	}
	known := offer.Reader{LayoutOf: layouts{"255:40": {Serials: []int{0, 6}, AIs: []string{"17", "91"}},
		"255:": {MaxAmount: 100}}.of}
	f.Add(" 2550000000000000")
	f.Add("25521290143213193900200\r")
	f.Fuzz(func(t *testing.T, text string) {
		text = strings.TrimLeft(strings.TrimRight(text, "\r\n\t"), " \t\u00a0\ufeff") // as Parse does
		for _, r := range []offer.Reader{{}, known} {
			count, listed := r.Unseparated(text)
			if count < uint64(len(listed)) || count > 0 && len(listed) == 0 {
				t.Fatalf("%q: %d readings, %d listed", text, count, len(listed))
			}
			for _, elements := range listed {
				if strings.ReplaceAll(elements.Raw(), "\x1d", "") != text {
					t.Fatalf("%q became %s", text, elements)
				}
				again, err := gs1.Parse(elements.Raw())
				if err != nil || elements.Check() != nil || again.String() != elements.String() {
					t.Fatalf("%q became %s: %v", text, elements, err)
				}
			}
			if p, err := r.Parse("]C1" + text); err == nil && !strings.ContainsAny(text,
				"\x1d(^") && !gs1.IsLink(text) && p.Dress == offer.GS1 && count != 1 {
				t.Fatalf("%q has %d readings and was read as %s", text, count, p.Elements)
			}
		}
	})
}
