package store

import (
	"bytes"
	"encoding/binary"
)

// A ManagementKey lets a merchant manage what is its own.
type ManagementKey struct {
	Hash     Hash   `json:"hash"`
	Merchant string `json:"merchant"`
	// Name is what the merchant calls it.
	Name string `json:"name"`
	// Configured says that it stands in the server's configuration, and counts only as long as it does.
	Configured bool `json:"configured,omitempty"`
	// Made and Blocked are in milliseconds since 1970; Blocked 0: it is not.
	Made    int64 `json:"made"`
	Blocked int64 `json:"blocked,omitempty"`
}

// A Challenge is what an enrolment signs. It is kept from its use to its end.
type Challenge struct {
	Nonce [16]byte
	// Ends is in milliseconds since 1970.
	Ends int64
}

func (c Challenge) key() []byte { return append(moment(c.Ends), c.Nonce[:]...) }

// mostEnded is how many challenges that ended are removed with one that is used.
const mostEnded = 100

func (t keyTx) ManagementKey(hash Hash) (*ManagementKey, error) {
	return get[ManagementKey](t.kv, tableKeys, hash[:])
}

func (t keyTx) ManagementKeys(merchant string) ([]ManagementKey, error) {
	return list(t.kv, tableKeys, func(k *ManagementKey) bool { return k.Merchant == merchant })
}

func (t keyTx) PutManagementKey(k ManagementKey) error { return put(t.kv, tableKeys, k.Hash[:], k) }

func (t keyTx) UseChallenge(c Challenge, now int64) (bool, error) {
	var ended [][]byte
	err := t.kv.Scan(tableChallenges, nil, func(key, _ []byte) bool {
		if len(ended) == mostEnded || len(key) < 8 || int64(binary.BigEndian.Uint64(key)) > now {
			return false
		}
		ended = append(ended, bytes.Clone(key))
		return true
	})
	for _, key := range ended {
		if err == nil {
			err = t.kv.Delete(tableChallenges, key)
		}
	}
	if err != nil {
		return false, err
	}
	if used, err := t.kv.Get(tableChallenges, c.key()); err != nil || used != nil {
		return false, err
	}
	return true, t.kv.Put(tableChallenges, c.key(), []byte{1})
}
