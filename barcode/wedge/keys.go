package wedge

import (
	"encoding/binary"
	"io"
	"strconv"
	"unicode/utf8"
)

// The event types and key codes of Linux (include/uapi/linux/input-event-codes.h) that a scanner uses.
const (
	eventKey = 1

	released = 0
	pressed  = 1
	repeated = 2

	keyEnter      = 28
	keyTab        = 15
	keySpace      = 57
	keyLeftCtrl   = 29
	keyRightCtrl  = 97
	keyLeftShift  = 42
	keyRightShift = 54
	keyLeftAlt    = 56
	keyRightAlt   = 100
	keyF8         = 66
	keyPadEnter   = 96
	key102nd      = 86
)

// keyPlaces holds for the key codes which place of a layout's tables they are; -1: none.
var keyPlaces = func() (places [128]int8) {
	for i := range places {
		places[i] = -1
	}
	row := func(code, place, n int) {
		for i := range n {
			places[code+i] = int8(place + i)
		}
	}
	row(41, 0, 1)   // the key left of 1
	row(2, 1, 12)   // 1 to =
	row(16, 13, 12) // Q to ]
	row(43, 25, 1)  // the backslash
	row(30, 26, 11) // A to '
	row(44, 37, 10) // Z to /
	row(key102nd, 47, 1)
	return places
}()

// keyPad holds the digits and marks of the number pad.
var keyPad = map[uint16]rune{
	71: '7', 72: '8', 73: '9', 75: '4', 76: '5', 77: '6', 79: '1', 80: '2', 81: '3',
	82: '0', 83: '.', 55: '*', 74: '-', 78: '+', 98: '/',
}

// maxAltCode is the most digits of a character's number: a zero and three more.
const maxAltCode = 4

// A keyReader is what NewKeys returns.
type keyReader struct {
	r         io.Reader
	eventSize int
	event     []byte
	text      []byte
	held      map[uint16]bool
	altCode   string
}

// NewKeys turns the events of a Linux input device into text, as an American keyboard would write it: what a scanner
// means, unless it was set to another layout. A group separator is restored from Ctrl+], F8 and Alt with the number
// pad.
//
// The events in r are of this machine's word size and byte order. Read blocks until a key was pressed; an event that is
// cut off is io.ErrUnexpectedEOF. Close closes r, if that is an io.Closer.
func NewKeys(r io.Reader) io.ReadCloser {
	const header = 8 // type, code and value; before them stand two machine words of time
	return newKeys(r, header+2*strconv.IntSize/8)
}

func newKeys(r io.Reader, eventSize int) *keyReader {
	return &keyReader{r: r, eventSize: eventSize, event: make([]byte, eventSize), held: map[uint16]bool{}}
}

// Read returns text as it is typed. An event that is cut off is io.ErrUnexpectedEOF.
func (k *keyReader) Read(p []byte) (int, error) {
	for len(k.text) == 0 {
		if len(p) == 0 {
			return 0, nil
		}
		if _, err := io.ReadFull(k.r, k.event); err != nil {
			return 0, err
		}
		body := k.event[k.eventSize-8:]
		if binary.NativeEndian.Uint16(body) == eventKey {
			k.key(binary.NativeEndian.Uint16(body[2:]), binary.NativeEndian.Uint32(body[4:]))
		}
	}
	return k.take(p), nil
}

// take moves what was typed to p.
func (k *keyReader) take(p []byte) int {
	n := copy(p, k.text)
	k.text = k.text[n:]
	return n
}

// Close closes what the events are read from, if it can be closed.
func (k *keyReader) Close() error {
	if closer, ok := k.r.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

func (k *keyReader) key(code uint16, value uint32) {
	switch value {
	case released:
		k.release(code)
	case pressed:
		k.held[code] = true
		k.press(code)
	case repeated: // a scanner does not hold keys: what repeats was held by the machine being busy
	}
}

// release ends a character that was typed by its number while Alt was held.
func (k *keyReader) release(code uint16) {
	delete(k.held, code)
	if code != keyLeftAlt && code != keyRightAlt || k.altCode == "" {
		return
	}
	k.text = utf8.AppendRune(k.text, altCharacter(k.altCode))
	k.altCode = ""
}

func (k *keyReader) press(code uint16) {
	alt := k.held[keyLeftAlt] || k.held[keyRightAlt]
	digit, onPad := keyPad[code]
	switch {
	case alt && onPad && isDigit(digit):
		if len(k.altCode) <= maxAltCode { // one digit more than any number has: it is not known then
			k.altCode += string(digit)
		}
	case alt:
	case onPad:
		k.text = append(k.text, byte(digit))
	default:
		k.text = append(k.text, k.character(code)...)
	}
}

func isDigit(r rune) bool { return r >= '0' && r <= '9' }

// character returns what a key writes by itself, with shift or with Ctrl.
func (k *keyReader) character(code uint16) string {
	switch code {
	case keyEnter, keyPadEnter:
		return "\r"
	case keyTab:
		return "\t"
	case keySpace:
		return " "
	case keyF8:
		return gs
	}
	if int(code) >= len(keyPlaces) || keyPlaces[code] < 0 {
		return ""
	}
	us := findLayout(US)
	place := int(keyPlaces[code])
	if k.held[keyLeftCtrl] || k.held[keyRightCtrl] {
		return control(us.plain[place])
	}
	return string(us.writes(key{place, k.held[keyLeftShift] || k.held[keyRightShift]}))
}

// control returns the control character of Ctrl with a key: the one 64 places before its capital letter.
func control(r rune) string {
	if r >= 'a' && r <= 'z' {
		r -= 0x20
	}
	if r < '@' || r > '_' {
		return ""
	}
	return string(r - '@')
}
