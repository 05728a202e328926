package transporttest

import (
	"context"
	"slices"

	"github.com/offlane/offlane/redeem/record"
)

var chainRules = []Rule{
	{"gap-asked-for", "A backend that misses records of a chain asks for them, until they come.", checkGap},
	{"lost-not-asked-for", "Records that the terminal declares lost are not asked for.", checkLost},
	{"restored", "A terminal that was restored from a copy and made more records than it forgot hears that its chain " +
		"forked, " +
		"also where they are of another chain.", checkRestored},
	{"fork", "A forked chain is told to its terminal, and both halves are judged.", checkFork},
}

func checkGap(ctx context.Context, s *suite) error {
	t, raws, err := s.tillWith(ctx, 4)
	if err != nil {
		return err
	}
	if _, err := t.report(ctx, raws[0]); err != nil {
		return err
	}
	answer, err := t.report(ctx, raws[3])
	if err != nil {
		return err
	}
	if want := []record.Range{{First: 2, Last: 3}}; !slices.Equal(answer.Missing, want) {
		return breach("records 2 and 3 did not come, the backend asks for %v", answer.Missing)
	}
	answer, err = t.report(ctx, raws[1:3]...)
	if err != nil {
		return err
	}
	if len(answer.Missing) > 0 {
		return breach("all came, the backend asks for %v", answer.Missing)
	}
	return allConfirmed(answer, raws[1:3])
}

func checkLost(ctx context.Context, s *suite) error {
	t, raws, err := s.tillWith(ctx, 3)
	if err != nil {
		return err
	}
	if _, err := t.report(ctx, raws[0]); err != nil {
		return err
	}
	t.lost = []record.Range{{First: 2, Last: 2}}
	answer, err := t.report(ctx, raws[2])
	if err != nil {
		return err
	}
	if len(answer.Missing) > 0 {
		return breach("record 2 is lost, the backend asks for %v", answer.Missing)
	}
	return allConfirmed(answer, raws[2:])
}

func checkFork(ctx context.Context, s *suite) error {
	t, raws, err := s.tillWith(ctx, 1)
	if err != nil {
		return err
	}
	if _, err := t.report(ctx, raws...); err != nil {
		return err
	}
	clone := *t
	for _, half := range []*till{t, &clone} {
		if raws, err = half.several(ctx, 1); err != nil {
			return err
		}
		answer, err := half.report(ctx, raws...)
		if err != nil {
			return err
		}
		if err := allConfirmed(answer, raws); err != nil {
			return err
		}
		if want := half == &clone; answer.Forked != want {
			return breach("forked is %t for a chain that has %d halves", answer.Forked, map[bool]int{false: 1, true: 2}[want])
		}
	}
	return nil
}

// checkRestored has a till make two records, which it forgets, and then three others.
func checkRestored(ctx context.Context, s *suite) error {
	for _, other := range []bool{false, true} {
		t, raws, err := s.tillWith(ctx, 1)
		if err != nil {
			return err
		}
		if _, err := t.report(ctx, raws...); err != nil {
			return err
		}
		restored := *t
		if other {
			t.chain = record.NewChainID()
		}
		for _, of := range []struct {
			*till
			makes int
		}{{t, 2}, {&restored, 3}} {
			if raws, err = of.several(ctx, of.makes); err != nil {
				return err
			}
			answer, err := of.report(ctx, raws...)
			if err != nil {
				return err
			}
			if err := allConfirmed(answer, raws); err != nil {
				return err
			}
			if want := of.makes == 3; answer.Forked != want {
				return breach("forked is %t after %d records, in another chain: %t", answer.Forked, of.makes, other)
			}
		}
	}
	return nil
}
