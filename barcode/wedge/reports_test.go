package wedge

import (
	"bytes"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	bitCtrl  = 1
	bitShift = 2
	bitAlt   = 4
)

// reports writes the reports of a keyboard.
type reports struct{ bytes.Buffer }

func (r *reports) tap(modifiers byte, usages ...byte) {
	report := make([]byte, reportSize)
	report[0] = modifiers
	copy(report[2:], usages)
	r.Write(report)
	r.Write(make([]byte, reportSize))
}

// typeText taps the keys of a text as an American scanner does.
func (r *reports) typeText(t testing.TB, text string) {
	for _, c := range text {
		k, ok := findLayout(US).keyOf(c)
		code := uint16(slices.Index(keyPlaces[:], int8(k.place)))
		switch c {
		case ' ':
			code, ok = keySpace, true
		case '\r':
			code, ok = keyEnter, true
		}
		usage := slices.Index(usageKeys[:], code)
		require.True(t, ok && usage > 0, "%q", c)
		modifiers := byte(0)
		if k.shift {
			modifiers = bitShift
		}
		r.tap(modifiers, byte(usage))
	}
}

func TestReportsBecomeText(t *testing.T) {
	everything := string(findLayout(US).plain[:47]) + string(findLayout(US).shifted[:47]) + " " + codeText + passText +
		"\r"
	r := &reports{}
	r.typeText(t, everything)
	text, err := io.ReadAll(NewReports(r, 0))
	require.NoError(t, err)
	assert.Equal(t, everything, string(text))
}

func TestReportsGiveTheGroupSeparatorAndHeldKeysOnce(t *testing.T) {
	r := &reports{}
	r.tap(bitCtrl, 48) // Ctrl and ]
	r.tap(0, 65)       // F8
	r.Write([]byte{bitAlt, 0, 98, 0, 0, 0, 0, 0})
	r.Write([]byte{bitAlt, 0, 98, 90, 0, 0, 0, 0}) // the 0 is still held
	r.Write([]byte{bitAlt, 0, 97, 0, 0, 0, 0, 0})
	r.Write(make([]byte, reportSize))
	r.tap(0, 4, 5)                          // two keys at once
	r.Write([]byte{0, 0, 1, 1, 1, 1, 1, 1}) // too many keys at once
	text, err := io.ReadAll(NewReports(r, 0))
	require.NoError(t, err)
	assert.Equal(t, gs+gs+gs+"ab", string(text))
	_, err = io.ReadAll(NewReports(bytes.NewReader([]byte{0, 0, 4}), 0))
	assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.NoError(t, NewReports(r, 0).Close())
}

// oneByOne returns one report in each read, as /dev/hidraw does.
type oneByOne struct{ reports [][]byte }

func (o *oneByOne) Read(p []byte) (int, error) {
	if len(o.reports) == 0 {
		return 0, io.EOF
	}
	n := copy(p, o.reports[0])
	o.reports = o.reports[1:]
	return n, nil
}

// withIDs puts a report id before every report, and reports of another kind between them.
func withIDs(data []byte, id byte, other []byte) (all [][]byte) {
	for len(data) > 0 {
		all = append(all, append([]byte{id}, data[:reportSize]...))
		if other != nil {
			all = append(all, other)
		}
		data = data[reportSize:]
	}
	return all
}

func TestReportsWithAnIDAreRead(t *testing.T) {
	r := &reports{}
	r.typeText(t, "]Q1"+codeText+" aA\r")
	want, data := "]Q1"+codeText+" aA\r", bytes.Clone(r.Bytes())
	for name, source := range map[string]io.ReadCloser{
		"none":                        NewReports(bytes.NewReader(data), 0),
		"none, one in each read":      NewReports(&oneByOne{slices.Collect(slices.Chunk(data, reportSize))}, 0),
		"none, in pieces":             NewReports(iotest.OneByteReader(bytes.NewReader(data)), 0),
		"one in each read":            NewReports(&oneByOne{withIDs(data, 1, nil)}, 0),
		"with others between":         NewReports(&oneByOne{withIDs(data, 2, []byte{3, 0xe9, 0})}, 0),
		"with others of their length": NewReports(&oneByOne{withIDs(data, 2, []byte{3, 0, 0, 9, 9, 9, 9, 9, 9})}, 0),
		"a stream": NewReports(bytes.NewReader(slices.Concat(withIDs(data, 2, []byte{3, 0, 0, 9,
			9, 9, 9, 9, 9})...)), 2),
		"a stream in pieces": NewReports(iotest.OneByteReader(bytes.NewReader(slices.Concat(withIDs(data,
			2, nil)...))), 2),
	} {
		text, err := io.ReadAll(source)
		require.NoError(t, err, name)
		assert.Equal(t, want, string(text), name)
	}
	_, err := io.ReadAll(NewReports(bytes.NewReader(slices.Concat(withIDs(data, 1, nil)...)), 0))
	assert.ErrorIs(t, err, errReports, "a stream of which nobody said that its reports have an id is not read shifted")
}

// FuzzReports holds that no stream of reports panics, and that text comes only of key presses.
func FuzzReports(f *testing.F) {
	r := &reports{}
	r.typeText(f, "]C1A7\r")
	f.Add(r.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		if text, err := io.ReadAll(NewReports(bytes.NewReader(data), 1)); err != nil && err != io.ErrUnexpectedEOF &&
			err != errReports || len(text) > 8*len(data) {
			t.Fatal(len(text), err)
		}
		text, err := io.ReadAll(NewReports(bytes.NewReader(data), 0))
		if err != nil && err != io.ErrUnexpectedEOF && err != errReports {
			t.Fatal(err)
		}
		if len(text) > 8*len(data) {
			t.Fatalf("%d bytes made %d", len(data), len(text))
		}
	})
}
