package gs1_test

import (
	"strings"
	"testing"

	"github.com/offlane/offlane/barcode/gs1"
)

// FuzzParse holds that whatever is read comes back from every form it is written in.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "(", "(01)", "0109521234543213", "]C12554012345000009123456\x1d17261231", "(01)09521234543213(10)A\\(B",
		"10A\x1d21B\x1d", "8110" + plainCoupon, "8112001234561234560123456", "https://id.gs1.org/01/09521234543213?17=261231",
		"80070B", "423276250", "8030ABC=", "4309" + "18000000003600000000", "72581/2", "10A\\\x1d21(", "(10)\\(01)2", "]d2",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		elements, err := gs1.Parse(text)
		if err != nil {
			if len(err.Error()) == 0 {
				t.Fatal("an error without words")
			}
			return
		}
		if len(elements) == 0 {
			t.Fatalf("%q: neither elements nor an error", text)
		}
		again, err := gs1.AppendRaw(nil, elements.Raw())
		if err != nil || again.String() != elements.String() {
			t.Fatalf("%q became %q and came back raw as %q: %v", text, elements, again, err)
		}
		bracketed, err := gs1.ParseBracketed(elements.String())
		if err != nil && !endsInBackslash(elements) || err == nil && bracketed.Raw() != elements.Raw() {
			t.Fatalf("%q became %q and came back bracketed as %q: %v", text, elements, bracketed, err)
		}
		_ = elements.Check()
	})
}

// endsInBackslash reports whether a value could swallow the bracket behind it: no character set has a backslash.
func endsInBackslash(elements gs1.Elements) bool {
	for _, e := range elements {
		if strings.HasSuffix(e.Value, `\`) {
			return true
		}
	}
	return false
}

// FuzzLink holds that a link that was read can be written, and then reads the same.
func FuzzLink(f *testing.F) {
	for _, seed := range []string{
		"https://id.gs1.org/01/09521234543213", "http://a/gtin/9521234543213/lot/A%2FB?15=261231&x=y#z",
		"https://a/00/x/00/006141411234567890",
		"https://a/8010/0614141A/8011/12", "https://a/01/09521234543213/10/%", "HTTPS://A/255/4012345000009?;&3900=1",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, uri string) {
		link, err := gs1.ParseLink(uri)
		if err != nil {
			return
		}
		written, err := link.Elements.Link(link.Stem)
		if err != nil {
			t.Fatalf("%q cannot be written: %v", uri, err)
		}
		again, err := gs1.ParseLink(written)
		if err != nil || again.Stem != link.Stem || len(again.Elements) != len(link.Elements) {
			t.Fatalf("%q was written as %q and read as %v %v", uri, written, again, err)
		}
		for _, e := range link.Elements {
			if value, _ := again.Elements.Get(e.AI); value != e.Value {
				t.Fatalf("%q lost %v", uri, e)
			}
		}
	})
}

// FuzzFields holds that coupons which can be taken apart go together again as they were.
func FuzzFields(f *testing.F) {
	for _, seed := range []string{plainCoupon, plainCoupon + "3261231" + "50123456", "4012345000009123",
		"001234561234560123456", "0100", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if c, err := gs1.ParseCoupon(value); err == nil && c.String() != value {
			t.Fatalf("coupon %q came back as %q", value, c)
		}
		if g, err := gs1.ParseGCN(value); err == nil && g.String() != value {
			t.Fatalf("GCN %q came back as %q", value, g)
		}
		if o, err := gs1.ParsePositiveOffer(value); err == nil && o.String() != value {
			t.Fatalf("positive offer %q came back as %q", value, o)
		}
	})
}
