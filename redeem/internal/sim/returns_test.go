package sim

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// key is a name that no other sale or return of the run has.
func (l *lane) key() string { return fmt.Sprintf("%s/%d", l.name, l.random.Uint64()) }

// currencies are those that the run's sales are in; a campaign without terms takes all.
var currencies = []string{"EUR", "CHF", "USD"}

// price is what the POS gives for the next sale.
func (l *lane) price() record.Money {
	return record.Money{Amount: 50 + int64(len(l.sold)*13)%200,
		Currency: currencies[(len(l.name)+len(l.sold))%len(currencies)]}
}

// A printed is a receipt in some customer's hand.
type printed struct {
	redemption record.ID
	pass       string
}

// print hands out a receipt.
func (w *world) print(redemption record.ID, pass string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.receipts = append(w.receipts, printed{redemption, pass})
}

func (w *world) receipt(n uint64) (printed, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.receipts) == 0 {
		return printed{}, false
	}
	return w.receipts[n%uint64(len(w.receipts))], true
}

// giveBack is what a customer wants who comes back: all of it, a part, another basket; here or with a receipt from any
// lane, or with nothing but the offer. It reports whether somebody came.
func (l *lane) giveBack(ctx context.Context) (came bool, err error) {
	chance := l.random.IntN(96)
	if own, ok := l.anySale(); ok {
		switch {
		case chance < 6:
			return true, l.void(ctx, redeem.VoidRequest{Redemption: own}, told{of: own})
		case chance < 10:
			part := redeem.VoidRequest{Redemption: own, Partial: true, Returned: l.part(own), Key: l.key()}
			return true, l.void(ctx, part, told{of: own, part: true})
		case chance < 14:
			return true, l.correct(ctx, own)
		}
	}
	other, ok := l.world.receipt(l.random.Uint64())
	switch {
	case !ok:
	case chance < 16:
		return true, l.void(ctx, redeem.VoidRequest{Receipt: other.redemption.Receipt(), Key: l.key()},
			told{of: other.redemption, elsewhere: true})
	case chance < 17:
		part := redeem.VoidRequest{Receipt: other.redemption.Receipt(), Key: l.key(), Partial: true,
			Returned: record.Money{Amount: 30, Currency: "EUR"}}
		return true, l.void(ctx, part, told{of: other.redemption, part: true, elsewhere: true})
	case chance < 19:
		return true, l.void(ctx, redeem.VoidRequest{Scanned: other.pass, Key: l.key()},
			told{pass: other.pass, elsewhere: true})
	}
	return false, nil
}

// part is some money in the currency of a redemption.
func (l *lane) part(of record.ID) record.Money {
	h := fnv.New32a()
	h.Write(of[:])
	return record.Money{Amount: 1 + int64(h.Sum32()%60), Currency: l.given[of].Currency}
}

// refused are the answers of a till that a cashier accepts: what came before leaves nothing to do.
func refused(err error) bool {
	for _, code := range []fault.Code{fault.AlreadyVoided, fault.OverReturn, fault.OtherCurrency} {
		if errors.Is(err, code) {
			return true
		}
	}
	return false
}

func (l *lane) void(ctx context.Context, req redeem.VoidRequest, what told) error {
	what.kind = record.Void
	for {
		done, err := l.terminal.Void(ctx, req)
		if l.power.failed() {
			if err := l.restart(ctx); err != nil {
				return err
			}
			continue
		}
		if err != nil && !refused(err) {
			return fmt.Errorf("%s: voiding: %w", l.name, err)
		}
		for i, id := range done.Voids {
			if of := done.Redemptions[i]; !of.IsZero() {
				what.of = of
			}
			what.elsewhere = what.elsewhere && done.Pending
			if _, known := l.acknowledged[id]; !known {
				l.acknowledged[id] = what
			}
		}
		return nil
	}
}

func (l *lane) correct(ctx context.Context, of record.ID) error {
	to := l.given[of]
	to.Amount = 20 + l.random.Int64N(250)
	for {
		done, err := l.terminal.Correct(ctx, redeem.CorrectRequest{Redemption: of, Given: to})
		if l.power.failed() {
			if err := l.restart(ctx); err != nil {
				return err
			}
			continue
		}
		if err != nil && !refused(err) {
			return fmt.Errorf("%s: correcting: %w", l.name, err)
		}
		for _, id := range done.Corrections {
			l.acknowledged[id] = told{kind: record.Correction, of: of}
		}
		return nil
	}
}
