package record

// EncodeByReflection returns what package cbor makes of a record, for tests.
func EncodeByReflection(r Record) ([]byte, error) {
	r.Version = Version
	return encode(r)
}
