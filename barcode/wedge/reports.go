package wedge

import (
	"bytes"
	"cmp"
	"errors"
	"io"
	"slices"
)

// A reportReader is what NewReports returns.
type reportReader struct {
	source io.Reader
	r      io.Reader // source behind what was read ahead
	keys   *keyReader
	form   form
	id     byte // the keyboard's, where reports are numbered
	report [reportSize]byte
	before [reportSize]byte
}

// form is how reports come.
type form uint8

const (
	unknownForm form = iota
	plainForm
	numberedForm // an id before each, all of one length
	singleForm   // an id before each, of any length, one in each read
)

const (
	reportSize = 8
	// maxReport is more than any report of a keyboard has in bytes.
	maxReport = 64
)

// errReports is the error of bytes that are no reports of a keyboard.
var errReports = errors.New("wedge: these are no reports of a keyboard in the boot protocol: " +
	"if they begin with a report id, name it to NewReports")

// NewReports turns the input reports of a USB keyboard in the boot protocol (Device Class Definition for HID 1.11,
// appendix B.1) into text, as NewKeys does with events: eight bytes each, the modifiers, one that is reserved, and up
// to six keys. On Linux they are what /dev/hidraw gives, on other systems what a HID library does.
//
// A device with several kinds of reports puts a report id before each, so that they have nine bytes. Where one read
// returns one report, as /dev/hidraw does, that is recognised; of a device that sends reports of other lengths as well,
// only those of nine bytes are the keyboard's, with the id of the first of them. For any other reader
// id says it: all reports have nine bytes then, and only those that begin with it are read. 0: none is named.
//
// Read blocks until a key was pressed. A report that is cut off is io.ErrUnexpectedEOF, and bytes that cannot be
// reports are an error. Close closes r, if that is an io.Closer.
func NewReports(r io.Reader, id byte) io.ReadCloser {
	h := &reportReader{source: r, r: r, keys: newKeys(nil, 0), id: id}
	if id != 0 {
		h.form = numberedForm
	}
	return h
}

// Read returns text as it is typed. A report that is cut off is io.ErrUnexpectedEOF, and bytes that cannot be reports
// are an error.
func (h *reportReader) Read(p []byte) (int, error) {
	for len(h.keys.text) == 0 {
		if len(p) == 0 {
			return 0, nil
		}
		ours, err := h.next()
		if err != nil {
			return 0, err
		}
		if ours {
			h.modifiers()
			h.pressKeys()
			h.before = h.report
		}
	}
	return h.keys.take(p), nil
}

// next reads one report; ours is false where it is none of the keyboard's.
func (h *reportReader) next() (ours bool, err error) {
	if h.form == unknownForm {
		err = h.first()
	}
	var report [maxReport]byte
	switch {
	case err != nil:
		return false, err
	case h.form == plainForm:
		_, err = io.ReadFull(h.r, h.report[:])
		return err == nil, cmp.Or(err, h.check())
	case h.form == numberedForm:
		_, err = io.ReadFull(h.r, report[:1+reportSize])
		return h.takeNumbered(report[:1+reportSize], err)
	}
	n, err := h.r.Read(report[:])
	return h.takeNumbered(report[:n], err)
}

// takeNumbered takes a report with its id.
func (h *reportReader) takeNumbered(report []byte, err error) (ours bool, _ error) {
	if err != nil || len(report) != 1+reportSize || report[0] != h.id {
		return false, err
	}
	copy(h.report[:], report[1:])
	return true, h.check()
}

// first finds out by the length of the first read whether reports are numbered.
func (h *reportReader) first() error {
	ahead := make([]byte, maxReport)
	n, err := h.source.Read(ahead)
	if n == 0 {
		return err
	}
	h.form, h.r = plainForm, io.MultiReader(bytes.NewReader(ahead[:n]), h.source)
	if n == 1+reportSize {
		h.form, h.id = singleForm, ahead[0]
	}
	return nil
}

// check returns errReports where the byte that is reserved is in use: what stands there is then another one.
func (h *reportReader) check() error {
	if h.report[1] != 0 {
		return errReports
	}
	return nil
}

// Close closes what the reports are read from, if it can be closed.
func (h *reportReader) Close() error {
	if closer, ok := h.source.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// modifierKeys are the keys of the first byte's bits.
var modifierKeys = [8]uint16{keyLeftCtrl, keyLeftShift, keyLeftAlt, 125, keyRightCtrl, keyRightShift, keyRightAlt, 126}

func (h *reportReader) modifiers() {
	for bit, code := range modifierKeys {
		now, before := h.report[0]>>bit&1, h.before[0]>>bit&1
		if now != before {
			h.keys.key(code, uint32(now))
		}
	}
}

// pressKeys handles the keys that this report has and the one before did not. Letting go of them writes nothing.
func (h *reportReader) pressKeys() {
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
		// the number pad, and the 102nd key
		84: 98, 55, 74, 78, keyPadEnter, 79, 80, 81, 75, 76, 77, 71, 72, 73, 82, 83, key102nd,
	})
	return codes
}()
