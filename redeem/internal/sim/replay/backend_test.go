package replay

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// A backend answers a terminal by chance: it books, rejects, fails, forgets, lies about the time and blocks. What it
// draws it draws from a source of its own that begins anew with each step.
type backend struct {
	chance
	*history
	rude   bool // it does more than to book
	poison bool // it fails over some records

	challenges int
	booked     map[record.ID]record.Record
	first      map[offer.ID]record.ID
	verdicts   []record.Verdict
	notices    uint64
	notice     record.Signed
	corrected  uint64
	correction record.Signed
	bundle     int // which one it hands out
}

func newBackend(h *history) *backend {
	return &backend{history: h, rude: h.in(2), poison: h.in(12) || h.length > 100 && h.in(3),
		bundle: h.IntN(newest), booked: map[record.ID]record.Record{},
		first: map[offer.ID]record.ID{}}
}

// fails returns what a request fails with.
func (b *backend) fails(n int) error {
	if !b.rude || !b.in(n) {
		return nil
	}
	code := pick(b.chance, fault.Unreachable, fault.Unreachable, fault.Unavailable, fault.TooManyRequests, fault.TLS,
		fault.Unauthorized, fault.Forbidden, fault.TooLarge, fault.Malformed, fault.NotTheContract, fault.Internal)
	err := error(fault.New(code, "backend", "by chance"))
	if b.in(3) {
		err = fault.WithRetryAfter(err, b.span(time.Second, time.Hour))
	}
	if b.in(4) {
		err = record.WithNotice(err, b.notice)
	}
	return err
}

// Challenge gives a challenge.
func (b *backend) Challenge(context.Context) (string, error) {
	b.challenges++
	b.say.fact("-> challenge")
	return fmt.Sprint("challenge ", b.challenges), b.fails(10)
}

// Enrol takes whoever comes.
func (b *backend) Enrol(_ context.Context, e record.Enrolment) (record.Enrolled, error) {
	b.say.fact("-> enrol", e.Code, e.Terminal[:], []byte(e.Key), e.Lane, len(e.Rotations), e.Challenge, e.Last, e.Proof)
	if err := b.fails(8); err != nil {
		return record.Enrolled{}, err
	}
	in := record.Enrolled{Token: fmt.Sprint("token ", b.challenges), Roots: []offer.Key{b.shop.root.Key()},
		Place: record.Place{Merchant: "m-1", Store: "s-1", Lane: e.Lane}, Zone: pick(b.chance, "", "", "Europe/Berlin")}
	if b.in(12) {
		in.Second = b.truth().UnixMilli()
	}
	return in, nil
}

// Report books the records that it can read.
func (b *backend) Report(_ context.Context, token string, r record.Report) (record.Answer, error) {
	b.say.fact("-> report", token, r.Heading, r.Signature, r.Passes, len(r.Statements))
	for _, raw := range r.Records {
		b.say.fact("-> record", raw)
	}
	h, err := r.Peek()
	if err != nil {
		return record.Answer{}, err
	}
	b.terminal = h.Terminal
	if err := cmp.Or(b.fails(5), b.chokes(r)); err != nil {
		return record.Answer{}, err
	}
	var items []record.Verdict
	for _, raw := range r.Records {
		if !b.rude || !b.in(20) {
			items = append(items, b.judge(raw))
		}
	}
	answer := b.answer(h.After, items)
	b.askAgain(h, &answer)
	return b.signed(answer), b.fails(15)
}

// chokes fails over a report with certain records in it.
func (b *backend) chokes(r record.Report) error {
	for _, raw := range r.Records {
		if id := record.IDOf(raw); b.poison && id[0]%5 == 0 {
			return fault.New(fault.Internal, "backend", "it chokes on a record")
		}
	}
	return nil
}

// askAgain asks for what came before, as a backend does that was restored from a backup.
func (b *backend) askAgain(h record.Heading, a *record.Answer) {
	if !b.rude {
		return
	}
	if b.in(12) {
		a.Missing = []record.Range{{First: 1, Last: 1 + b.Uint64N(h.Last+1)}}
	}
	if b.in(15) {
		last := b.Uint64N(h.Last + 3)
		a.Last = &last
	}
	if b.in(20) && len(a.Items) > 0 {
		a.Wanted = []record.ID{a.Items[0].Record}
	}
	a.Forked = b.in(25)
}

// judge gives the verdict on a record, the same one each time it comes.
func (b *backend) judge(raw []byte) record.Verdict {
	v := record.Verdict{Number: uint64(len(b.verdicts) + 1), Record: record.IDOf(raw), Hash: record.HashOf(raw),
		Status: record.Confirmed, Judged: b.truth().UnixMilli()}
	for _, old := range b.verdicts {
		if old.Record == v.Record {
			return old
		}
	}
	rec, err := record.Decode(raw)
	if err != nil {
		v.Status, v.Reason = record.Quarantined, fault.CodeOf(err)
	} else if !b.book(rec, &v) {
		return v
	}
	b.verdicts = append(b.verdicts, v)
	return v
}

// book decides on a record. It reports false for what waits for its redemption.
func (b *backend) book(rec record.Record, v *record.Verdict) bool {
	_, known := b.booked[rec.Of]
	first, taken := b.first[rec.Offer]
	switch {
	case rec.Kind == record.Void && !known && b.in(2):
		v.Status, v.Number = record.Received, 0
		return false
	case b.rude && b.in(10):
		v.Status = record.Rejected
		v.Reason = pick(b.chance, fault.Expired, fault.Revoked, fault.UnknownOffer, fault.ClockUntrusted)
	case b.rude && b.in(25):
		v.Status, v.Reason = record.Quarantined, fault.Malformed
	case rec.Kind == record.Void && !rec.Partial && rec.Of == first:
		delete(b.first, rec.Offer)
	case rec.Kind == record.Void && b.in(6):
		v.Booked = &record.Money{Amount: rec.Given.Amount / 2, Currency: rec.Given.Currency}
	case rec.Kind == record.Redemption && taken && b.in(2):
		v.Status, v.Reason = record.Duplicate, fault.RedeemedElsewhere
		v.First = &record.First{Place: b.booked[first].Place, Record: first, Committed: v.Judged}
	case rec.Kind == record.Redemption && b.in(15):
		v.Status, v.Reason = record.Duplicate, fault.RedeemedElsewhere
		v.First = &record.First{Place: record.Place{Merchant: "m-1", Store: "s-2", Lane: "9"}, Record: record.ID{1},
			Redeemed: v.Judged - 5000, Committed: v.Judged - 1000}
	case rec.Kind == record.Redemption:
		b.first[rec.Offer] = rec.ID
	}
	b.booked[rec.ID] = rec
	return true
}

// Verdicts gives the verdicts after a number.
func (b *backend) Verdicts(_ context.Context, token string, after uint64) (record.Answer, error) {
	b.say.fact("-> verdicts", token, after)
	if err := b.fails(6); err != nil {
		return record.Answer{}, err
	}
	return b.signed(b.answer(after, nil)), nil
}

func (b *backend) answer(after uint64, items []record.Verdict) record.Answer {
	n := uint64(len(b.verdicts))
	a := record.Answer{Items: items, Cursor: n, Notice: b.notice, Correction: b.correction, Time: b.time()}
	for _, v := range b.verdicts[min(after, n):] {
		if !slices.ContainsFunc(items, func(i record.Verdict) bool { return i.Record == v.Record }) {
			a.Later = append(a.Later, v)
		}
	}
	return a
}

// time is the backend's signed clock, which may be wrong, and signed by somebody else.
func (b *backend) time() record.ServerTime {
	now, by := b.truth(), b.shop.root
	switch {
	case !b.rude:
	case b.in(15):
		now = now.Add(b.span(-48*time.Hour, 60*24*time.Hour))
		b.lie = now
	case b.in(30):
		by = b.shop.issuers[2]
	case b.in(20):
		return record.ServerTime{}
	}
	at, err := record.SignTime(now, b.corrected, by.KeyID, by.Private)
	if err != nil {
		panic(err)
	}
	return at
}

// signed signs the verdicts of an answer, mostly.
func (b *backend) signed(a record.Answer) record.Answer {
	if len(a.Items)+len(a.Later) == 0 || b.in(3) {
		return a
	}
	s := record.Statement{Terminal: b.terminal, Made: b.truth().UnixMilli(), Verdicts: slices.Concat(a.Items, a.Later)}
	signed, err := s.Sign(b.shop.root.KeyID, b.shop.root.Private)
	if err == nil {
		a.Statement = signed
	}
	return a
}

// decree has the merchant block the terminal, or end that.
func (b *backend) decree() {
	b.notices++
	n := record.Notice{Terminal: b.terminal, Number: b.notices, Blocked: b.in(2), Made: b.truth().UnixMilli()}
	if b.in(2) {
		n.Remembers = n.Made
	}
	if signed, err := n.Sign(b.shop.root.KeyID, b.shop.root.Private); err == nil {
		b.notice = signed
	}
}

// correct withdraws the last wrong statement of time.
func (b *backend) correct() {
	if b.lie.IsZero() {
		return
	}
	b.corrected++
	c := record.TimeCorrection{Number: b.corrected, Withdrawals: []record.Withdrawal{{Number: b.corrected,
		From: b.lie.Add(-time.Hour).UnixMilli(), Until: b.lie.Add(time.Hour).UnixMilli()}}}
	if signed, err := c.Sign(b.shop.root.KeyID, b.shop.root.Private); err == nil {
		b.correction = signed
	}
}

// Bundle hands out the bundle of the day.
func (b *backend) Bundle(_ context.Context, token string, have uint64) ([]byte, error) {
	b.say.fact("-> bundle", token, have)
	if have == uint64(b.bundle)+1 && !b.in(8) {
		return nil, b.fails(10)
	}
	return b.shop.bundles[b.bundle], b.fails(10)
}
