package offer_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
)

const alphabet = "0123456789ABCDEFGHJKLMNPRSTUVWXY"

var sample = offer.ID{0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef}

func randomIDs(n int) []offer.ID {
	random := rand.NewChaCha8([32]byte{1})
	ids := make([]offer.ID, n)
	for i := range ids {
		_, _ = random.Read(ids[i][:])
	}
	return ids
}

func TestCodeRoundTrips(t *testing.T) {
	edges := []offer.ID{{15: 1}, {0: 0x80}, {255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
		255}}
	for _, id := range append(edges, randomIDs(1000)...) {
		for _, text := range []string{id.Code(), id.Grouped(), strings.ToLower(id.Grouped()), " " + id.Code() + " "} {
			back, err := offer.ParseCode(text)
			require.NoError(t, err, text)
			require.Equal(t, id, back)
		}
		back, err := offer.ParseDigits(id.Digits())
		require.NoError(t, err)
		require.Equal(t, id, back)
		require.Len(t, id.Code(), offer.CodeLen)
		require.Len(t, id.Digits(), offer.DigitsLen)
	}
}

func TestEveryWrongSymbolOfACodeIsLocated(t *testing.T) {
	for _, id := range randomIDs(20) {
		code := id.Code()
		for i := range code {
			for _, c := range alphabet {
				if byte(c) == code[i] {
					continue
				}
				_, err := offer.ParseCode(code[:i] + string(c) + code[i+1:])
				require.ErrorIs(t, err, fault.Mistyped)
				require.Contains(t, err.Error(), fmt.Sprintf("symbol %d (%c) is wrong", i+1, c))
			}
		}
	}
}

func TestTwoWrongSymbolsNeverPass(t *testing.T) {
	code := []byte(sample.Code())
	several := 0
	for i := range code {
		for j := range i {
			for _, a := range []byte(alphabet[:16]) {
				for _, b := range []byte(alphabet[12:]) {
					if a == code[i] || b == code[j] {
						continue
					}
					wrong := bytes.Clone(code)
					wrong[i], wrong[j] = a, b
					_, err := offer.ParseCode(string(wrong))
					require.Error(t, err)
					if strings.Contains(err.Error(), "more than one symbol") {
						several++
					}
				}
			}
		}
	}
	assert.NotZero(t, several, "some are seen to be more than one")
}

func TestEverySwapOfNeighboursInACodeIsDetected(t *testing.T) {
	for _, id := range randomIDs(500) {
		code := id.Code()
		for i := range len(code) - 1 {
			if code[i] == code[i+1] {
				continue
			}
			_, err := offer.ParseCode(code[:i] + code[i+1:i+2] + code[i:i+1] + code[i+2:])
			require.ErrorIs(t, err, fault.Swapped)
			require.Contains(t, err.Error(), fmt.Sprintf("%d and %d (%c%c)", i+1, i+2, code[i+1], code[i]))
		}
	}
}

func TestEveryWrongDigitAndEverySwapOfDigitsIsDetected(t *testing.T) {
	for _, id := range randomIDs(50) {
		digits := id.Digits()
		for i := range digits {
			for c := '0'; c <= '9'; c++ {
				if byte(c) != digits[i] {
					_, err := offer.ParseDigits(digits[:i] + string(c) + digits[i+1:])
					require.ErrorIs(t, err, fault.Mistyped)
				}
			}
			if i > 0 && digits[i] != digits[i-1] {
				_, err := offer.ParseDigits(digits[:i-1] + digits[i:i+1] + digits[i-1:i] + digits[i+1:])
				require.ErrorIs(t, err, fault.Mistyped)
			}
		}
	}
}

func TestWhatIsNoCodeSaysWhy(t *testing.T) {
	code := sample.Code()
	for name, test := range map[string]struct {
		text string
		code fault.Code
		says string
	}{
		"empty":        {"", fault.Mistyped, "this one has 0"},
		"one short":    {code[1:], fault.Mistyped, "has 28 symbols, this one has 27"},
		"one too many": {code + "0", fault.Mistyped, "this one has 29"},
		"a letter O":   {"O" + code[1:], fault.Mistyped, "symbol 1 is 'O', which no short code has: is it the digit 0?"},
		"a letter i": {code[:9] + "i" + code[10:], fault.Mistyped,
			"symbol 10 is 'i', which no short code has: is it the digit 1?"},
		"a letter Z": {code[:27] + "Z", fault.Mistyped, "is it the digit 2?"},
		"no ASCII":   {code[:27] + "é", fault.Mistyped, "symbol 28 is 'é'"},
		"long":       {strings.Repeat("0", 1000), fault.Unreadable, "1000 bytes"},
		"zero":       {strings.Repeat("0", 28), fault.Unreadable, "outside the range"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := offer.ParseCode(test.text)
			assert.ErrorIs(t, err, test.code)
			assert.ErrorContains(t, err, test.says)
		})
	}
}

func TestWhatIsNoNumberSaysWhy(t *testing.T) {
	for name, test := range map[string]struct {
		text string
		code fault.Code
	}{
		"empty":        {"", fault.Unreadable},
		"a letter":     {sample.Digits()[1:] + "A", fault.Unreadable},
		"one short":    {sample.Digits()[1:], fault.Mistyped},
		"long":         {strings.Repeat("1", 1000), fault.Unreadable},
		"zero":         {strings.Repeat("0", 40), fault.Unreadable},
		"over 128 bit": {"9999999999999999999999999999999999999996", fault.Mistyped},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := offer.ParseDigits(test.text)
			assert.ErrorIs(t, err, test.code)
		})
	}
}

func TestAnIdentifierInALogIsNeverWhole(t *testing.T) {
	var out strings.Builder
	slog.New(slog.NewJSONHandler(&out, nil)).Info("redeemed", "offer", sample)
	assert.NotContains(t, out.String(), sample.Code())
	assert.Contains(t, out.String(), sample.Code()[:4]+"…")
	assert.Equal(t, "none", offer.ID{}.String())
}

func TestAnIdentifierInJSONIsItsShortCode(t *testing.T) {
	type holder struct{ Offer, None offer.ID }
	data, err := json.Marshal(holder{Offer: sample})
	require.NoError(t, err)
	assert.JSONEq(t, `{"Offer":"`+sample.Code()+`","None":""}`, string(data))
	var back holder
	require.NoError(t, json.Unmarshal(data, &back))
	assert.Equal(t, holder{Offer: sample}, back)
	assert.ErrorIs(t, json.Unmarshal([]byte(`{"Offer":"123"}`), &back), fault.Mistyped)
}

func TestFreshIdentifiersDiffer(t *testing.T) {
	assert.NotEqual(t, offer.NewID(), offer.NewID())
	assert.False(t, offer.NewID().IsZero(), "a new identifier is not zero")
}
