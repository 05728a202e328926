package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// trade shows passes to the lane: neighbours show the same ones at the same time. Some are held first, and some of what
// was sold is taken back, here or at another lane.
func (l *seat) trade(rounds int) error {
	for n := range rounds {
		time.Sleep(time.Duration(l.random.IntN(400)) * time.Millisecond)
		l.stops.stumble(1)
		if l.random.IntN(15) == 0 {
			l.power.arm(1 + l.random.IntN(6))
		}
		pass := min(n*len(l.store.passes)/rounds+l.random.IntN(4), len(l.store.passes)-1)
		key := fmt.Sprint(l.number, "/", n)
		var err error
		switch l.random.IntN(10) {
		case 0:
			err = l.hold(pass, key)
		case 1:
			err = l.takeBack(key)
		default:
			err = l.sell(pass, key)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

// dawdle is what a lane does now and then between a claim and the record: for longer than a short lease, so that it
// claims again, while its client has the hub told that the first claim came to nothing.
func (l *seat) dawdle() {
	if l.random.IntN(3) == 0 {
		time.Sleep(some(l.random, 2*time.Second))
	}
}

// persist makes a call again and again until its outcome is known.
func (l *seat) persist(call func() error) error {
	for {
		err := call()
		if l.power.failed() { // nobody saw the answer
			if err := l.restart(); err != nil {
				return err
			}
			continue
		}
		if !errors.Is(err, fault.OutcomeUnknown) {
			return err
		}
	}
}

func (l *seat) request(pass int, key string) redeem.Request {
	req := redeem.Request{Scanned: l.store.passes[pass], SaleKey: key}
	if l.random.IntN(10) == 0 {
		req.Override = &redeem.Override{Manager: "m", Why: "known"}
	}
	return req
}

// sell redeems a pass.
func (l *seat) sell(pass int, key string) error {
	began, req := l.store.moment(), l.request(pass, key)
	return l.persist(func() error {
		d, err := l.terminal.Redeem(context.Background(), req)
		if err != nil || l.power.failed() {
			return err
		}
		l.store.mu.Lock()
		defer l.store.mu.Unlock()
		l.store.sold = append(l.store.sold, sale{l.number, pass, key, d, began, l.store.moment()})
		l.store.outcomes[d.String()]++
		return nil
	})
}

// hold reserves a pass for a while. Then the sale is paid, or cancelled, or nobody comes back.
func (l *seat) hold(pass int, key string) error {
	req, hold := l.request(pass, key), time.Second+some(l.random, 4*time.Second)
	held := false
	err := l.persist(func() error {
		d, err := l.terminal.Reserve(context.Background(), req, hold)
		held = err == nil && d.Outcome == redeem.Allow
		return err
	})
	if err != nil || !held {
		return err
	}
	time.Sleep(some(l.random, hold+hold/4)) // now and then it lapses
	switch l.random.IntN(3) {
	case 0:
		l.store.count("held and released")
		return l.release(key)
	case 1:
		l.store.count("held and left")
		return nil
	}
	l.store.count("held and paid")
	return l.sell(pass, key)
}

func (l *seat) release(key string) error {
	l.store.noteEnd("release", key)
	return l.persist(func() error {
		_, err := l.terminal.Release(context.Background(), key, "")
		return err
	})
}

// takeBack voids a redemption of any lane.
func (l *seat) takeBack(key string) error {
	s := l.store.soldBy(l.random.IntN)
	if s == nil {
		return nil
	}
	req := redeem.VoidRequest{Redemption: s.decision.Redemption}
	if s.lane != l.number {
		req = redeem.VoidRequest{Receipt: s.decision.Receipt, Key: key}
	}
	l.store.noteEnd("void", s.key)
	l.store.count("taken back")
	return l.persist(func() error {
		_, err := l.terminal.Void(context.Background(), req)
		return err
	})
}

// soldBy chooses a sale that was allowed; nil: there is none.
func (s *hubStore) soldBy(choose func(int) int) *sale {
	s.mu.Lock()
	defer s.mu.Unlock()
	var allowed []sale
	for i := range s.sold {
		if !s.sold[i].decision.Redemption.IsZero() && s.sold[i].decision.Outcome == redeem.Allow {
			allowed = append(allowed, s.sold[i])
		}
	}
	allowed = allowed[max(0, len(allowed)-10):] // a return soon after the sale competes with what is on its way
	if len(allowed) == 0 {
		return nil
	}
	return &allowed[choose(len(allowed))]
}

// An ending is a call that frees an offer, once the hub hears of it: a void, or the release of a reservation.
type ending struct {
	kind string // void or release
	sale string // whose use, or claim
	call moment
}

// noteEnd notes the first of such calls about a sale: a second one frees nothing that the first one cannot free.
func (s *hubStore) noteEnd(kind, sale string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.ContainsFunc(s.ends, func(e ending) bool { return e.kind == kind && e.sale == sale }) {
		s.ends = append(s.ends, ending{kind, sale, s.moment()})
	}
}

func (s *hubStore) count(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outcomes[what]++
}

// voided are the redemptions that a lane took back, by their receipts: its own ones, or those of others.
func (s *hubStore) voided(own bool) map[record.Receipt]bool {
	all := map[record.Receipt]bool{}
	for _, l := range s.seats {
		for rec := range l.records() {
			switch {
			case rec.Kind != record.Void || own == rec.Of.IsZero():
			case own:
				all[rec.Of.Receipt()] = true
			default:
				all[rec.Receipt] = true
			}
		}
	}
	return all
}

// longestHold is longer than a hub keeps what a lane held for a few seconds.
const longestHold = 6 * time.Minute

// takeBackHalf has the lanes take back what they sold of every other pass.
func (s *hubStore) takeBackHalf() {
	own, uses := s.voided(true), s.uses()
	for pass := 0; pass < len(s.ids); pass += 2 {
		for _, u := range uses[s.ids[pass]] {
			if own[u.rec.ID.Receipt()] {
				continue
			}
			require.NoError(s.t, u.lane.persist(func() error {
				_, err := u.lane.terminal.Void(context.Background(), redeem.VoidRequest{Redemption: u.rec.ID})
				return err
			}), "pass %d", pass)
		}
	}
}

// sellFree has half of what stands taken back, sells every pass that no lane has any more at a lane that never had it,
// and returns how many these are. What was taken back where it was sold, released, or held and left is free again.
// What another lane took back may not be: a void of which a hub hears before it hears of the redemption frees nothing.
func (s *hubStore) sellFree(seed uint64) (sold int) {
	time.Sleep(longestHold)
	s.settle()
	s.takeBackHalf()
	s.settle()
	own, uses := s.voided(true), s.uses()
	for pass, id := range s.ids {
		had := map[*seat]bool{}
		stands := slices.ContainsFunc(uses[id], func(u hubUse) bool {
			had[u.lane] = true
			return !own[u.rec.ID.Receipt()]
		})
		i := slices.IndexFunc(s.seats, func(l *seat) bool { return !had[l] })
		if stands || i < 0 {
			continue
		}
		require.NoError(s.t, s.seats[i].sell(pass, fmt.Sprint("free ", pass)), "seed %d", seed)
		_, d := s.last()
		assert.Equal(s.t, redeem.Allow, d.Outcome, "seed %d: %s is free: %s\n%s", seed, id, &d, s.story(id))
		sold++
	}
	return sold
}
