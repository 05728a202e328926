package wedge

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/gs1"
)

// acceptCoupons is what a till accepts that takes GS1 coupons and short codes.
func acceptCoupons(text string) bool {
	aim, rest := gs1.CutAIM(text)
	if rest == codeText || rest == passText {
		return true
	}
	elements, err := gs1.Parse(rest)
	_, ok := elements.Get("255")
	return err == nil && ok && (aim.Code == 0 || aim.IsGS1()) && elements.Check() == nil
}

// Two labels that are scanned in one pull once became one offer: an EAN that begins with 255, as shops give them to
// themselves, and whatever came after it.
func TestTwoLabelsAreNeverJoinedIntoOneOffer(t *testing.T) {
	for name, test := range map[string]struct {
		arrives string
		want    []string
	}{
		"two EANs that make a coupon": {"2554012345000\r" + "0091234567895\r", []string{"2554012345000",
			"0091234567895"}},
		"an EAN and a coupon":             {"2554012345000\r" + gcnText + "\r", []string{"2554012345000", gcnText}},
		"an item's last day and a coupon": {"]C117261231\r" + gcnText + "\r", []string{"]C117261231", gcnText}},
		"both with an identifier": {"]C12554012345000\r" + "]C10091234\r", []string{"]C12554012345000",
			"]C10091234"}},
		"a link and digits": {"https://example.com/255/401234500\r" + "0009123456\r",
			[]string{"https://example.com/255/401234500", "0009123456"}},
		"an item and a short code":              {"ITEM-1\r" + codeText + "\r", []string{"ITEM-1", codeText}},
		"a coupon that was cut, identified":     {"]C12554012345000\r" + "009123456\r", []string{"]C1" + gcnText}},
		"a coupon that was cut, not identified": {"2554012345000\r" + "009123456\r", []string{"2554012345000", "009123456"}},
		"a code that was cut":                   {codeText[:9] + "\r" + codeText[9:] + "\r", []string{codeText}},
		"a pass that was cut":                   {passText[:90] + "\r" + passText[90:] + "\r", []string{passText}},
	} {
		assert.Equal(t, test.want, texts(scanOnce(t, Config{Accept: acceptCoupons}, test.arrives)), name)
	}
}

// What stands around a text is typed by the same keys: under caps lock it comes in the other case.
func TestPrefixesAndSuffixesComeInEitherCase(t *testing.T) {
	for _, keyboard := range names() {
		for _, learnedWith := range []bool{false, true} {
			press := func(text string, caps bool) string {
				arrived, err := Type(text, US, keyboard, caps)
				require.NoError(t, err)
				return arrived
			}
			p, err := Learn([]byte(press("Pre"+SelfTestLinear+"end", learnedWith)))
			require.NoError(t, err, "%s, %t", keyboard, learnedWith)
			for _, caps := range []bool{false, true} {
				f, err := NewFramer(Config{Profile: p, Accept: acceptCoupons})
				require.NoError(t, err)
				scans, err := f.Push([]byte(press("Pre]C1"+gcnText+"end", caps)), start)
				require.NoError(t, err)
				if caps != learnedWith {
					assert.Equal(t, start.Add(150*time.Millisecond), f.Deadline(), "another form ends a scan once nothing follows")
				}
				scans = append(scans, f.Tick(start.Add(time.Second))...)
				require.Equal(t, []string{"]C1" + gcnText}, texts(scans), "%s, learned with caps lock %t, typed with %t",
					keyboard, learnedWith, caps)
				assert.False(t, scans[0].Incomplete, "its end came")
			}
		}
	}
	p := Profile{Version: 1, Scanner: US, Keyboard: US, Suffix: "end"}
	text := "ENDURANCE END"
	assert.Equal(t, []string{text}, texts(scanOnce(t, Config{Profile: p}, text+"end")), "inside a text it is a part of it")
}

func TestTextOfAnInputMethodIsRead(t *testing.T) {
	wide := func(text string) string {
		return strings.Map(func(r rune) rune {
			switch {
			case r == ' ':
				return '\u3000'
			case r > ' ' && r < 0x7f:
				return r + fullWidth
			}
			return r
		}, text)
	}
	for _, text := range []string{codeText, passText, "]C1" + gcnText, "https://example.com/255/" + gcnText[3:]} {
		scans := scanOnce(t, Config{Accept: acceptCoupons}, wide(text)+"\r")
		assert.Equal(t, []string{text}, texts(scans))
		assert.Contains(t, scans[0].Repairs, "full-width characters")
	}
	item := wide("ITEM-1")
	assert.Equal(t, []string{item}, texts(scanOnce(t, Config{}, item+"\r")), "without a check nothing is changed")
	p := Profile{Version: 1, Scanner: US, Keyboard: US}
	assert.Equal(t, []string{"ITEM-1"}, texts(scanOnce(t, Config{Profile: p}, item+"\r")), "under a profile it is")
}

// A coupon's number without its serial is a coupon too: who types slowly must not get that one.
func TestSlowTypingIsNoEnd(t *testing.T) {
	for _, text := range []string{gcnText, "]C1" + gcnText, codeText} {
		f, err := NewFramer(Config{Accept: acceptCoupons, Profile: Profile{Version: 1, Scanner: US, Keyboard: US}})
		require.NoError(t, err)
		var scans []Scan
		at := start
		for i := range text {
			more, err := f.Push([]byte{text[i]}, at)
			require.NoError(t, err)
			scans = append(scans, more...)
			scans = append(scans, f.Tick(at.Add(299*time.Millisecond))...)
			at = at.Add(300 * time.Millisecond)
		}
		require.Empty(t, scans, "a pause between two keys ends nothing")
		assert.Equal(t, []string{text}, texts(f.Tick(f.Deadline())))
	}
}
