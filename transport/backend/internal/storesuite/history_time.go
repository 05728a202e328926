package storesuite

import (
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// date bounds when a record was made: not before its offer was accepted, not after it came.
func (b *plainBooks) date(r *plainReport, f *fact) {
	e := f.rec.Time
	f.earliest, f.latest = e.Earliest, b.millis()
	if e.Latest > 0 && e.Latest < f.latest {
		f.latest = e.Latest
	}
	if passed := r.sent.SinceBoot - e.SinceBoot; e.Boot != "" && e.Boot == r.sent.Boot && passed > 0 {
		f.latest = min(f.latest, b.millis()-passed)
	}
	if o := b.offerBy(f.rec.Offer, f.rec.Alias); o != nil {
		f.earliest, f.latest = max(f.earliest, o.accepted), max(f.latest, o.accepted)
	}
	f.day = f.rec.Sale.BusinessDate
	if f.day == "" {
		moment := max(min(f.earliest, b.millis()), min(e.Wall, f.latest)) // no day that has not begun
		f.day = time.UnixMilli(moment).In(f.till.zone).Format(time.DateOnly)
	}
}

// reasonOfTime says what the evidence of time has against a redemption.
func (b *plainBooks) reasonOfTime(f *fact, notBefore, notAfter int64, revocations ...int64) fault.Code {
	before := func(deadline int64) (yes, known bool) {
		if f.latest < deadline || f.earliest >= deadline {
			return f.latest < deadline, true
		}
		return f.rec.Time.Wall < deadline, f.rec.Time.Trusted
	}
	if f.earliest > b.millis()+(5*time.Minute).Milliseconds() {
		return fault.ClockUntrusted
	}
	if early, known := before(notBefore); early && known {
		return fault.NotYetValid
	}
	inTime, known := before(notAfter)
	if !known && !f.overrides(fault.ClockUntrusted) {
		return fault.ClockUntrusted
	}
	if known && !inTime {
		return fault.Expired
	}
	for _, at := range revocations {
		if inTime, known := before(at); at != 0 && !(inTime && known) {
			return fault.Revoked
		}
	}
	return ""
}

// endFor is when an offer ends for a redemption: later, where the same till reserved it in time and the reservation
// holds, by the till's own count.
func (b *plainBooks) endFor(f *fact, o *plainOffer) int64 {
	held := b.byID(f.rec.Of)
	if f.kind != record.Redemption || held == nil || held.kind != record.Reservation {
		return o.notAfter
	}
	if held.till != f.till || held.offer != o {
		return o.notAfter
	}
	until := held.rec.Until
	if held.status != record.Confirmed || !held.voided.IsZero() || until > held.latest+(24*time.Hour).Milliseconds() {
		return o.notAfter
	}
	now := f.rec.Time.Earliest
	if now == 0 {
		now = f.rec.Time.Wall
	}
	if now < until && (f.rec.Time.Trusted || f.overrides(fault.ClockUntrusted)) {
		until = max(until, f.latest+1)
	}
	return max(o.notAfter, until)
}

func (f *fact) overrides(reason fault.Code) bool {
	return f.rec.Override != nil && slices.Contains(f.rec.Override.Reasons, reason)
}
