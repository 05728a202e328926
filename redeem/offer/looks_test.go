package offer_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

func TestWhatATextLooksLike(t *testing.T) {
	for look, texts := range map[offer.Look][]string{
		offer.LookOffer: {
			sample.Code(), sample.Grouped(), sample.Digits(), strings.ToLower(sample.Code()), sample.Code()[1:],
			sample.Code() + "7",
			sample.Digits()[1:], "7XUJX4G-UVLJ880-1948D", "O" + sample.Code()[1:], "OL1:6BF", "ol1:6bf", "OL9:X",
			"]Q1" + sample.Code(),
			"]C1255" + gcn, "255" + gcn + "123456", "2554012345000008123", "(255)4012345000008", "]C1255", "8110" + coupon,
			"]d28112" + positive,
			"https://example.com/255/" + gcn, "https://example.com/gcn/1", "https://example.com/255/", "17261231255" + gcn + "1",
			"]C1255" + gcn + "1\x1d91", " " + sample.Code() + "\r\n",
		},
		offer.LookProduct: {
			"4012345000009", "]E04012345000009", "]E44012345", "96385074", "036000291452", "04012345000009",
			"]C10109521234543213", "2554012345000",
			"(01)09521234543213(10)A", "0109521234543213\x1d10A", "https://id.gs1.org/01/09521234543213/10/A",
			"]d20109521234543213", "4012345000008",
		},
		offer.LookCard: {"2912345678", "6371001234567890123", "123456789", "978123456789012"},
		offer.LookPass: {"HC1:6BFOXN*TS0BI$ZD4N9", "shc:/5676290952432060346029243740",
			"M1DESMARAIS/LUC       EABC123 YULFRAAC 0834 326J001A0025 100"},
		offer.LookLink: {"https://example.com/about", "HTTP://EXAMPLE.COM", "www.example.com", "otpauth://totp/x"},
		offer.LookOther: {"", "hello", "ITEM-1", "QC-157", "12", "12345678901234567890", "WIFI", "ÄÖÜ", "no offer at all",
			"A^]B"},
	} {
		for _, text := range texts {
			assert.Equal(t, look, offer.Looks(text), "%q", text)
		}
	}
}

// Nobody is to see "mistyped" for a bottle of water, nor "no offer" for an offer with a wrong symbol.
func TestADamagedOfferStaysAnOffer(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	for _, id := range randomIDs(200) {
		for _, text := range []string{id.Code(), id.Grouped(), id.Digits(), "255" + gcn + digits(r, 6)} {
			damaged := []byte(text)
			at := r.IntN(len(damaged))
			switch r.IntN(3) {
			case 0:
				damaged[at] = "0123456789"[r.IntN(10)]
			case 1:
				damaged = append(damaged[:at], damaged[at+1:]...)
			default:
				damaged = append(damaged[:at+1], damaged[at:]...)
			}
			_, err := offer.Parse(string(damaged))
			if at > 2 || len(text) != 22 { // the AI of a coupon says what it is
				assert.NotErrorIs(t, err, fault.NotAnOffer, "%s became %s", text, damaged)
			}
		}
		number := digits(r, 12)
		_, err := offer.Parse(number + checkDigit(number))
		assert.ErrorIs(t, err, fault.NotAnOffer, "an item")
	}
}

// FuzzLooks holds that what is an offer looks like one.
func FuzzLooks(f *testing.F) {
	for _, seed := range []string{sample.Code(), sample.Digits(), "]C1255" + gcn, "https://example.com/255/" + gcn,
		"4012345000009", "HC1:6BF", "17261231255" + gcn} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		look := offer.Looks(text)
		for _, r := range []offer.Reader{{}, {Separated: true}} {
			if p, err := r.Parse(text); err == nil && look != offer.LookOffer {
				t.Fatalf("%q is an offer (%s) and looks like %s", text, p.Dress, look)
			}
		}
	})
}
