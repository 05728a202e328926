package wedge

import (
	"bytes"
	"io"
	"testing"
	"time"
)

// FuzzFramer holds that no bytes are lost or made up, in whatever pieces and pauses they come.
func FuzzFramer(f *testing.F) {
	german := typing{findLayout(US), findLayout(German), capsOff}
	for _, seed := range []string{
		"", "\r\n", codeText + "\r", gcnText, "]C1" + gcnText + "<GS>17261231\r", german.write(passText) + "\r",
		codeText + gcnText, "\x02" + codeText + "\x03",
		codeText[:9] + "\r" + codeText[9:] + "\r", "caf\xe9\r", "``A`` ``\r", "~P" + codeText + "##",
	} {
		f.Add([]byte(seed), uint8(0), uint8(7))
		f.Add([]byte(seed), uint8(3), uint8(1))
	}
	profiles := []Profile{
		{}, {Version: 1, Scanner: US, Keyboard: German, Suffix: "\r"}, {Version: 1, Scanner: US, Keyboard: Spanish,
			Prefix: "~P", Suffix: "##"},
		{Version: 1, Scanner: US, Keyboard: French, CapsLock: true, Prefix: "pre", Suffix: "END"},
		{Version: 1, Scanner: German, Keyboard: US, Identifier: true, Prefix: "P", Suffix: "e\r"},
		{Version: 1, Scanner: US, Keyboard: US, LostSeparator: true}, {Version: 1, Characters: map[string]string{"a": "b"},
			Separator: "@@"},
	}
	f.Fuzz(func(t *testing.T, data []byte, profile, piece uint8) {
		cfg := Config{Profile: profiles[int(profile)%len(profiles)], Accept: acceptAll(codeText, passText, gcnText)}
		if profile&0x80 != 0 {
			cfg.Accept = nil
		}
		framer, err := NewFramer(cfg)
		if err != nil {
			t.Fatal(err)
		}
		var scans []Scan
		at := start
		for rest := data; len(rest) > 0; {
			n := min(int(piece)%16+1, len(rest))
			found, err := framer.Push(rest[:n], at)
			if err != nil && len(data) <= MaxScan {
				t.Fatal(err)
			}
			scans = append(scans, found...)
			rest, at = rest[n:], at.Add(time.Duration(piece)*10*time.Millisecond)
		}
		checkScans(t, data, append(scans, framer.Flush()...))
		if !framer.Deadline().IsZero() {
			t.Fatal("after the end there is still something to wait for")
		}
	})
}

func checkScans(t *testing.T, data []byte, scans []Scan) {
	t.Helper()
	for _, s := range scans {
		if len(s.Readings) == 0 || s.Readings[0] != s.String() {
			t.Fatalf("%q: the readings %q do not begin with %q", data, s.Readings, s)
		}
		if !bytes.Contains(data, s.Raw) {
			t.Fatalf("%q never came, only %q did", s.Raw, data)
		}
	}
}

// FuzzLearn holds that whatever arrives is no self-test or gives a profile that can be kept and used.
func FuzzLearn(f *testing.F) {
	for _, t := range everyTyping()[:20] {
		f.Add([]byte(t.write("]C0"+SelfTestLinear) + "\r"))
	}
	f.Add([]byte(turkishQ(SelfTest)))
	f.Fuzz(func(t *testing.T, arrived []byte) {
		p, err := Learn(arrived)
		if err != nil {
			return
		}
		data, err := MarshalProfile(p)
		if err != nil {
			t.Fatalf("%q gave a profile that cannot be kept: %v", arrived, err)
		}
		back, err := UnmarshalProfile(data)
		if err != nil {
			t.Fatalf("%s cannot be read: %v", data, err)
		}
		if _, err := NewFramer(Config{Profile: back}); err != nil {
			t.Fatalf("%s cannot be used: %v", data, err)
		}
	})
}

// FuzzProfile holds that whatever is kept is refused or can be used.
func FuzzProfile(f *testing.F) {
	f.Add([]byte(`{"version":1,"scanner":"us","keyboard":"de","suffix":"\r"}`), "zß\r")
	f.Add([]byte(`{"version":1,"characters":{"ö":";"}}`), "ö\r")
	f.Fuzz(func(t *testing.T, data []byte, arrived string) {
		p, err := UnmarshalProfile(data)
		if err != nil {
			return
		}
		framer, err := NewFramer(Config{Profile: p})
		if err != nil {
			t.Fatal(err)
		}
		scans, _ := framer.Push([]byte(arrived), start)
		checkScans(t, []byte(arrived), append(scans, framer.Flush()...))
	})
}

// FuzzKeys holds that no stream of events panics, and that text comes only of key presses.
func FuzzKeys(f *testing.F) {
	e := &events{words: 8}
	e.typeText(f, "]C1"+gs+"7\r")
	f.Add(e.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := io.ReadAll(newKeys(bytes.NewReader(data), 24))
		if err != nil && err != io.ErrUnexpectedEOF {
			t.Fatal(err)
		}
		if len(text) > 2*len(data)/24 {
			t.Fatalf("%d events made %d bytes", len(data)/24, len(text))
		}
	})
}

// FuzzUndo holds that what a scanner types is among what undoing it gives, unless it has too many accents.
func FuzzUndo(f *testing.F) {
	for i, seed := range []string{codeText, passText[:60], "++ A+ B", "]C1" + gcnText + gs + "1", "~^`'\"{[ e"} {
		f.Add(seed, uint8(i*5))
	}
	all := everyTyping()
	f.Fuzz(func(t *testing.T, text string, which uint8) {
		typing := all[int(which)%len(all)]
		fits := faults{typing: typing, separator: gs}
		if len(text) > 200 || !fits.survives(text) || !typing.tellsApart(text) {
			return
		}
		arrived := typing.write(text)
		tried := 0
		for candidate := range typing.undo(arrived) {
			if tried++; candidate == text {
				return
			}
		}
		if tried*len(arrived) < maxUndone/2 {
			t.Fatalf("%s on %s: %q arrived as %q and is not among %d texts", typing.scanner.name, typing.keyboard.name, text,
				arrived, tried)
		}
	})
}

// tellsApart reports whether no other character arrives as one of the text's does.
func (t typing) tellsApart(text string) bool {
	from := t.inverse()
	for _, r := range text {
		if out, _ := t.one(r); r > ' ' && from[out] != r {
			return false
		}
	}
	return true
}
