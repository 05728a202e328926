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

// BundleTx is the part of a Tx that keeps trust bundles.
type BundleTx interface {
	// Bundle returns a merchant's bundle without its data, and locks it.
	Bundle(merchant string) (*Bundle, error)
	// BundleData returns the signed bytes of the bundle, or of its delta; nil: there are none.
	BundleData(merchant string, delta bool) ([]byte, error)
	// PutBundle inserts or replaces. Without BaseData that of the stored one stays.
	PutBundle(Bundle) error
}

// A bundle stands under its merchant, its data under the merchant, a zero byte and one of these.
const (
	partBase  = "\x00base"
	partDelta = "\x00delta"
)

func (t keyTx) Bundle(merchant string) (*Bundle, error) {
	return get[Bundle](t.kv, tableBundles, []byte(merchant))
}

func (t keyTx) BundleData(merchant string, delta bool) ([]byte, error) {
	part := partBase
	if delta {
		part = partDelta
	}
	raw, err := t.kv.Get(tableBundles, []byte(merchant+part))
	if err != nil || len(raw) == 0 {
		return nil, err
	}
	return append([]byte(nil), raw...), nil
}

func (t keyTx) PutBundle(b Bundle) error {
	if b.BaseData != nil {
		if err := t.kv.Put(tableBundles, []byte(b.Merchant+partBase), b.BaseData); err != nil {
			return err
		}
	}
	if err := t.kv.Put(tableBundles, []byte(b.Merchant+partDelta), b.DeltaData); err != nil {
		return err
	}
	return put(t.kv, tableBundles, []byte(b.Merchant), b)
}
