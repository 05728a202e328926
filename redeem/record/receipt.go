package record

import (
	"crypto/sha256"
	"encoding/binary"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
)

// receiptSymbols are the digits and the letters without I, O, Q and Z, as in an offer's short code.
const receiptSymbols = "0123456789ABCDEFGHJKLMNPRSTUVWXY"

// receiptLength counts nine symbols that name the record and one check symbol.
const receiptLength = 10

const receiptContext = "offlane receipt 1\x00"

// A Receipt is the short code printed for a redemption, such as "7K2F9-XR41M". A person can read it over the phone, the
// terminal and the backend find the record by it. It is made from the record's id, so it needs no storage of its own,
// and tells nothing about the offer. 45 bits keep it unique in practice within a merchant; whoever looks one up gets
// all records that it fits.
type Receipt string

// Receipt returns the code of the record with this id.
func (id ID) Receipt() Receipt {
	sum := sha256.Sum256(append([]byte(receiptContext), id[:]...))
	bits := binary.BigEndian.Uint64(sum[:8])
	var symbols [receiptLength]byte
	for i := range receiptLength - 1 {
		symbols[i] = byte(bits >> (59 - 5*i) & 31)
	}
	symbols[receiptLength-1] = receiptCheck(symbols[:receiptLength-1])
	return formatReceipt(symbols)
}

// formatReceipt writes the symbols as they are printed.
func formatReceipt(symbols [receiptLength]byte) Receipt {
	var text [receiptLength + 1]byte
	const half = receiptLength / 2
	text[half] = '-'
	for i, s := range symbols {
		text[i+i/half] = receiptSymbols[s]
	}
	return Receipt(text[:])
}

// ParseReceipt reads a receipt code as a person types it: case, spaces and hyphens do not matter. Errors:
// fault.Mistyped where the check symbol does not fit, fault.Unreadable where it cannot be a receipt code.
func ParseReceipt(text string) (Receipt, error) {
	const op = "record.ParseReceipt"
	var symbols [receiptLength]byte
	n := 0
	for _, r := range strings.ToUpper(text) {
		if r == '-' || r == ' ' {
			continue
		}
		value := strings.IndexRune(receiptSymbols, r)
		if value < 0 || n == receiptLength {
			return "", fault.New(fault.Unreadable, op, "a receipt code has %d digits or letters, without I, O, Q and Z",
				receiptLength)
		}
		symbols[n] = byte(value)
		n++
	}
	if n != receiptLength {
		return "", fault.New(fault.Unreadable, op, "a receipt code has %d symbols, this one %d", receiptLength, n)
	}
	if receiptCheck(symbols[:receiptLength-1]) != symbols[receiptLength-1] {
		return "", fault.New(fault.Mistyped, op, "the check symbol does not fit: read the code again")
	}
	return formatReceipt(symbols), nil
}

// receiptCheck evaluates the symbols as a polynomial over GF(32) at α, which notices every single wrong symbol and
// every swap of two different neighbours.
func receiptCheck(symbols []byte) byte {
	var sum byte
	for _, s := range symbols {
		sum = timesAlpha(sum ^ s)
	}
	return sum
}

// timesAlpha multiplies by x in GF(32) modulo x^5 + x^2 + 1.
func timesAlpha(a byte) byte {
	a <<= 1
	if a&32 != 0 {
		a ^= 32 | 4 | 1
	}
	return a
}
