package trust

// Limits of a bundle, for tests.
const (
	MaxSize        = maxSize
	MaxWithdrawals = maxWithdrawals
)
