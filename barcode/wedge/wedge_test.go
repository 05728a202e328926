package wedge

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/gs1"
)

// What a till is to recognise: a code of the symbols that layouts spoil least, a text of base45 behind a prefix, and
// element strings. The real ones are tried in examples/wedge, which may import them.
var start = time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)

const (
	codeText = "7XUJX4GUVLJ8801948DHW9NCXHLK"
	passText = "OL1:6BFOXN*TS0BI$ZD4N9:9S6RCVN5+O30K3/XIV0W23NTDE$VK " +
		"G2EP4J0BGJLFX3R3VHXK.PJ:2DPF6R:5SVBHABVCNN95SWMPHQUHQN%A0SOE+QQAB-HQ/HQ7IR.SQEEOK9SAI4- 7Y15KBPD34  " +
		"QWSP0WRGTQFNPLIR.KQNA7N95U/3FJCTG90OARH9P1J4HGZJKBEG%123ZC$0BCI757TLXKIBTV5TN%2LXK-$CH4TSXKZ4S/$K%0KPQ1HEP9"
	gcnText = "2554012345000009123456"
)

func acceptAll(texts ...string) func(string) bool {
	return func(text string) bool {
		_, text = gs1.CutAIM(text)
		for _, good := range texts {
			if text == good {
				return true
			}
		}
		return false
	}
}

// scanOnce pushes what arrives through a framer at once and ends the stream.
func scanOnce(t testing.TB, cfg Config, arrived string) []Scan {
	t.Helper()
	f, err := NewFramer(cfg)
	require.NoError(t, err)
	scans, err := f.Push([]byte(arrived), start)
	require.NoError(t, err)
	return append(scans, f.Flush()...)
}

func texts(scans []Scan) (all []string) {
	for _, s := range scans {
		all = append(all, s.String())
	}
	return all
}

func TestLayoutsAreWhole(t *testing.T) {
	for _, l := range layouts {
		assert.Len(t, l.plain, 48, l.name)
		assert.Len(t, l.shifted, 48, l.name)
		for _, accent := range l.dead {
			assert.NotEmpty(t, compositions[accent], "%s: %c", l.name, accent)
		}
		assert.Same(t, findLayout(l.name), &layouts[indexOf(l.name)])
	}
	assert.Nil(t, findLayout("xx"))
}

// names are the layouts that are known.
func names() (all []Layout) {
	for i := range layouts {
		all = append(all, layouts[i].name)
	}
	return all
}

func indexOf(name Layout) int {
	for i := range layouts {
		if layouts[i].name == name {
			return i
		}
	}
	return -1
}

func TestWhatALayoutWrites(t *testing.T) {
	for name, test := range map[string]struct {
		keyboard Layout
		caps     caps
		sent     string
		arrives  string
	}{
		"German":             {German, capsOff, "]Q1AZ-/:", "+Q1AYß-Ö"},
		"French":             {French, capsOff, "]C0AQ12-M", "$CàQA&é)?"},
		"UK":                 {UK, capsOff, `"#@~`, "@£\"¬"},
		"accent, vowel":      {German, capsOff, "1+A", "1À"},
		"accent, consonant":  {German, capsOff, "1+B", "1`B"},
		"accent, space":      {German, capsOff, "1+ B", "1`B"},
		"accent, accent":     {German, capsOff, "++B", "``B"},
		"accent at the end":  {German, capsOff, "1+", "1`"},
		"caps lock":          {US, capsLetters, "aB1", "Ab1"},
		"French, shift lock": {French, capsShift, "12a", "12Q"},
		"group separator":    {German, capsOff, "a" + gs + "y", "a" + gs + "z"},
	} {
		t.Run(name, func(t *testing.T) {
			typing := typing{findLayout(US), findLayout(test.keyboard), test.caps}
			arrived := typing.write(test.sent)
			assert.Equal(t, test.arrives, arrived)
			found := false
			for text := range typing.undo(arrived) {
				found = found || text == test.sent
			}
			assert.True(t, found, "it can be undone")
		})
	}
}

func TestTypeIsForOthersTests(t *testing.T) {
	arrived, err := Type("AZ-1", US, French, true)
	require.NoError(t, err)
	assert.Equal(t, "qw°1", arrived)
	arrived, err = Type("AZ-1", US, German, false)
	require.NoError(t, err)
	assert.Equal(t, "AYß1", arrived)
	_, err = Type("A", US, "xx", false)
	assert.ErrorContains(t, err, "not both known")
}

func TestALayoutIsRecognisedAndUndone(t *testing.T) {
	for _, text := range []string{codeText, passText, gcnText, "]Q1" + passText, "]C1" + gcnText + gs + "17261231"} {
		accept := func(s string) bool { return s == text }
		for _, typing := range everyTyping() {
			if typing.scanner.name != US {
				continue // the self-test is for these
			}
			name := fmt.Sprintf("%s/%d/%.6s", typing.keyboard.name, typing.caps, text)
			t.Run(name, func(t *testing.T) {
				scans := scanOnce(t, Config{Accept: accept}, typing.write(text)+"\r")
				require.Len(t, scans, 1)
				assert.Equal(t, text, scans[0].String())
				assert.Equal(t, []string{text}, scans[0].Readings)
				assert.Equal(t, typing.write(text) == text, len(scans[0].Repairs) == 0, scans[0].Repairs)
			})
		}
	}
}

func TestTwoReadingsAreBothGiven(t *testing.T) {
	scans := scanOnce(t, Config{Accept: acceptAll("y/", "z/")}, "z-\r")
	require.Len(t, scans, 1)
	assert.Equal(t, []string{"y/", "z/"}, scans[0].Readings, "a German layout makes the one, a Spanish layout the other")
	scans = scanOnce(t, Config{Accept: acceptAll("y/", "z-")}, "z-\r")
	assert.Equal(t, []string{"z-"}, scans[0].Readings, "what is good as it came was not spoilt")
	both := scanOnce(t, Config{Accept: func(s string) bool { return s == "+B" || s == "+ B" }}, "`B\r")
	require.Len(t, both, 1)
	assert.Equal(t, []string{"+B", "+ B"}, both[0].Readings, "the accent may have swallowed a space")
}

func TestSubstitutesOfTheGroupSeparator(t *testing.T) {
	want := gcnText + gs + "17261231"
	for _, substitute := range []string{"<GS>", "{GS}", "[GS]", "^]", "Alt+029", "\x1b0\x1b2\x1b9", "\x1b[19~", "<F8>",
		"{F8}", gs} {
		scans := scanOnce(t, Config{}, "]C1"+gcnText+substitute+"17261231\r\n")
		require.Len(t, scans, 1, substitute)
		assert.Equal(t, "]C1"+want, scans[0].String(), substitute)
		assert.True(t, scans[0].Recognised, "the text is recognised")
		assert.Equal(t, substitute == gs, len(scans[0].Repairs) == 0)
	}
	german := typing{findLayout(US), findLayout(German), capsOff}
	scans := scanOnce(t, Config{}, german.write("]C1"+gcnText+"<GS>17261231")+"\r")
	assert.Equal(t, []string{"]C1" + want}, texts(scans), "a substitute that was typed through a layout")
}

// What a text means that lost its separators is not for this package to say.
func TestLostGroupSeparatorsAreNotPutBack(t *testing.T) {
	arrives, lost := Profile{Version: 1, Scanner: US, Keyboard: US, Separator: gs}, Profile{Version: 1, Scanner: US,
		Keyboard: US, LostSeparator: true}
	for _, text := range []string{gcnText + "17261231", "25540123450000091" + "17261231", "012345678905"} {
		for _, p := range []Profile{{}, arrives, lost, {Version: 1, Scanner: US, Keyboard: US}} {
			scans := scanOnce(t, Config{Profile: p}, text+"\r")
			require.Len(t, scans, 1)
			assert.Equal(t, []string{text}, scans[0].Readings, "it stays as it came")
			assert.Equal(t, p.Separator != "", scans[0].Separated, "%+v: only the self-test shows that separators arrive", p)
		}
	}
}

// A barcode made of accents alone could cost the till minutes if every space that they may have swallowed were tried.
func TestUndoingGivesUpOnTooMuch(t *testing.T) {
	typing := typing{findLayout(US), findLayout(Spanish), capsOff}
	tried := 0
	for text := range typing.undo(strings.Repeat("`^", 300)) {
		tried += len(text)
	}
	assert.NotZero(t, tried)
	assert.LessOrEqual(t, tried, maxUndone+maxUndo)
	for range typing.undo(strings.Repeat("`", maxUndo+1)) {
		t.Fatal("more than any offer holds is not undone")
	}
}

func TestPrefixesSuffixesAndIdentifiersAreStripped(t *testing.T) {
	profile := Profile{Version: 1, Scanner: US, Keyboard: US, Prefix: "~P", Suffix: "##"}
	for name, test := range map[string]struct {
		cfg     Config
		arrives string
	}{
		"CR":                  {Config{}, "]Q1" + codeText + "\r"},
		"CR LF":               {Config{}, "]Q1" + codeText + "\r\n"},
		"tab":                 {Config{}, "]Q1" + codeText + "\t"},
		"STX and ETX":         {Config{}, "\x02]Q1" + codeText + "\x03"},
		"nothing":             {Config{}, "]Q1" + codeText},
		"empty lines around":  {Config{}, "\r\n\r\n]Q1" + codeText + "\r\n\r\n"},
		"the profile's":       {Config{Profile: profile}, "~P]Q1" + codeText + "##"},
		"the profile's, half": {Config{Profile: profile}, "]Q1" + codeText + "##"},
	} {
		t.Run(name, func(t *testing.T) {
			scans := scanOnce(t, test.cfg, test.arrives)
			require.Len(t, scans, 1)
			assert.Equal(t, codeText, scans[0].Text)
			assert.Equal(t, "]Q1", scans[0].AIM.String())
			assert.False(t, scans[0].Incomplete, "the scan is complete")
		})
	}
}

func TestWhatIsNotRecognisedIsGivenAsItCame(t *testing.T) {
	scans := scanOnce(t, Config{Accept: acceptAll(codeText)}, "hello\r")
	require.Len(t, scans, 1)
	assert.Equal(t, "hello", scans[0].Text)
	assert.False(t, scans[0].Recognised, "the text is not recognised")
	assert.Equal(t, "hello\r", string(scans[0].Raw))
	profile := Profile{Version: 1, Scanner: US, Keyboard: German, Suffix: "\r"}
	scans = scanOnce(t, Config{Accept: acceptAll(codeText), Profile: profile}, "zß\r")
	assert.Equal(t, []string{"y-"}, texts(scans), "with a profile it is repaired all the same")
	scans = scanOnce(t, Config{}, "caf\xe9\r")
	assert.Equal(t, []string{"café"}, texts(scans), "ISO 8859-1")
}

func TestScansThatRanTogetherAreTakenApart(t *testing.T) {
	accept := acceptAll(codeText, gcnText, "]no")
	for name, test := range map[string]struct {
		cfg     Config
		arrives string
		want    []string
	}{
		"without anything between": {Config{Accept: accept}, codeText + gcnText + "\r", []string{codeText, gcnText}},
		"three": {Config{Accept: accept}, codeText + gcnText + codeText, []string{codeText, gcnText,
			codeText}},
		"with identifiers": {Config{Accept: accept}, "]Q1" + codeText + "]C1" + gcnText + "\r", []string{"]Q1" + codeText,
			"]C1" + gcnText}},
		"with a known suffix": {Config{Accept: accept, Profile: Profile{Version: 1, Scanner: US, Keyboard: US, Suffix: "#"}},
			codeText + "#" + gcnText + "#", []string{codeText, gcnText}},
		"with a known prefix": {Config{Accept: accept, Profile: Profile{Version: 1, Scanner: US, Keyboard: US, Prefix: "~"}},
			"~" + codeText + "~" + gcnText, []string{codeText, gcnText}},
		"with a terminator": {Config{Accept: accept}, codeText + "\r" + gcnText + "\r", []string{codeText, gcnText}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, texts(scanOnce(t, test.cfg, test.arrives)))
		})
	}
	scans := scanOnce(t, Config{Accept: acceptAll("AB", "A", "B", "BB", "C", "ABB")}, "ABBC")
	assert.Len(t, scans, 1, "two ways apart are none")
}

func TestAScanThatIsCutIsJoined(t *testing.T) {
	push := func(t *testing.T, f *Framer, data string, at time.Duration) []string {
		scans, err := f.Push([]byte(data), start.Add(at))
		require.NoError(t, err)
		return texts(scans)
	}
	framer := func(t *testing.T, profile Profile) *Framer {
		f, err := NewFramer(Config{Accept: acceptAll(codeText, gcnText, gcnText[:18]), Profile: profile})
		require.NoError(t, err)
		return f
	}
	t.Run("by a pause, nothing marks the end", func(t *testing.T) {
		f := framer(t, Profile{})
		assert.Empty(t, push(t, f, codeText[:9], 0))
		assert.Empty(t, push(t, f, codeText[9:], time.Second))
		assert.Equal(t, start.Add(3*time.Second), f.Deadline(), "a terminator may still come")
		assert.Equal(t, []string{codeText}, texts(f.Tick(f.Deadline())))
		assert.True(t, f.Deadline().IsZero(), "nothing is waited for")
		assert.Empty(t, push(t, f, codeText, time.Minute))
		assert.Equal(t, start.Add(time.Minute+150*time.Millisecond), f.Deadline(), "now it is known that none comes")
		assert.Equal(t, []string{codeText}, texts(f.Tick(f.Deadline())))
	})
	t.Run("by a pause, a suffix marks the end", func(t *testing.T) {
		f := framer(t, Profile{Version: 1, Scanner: US, Keyboard: US, Suffix: "\r"})
		assert.Empty(t, push(t, f, gcnText[:18], 0), "good by itself, but its end is still to come")
		assert.Equal(t, []string{gcnText}, push(t, f, gcnText[18:]+"\r", time.Second))
	})
	t.Run("by a pause, a terminator was seen before", func(t *testing.T) {
		f := framer(t, Profile{})
		assert.Equal(t, []string{codeText}, push(t, f, codeText+"\r", 0))
		assert.Empty(t, push(t, f, gcnText[:18], time.Second))
		assert.Equal(t, []string{gcnText}, push(t, f, gcnText[18:]+"\r", 2*time.Second))
	})
	t.Run("by a terminator", func(t *testing.T) {
		f := framer(t, Profile{})
		assert.Empty(t, push(t, f, codeText[:9]+"\r", 0))
		assert.Equal(t, []string{codeText}, push(t, f, codeText[9:]+"\r", 20*time.Millisecond))
	})
	t.Run("and the rest never comes", func(t *testing.T) {
		f := framer(t, Profile{Version: 1, Scanner: US, Keyboard: US, Suffix: "\r"})
		assert.Empty(t, push(t, f, gcnText[:18], 0))
		assert.Empty(t, f.Tick(start.Add(time.Second)))
		scans := f.Tick(start.Add(3 * time.Second))
		require.Len(t, scans, 1)
		assert.True(t, scans[0].Incomplete, "it may be good by itself, but its end is missing")
	})
	t.Run("something else comes", func(t *testing.T) {
		f := framer(t, Profile{})
		assert.Empty(t, push(t, f, "WRONG\r", 0))
		assert.Equal(t, []string{"WRONG", codeText}, push(t, f, codeText+"\r", 20*time.Millisecond))
		assert.Empty(t, push(t, f, "A\r", time.Second))
		assert.Equal(t, []string{"A"}, push(t, f, "B\r", time.Second+20*time.Millisecond))
		assert.Equal(t, []string{"B"}, texts(f.Tick(f.Deadline())))
	})
	t.Run("typed by hand", func(t *testing.T) {
		f := framer(t, Profile{})
		for i := range codeText {
			assert.Empty(t, push(t, f, codeText[i:i+1], time.Duration(i)*400*time.Millisecond))
		}
		assert.Equal(t, []string{codeText}, push(t, f, "\r", 12*time.Second))
	})
}

func TestTooMuchWithoutAnEndIsDropped(t *testing.T) {
	f, err := NewFramer(Config{Accept: acceptAll(codeText)})
	require.NoError(t, err)
	_, err = f.Push([]byte(strings.Repeat("x", MaxScan+1)), start)
	assert.ErrorIs(t, err, ErrTooLong)
	scans, err := f.Push([]byte("xx\r"+codeText+"\r"), start)
	require.NoError(t, err)
	assert.Equal(t, []string{codeText}, texts(scans))
}

func TestProfilesAreKept(t *testing.T) {
	p := Profile{Version: 1, Scanner: US, Keyboard: German, Prefix: "P", Suffix: "\r\n", Separator: "<GS>"}
	data, err := MarshalProfile(p)
	require.NoError(t, err)
	golden, err := os.ReadFile("testdata/profile-v1.json")
	require.NoError(t, err)
	assert.Equal(t, string(golden), string(data), "the form of profiles changed: replace the file and say so")
	back, err := UnmarshalProfile(data)
	require.NoError(t, err)
	assert.Equal(t, p, back)
	for name, text := range map[string]string{
		"nothing": "", "no JSON": "{", "another version": `{"version":2,"scanner":"us","keyboard":"us"}`,
		"no layout":         `{"version":1}`,
		"an unknown layout": `{"version":1,"scanner":"us","keyboard":"xx"}`,
		"no characters":     `{"version":1,"characters":{"ab":"c"}}`,
		"too long":          `{"version":1,"prefix":"` + strings.Repeat("x", maxProfile) + `"}`,
	} {
		_, err := UnmarshalProfile([]byte(text))
		assert.ErrorIs(t, err, errProfile, name)
	}
	_, err = MarshalProfile(Profile{})
	assert.ErrorIs(t, err, errProfile)
	_, err = NewFramer(Config{Profile: Profile{Version: 9}})
	assert.ErrorIs(t, err, errProfile)
	var fields map[string]any
	require.NoError(t, json.Unmarshal(golden, &fields))
	assert.EqualValues(t, 1, fields["version"])
}
