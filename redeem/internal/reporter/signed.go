package reporter

import (
	"context"
	"crypto/ed25519"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/journal"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
)

// applyServerTime takes the backend's clock as evidence of time if it is signed by a root that is known. Verifying
// takes longer than a decision may wait, so that it is done before a lock is taken.
func (r *Reporter) applyServerTime(at record.ServerTime) {
	now := r.clock.Read()
	signed := vouches(r.host.Self().Roots, at)
	r.unsigned = !signed
	p := r.current()
	p.lastAnswer = now.Wall
	if signed {
		p.offset = now.Wall.Sub(time.UnixMilli(at.Millis)).Round(time.Millisecond)
	}
	r.set(p)
	if !signed {
		r.log.Warn("the backend's clock is not signed by a known root: it is not used", "key", at.KeyID)
		return
	}
	r.clock.Hear(at, now)
}

// vouches reports whether one of the roots signed the time.
func vouches(roots offer.Keys, at record.ServerTime) bool {
	for root := range roots.All() {
		if root.ID == at.KeyID && at.Verify(root.Public) == nil {
			return true
		}
	}
	return false
}

// heedCorrection drops the statements of time that the backend withdrew, if a root that is known here signed that.
func (r *Reporter) heedCorrection(ctx context.Context, signed record.Signed) {
	if signed.IsZero() {
		return
	}
	correction, err := Open(r.host.Self().Roots, signed, signed.OpenTimeCorrection)
	if err != nil {
		r.log.WarnContext(ctx, "a correction of the clock that no known root signed is not heeded", "key", signed.KeyID,
			errAttr(err))
		return
	}
	r.clock.Withdraw(ctx, correction.Number, correction.Withdrawals)
}

// Open opens what is signed with a root that has the name of its key.
func Open[T any](roots offer.Keys, signed record.Signed, open func(ed25519.PublicKey) (T, error)) (T, error) {
	err := error(fault.New(fault.Forged, "redeem", "no root with this name is known"))
	for root := range roots.All() {
		if root.ID != signed.KeyID {
			continue
		}
		var content T
		if content, err = open(root.Public); err == nil {
			return content, nil
		}
	}
	return *new(T), err
}

// openStatement opens the statement of an answer, outside every lock. It returns nil where there is none, as of an
// older backend, and where no root that is known here signed it or this release cannot read it: the verdicts count all
// the same, and nothing shows later who gave them.
func (r *Reporter) openStatement(ctx context.Context, answer record.Answer) *record.Statement {
	if answer.Statement.IsZero() {
		return nil
	}
	statement, err := Open(r.host.Self().Roots, answer.Statement, answer.Statement.Open)
	if err == nil {
		return &statement
	}
	r.log.WarnContext(ctx, "the backend's answer has no signature that can be verified: it is no evidence",
		"key", answer.Statement.KeyID, errAttr(err))
	return nil
}

// evidenceOf is what the journal keeps of an answer with these verdicts: its statement, if every one of them stands in
// it. A verdict that does not makes the answer none: fault.NotTheContract.
func (r *Reporter) evidenceOf(ctx context.Context, answer record.Answer, ours []record.Verdict) ([]byte, error) {
	statement := r.openStatement(ctx, answer)
	if statement == nil || len(ours) == 0 {
		return nil, nil
	}
	if err := contradicts(*statement, r.host.Self().Terminal, ours); err != nil {
		return nil, err
	}
	raw, err := answer.Statement.Encode()
	if err == nil && len(raw) > journal.MaxEvidence {
		err = fault.New(fault.TooLarge, "redeem.report", "the statement has %d bytes, at most %d are kept",
			len(raw), journal.MaxEvidence)
	}
	if err != nil {
		r.log.WarnContext(ctx, "the backend's signed answer is not kept", errAttr(err))
		return nil, nil
	}
	return raw, nil
}

// contradicts compares verdicts with the statement that came with them.
func contradicts(s record.Statement, terminal record.TerminalID, ours []record.Verdict) error {
	const op = "redeem.report"
	if s.Terminal != terminal {
		return fault.New(fault.NotTheContract, op, "the backend's signed answer is for terminal %s", s.Terminal)
	}
	signed := make(map[record.ID]*record.Verdict, len(s.Verdicts))
	for i := range s.Verdicts {
		signed[s.Verdicts[i].Record] = &s.Verdicts[i]
	}
	for i := range ours {
		v, received := signed[ours[i].Record], ours[i].Status == record.Received
		if received != (v == nil) || v != nil && !sameVerdict(ours[i], *v) {
			return fault.New(fault.NotTheContract, op, "the answer says %q of record %s, and what is signed of it does not",
				ours[i].Status, ours[i].Record)
		}
	}
	return nil
}

func sameVerdict(a, b record.Verdict) bool {
	same := func(a, b *record.Money) bool { return a == b || a != nil && b != nil && *a == *b }
	first := func(a, b *record.First) bool { return a == b || a != nil && b != nil && *a == *b }
	if !same(a.Booked, b.Booked) || !first(a.First, b.First) {
		return false
	}
	a.Booked, a.First, a.Version, b.Booked, b.First, b.Version = nil, nil, 0, nil, nil, 0
	return a == b
}
