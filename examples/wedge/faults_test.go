package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/wedge"
	"github.com/offlane/offlane/redeem/offer"
)

// A mishap is what a scanner and a keyboard do to a text. In what they deliver "|" stands for a pause of half a second
// and "~~" for one of 300 ms.
type mishap struct {
	name   string
	arrive func(t *testing.T, text string) string
	// texts is how many scans of the text arrive; 0: what arrives is spoilt, and need not be recognised.
	texts int
}

func typed(keyboard wedge.Layout, capsLock bool) func(*testing.T, string) string {
	return func(t *testing.T, text string) string {
		arrived, err := wedge.Type(strings.ReplaceAll(text, "\x1d", "<GS>"), wedge.US, keyboard, capsLock)
		require.NoError(t, err)
		return arrived + "\r"
	}
}

func plain(format, separator string) func(*testing.T, string) string {
	return func(_ *testing.T, text string) string {
		return fmt.Sprintf(format, strings.ReplaceAll(text, "\x1d", separator))
	}
}

func scannerFaults() []mishap {
	var all []mishap
	for _, layout := range []wedge.Layout{wedge.US, wedge.UK, wedge.German, wedge.French, wedge.Belgian, wedge.Spanish,
		wedge.Italian} {
		all = append(all, mishap{"layout " + string(layout), typed(layout, false), 1},
			mishap{"layout " + string(layout) + ", caps lock", typed(layout, true), 1})
	}
	for _, quarter := range []int{1, 2, 3, 4} {
		all = append(all,
			mishap{fmt.Sprintf("a character dropped, %d/4", quarter), func(_ *testing.T, text string) string {
				at := len(text)*quarter/4 - 1
				return text[:at] + text[at+1:] + "\r"
			}, 0},
			mishap{fmt.Sprintf("a character doubled, %d/4", quarter), func(_ *testing.T, text string) string {
				at := len(text)*quarter/4 - 1
				return text[:at] + text[at:at+1] + text[at:] + "\r"
			}, 0})
	}
	return append(all,
		mishap{"prefix and suffix of characters", plain("~P%s##", "\x1d"), 1},
		mishap{"STX and ETX", plain("\x02%s\x03", "\x1d"), 1},
		mishap{"no suffix", plain("%s", "\x1d"), 1},
		mishap{"GS as <GS>", plain("%s\r", "<GS>"), 1},
		mishap{"GS as {GS}", plain("%s\r", "{GS}"), 1},
		mishap{"GS as ^]", plain("%s\r", "^]"), 1},
		mishap{"GS as Alt+029", plain("%s\r", "\x1b0\x1b2\x1b9"), 1},
		mishap{"GS as F8", plain("%s\r", "\x1b[19~"), 1},
		mishap{"GS lost", plain("%s\r", ""), 1},
		mishap{"two scans run together", plain("%[1]s%[1]s\r", "\x1d"), 2},
		mishap{"cut in half by a pause", func(_ *testing.T,
			text string) string {
			return text[:len(text)/2] + "|" + text[len(text)/2:] + "\r"
		}, 1},
		mishap{"cut by a pause where the first part is whole", func(_ *testing.T, text string) string {
			at := strings.IndexByte(text+"\x1d", '\x1d') - 3
			return text[:at] + "|" + text[at:] + "\r"
		}, 1},
		mishap{"full-width characters", func(_ *testing.T, text string) string { return fullWidth(text) + "\r" }, 1},
		mishap{"a prefix and a suffix of letters", plain("Pre%sEnd", "\x1d"), 1},
		mishap{"a key every 300 ms", func(_ *testing.T, text string) string {
			return strings.Join(strings.Split(text, ""),
				"~~") + "\r"
		}, 1},
		mishap{"a blank in front", plain(" %s\r", "\x1d"), 1},
		mishap{"a scan while somebody types", plain("12%s\r", "\x1d"), 0},
		mishap{"two scanners at once, by characters", func(_ *testing.T, text string) string { return twice(text) + "\r" },
			0},
		mishap{"two scanners at once, by pieces", func(_ *testing.T, text string) string {
			return text[:len(text)/3] + text + "\r" + text[len(text)/3:] + "\r"
		}, 0},
		mishap{"a label of an item in the same pull", plain("4012345678901\r%s\r", "\x1d"), 0},
		mishap{"cut in half by a carriage return", func(_ *testing.T,
			text string) string {
			return text[:len(text)/2] + "\r" + text[len(text)/2:] + "\r"
		}, 1},
	)
}

// fullWidth returns a text as an input method writes it.
func fullWidth(text string) string {
	return strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f {
			return r + 0xfee0
		}
		return r
	}, text)
}

func twice(text string) string {
	var b strings.Builder
	for _, r := range text {
		b.WriteString(string(r) + string(r))
	}
	return b.String()
}

// couponsOf says what the table's coupon looks like: its serial carries no check, and only a layout tells that a digit
// of it was dropped.
func couponsOf(string) offer.Layout { return offer.Layout{Serials: []int{0, 6}, AIs: []string{"17"}} }

// deliver pushes what arrives through a framer.
func deliver(t *testing.T, profile wedge.Profile, arrived string) []wedge.Scan {
	t.Helper()
	f, err := wedge.NewFramer(wedge.Config{Profile: profile, Accept: isOffer})
	require.NoError(t, err)
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	var scans []wedge.Scan
	for _, piece := range strings.Split(arrived, "|") {
		for _, key := range strings.Split(piece, "~~") {
			found, err := f.Push([]byte(key), at)
			require.NoError(t, err)
			scans = append(scans, found...)
			scans = append(scans, f.Tick(at.Add(299*time.Millisecond))...)
			at = at.Add(300 * time.Millisecond)
		}
		at = at.Add(200 * time.Millisecond)
		scans = append(scans, f.Tick(at)...)
	}
	return append(scans, f.Flush()...)
}

// outcome is what became of the scans: each is the offer, is known to be one of several, is refused, or is taken for
// another.
func outcome(scans []wedge.Scan, want offer.Presented, texts int) string {
	right := 0
	for _, s := range scans {
		p, err := offer.Reader{Separated: s.Separated, LayoutOf: couponsOf}.Choose(s.Readings...)
		switch {
		case err != nil && texts == 0:
			continue // an item's label, or what is left of a spoilt text
		case err != nil && len(s.Readings) > 1:
			return "ambiguous"
		case err != nil || s.Incomplete:
			return "refused"
		case p.ID != want.ID || p.Alias != want.Alias || p.Coupon != want.Coupon:
			return "WRONG"
		}
		right++
	}
	switch {
	case texts == 0 && right == 0:
		return "refused"
	case texts > 0 && right != texts:
		return fmt.Sprintf("%d of %d", right, texts)
	}
	return "right"
}

// TestScannerFaults prints, with -v, what becomes of each kind of identifier under each fault, before the self-test and
// after.
func TestScannerFaults(t *testing.T) {
	kinds := []struct{ name, text string }{
		{"short code", "]Q1" + sample.Code()}, {"digits", "]C0" + sample.Digits()}, {"signed pass", "]Q1" + samplePass(t)},
		{"GS1", "]C1" + gcn + "\x1d17261231"}, {"link", "]Q1https://example.com/shop/255/" + gcn[3:] + "?17=261231"},
		{"compressed link", "]Q1https://id.gs1.org/JVUqG5hJ5wA?17=261231"}, {"8110",
			"]e08110" + "106141416543213500110000" + "50123456"},
		{"8112", "]e08112" + "001234561234560123456"},
	}
	table := "| fault |"
	for _, kind := range kinds {
		table += " " + kind.name + " |"
	}
	for _, f := range scannerFaults() {
		table += "\n| " + f.name + " |"
		for _, kind := range kinds {
			want, err := offer.Parse(kind.text)
			require.NoError(t, err)
			before := outcome(deliver(t, wedge.Profile{}, f.arrive(t, kind.text)), want, f.texts)
			assert.NotEqual(t, "WRONG", before, "%s, %s: no scan is ever taken for another", f.name, kind.name)
			profile, err := wedge.Learn([]byte(selfTestArrives(t, f)))
			require.NoError(t, err, f.name)
			scans := deliver(t, profile, f.arrive(t, kind.text))
			if f.texts == 0 {
				after := outcome(scans, want, 0)
				assert.NotEqual(t, "WRONG", after, "%s, %s, after the self-test", f.name, kind.name)
				table += " " + before + " → " + after + " |"
				continue
			}
			assert.Len(t, scans[0].Readings, 1, "%s, %s, after the self-test", f.name, kind.name)
			after := outcome(scans, want, f.texts)
			assert.Equal(t, "right", after, "%s, %s, after the self-test", f.name, kind.name)
			table += " " + before + " → " + after + " |"
		}
	}
	t.Log("\n" + table)
}

// selfTestArrives returns what arrives of the self-test: under the lasting faults as they are, without those that
// happen by chance, which would be scanned again.
func selfTestArrives(t *testing.T, f mishap) string {
	if f.texts != 1 || strings.HasPrefix(f.name, "cut") || strings.HasPrefix(f.name,
		"a ") && f.name != "a prefix and a suffix of letters" {
		return plain("%s\r", "\x1d")(t, "]C0"+wedge.SelfTestLinear)
	}
	return f.arrive(t, "]C0"+wedge.SelfTestLinear)
}

var codes = flag.Int("codes", 100, "how many random item codes TestItemCodesAreNoOffers reads; all: 100000")

// TestItemCodesAreNoOffers scans the codes of items with all that is known of offers: each comes out as it is, and as
// none.
func TestItemCodesAreNoOffers(t *testing.T) {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	r := rand.New(rand.NewPCG(7, 8))
	for range *codes {
		item := make([]byte, 4+r.IntN(12))
		for i := range item {
			item[i] = alphabet[r.IntN(len(alphabet))]
		}
		scans := deliver(t, wedge.Profile{}, string(item)+"\r")
		require.Len(t, scans, 1)
		assert.Equal(t, []string{string(item)}, scans[0].Readings, "an item's code stays as it is")
		assert.NotEqual(t, offer.LookOffer, offer.Looks(scans[0].String()), "%s", item)
	}
}
