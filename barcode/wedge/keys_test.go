package wedge

import (
	"bytes"
	"encoding/binary"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// events writes the input events that a keyboard makes.
type events struct {
	bytes.Buffer
	words int // the size of a machine word
}

func (e *events) event(kind, code uint16, value uint32) {
	e.Write(make([]byte, 2*e.words))
	for _, part := range []any{kind, code, value} {
		_ = binary.Write(e, binary.NativeEndian, part)
	}
}

func (e *events) tap(code uint16, held ...uint16) {
	for _, modifier := range held {
		e.event(eventKey, modifier, pressed)
	}
	e.event(4, 4, 458756) // the scan code, which comes with every key
	e.event(eventKey, code, pressed)
	e.event(0, 0, 0) // the end of one report
	e.event(eventKey, code, released)
	for _, modifier := range held {
		e.event(eventKey, modifier, released)
	}
}

// typeText taps the keys of a text as an American scanner does.
func (e *events) typeText(t testing.TB, text string) {
	for _, r := range text {
		switch r {
		case ' ':
			e.tap(keySpace)
			continue
		case '\r':
			e.tap(keyEnter)
			continue
		case '\x1d':
			e.tap(27, keyLeftCtrl) // Ctrl and ]
			continue
		}
		k, ok := findLayout(US).keyOf(r)
		require.True(t, ok, "%q", r)
		for code, place := range keyPlaces {
			if int(place) != k.place {
				continue
			}
			if k.shift {
				e.tap(uint16(code), keyLeftShift)
			} else {
				e.tap(uint16(code))
			}
		}
	}
}

func TestKeyPressesBecomeText(t *testing.T) {
	for _, words := range []int{4, 8} {
		e := &events{words: words}
		everything := string(findLayout(US).plain[:47]) + string(findLayout(US).shifted[:47]) + " " + codeText + gs +
			passText + "\r"
		e.typeText(t, everything)
		text, err := io.ReadAll(newKeys(e, 8+2*words))
		require.NoError(t, err)
		assert.Equal(t, everything, string(text))
	}
}

func TestTheGroupSeparatorComesFromItsKeys(t *testing.T) {
	for name, press := range map[string]func(*events){
		"Ctrl and ]": func(e *events) { e.tap(27, keyRightCtrl) },
		"F8":         func(e *events) { e.tap(keyF8) },
		"Alt and 029": func(e *events) {
			e.event(eventKey, keyLeftAlt, pressed)
			e.tap(82)
			e.tap(80)
			e.tap(73)
			e.event(eventKey, keyLeftAlt, released)
		},
	} {
		e := &events{words: 8}
		e.typeText(t, "A")
		press(e)
		e.typeText(t, "B")
		text, err := io.ReadAll(newKeys(e, 24))
		require.NoError(t, err, name)
		assert.Equal(t, "A"+gs+"B", string(text), name)
	}
}

func TestAltCodes(t *testing.T) {
	for number, want := range map[string]string{
		"65": "A", "065": "A", "0065": "A", "029": gs, "29": gs, "0128": "€", "0146": "’", "0228": "ä", "0255": "ÿ",
		"0160": "\u00a0",
		"132":  "ä", "129": "ü", "160": "á", "225": "\ufffd", "155": "\ufffd", "0129": "\ufffd", "256": "\ufffd",
		"8364":  "\ufffd",
		"99999": "\ufffd", "0": "\x00",
	} {
		e := &events{words: 8}
		e.event(eventKey, keyRightAlt, pressed)
		for _, digit := range number {
			for code, r := range keyPad {
				if r == digit {
					e.tap(code)
				}
			}
		}
		e.event(eventKey, keyRightAlt, released)
		text, err := io.ReadAll(newKeys(e, 24))
		require.NoError(t, err, number)
		assert.Equal(t, want, string(text), number)
	}
}

func TestKeysThatWriteNothingArePassedOver(t *testing.T) {
	e := &events{words: 8}
	e.tap(1)   // escape
	e.tap(58)  // caps lock: what is read knows no state of the keyboard
	e.tap(125) // the system's key
	e.tap(700)
	e.tap(16, keyLeftAlt) // Alt and Q
	e.tap(2, keyLeftCtrl) // Ctrl and 1
	e.event(eventKey, 16, repeated)
	e.event(eventKey, keyLeftAlt, pressed)
	for range 6 {
		e.tap(82) // more digits than a character's number has
	}
	e.event(eventKey, keyLeftAlt, released)
	e.tap(keyTab)
	e.tap(79)
	e.tap(keyPadEnter)
	text, err := io.ReadAll(newKeys(e, 24))
	require.NoError(t, err)
	assert.Equal(t, "\ufffd\t1\r", string(text), "a number that no character has does not vanish")
}

func TestAnEventThatIsCutOffIsAnError(t *testing.T) {
	e := &events{words: 8}
	e.tap(16)
	_, err := io.ReadAll(newKeys(bytes.NewReader(e.Bytes()[:e.Len()-1]), 24))
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.NoError(t, NewKeys(e).Close())
}

func TestAnInputDeviceThatIsNoneIsRefused(t *testing.T) {
	_, err := OpenInput(t.TempDir() + "/missing")
	assert.Error(t, err)
	_, err = OpenInput("keys.go")
	assert.Error(t, err, "a file is no input device")
}
