package offer_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

// FuzzParse holds that every text is either an offer or refused with a code of its own, and that what names one offer
// names it again when it is written.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", sample.Code(), sample.Grouped(), sample.Digits(), "]C1255" + gcn + "123456\x1d17261231", "8110" + coupon + serial,
		"8112" + positive, "https://example.com/gcn/" + gcn + "1", "(255)" + gcn, issue(f, house, barePass()), "OL1:",
		"OL2:X", "ol1:6bf",
		issue(f, house, longPass()),
	} {
		f.Add(seed)
	}
	keys := keysOf(f, house.Key())
	f.Fuzz(func(t *testing.T, text string) {
		p, err := offer.Parse(text)
		if err != nil {
			checkRefusal(t, text, err)
			return
		}
		if (p.Dress == offer.GS1) != (p.Coupon != "") || (p.Dress == offer.SignedPass) != (p.Pass != nil) {
			t.Fatalf("%q: %+v contradicts itself", text, p)
		}
		if err := p.Verify(keys); err == nil && p.Dress != offer.SignedPass {
			t.Fatalf("%q is reported as genuine", text)
		}
		if !p.ID.IsZero() {
			if again, err := offer.Parse(p.ID.Code()); err != nil || again.ID != p.ID {
				t.Fatalf("%q came back as %v: %v", text, again, err)
			}
		}
	})
}

func checkRefusal(t *testing.T, text string, err error) {
	t.Helper()
	if code := fault.CodeOf(err); code == "" || code == fault.Internal {
		t.Fatalf("%q is refused with %q: %v", text, code, err)
	}
}

// FuzzPass mutates the bytes of a pass, which lie below base45. Only the passes that were issued verify.
func FuzzPass(f *testing.F) {
	issued := map[string]bool{}
	for _, pass := range []offer.Pass{barePass(), samplePass(), longPass()} {
		data, err := offer.DecodeBase45(issue(f, house, pass)[len("OL1:"):])
		if err != nil {
			f.Fatal(err)
		}
		issued[string(data)] = true
		f.Add(data)
	}
	keys := keysOf(f, house.Key())
	f.Fuzz(func(t *testing.T, data []byte) {
		readAlike(t, data)
		p, err := offer.Parse("OL1:" + offer.EncodeBase45(data))
		if err == nil {
			err = p.Verify(keys)
		}
		if err != nil {
			checkRefusal(t, string(data), err)
		} else if !issued[string(data)] {
			t.Fatalf("%x verifies and was never issued", data)
		}
	})
}

// readAlike holds that what the quick way of reading a pass takes, the thorough one takes too and reads likewise.
func readAlike(t *testing.T, data []byte) {
	t.Helper()
	quick, ok := offer.ReadPlain(data)
	if !ok {
		return
	}
	thorough, ok := offer.ReadAny(data)
	if !ok || !reflect.DeepEqual(quick, thorough) {
		t.Fatalf("%x is read as %+v and, thoroughly, as %+v (%t)", data, quick, thorough, ok)
	}
}

// FuzzClaims signs whatever it is given, as a careless or hostile issuer could, and holds that what is taken is issued
// again as the same bytes.
func FuzzClaims(f *testing.F) {
	f.Add(encode(f, goodHeader()), encode(f, goodClaims()))
	f.Add(encode(f, with(goodHeader(), 1, -19)),
		encode(f, with(goodClaims(), -65537, header{0: 1, 1: "c", 2: []any{"s"}, 3: 2, 4: 1})))
	f.Add(encode(f, goodHeader()), encode(f, with(goodClaims(), 3, []any{"a", "b"})))
	f.Add([]byte{0xa0}, []byte{0xa0})
	keys := keysOf(f, house.Key())
	f.Fuzz(func(t *testing.T, protected, payload []byte) {
		data := message(t, protected, []byte{0xa0}, payload)
		readAlike(t, data)
		p, err := offer.Parse("OL1:" + offer.EncodeBase45(data))
		if err == nil {
			err = p.Verify(keys)
		}
		if err != nil {
			checkRefusal(t, string(payload), err)
			return
		}
		again, err := house.Issue(*p.Pass)
		if err != nil {
			t.Fatalf("what %x says cannot be issued: %v", payload, err)
		}
		back, err := offer.Parse(again)
		if err != nil || back.ID != p.ID || back.Alias != p.Alias || !back.Pass.NotAfter.Equal(p.Pass.NotAfter) {
			t.Fatalf("%x came back as %+v: %v", payload, back, err)
		}
	})
}

// FuzzOpen holds that of what was sealed for one purpose only that opens.
func FuzzOpen(f *testing.F) {
	const kind = "application/x-test"
	sealed, err := house.Seal(kind, []byte("payload"))
	if err != nil {
		f.Fatal(err)
	}
	other, err := house.Seal("application/x-other", []byte("payload"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add(other)
	keys := keysOf(f, house.Key())
	f.Fuzz(func(t *testing.T, data []byte) {
		payload, _, err := keys.Open(kind, data)
		if err != nil {
			checkRefusal(t, string(data), err)
		} else if !bytes.Equal(data, sealed) {
			t.Fatalf("%x opens as %q and was never sealed", data, payload)
		}
	})
}

// FuzzBase45 holds that every byte string has one text and every other text is refused.
func FuzzBase45(f *testing.F) {
	f.Add("BB8", []byte("AB"))
	f.Add("GGW", []byte{})
	f.Fuzz(func(t *testing.T, text string, data []byte) {
		if back, err := offer.DecodeBase45(offer.EncodeBase45(data)); err != nil || !bytes.Equal(back, data) {
			t.Fatalf("%x came back as %x: %v", data, back, err)
		}
		if back, err := offer.DecodeBase45(text); err == nil && offer.EncodeBase45(back) != text {
			t.Fatalf("%q is another text of %x", text, back)
		}
	})
}

// FuzzCode holds that a short code or number that is taken is the one of its identifier, but for separators and case.
func FuzzCode(f *testing.F) {
	f.Add(sample.Grouped())
	f.Add(sample.Digits())
	strip := strings.NewReplacer("-", "", " ", "")
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := offer.ParseCode(text); err == nil && id.Code() != strings.ToUpper(strip.Replace(text)) {
			t.Fatalf("%q was taken for %q", text, id.Code())
		}
		if id, err := offer.ParseDigits(text); err == nil && id.Digits() != strip.Replace(text) {
			t.Fatalf("%q was taken for %q", text, id.Digits())
		}
	})
}
