package decision

import (
	"fmt"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
)

// holds returns how many other sales hold the offer, and this sale's own hold, the last one of several; nil: it holds
// none. An offer with two names may be found held twice by one reservation.
func (p *Prepared) holds(l *Ledger) (others int, own *Hold) {
	for i := range l.Holds {
		h := &l.Holds[i]
		switch {
		case h.SaleKey == p.Request.SaleKey && h.BusinessDate == p.Request.BusinessDate:
			own = h
		case !slices.ContainsFunc(l.Holds[:i], func(g Hold) bool { return g.Reservation == h.Reservation }):
			others++
		}
	}
	return others, own
}

// UsesLeft returns how many more uses the terminal may grant, after so many are taken and this sale holds so many; 0
// also for what identifies no single offer.
func (p *Prepared) UsesLeft(l *Ledger, taken, own int) int {
	if !p.Presented.Identifies() {
		return 0
	}
	others, _ := p.holds(l)
	return max(min(p.allowed-l.Used, p.alone-l.Unheard)-others-taken-own, 0)
}

// weighUses refuses where the terminal has granted as many uses as it may: as many as the offer has, or as many as one
// terminal may grant that the backend does not know of. Another sale's reservation holds a use too. Where several uses
// are asked for, all are granted or none.
func (p *Prepared) weighUses(d *Decision, l *Ledger) {
	held := p.tellUses(d, l)
	if !p.Presented.Identifies() {
		return
	}
	used, unheard, mayAsk := l.Used+p.Uses, l.Unheard+p.Uses, p.rules.AskBeyond
	switch {
	case l.Used >= p.allowed:
		d.addUsesReason(fault.AlreadyRedeemed, Refuse, p.allowed, l.Used,
			"this terminal has granted every use that it may: void one first if it was a mistake")
	case used > p.allowed:
		d.addUsesReason(fault.OverLimit, Refuse, p.allowed, l.Used,
			fmt.Sprintf("%d uses are asked for and %d are left: ask for fewer", p.Uses, p.allowed-l.Used))
	case unheard > p.alone && !mayAsk:
		d.addUsesReason(fault.OverLimit, Refuse, p.alone, l.Unheard,
			"one terminal may not grant more uses of this offer than the backend knows of: report, then scan again")
	case used+held > p.allowed || unheard+held > p.alone && !mayAsk:
		d.addUsesReason(fault.Reserved, Refuse, p.allowed, l.Used+held,
			"it is reserved for another sale: finish that one, or release it")
	case unheard+held > p.alone:
		d.addUsesReason(fault.OverLimit, Ask, p.alone, l.Unheard+held, "one terminal alone may not grant more uses of this "+
			"offer without a manager: report, then scan again, or ask a manager")
	}
}

// tellUses enters what is known of the offer's uses and of this sale's reservation, and returns how many other sales
// hold one.
func (p *Prepared) tellUses(d *Decision, l *Ledger) (held int) {
	d.addUnread(l.OfferErr)
	held, hold := p.holds(l)
	own := 0
	if hold != nil {
		own, d.Reservation, d.Until = 1, hold.Reservation, time.UnixMilli(hold.Until).UTC()
	}
	d.UsesLeft = p.UsesLeft(l, 0, own)
	return held
}

func (d *Decision) addUsesReason(code fault.Code, outcome Outcome, limit, used int, detail string) {
	reason := d.addReason(outcome, fault.New(code, "", "%s", detail))
	reason.Limit, reason.Used = int64(limit), int64(used)
}
