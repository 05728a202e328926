package wire

import (
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// An Answer is the answer to a report and to GET /v1/verdicts. It means what record.Answer means, field by field.
type Answer struct {
	// Items has a verdict, or "received", for each record of the report that was taken; empty in the answer to GET
	// /v1/verdicts.
	Items []record.Verdict `json:"items"`
	// Statement is the backend's signature over the verdicts of Items and Later; absent: it does not sign them.
	Statement *Signed `json:"statement,omitempty"`
	// Later has the verdicts after the cursor that the terminal named, without those in Items, in the order of their
	// numbers.
	Later []record.Verdict `json:"later"`
	// Cursor is the number up to which Items and Later together are complete.
	Cursor uint64 `json:"cursor"`
	// More says that there are verdicts after Cursor: ask again.
	More bool `json:"more,omitempty"`
	// Missing are chain numbers that the backend asks for again: of the report's chain, or in the answer to GET
	// /v1/verdicts of all.
	Missing []record.Range `json:"missing,omitempty"`
	// Wanted are records of the report that the terminal sends again with what it keeps beside them: the pass and the
	// signed verdict.
	Wanted []record.ID `json:"wanted,omitempty"`
	// Last is the highest chain number that the backend has of the terminal; absent: it does not say.
	Last *uint64 `json:"last,omitempty"`
	// Taken is when the backend took the terminal's last records before this report, in milliseconds since 1970; absent:
	// it does not say, or has none.
	Taken int64 `json:"taken,omitempty"`
	// Forked says that the chain has two halves: the terminal starts a new one.
	Forked bool `json:"forked,omitempty"`
	// Notice is the backend's newest signed word on whether the terminal is blocked; absent: it never was.
	Notice *Signed `json:"notice,omitempty"`
	// Correction is the newest that withdraws statements of the backend's clock; absent: there never was one.
	Correction *Signed `json:"correction,omitempty"`
	// Time is the backend's signed clock.
	Time Time `json:"time"`
}

// A Time is the backend's signed clock.
type Time struct {
	// Millis since 1970-01-01T00:00Z.
	Millis int64  `json:"millis"`
	KeyID  string `json:"keyId"`
	// Correction is the number of the newest correction of the clock; 0: there was none.
	Correction uint64 `json:"correction,omitempty"`
	// Signature is Ed25519, 64 bytes.
	Signature Bytes `json:"signature"`
}

// FromAnswer returns the body that carries a.
func FromAnswer(a record.Answer) Answer {
	return Answer{
		Statement: fromSigned(a.Statement), Notice: fromSigned(a.Notice), Wanted: a.Wanted,
		Items: notNil(a.Items), Later: notNil(a.Later), Cursor: a.Cursor, More: a.More, Missing: a.Missing, Last: a.Last,
		Taken: a.Taken, Forked: a.Forked,
		Correction: fromSigned(a.Correction), Time: FromTime(a.Time),
	}
}

// FromTime returns the clock as it travels.
func FromTime(t record.ServerTime) Time { return Time{t.Millis, t.KeyID, t.Correction, t.Signature} }

// Record returns the clock as it was signed.
func (t Time) Record() record.ServerTime {
	return record.ServerTime{Millis: t.Millis, Correction: t.Correction, KeyID: t.KeyID, Signature: t.Signature}
}

// Record returns the answer that the body carries. Errors: fault.Malformed where a verdict is incomplete or the clock
// is missing, fault.TooLarge for more than MaxAnswers verdicts.
func (a Answer) Record() (record.Answer, error) {
	const op = "wire.Answer"
	if len(a.Items) > MaxAnswers || len(a.Later) > MaxAnswers || len(a.Missing) > MaxAnswers ||
		len(a.Wanted) > MaxAnswers {
		return record.Answer{}, fault.New(fault.TooLarge, op,
			"%d items, %d later verdicts, %d missing ranges and %d wanted records, at most %d each",
			len(a.Items), len(a.Later), len(a.Missing), len(a.Wanted), MaxAnswers)
	}
	if a.Time.Millis <= 0 || len(a.Time.Signature) == 0 {
		return record.Answer{}, fault.New(fault.Malformed, op, "the backend's signed clock is missing")
	}
	for _, missing := range a.Missing {
		if missing.First == 0 || missing.Last < missing.First {
			return record.Answer{}, fault.New(fault.Malformed, op, "the range %d to %d is empty", missing.First, missing.Last)
		}
	}
	items, err := complete(a.Items)
	if err != nil {
		return record.Answer{}, err
	}
	later, err := complete(a.Later)
	if err != nil {
		return record.Answer{}, err
	}
	return record.Answer{
		Statement: a.Statement.Record(), Notice: a.Notice.Record(), Wanted: a.Wanted,
		Items: items, Later: later, Cursor: a.Cursor, More: a.More, Missing: a.Missing, Last: a.Last, Taken: a.Taken,
		Forked:     a.Forked,
		Correction: a.Correction.Record(), Time: a.Time.Record(),
	}, nil
}

// complete checks each verdict and gives it the version that the JSON leaves to the path.
func complete(verdicts []record.Verdict) ([]record.Verdict, error) {
	out := make([]record.Verdict, len(verdicts))
	for i, v := range verdicts {
		if err := v.Check(); err != nil {
			return nil, err
		}
		v.Version = record.Version
		out[i] = v
	}
	return out, nil
}

// notNil makes an empty list of none, so that JSON has [] and not null.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
