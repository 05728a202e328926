package offer_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/gs1"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

var coupons = flag.Int("coupons", 1000,
	"how many random coupons TestRandomCouponsWithoutSeparators reads of each kind; all: 100000")

// layouts has the layout of the coupons whose number begins so.
type layouts map[string]offer.Layout

// of returns that of the longest prefix.
func (l layouts) of(number string) (found offer.Layout) {
	longest := 0
	for prefix, layout := range l {
		if strings.HasPrefix(number, prefix) && len(prefix) > longest {
			longest, found = len(prefix), layout
		}
	}
	return found
}

// lost has an amount and a last day behind a serial of two digits, and no separator.
const lost = "2559521234543213" + "19" + "3902" + "995" + "17260913"

// The search gave up at eight readings once and passed for complete, so that this text was another customer's coupon.
func TestATextWithoutItsSeparatorsIsNeverGuessed(t *testing.T) {
	for _, text := range []string{"]C1" + lost, lost} {
		_, err := offer.Parse(text)
		assert.ErrorIs(t, err, fault.Ambiguous, text)
		assert.ErrorContains(t, err, "3 ways, which differ in the serial and the amount and the last day")
		assert.ErrorContains(t, err, "send GS", "it says what helps")
		assert.ErrorContains(t, err, "camera", "it says what helps")
		_, err = offer.Reader{}.Choose(text, "]C1255"+gcn+"1")
		assert.ErrorIs(t, err, fault.Ambiguous, "nor does another reading decide")
	}
	right := gs1.Elements{{AI: "255", Value: "952123454321319"}, {AI: "3902", Value: "995"}, {AI: "17", Value: "260913"}}
	known := offer.Reader{LayoutOf: layouts{"255:9521234543213": {Serials: []int{2}}}.of}
	p, err := known.Parse("]C1" + lost)
	require.NoError(t, err, "with a serial of two digits there is one reading")
	assert.Equal(t, right, p.Elements)
	p, err = offer.Parse("]C1" + right.Raw())
	require.NoError(t, err, "with its separators it stands as it is")
	assert.Equal(t, right, p.Elements)
	p, err = offer.Reader{Separated: true}.Parse("]C1255952123454321319")
	require.NoError(t, err, "where separators arrive it stands as it is")
	assert.Equal(t, "255:952123454321319", p.Alias)
}

func TestALayoutDecides(t *testing.T) {
	date := "2559521234543213" + "12" + "17260913" // a serial of 2 digits and a date, or one of 10
	for name, test := range map[string]struct {
		layout offer.Layout
		text   string
		want   string // the elements in brackets; empty: none
		code   fault.Code
	}{
		"none":               {offer.Layout{}, date, "", fault.Ambiguous},
		"short serials":      {offer.Layout{Serials: []int{1, 2, 3, 4}}, date, "(255)952123454321312(17)260913", ""},
		"long serials":       {offer.Layout{Serials: []int{10}}, date, "(255)95212345432131217260913", ""},
		"no other AI":        {offer.Layout{AIs: []string{"255"}}, date, "(255)95212345432131217260913", ""},
		"serials of no such": {offer.Layout{Serials: []int{6}}, date, "", fault.Malformed},
		"an amount too great": {offer.Layout{AIs: []string{"3902"}, MaxAmount: 500},
			"2559521234543213" + "123456" + "3902995", "", fault.Malformed},
		"an AI of its own": {offer.Layout{Serials: []int{6}, AIs: []string{"91"}},
			"2559521234543213" + "123456" + "91AB", "(255)9521234543213123456(91)AB", ""},
		"91 never by itself": {offer.Layout{}, "2559521234543213" + "123456" + "91AB", "", fault.Malformed},
	} {
		r := offer.Reader{LayoutOf: layouts{"255:": test.layout}.of}
		p, err := r.Parse("]C1" + test.text)
		if test.want == "" {
			assert.ErrorIs(t, err, test.code, name)
			continue
		}
		require.NoError(t, err, name)
		assert.Equal(t, test.want, p.Elements.String(), name)
	}
}

// Without a greatest amount a text with its separators may name any.
func TestALayoutWithoutAnAmountBoundsNone(t *testing.T) {
	r := offer.Reader{LayoutOf: layouts{"255:": {Serials: []int{6}}}.of}
	_, err := r.Parse("]C1255" + gcn + "123456\x1d3902123456789")
	assert.NoError(t, err, "its separators arrived")
	_, err = r.Parse("]C1255" + gcn + "123456" + "3902123456789")
	assert.ErrorIs(t, err, fault.Malformed, "an amount of nine digits is not looked for")
	r = offer.Reader{Separated: true, LayoutOf: layouts{"255:": {MaxAmount: 999}}.of}
	_, err = r.Parse("]C1255" + gcn + "123456\x1d39021000")
	assert.ErrorIs(t, err, fault.Malformed, "what the layout names is a bound for every text")
}

// A digit that was dropped on the way gives another serial, and only a layout can tell.
func TestACouponOutsideItsLayoutIsRefused(t *testing.T) {
	r := offer.Reader{Separated: true, LayoutOf: layouts{"255:" + gcn: {Serials: []int{6}, AIs: []string{"17"}}}.of}
	for text, good := range map[string]bool{
		"]C1255" + gcn + "123456": true, "]C1255" + gcn + "12345": false, "]C1255" + gcn + "1234567": false,
		"]C1255" + gcn:                     false,
		"(255)" + gcn + "123456(17)261231": true, "(255)" + gcn + "123456(8111)0001": false,
		"]C1255" + gcn + "123456\x1d17261231":      true,
		"]C12559521234543213" + "1":                true,
		"]C1255" + gcn + "123456\x1d3902123456789": false,
	} {
		_, err := r.Parse(text)
		if good {
			assert.NoError(t, err, text)
		} else {
			assert.ErrorIs(t, err, fault.Malformed, text)
		}
	}
}

func TestReadingsThatDifferInAmountOrDayAreAmbiguous(t *testing.T) {
	one := "]C1255" + gcn + "123456\x1d"
	for _, pair := range [][2]string{{"39021990", "39021"}, {"17261231", "17261230"}, {"17261231", ""}} {
		_, err := offer.Reader{}.Choose(one+pair[0], one+pair[1])
		assert.ErrorIs(t, err, fault.Ambiguous, "%q", pair)
	}
	p, err := offer.Reader{}.Choose(one+"17261231", one+"17261231")
	require.NoError(t, err)
	assert.Equal(t, "255:"+gcn+"123456", p.Alias)
}

func TestLayoutsAreChecked(t *testing.T) {
	for name, layout := range map[string]offer.Layout{
		"nothing": {}, "lengths": {Serials: []int{0, 12}}, "AIs": {AIs: []string{"17", "390n", "255", "91"}},
		"an amount": {MaxAmount: 1},
	} {
		assert.NoError(t, layout.Check(), name)
	}
	for name, layout := range map[string]offer.Layout{
		"a length twice": {Serials: []int{3, 3}}, "a negative length": {Serials: []int{-1}}, "too long": {Serials: []int{16}},
		"no AI": {AIs: []string{"89"}}, "no pattern": {AIs: []string{"89n"}}, "an AI twice": {AIs: []string{"17", "17"}},
		"too many AIs":      {AIs: []string{"17", "91", "92", "93", "94", "95", "96", "97", "98"}},
		"a negative amount": {MaxAmount: -1},
	} {
		assert.Error(t, layout.Check(), name)
	}
}

// randomCoupon makes a coupon with a serial and some of the elements that go with it, in any order.
func randomCoupon(r *rand.Rand, shortest, longest, most int) gs1.Elements {
	number := digits(r, 12)
	number += checkDigit(number)
	elements := gs1.Elements{{AI: "255", Value: number + digits(r, shortest+r.IntN(longest-shortest+1))}}
	others := []gs1.Element{
		{AI: "17", Value: fmt.Sprintf("%02d%02d%02d", 26+r.IntN(5), 1+r.IntN(12), 1+r.IntN(28))},
		[]gs1.Element{
			{AI: fmt.Sprintf("390%d", r.IntN(4)), Value: digits(r, 1+r.IntN(5))},
			{AI: fmt.Sprintf("394%d", r.IntN(4)), Value: digits(r, 4)},
			{AI: "8111", Value: digits(r, 4)},
		}[r.IntN(3)],
	}
	r.Shuffle(len(others), func(i, j int) { others[i], others[j] = others[j], others[i] })
	elements = append(elements, others[:r.IntN(most+1)]...)
	if r.IntN(4) == 0 { // the number does not always come first
		elements[0], elements[len(elements)-1] = elements[len(elements)-1], elements[0]
	}
	return elements
}

func digits(r *rand.Rand, n int) string {
	text := make([]byte, n)
	for i := range text {
		text[i] = byte('0' + r.IntN(10))
	}
	return string(text)
}

func checkDigit(number string) string {
	sum := 0
	for i := range number {
		sum += int(number[len(number)-1-i]-'0') * (3 - 2*(i&1))
	}
	return fmt.Sprint((10 - sum%10) % 10)
}

// figures counts what became of texts.
type figures struct{ right, ambiguous, refused, wrong int }

func (f *figures) add(t *testing.T, want gs1.Elements, p offer.Presented, err error) {
	switch {
	case err == nil && p.Elements.String() == want.String():
		f.right++
	case err == nil:
		f.wrong++
		t.Errorf("%s was read as %s", want, p.Elements)
	case fault.CodeOf(err) == fault.Ambiguous:
		f.ambiguous++
	default:
		f.refused++
	}
}

func (f figures) share() float64 {
	return float64(f.right) / float64(f.right+f.ambiguous+f.refused+f.wrong)
}

func (f figures) String() string {
	return fmt.Sprintf("%.2f %% right, %d ambiguous, %d refused, %d wrong", 100*f.share(), f.ambiguous, f.refused, f.wrong)
}

// TestRandomCouponsWithoutSeparators reads random coupons that lost every separator, and prints with -v what became of
// them. Coupons with short serials are ambiguous more often: a serial of up to 4 digits and a date may be a serial of
// up to 12.
func TestRandomCouponsWithoutSeparators(t *testing.T) {
	for name, test := range map[string]struct {
		shortest, most int
		least          float64 // share that is right without a layout
	}{
		"serials of 1 to 12 digits, up to two more elements": {1, 2, 0.3},
		"serials of 1 to 12 digits, up to one more element":  {1, 1, 0.6},
		"serials of 5 to 12 digits, up to one more element":  {5, 1, 0.95},
		"serials of 5 to 12 digits, up to two more elements": {5, 2, 0.5},
	} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, uint64(test.shortest*10+test.most)))
			var bare, marked, layout, separated figures
			for range *coupons {
				want := randomCoupon(r, test.shortest, 12, test.most)
				text := strings.ReplaceAll(want.Raw(), "\x1d", "")
				p, err := offer.Parse("]C1" + text)
				marked.add(t, want, p, err)
				p, err = offer.Parse(text)
				bare.add(t, want, p, err)
				number, _ := want.Get("255")
				known := offer.Layout{Serials: []int{len(number) - 13}}
				p, err = offer.Reader{LayoutOf: layouts{"255:": known}.of}.Parse("]C1" + text)
				layout.add(t, want, p, err)
				p, err = offer.Reader{Separated: true}.Parse("]C1" + want.Raw())
				separated.add(t, want, p, err)
			}
			t.Logf("with an identifier: %s\nwithout: %s\nwith a layout: %s\nwith separators: %s", marked, bare, layout,
				separated)
			assert.GreaterOrEqual(t, marked.share(), test.least, "without a layout")
			assert.GreaterOrEqual(t, layout.share(), 0.99, "with a layout")
			assert.EqualValues(t, 1, separated.share(), "with separators")
		})
	}
}
