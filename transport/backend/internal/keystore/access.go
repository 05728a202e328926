package keystore

import (
	"bytes"
	"encoding/binary"

	"github.com/offlane/offlane/transport/backend/store"
)

func challengeKey(c store.Challenge) []byte { return append(moment(c.Ends), c.Nonce[:]...) }

// mostEnded is how many challenges that ended are removed with one that is used.
const mostEnded = 100

func (t transaction) ManagementKey(hash store.Hash) (*store.ManagementKey, error) {
	return get[store.ManagementKey](t.kv, tableKeys, hash[:])
}

func (t transaction) ManagementKeys(merchant string) ([]store.ManagementKey, error) {
	return list(t.kv, tableKeys, func(k *store.ManagementKey) bool { return k.Merchant == merchant })
}

func (t transaction) PutManagementKey(k store.ManagementKey) error {
	return put(t.kv, tableKeys, k.Hash[:], k)
}

func (t transaction) UseChallenge(c store.Challenge, now int64) (bool, error) {
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
	if used, err := t.kv.Get(tableChallenges, challengeKey(c)); err != nil || used != nil {
		return false, err
	}
	return true, t.kv.Put(tableChallenges, challengeKey(c), []byte{1})
}
