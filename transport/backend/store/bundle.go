package store

// A Bundle is a merchant's trust bundle as it was signed, with the delta to it: what every process of the backend
// hands out.
type Bundle struct {
	Merchant string `json:"merchant"`
	// Base is the sequence of the bundle, Newest that of its delta, or Base where there is none.
	Base   uint64 `json:"base"`
	Newest uint64 `json:"newest"`
	// Made is when the bundle was made, Renewed when its delta was, or it where there is none; milliseconds since 1970.
	Made    int64 `json:"made"`
	Renewed int64 `json:"renewed"`
	// Mark is the number from which on marks can have changed since the bundle was made.
	Mark uint64 `json:"mark"`
	// Digest is that of what bundle and delta say together.
	Digest Hash `json:"digest"`
	// Others are the campaigns that there were when the bundle was made, and of which it says nothing.
	Others []string `json:"others,omitempty"`
	// BaseData and DeltaData are the signed bytes. Bundle leaves them out.
	BaseData  []byte `json:"-"`
	DeltaData []byte `json:"-"`
}
