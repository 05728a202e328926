package backend

import (
	"cmp"
	"context"
	"time"

	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
)

// A Tidied says what a call of Tidy removed.
type Tidied struct {
	// Offers of which no use was ever taken, and the Records of entries.
	Offers, Records int
	// Operators are rows of the figures by operator.
	Operators int
	// Trials were closed, and Answers are rows of what devices were shown, did with it, or were in a trial of.
	Trials, Answers int
	// More says that there may be more to remove: call again.
	More bool
}

// Defaults of Config.LateReports and Config.Retention.
const (
	defaultLate      = 31 * 24 * time.Hour
	defaultRetention = 400 * 24 * time.Hour
)

// How much one call of Tidy removes of each kind, and one transaction, which others wait for.
const (
	tidyAtOnce = 200
	tidyMost   = 10_000
)

// Tidy removes what is no longer needed: offers of which no use was ever taken, once they ended, terminals can no
// longer be alone with them (Config.LongestAlone) and late reports were waited for (Config.LateReports); and the
// records that terminals signed, with all that the books do not need (operators' and managers' names, transactions),
// once they were kept as long as Config.Retention says, and the figures by operator of days before that. An entry keeps
// its hash and what was booked. What waits for a redemption that can no longer come gets its verdict, also of a
// terminal that never asks again. What is known of devices is removed once it was kept as long as Config.Kept says, and
// trials get their outcomes whose days are over, and the three days that late reports are waited for.
//
// One call removes at most 10,000 of each, in transactions of 200. A program calls it
// once a day, and again as long as there is more. Several may call it at once, also in several processes. Errors are
// those of the Store; what was removed before stays removed.
func (s *Server) Tidy(ctx context.Context) (done Tidied, err error) {
	defer setOp("backend.Tidy", &err)
	now := s.now()
	ended := now.Add(-s.rules.LongestAlone - cmp.Or(s.cfg.LateReports, defaultLate)).UnixMilli()
	done.Offers, done.More, err = s.remove(ctx, func(tx store.Tx) (int, error) { return tx.DropUnused(ended, tidyAtOnce) })
	if err == nil {
		err = s.giveUpAll(ctx)
	}
	if err == nil {
		err = s.tidyAnswers(ctx, &done)
	}
	if kept := cmp.Or(s.cfg.Retention, defaultRetention); err == nil && kept > 0 {
		err = s.forgetNames(ctx, now.Add(-kept).UnixMilli(), &done)
	}
	return done, err
}

// forgetNames removes what was kept since before a moment and names people.
func (s *Server) forgetNames(ctx context.Context, old int64, done *Tidied) (err error) {
	var more bool
	done.Records, more, err = s.remove(ctx, func(tx store.Tx) (int, error) { return tx.DropRaw(old, tidyAtOnce) })
	done.More = done.More || more
	if err != nil {
		return err
	}
	done.Operators, more, err = s.dropOperators(ctx, posting.DayOf(old))
	done.More = done.More || more
	return err
}

// dropOperators removes all merchants' figures by operator of days before one.
func (s *Server) dropOperators(ctx context.Context, before string) (total int, more bool, err error) {
	for _, m := range s.cfg.Merchants {
		n, left, err := s.remove(ctx, func(tx store.Tx) (int, error) { return tx.DropOperators(m.Name, before, tidyAtOnce) })
		total, more = total+n, more || left
		if err != nil {
			return total, more, err
		}
	}
	return total, more, nil
}

// giveUpAll does giveUp for all terminals that have something waiting.
func (s *Server) giveUpAll(ctx context.Context) error {
	for _, m := range s.cfg.Merchants {
		terminals, err := view(ctx, s, func(tx store.Tx) ([]store.Terminal, error) { return tx.Terminals(m.Name) })
		if err != nil {
			return err
		}
		for i := range terminals {
			if terminals[i].Awaiting == 0 {
				continue
			}
			if err := s.giveUp(ctx, terminals[i].ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// remove calls drop in transactions of its own until it has nothing left, or removed as much as one call may. After
// each transaction that took place it calls done.
func (s *Server) remove(ctx context.Context, drop func(store.Tx) (int, error), done ...func()) (total int, more bool,
	err error) {
	for total < tidyMost {
		n, err := update(ctx, s, drop)
		if err != nil {
			return total, false, err
		}
		total += n
		for _, f := range done {
			f()
		}
		if n < tidyAtOnce {
			return total, false, nil
		}
	}
	return total, true, nil
}
