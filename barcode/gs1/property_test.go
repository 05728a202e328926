package gs1

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// aPart draws a component that its linters take.
func aPart(t *rapid.T, p part) string {
	n := rapid.IntRange(p.min, p.max).Draw(t, "length")
	s := text(setOf(p.set), n).Draw(t, "text")
	for _, l := range p.linters {
		s = mend(t, linters[l].name, s)
	}
	return s
}

func setOf(set byte) string {
	return map[byte]string{'N': "0123456789", 'X': set82, 'Y': set39, 'Z': set64}[set]
}

func text(set string, n int) *rapid.Generator[string] {
	return rapid.StringOfN(rapid.RuneFrom([]rune(set)), n, n, -1)
}

// mend makes of s a component that the linter takes, of the same length where the length is fixed.
func mend(t *rapid.T, name, s string) string {
	switch name {
	case "csum":
		return s[:len(s)-1] + fmt.Sprint((10-digitSum(s)%10)%10)
	case "csumalpha":
		s = "1234A" + (s + "ABCDEFGH")[5:max(8, len(s))]
		for a := range set32 {
			for b := range set32 {
				candidate := s[:len(s)-2] + set32[a:a+1] + set32[b:b+1]
				if _, problem := checkPair(candidate); problem == "" {
					return candidate
				}
			}
		}
	case "gcppos1", "gcppos2":
		return withPrefix(s)
	case "hasnondigit":
		return s // csumalpha's has one
	case "pcenc":
		return strings.ReplaceAll(s, "%", "-")
	case "nozeroprefix":
		return strings.Replace(s, "0", "1", 1)
	case "yymmdd", "yymmd0":
		return rapid.SampledFrom([]string{"260228", "240229", "991231"}).Draw(t, "date")
	}
	return rapid.SampledFrom(lintCases[name].pass).Filter(func(c string) bool {
		return len(c) == len(s) || name == "couponcode" || name == "couponposoffer" || name == "iban" || name == "packagetype"
	}).Draw(t, name)
}

// withPrefix makes a component begin with a company prefix.
func withPrefix(s string) string {
	if _, problem := companyPrefixSecond(s); problem == "" && isDigits(s[:1]) {
		return s
	}
	return "1234" + s[min(4, len(s)):]
}

// anElement draws an AI of the table with a value that its entry takes.
func anElement(t *rapid.T) Element {
	info := &table[rapid.IntRange(0, len(table)-1).Draw(t, "entry")]
	ai := info.First
	if last := info.Last[len(info.Last)-1]; info.First != info.Last {
		ai = ai[:len(ai)-1] + string(rapid.ByteRange(ai[len(ai)-1], last).Draw(t, "last digit"))
	}
	var value string
	for _, p := range info.parts {
		if p.optional && rapid.Bool().Draw(t, "ends here") {
			break
		}
		value += aPart(t, p)
	}
	return Element{AI: ai, Value: value}
}

func TestElementStringsRoundTripInEveryForm(t *testing.T) {
	seen := map[string]bool{}
	rapid.Check(t, func(t *rapid.T) {
		elements := Elements(rapid.SliceOfN(rapid.Custom(anElement), 1, 6).Draw(t, "elements"))
		for _, e := range elements {
			if err := checkValue(e.AI, e.Value); err != nil {
				t.Fatalf("the drawn value %q is not good: %v", e.Value, err)
			}
			seen[e.AI] = true
		}
		for form, text := range map[string]string{"raw": elements.Raw(), "bracketed": elements.String(), "with AIM": "]d2" +
			elements.Raw()} {
			again, err := Parse(text)
			if err != nil {
				t.Fatalf("%s %q: %v", form, text, err)
			}
			if again.String() != elements.String() {
				t.Fatalf("%s %q came back as %q", form, text, again)
			}
		}
	})
	t.Logf("%d AIs were tried", len(seen))
}

func TestDigitalLinksRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		elements := Elements(rapid.SliceOfN(rapid.Custom(anElement), 1, 6).Draw(t, "elements"))
		uri, err := elements.Link("https://example.com/path")
		if err != nil {
			t.Skip("no link can be made of these")
		}
		link, err := ParseLink(uri)
		if err != nil {
			t.Fatalf("%q: %v", uri, err)
		}
		if link.Stem != "https://example.com/path" {
			t.Fatalf("the stem came back as %q", link.Stem)
		}
		for _, e := range elements {
			first, _ := elements.Get(e.AI)
			if back, ok := link.Elements.Get(e.AI); !ok || back != first {
				t.Fatalf("%q lost %v: %q", uri, e, back)
			}
		}
		again, err := link.Elements.Link("https://example.com/path")
		if err != nil || again != uri {
			t.Fatalf("%q came back as %q, %v", uri, again, err)
		}
	})
}

func TestEveryPrimaryKeyTakesItsQualifiers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.Custom(anElement).Filter(func(e Element) bool { return lookup(e.AI).PrimaryKey }).Draw(t, "key")
		sequence := rapid.SampledFrom(lookup(key.AI).sequences()).Draw(t, "sequence")
		elements := Elements{key}
		for _, ai := range sequence {
			if ai == "" || rapid.Bool().Draw(t, "left out") {
				continue
			}
			elements = append(elements, Element{AI: ai, Value: drawValue(t, ai)})
		}
		uri, err := elements.Link("https://example.com")
		if err != nil {
			t.Fatal(err)
		}
		link, err := ParseLink(uri)
		if err != nil || link.Elements.String() != elements.String() {
			t.Fatalf("%q came back as %q: %v", uri, link.Elements, err)
		}
	})
}

func drawValue(t *rapid.T, ai string) (value string) {
	for _, p := range lookup(ai).parts {
		value += aPart(t, p)
	}
	return value
}
