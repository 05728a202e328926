package record

// EncodeByReflection returns what package cbor makes of a record, for tests.
func EncodeByReflection(r Record) ([]byte, error) {
	r.Version = Version
	return encode(r)
}

// EnrolmentBytes returns what the proof of an enrolment signs behind its context.
func EnrolmentBytes(e Enrolment) ([]byte, error) { return encode(e) }

// ServerTimeBytes returns what the signature of a signed moment signs behind its context.
func ServerTimeBytes(t ServerTime) ([]byte, error) {
	signed, err := t.message()
	return signed[len(timeContext):], err
}

// A Kept is a signed statement as a terminal keeps it.
type Kept = kept
