package wedge

import (
	"io"
	"slices"
)

// Reports turns the input reports of a USB keyboard in the boot protocol (Device Class Definition for HID 1.11,
// appendix B.1) into text, as Keys does with events: eight bytes each, the modifiers, one that is reserved, and up to
// six keys. On Linux they are what /dev/hidraw gives, on other systems what a HID library does.
type Reports struct {
	r      io.Reader
	keys   *Keys
	report [reportSize]byte
	before [reportSize]byte
}

const reportSize = 8

// NewReports returns the text of the reports in r. Its Read blocks until a key was pressed.
func NewReports(r io.Reader) *Reports {
	return &Reports{r: r, keys: newKeys(nil, 0)}
}

// Read returns text as it is typed. A report that is cut off is io.ErrUnexpectedEOF.
func (h *Reports) Read(p []byte) (int, error) {
	for len(h.keys.text) == 0 {
		if len(p) == 0 {
			return 0, nil
		}
		if _, err := io.ReadFull(h.r, h.report[:]); err != nil {
			return 0, err
		}
		h.modifiers()
		h.pressed()
		h.before = h.report
	}
	return h.keys.take(p), nil
}

// Close closes what the reports are read from, if it can be closed.
func (h *Reports) Close() error {
	if closer, ok := h.r.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// modifierKeys are the keys of the first byte's bits.
var modifierKeys = [8]uint16{keyLeftCtrl, keyLeftShift, keyLeftAlt, 125, keyRightCtrl, keyRightShift, keyRightAlt, 126}

func (h *Reports) modifiers() {
	for bit, code := range modifierKeys {
		now, before := h.report[0]>>bit&1, h.before[0]>>bit&1
		if now != before {
			h.keys.key(code, uint32(now))
		}
	}
}

// pressed handles the keys that this report has and the one before did not. Letting go of them writes nothing.
func (h *Reports) pressed() {
	const first = 2
	for _, usage := range h.report[first:] {
		if code := usageKeys[usage]; code != 0 && !slices.Contains(h.before[first:], usage) {
			h.keys.key(code, pressed)
			h.keys.key(code, released)
		}
	}
}

// usageKeys holds the Linux key codes of the usages of the keyboard page (HID Usage Tables, section 10), 0: none.
var usageKeys = func() (codes [256]uint16) {
	copy(codes[:], []uint16{
		4: 30, 48, 46, 32, 18, 33, 34, 35, 23, 36, 37, 38, 50, 49, 24, 25, 16, 19, 31, 20, 22, 47, 17, 45, 21, 44, // A to Z
		2, 3, 4, 5, 6, 7, 8, 9, 10, 11, // 1 to 0
		keyEnter, 1, 14, keyTab, keySpace, 12, 13, 26, 27, 43, 43, 39, 40, 41, 51, 52, 53, // - = [ ] \ # ; ' ` , . /
		65: keyF8,
		84: 98, 55, 74, 78, keyPadEnter, 79, 80, 81, 75, 76, 77, 71, 72, 73, 82, 83, key102nd, // the number pad, and the 102nd key
	})
	return codes
}()
