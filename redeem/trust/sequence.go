package trust

// A sequence is an epoch in its high bits and a number in its low ones, so that a backend that forgot which numbers it
// gave begins a new epoch and is heard again.
const (
	numberBits = 48
	// MaxNumber is the greatest number in an epoch: milliseconds since 1970 fit for 8,900 years.
	MaxNumber = 1<<numberBits - 1
	// maxEpoch is the greatest epoch.
	maxEpoch = 1<<(64-numberBits) - 1
)

// SequenceOf returns the sequence of an epoch, 0 to 65535, and a number in it, 0 to MaxNumber. What is greater counts
// as the greatest.
func SequenceOf(epoch, number uint64) uint64 {
	return min(epoch, maxEpoch)<<numberBits | min(number, MaxNumber)
}
