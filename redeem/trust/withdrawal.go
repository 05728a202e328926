package trust

import (
	"fmt"
	"time"
)

// maxWithdrawals is how many withdrawals a bundle has at most.
const maxWithdrawals = 32

// A Withdrawal names statements of time that were wrong: those that say a moment from From, included, until Until, and
// were signed before the correction with the number. It sets no time.
type Withdrawal struct {
	Number      uint64
	From, Until time.Time
}

type wireWithdrawal struct {
	Number uint64 `cbor:"1,keyasint"`
	From   int64  `cbor:"2,keyasint"`
	Until  int64  `cbor:"3,keyasint"`
}

func toWireWithdrawal(w Withdrawal) wireWithdrawal {
	return wireWithdrawal{w.Number, toMillis(w.From), toMillis(w.Until)}
}

func (w wireWithdrawal) withdrawal() Withdrawal {
	return Withdrawal{w.Number, fromMillis(w.From), fromMillis(w.Until)}
}

// checkWithdrawals asks for withdrawals up to a correction, none of them empty.
func checkWithdrawals(all []Withdrawal, correction uint64) error {
	if len(all) > maxWithdrawals {
		return fmt.Errorf("it has %d withdrawals of time, at most %d are allowed", len(all), maxWithdrawals)
	}
	for _, w := range all {
		if w.Number == 0 || w.Number > correction || !w.From.Before(w.Until) {
			return fmt.Errorf("withdrawal %d of time, up to correction %d, cannot be", w.Number, correction)
		}
	}
	return nil
}
