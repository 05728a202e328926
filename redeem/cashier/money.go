package cashier

import (
	"fmt"
	"strings"

	"github.com/offlane/offlane/redeem/record"
)

// minorUnits are the currencies of ISO 4217 whose smallest unit is not a hundredth, by its number of decimals.
var minorUnits = map[int]string{
	0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
	3: "BHD IQD JOD KWD LYD OMR TND",
	4: "CLF UYW",
}

func decimals(currency string) int {
	for n, all := range minorUnits {
		if currency != "" && strings.Contains(all, currency) {
			return n
		}
	}
	return 2
}

// money writes an amount with its currency, and nothing where none is known.
func money(m record.Money, point string) string {
	if m.Currency == "" {
		return ""
	}
	n := decimals(m.Currency)
	digits := fmt.Sprintf("%0*d", n+1, abs(m.Amount))
	sign := ""
	if m.Amount < 0 {
		sign = "-"
	}
	whole := digits[:len(digits)-n]
	if n == 0 {
		return sign + whole + " " + m.Currency
	}
	return sign + whole + point + digits[len(digits)-n:] + " " + m.Currency
}

func abs(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}
