package backend

import (
	"fmt"
	"slices"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/flags"
	"github.com/offlane/offlane/transport/backend/internal/terminals"
	"github.com/offlane/offlane/transport/backend/store"
)

// The reportNotes are what a report says of its terminal besides its records.
type reportNotes struct {
	now   int64
	flags []store.Flag
	// doubtful says that the terminal asks about offers until it has a bundle that is made after this report.
	doubtful bool
}

func (n *reportNotes) flag(t *store.Terminal, kind store.FlagKind, format string, args ...any) {
	terminals.Raise(t, kind)
	n.flags = append(n.flags, terminals.FlagOfTerminal(kind, t, n.now, fmt.Sprintf(format, args...)))
}

// chain keeps what the report says of its chain, and has the answer say what is wrong with it.
func (n *reportNotes) chain(t *store.Terminal, h record.Heading, runs []store.Run, fresh []bool,
	answer *record.Answer) {
	forked := false
	for _, run := range runs {
		forked = terminals.Take(t, h.Chain, run, fresh[run.First-h.First:run.Last-h.First+1]) || forked
	}
	if forked {
		n.doubtful = true
		n.flag(t, flags.Forked, "records %d to %d of chain %s do not fit those that came before: its folder was copied, "+
			"or restored from a copy", h.First, h.Last, h.Chain)
	}
	c := terminals.ChainOf(t, h.Chain)
	terminals.Lose(c, h.Lost)
	terminals.SetAside(c, h.Aside)
	if h.LostFrom > 0 && !terminals.KnowsLoss(t, h.LostFrom) {
		c.LostFrom = h.LostFrom
	}
	answer.Taken = t.Booked
	if slices.Contains(fresh, true) {
		t.Booked = n.now
	}
	answer.Missing, answer.Last, answer.Forked = terminals.Missing(t, c), terminals.LastNumber(t), c.Forked
}

// keepForgotten keeps what the terminal says that it may have forgotten, and flags it once. What a new terminal of its
// lane says was flagged when it enrolled.
func (n *reportNotes) keepForgotten(t *store.Terminal, f *record.Forgotten) {
	if t.Forgets = 0; f == nil {
		return
	}
	if f.Ended != nil {
		if t.Ended != f.Noticed {
			t.Ended = f.Noticed
			n.flag(t, flags.Ended, "the manager %q ended that it asks because of records after %d that it may have "+
				"forgotten: %s",
				f.Ended.Manager, f.Above, f.Ended.Why)
		}
		return
	}
	t.Forgets, n.doubtful = f.Noticed, true
	if t.Forgot == f.Noticed || len(f.Causes) == 1 && f.Causes[0] == record.CauseLane {
		return
	}
	t.Forgot = f.Noticed
	n.flag(t, flags.Forgotten, "records after %d may be forgotten, and it asks; it noticed by %v", f.Above, f.Causes)
}
