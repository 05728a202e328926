package offer

// DecodeBase45 is decodeBase45, for tests.
func DecodeBase45(text string) ([]byte, error) { return decodeBase45(text) }

// EncodeBase45 is encodeBase45 as text, for tests.
func EncodeBase45(data []byte) string { return string(encodeBase45(data)) }

// IsCanonical is isCanonical, for tests.
func IsCanonical(data []byte) bool { return isCanonical(data) }
