package booking

import (
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/backend/internal/posting"
	"github.com/offlane/offlane/transport/backend/store"
)

// mostOverdue is how many waiting records get their verdict with one report.
const mostOverdue = 100

// GiveUp gives a terminal's waiting records whose redemptions can no longer come their verdict. It reports whether
// there were any.
func GiveUp(tx store.Tx, rules *Rules, terminal *store.Terminal, now int64) (bool, error) {
	b := newBooking(tx, rules, &Report{Now: now, Terminal: terminal})
	if err := b.giveUpOverdue(); err != nil {
		return false, err
	}
	return b.result.Others, b.save()
}

func (b *booking) giveUpOverdue() error {
	if b.Terminal.Awaiting == 0 {
		return nil
	}
	overdue, err := b.tx.Overdue(b.Terminal.ID, b.now, mostOverdue)
	if err != nil || len(overdue) == 0 {
		return err
	}
	var ids []record.ID
	for _, w := range overdue {
		ids = append(ids, w.Record)
	}
	if err := b.loadEntries(ids, nil); err != nil {
		return err
	}
	for _, w := range overdue {
		e := b.entries[w.Record]
		if e == nil || e.Effect != posting.Waits {
			continue
		}
		if w.Stands {
			b.standAlone(e)
		} else {
			refuse(e, record.Rejected, fault.New(fault.NotFound, "", "the redemption that it is about did not come in time"))
		}
		if err := b.endWait(e, w); err != nil {
			return err
		}
	}
	return nil
}
