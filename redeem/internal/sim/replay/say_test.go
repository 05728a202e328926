package replay

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

// A transcript is what a terminal said in one history: what a program depends on, and the sentences for people.
type transcript struct{ facts, words []byte }

// digests returns a digest of each part in hexadecimal digits.
func (s *transcript) digests() (facts, words string) {
	short := func(b []byte) string {
		sum := sha256.Sum256(b)
		return hex.EncodeToString(sum[:12])
	}
	return short(s.facts), short(s.words)
}

// fact adds a line.
func (s *transcript) fact(name string, values ...any) {
	s.facts = append(s.facts, name...)
	for _, v := range values {
		s.facts = appendValue(append(s.facts, ' '), v)
	}
	s.facts = append(s.facts, '\n')
}

func (s *transcript) word(text string) {
	if text != "" {
		s.words = append(append(s.words, text...), '\n')
	}
}

func appendValue(b []byte, v any) []byte {
	switch v := v.(type) {
	case string:
		return strconv.AppendQuote(b, v)
	case bool:
		return strconv.AppendBool(b, v)
	case int:
		return strconv.AppendInt(b, int64(v), 10)
	case int64:
		return strconv.AppendInt(b, v, 10)
	case uint64:
		return strconv.AppendUint(b, v, 10)
	case time.Time:
		return appendTime(b, v)
	case record.ID:
		return hex.AppendEncode(b, v[:])
	case []byte:
		return hex.AppendEncode(b, v)
	case record.Money:
		return append(strconv.AppendInt(b, v.Amount, 10), v.Currency...)
	case record.Place:
		return fmt.Appendf(b, "%q/%q/%q", v.Merchant, v.Store, v.Lane)
	case trust.Allowance:
		return fmt.Appendf(b, "%d/%d%s", v.Number, v.Value, v.Currency)
	default:
		return fmt.Appendf(b, "%v", v)
	}
}

func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return append(b, '-')
	}
	return strconv.AppendInt(b, t.UnixNano(), 10)
}

// failure adds an error's code.
func (s *transcript) failure(err error) {
	if err != nil {
		s.fact("error", string(fault.CodeOf(err)), fault.RetryAfter(err))
		s.word(err.Error())
	}
}

func (s *transcript) decision(d *redeem.Decision) {
	s.fact("decision", string(d.Outcome), d.Again, d.Differs, d.Proven, d.Training, d.Made, d.UsesLeft, d.Given,
		int(d.GivenBy), d.Reservation, d.Until)
	s.fact("of", d.Offer[:], d.Alias, d.Campaign, d.Title, d.Coupon, d.NotBefore, d.NotAfter)
	for i := range d.Redemptions {
		s.fact("redemption", d.Redemptions[i], string(d.Receipts[i]))
	}
	if !d.Redemption.IsZero() {
		s.fact("first", d.Redemption, string(d.Receipt))
	}
	if !d.Terms.IsZero() {
		s.fact("terms", d.Terms)
	}
	s.discount(d.Discount)
	s.reasons(d.Reasons)
	s.budgets(d.Budgets)
}

func (s *transcript) discount(d terms.Discount) {
	if d.Currency != "" || len(d.Lines) > 0 {
		s.fact("discount", d.Currency, d.Total, d.Lines)
	}
}

func (s *transcript) reasons(reasons []redeem.Reason) {
	for i := range reasons {
		r := &reasons[i]
		s.fact("reason", string(r.Code), string(r.Outcome), r.Limit, r.Used, r.Where, r.At, r.Begins, r.Ends, r.Missing,
			int64(r.MissingQuantity), r.Position, r.Other.Redemption, string(r.Other.Receipt), r.Other.Campaign,
			r.Other.Title)
		s.word(r.Detail)
	}
}

func (s *transcript) budgets(budgets []redeem.Budget) {
	for _, b := range budgets {
		s.fact("budget", b.Name, b.Campaign, b.Operator, b.Limit, b.Used)
	}
}

func (s *transcript) ids(name string, ids []record.ID) {
	if len(ids) > 0 {
		s.fact(name, ids)
	}
}

func (s *transcript) voided(v redeem.Voided) {
	s.fact("voided", v.Again, v.Pending, v.Training)
	s.ids("redemptions", v.Redemptions)
	s.ids("voids", v.Voids)
	s.reasons(v.Reasons)
	s.budgets(v.Budgets)
}

func (s *transcript) corrected(c redeem.Corrected) {
	s.fact("corrected", c.Given, int(c.GivenBy), c.Again, c.Training)
	s.ids("redemptions", c.Redemptions)
	s.ids("corrections", c.Corrections)
	s.discount(c.Discount)
}

func (s *transcript) verdict(v record.Verdict) {
	s.fact("verdict", v.Number, v.Record, v.Hash[:], string(v.Status), string(v.Reason), v.Judged)
	if v.First != nil {
		s.fact("of", v.First.Place, v.First.Record, v.First.Redeemed, v.First.Committed)
	}
	if v.Booked != nil {
		s.fact("booked", *v.Booked)
	}
	s.word(v.Detail)
}

func (s *transcript) listed(l redeem.Listed) {
	raw, err := l.Record.Encode()
	s.failure(err)
	s.fact("listed", raw, string(l.Receipt), l.Voided, l.Reported, l.Pass)
	s.discount(l.Discount)
}

func (s *transcript) total(t redeem.Total) {
	s.fact("total", t.BusinessDate, t.Shift, t.Currency, t.Campaign, t.Redemptions, t.Given, t.GivenByPOS, t.Corrections,
		t.Voids, t.Returned, t.Net())
}

func (s *transcript) status(st redeem.Status) {
	s.fact("status", st.Terminal[:], st.Place, st.Enrolled, st.Rotating, st.Pending, st.InFlight, st.Oldest,
		st.Quarantined, st.Verdicts, st.Received, st.Blocked, string(st.Held), string(st.LastCode), st.Failures,
		st.LastAnswer, st.ClockOffset, st.ClockTrusted, st.ClockClaimed, st.Bundle, string(st.BundleRefused),
		st.BundleRefusedSince, len(st.Damage))
	for _, m := range st.Value {
		s.fact("value", m)
	}
	s.budgets(st.Voids)
	for _, a := range st.SetAside {
		s.fact("aside", a.Record, a.Number, string(a.Code), a.Since)
		s.word(a.Detail)
	}
	if f := st.Forgotten; f != nil {
		s.fact("forgotten", f.Noticed, f.Causes, f.Above, f.Through, f.Manager)
	}
	s.fact("next", st.NextTry)
	s.word(st.LastError)
	s.word(st.BundleRefusal)
}
