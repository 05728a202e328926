package backend

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/backend/store"
)

// settingCorrection is where the store keeps which statements of the clock were withdrawn.
const settingCorrection = "time correction 1"

// A correction is the newest of the clock, with what the ones before it withdrew.
type correction struct {
	// Number is that of the newest withdrawal; 0: there is none.
	Number uint64 `json:"number"`
	// Withdrawals are the newest record.MaxWithdrawals, oldest first.
	Withdrawals []withdrawal `json:"withdrawals"`
}

// A withdrawal is of what the clock said from one moment until another, in milliseconds since 1970.
type withdrawal struct {
	Number uint64 `json:"number"`
	From   int64  `json:"from"`
	Until  int64  `json:"until"`
}

func (w withdrawal) record() record.Withdrawal { return record.Withdrawal(w) }

func (w withdrawal) trust() trust.Withdrawal {
	return trust.Withdrawal{Number: w.Number, From: time.UnixMilli(w.From).UTC(), Until: time.UnixMilli(w.Until).UTC()}
}

// withdraw adds a period that is not among the withdrawals, with a number above one of before, and reports whether it
// did.
func (c *correction) withdraw(p Period, above uint64) bool {
	w := withdrawal{max(c.Number, above) + 1, p.From.UnixMilli(), p.Until.UnixMilli()}
	known := func(k withdrawal) bool { return k.From == w.From && k.Until == w.Until }
	if slices.ContainsFunc(c.Withdrawals, known) {
		return false
	}
	c.Number, c.Withdrawals = w.Number, append(c.Withdrawals, w)
	if n := len(c.Withdrawals); n > record.MaxWithdrawals {
		c.Withdrawals = c.Withdrawals[n-record.MaxWithdrawals:]
	}
	return true
}

// declareWithdrawals keeps in the store which statements of the clock the Config withdraws.
func (s *Server) declareWithdrawals(ctx context.Context) error {
	if len(s.cfg.Withdrawn) == 0 {
		return nil
	}
	number, err := update(ctx, s, func(tx store.Tx) (uint64, error) {
		above, c, err := readCorrection(tx)
		before := c.Number
		for _, p := range s.cfg.Withdrawn {
			c.withdraw(p, above)
		}
		if err != nil || c.Number == before {
			return 0, err
		}
		return c.Number, putSetting(tx, settingCorrection, c)
	})
	if number != 0 {
		s.log.WarnContext(ctx, "statements of the clock were withdrawn", "correction", number)
	}
	return err
}

// readCorrection reads the correction in the store, and the number that statements have at least: a restore may have
// forgotten corrections, which terminals have not. Their numbers are far below the milliseconds since 1970.
func readCorrection(tx store.Tx) (least uint64, c correction, err error) {
	e, err := setting[epoch](tx, settingEpoch)
	if err != nil {
		return 0, c, err
	}
	c, err = setting[correction](tx, settingCorrection)
	return uint64(max(e.Until, 0)), c, err
}

// A clock is what the server says of the time, and which of that was withdrawn.
type clock struct {
	mu      sync.Mutex // guards what follows
	checked time.Time
	known   clockState
}

func (c *clock) get() (clockState, time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known, c.checked
}

func (c *clock) set(known clockState, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known, c.checked = known, at
}

type clockState struct {
	// number is what statements are signed with.
	number uint64
	correction
}

// clockEvery is how long what the store said of corrections is believed.
const clockEvery = 10 * time.Second

// clockState is what the store says of the clock, as it was a moment ago. Where the store does not answer, it returns
// the error and what was known before: nothing is booked from that.
func (s *Server) clockState(ctx context.Context) (clockState, error) {
	now := s.now()
	last, checked := s.clock.get()
	if age := now.Sub(checked); age >= 0 && age < clockEvery {
		return last, nil
	}
	known, err := view(ctx, s, func(tx store.Tx) (known clockState, err error) {
		known.number, known.correction, err = readCorrection(tx)
		known.number = max(known.number, known.Number)
		return known, err
	})
	if err != nil {
		return last, err
	}
	s.clock.set(known, now)
	return known, nil
}

// signedTime is the clock, signed by the root. It has the number that is known where the store does not answer: New
// read one.
func (s *Server) signedTime(ctx context.Context) (record.ServerTime, error) {
	clock, err := s.clockState(ctx)
	if err != nil {
		s.log.WarnContext(ctx, "the store does not say what was withdrawn of the clock", "error", err)
	}
	return record.SignTime(s.now(), clock.number, s.cfg.Root.KeyID, s.cfg.Root.Private)
}

// sign is what terminals are told of corrections; zero: there was none.
func (c clockState) sign(s *Server) (record.Signed, error) {
	if c.Number == 0 {
		return record.Signed{}, nil
	}
	return record.TimeCorrection{Number: c.Number, Withdrawals: c.records()}.Sign(s.cfg.Root.KeyID, s.cfg.Root.Private)
}

func (c clockState) records() []record.Withdrawal { return mapSlice(c.Withdrawals, withdrawal.record) }

// addTo puts what was withdrawn into a bundle.
func (c clockState) addTo(b *trust.Bundle) {
	b.Correction, b.Withdrawals = c.number, mapSlice(c.Withdrawals, withdrawal.trust)
}

// checkWithdrawn holds a Config to periods that can be withdrawn.
func checkWithdrawn(periods []Period) error {
	for _, p := range periods {
		if p.From.UnixMilli() < 0 || !p.From.Before(p.Until) {
			return fault.Invalid("Config.Withdrawn has periods from a moment after 1970 until a later one, not %s", p)
		}
	}
	if n := len(periods); n > record.MaxWithdrawals {
		return fault.Invalid("Config.Withdrawn has %d periods, at most %d are allowed: leave out the oldest", n,
			record.MaxWithdrawals)
	}
	return nil
}

// String returns the period as two moments with a slash between.
func (p Period) String() string {
	return p.From.UTC().Format(time.RFC3339Nano) + "/" + p.Until.UTC().Format(time.RFC3339Nano)
}
