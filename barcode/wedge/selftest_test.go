package wedge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// faults is everything that may happen to a text between the symbol and the program.
type faults struct {
	typing         typing
	prefix, suffix string
	separator      string
}

func (f faults) arrive(text string) string {
	if strings.HasPrefix(f.separator, "\x1b") { // a terminal's sequence for a key, which no layout changes
		return f.prefix + strings.ReplaceAll(f.typing.write(text), gs, f.separator) + f.suffix
	}
	return f.prefix + f.typing.write(strings.ReplaceAll(text, gs, f.separator)) + f.suffix
}

// allFaults returns every way to type with every fate of the group separator; what stands around the text takes turns.
func allFaults() []faults {
	around := [][2]string{{"", "\r"}, {"", ""}, {"~P", "\r\n"}, {"\x02", "\x03"}, {"", "##"}}
	var all []faults
	for _, t := range everyTyping() {
		for _, separator := range []string{gs, "", "<GS>", "^]", "Alt+029", "\x1b[19~", "@@"} {
			turn := around[len(all)%len(around)]
			all = append(all, faults{t, turn[0], turn[1], separator})
		}
	}
	return all
}

func TestAfterTheSelfTestEveryScanReadsRight(t *testing.T) {
	element := "]C1" + gcnText + gs + "17261231"
	read := 0
	for i, f := range allFaults() {
		for _, test := range []string{SelfTest, SelfTestLinear}[i%2 : i%2+1] {
			p, err := Learn([]byte(f.arrive("]C0" + test)))
			require.NoError(t, err, "%+v", f)
			for _, text := range []string{codeText, passText, element, "]Q1" + passText, "]C0" + codeText} {
				if !f.survives(text) {
					continue // this scanner has no key for one of its characters: nothing can bring it back
				}
				want := text
				if f.separator == "" {
					want = strings.ReplaceAll(text, gs, "") // what that means is not for this package to say
				}
				cfg := Config{Profile: p, Accept: acceptText(want)}
				scans := scanOnce(t, cfg, f.arrive(text))
				if f.separator == "" || f.survives(gs) {
					require.Equal(t, f.separator != "", scans[0].Separated, "the self-test shows whether separators arrive")
				}
				require.Equal(t, []string{want}, texts(scans), "%s on %s, caps %d, separator %q, test %.12q, profile %+v",
					f.typing.scanner.name, f.typing.keyboard.name, f.typing.caps, f.separator, test, p)
				read++
			}
		}
	}
	t.Logf("%d combinations of faults, %d scans", len(allFaults()), read)
}

// survives reports whether the scanner has a key for every character, and the computer writes something for each.
func (f faults) survives(text string) bool {
	if !strings.HasPrefix(f.separator, "\x1b") {
		text = strings.ReplaceAll(text, gs, f.separator)
	}
	for _, r := range text {
		if _, pressed := f.typing.one(r); !pressed {
			return false
		}
	}
	return true
}

func TestTheSelfTestNamesWhatItFound(t *testing.T) {
	german := typing{findLayout(US), findLayout(German), capsOff}
	p, err := Learn([]byte("P" + german.write("]Q1"+strings.ReplaceAll(SelfTest, gs, "<GS>")) + "\r\n"))
	require.NoError(t, err)
	assert.Equal(t, Profile{Version: 1, Scanner: US, Keyboard: German, Identifier: true, Prefix: "P", Suffix: "\r\n",
		Separator: "<GS>"}, p)
	p, err = Learn([]byte(strings.Replace(SelfTestLinear, gs, "", 1)))
	require.NoError(t, err)
	assert.Equal(t, Profile{Version: 1, Scanner: US, Keyboard: US, LostSeparator: true}, p)
}

// turkishQ writes some letters and marks elsewhere than any layout that is known by name.
func turkishQ(text string) string {
	return strings.NewReplacer("i", "ı", "[", "ğ", "]", "ü", ";", "ş", "'", "i", ",", "ö", ".", "ç", "/", ".", "-", "*",
		"=", "-", "{", "Ğ", "}", "Ü",
		":", "Ş", `"`, "İ", "<", "Ö", ">", "Ç", "?", ":", "_", "?", "+", "_", "*", "(", "(", ")", ")", "=", "&", "/", "^",
		"&", "#", "^", "$", "+", "@", "'",
		"`", `"`, "~", "é", `\`, ",", "|", ";").Replace(text)
}

func TestALayoutThatIsNotKnownIsLearnedByItsCharacters(t *testing.T) {
	for _, separator := range []string{gs, ""} {
		arrive := func(text string) string { return turkishQ(strings.ReplaceAll(text, gs, separator)) + "\r" }
		p, err := Learn([]byte(arrive(SelfTest)))
		require.NoError(t, err)
		assert.NotEmpty(t, p.Characters)
		data, err := MarshalProfile(p)
		require.NoError(t, err)
		p, err = UnmarshalProfile(data)
		require.NoError(t, err)
		for _, text := range []string{codeText, "]Q1" + passText, "]C1" + gcnText + gs + "17261231"} {
			want := strings.ReplaceAll(text, gs, separator)
			scans := scanOnce(t, Config{Profile: p, Accept: acceptText(want)}, arrive(text))
			require.Equal(t, []string{want}, texts(scans))
		}
	}
}

func acceptText(text string) func(string) bool { return func(s string) bool { return s == text } }

func TestWhatIsNoSelfTestIsRefused(t *testing.T) {
	for name, arrived := range map[string]string{
		"nothing":       "",
		"another text":  codeText,
		"half":          SelfTest[:80],
		"too long":      strings.Repeat("x", maxSelfTest+1),
		"letters alike": strings.Map(func(rune) rune { return 'x' }, SelfTest),
		"a letter lost": strings.Replace(SelfTest, "Q", "", 1),
	} {
		_, err := Learn([]byte(arrived))
		assert.ErrorIs(t, err, errSelfTest, name)
	}
}

func ExampleLearn() {
	// What arrives where an American scanner types on a computer that is set to German: Y and Z have changed places.
	arrived := typing{findLayout(US), findLayout(German), capsOff}.write(SelfTestLinear) + "\r"
	profile, err := Learn([]byte(arrived))
	if err != nil {
		panic(err)
	}
	data, err := MarshalProfile(profile)
	if err != nil {
		panic(err)
	}
	fmt.Print(string(data))
	// Output:
	// {
	//   "version": 1,
	//   "scanner": "us",
	//   "keyboard": "de",
	//   "suffix": "\r",
	//   "separator": "\u001d"
	// }
}
