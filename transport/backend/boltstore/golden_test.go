package boltstore_test

import (
	"bufio"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	bolt "go.etcd.io/bbolt"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/boltstore"
	"github.com/offlane/offlane/transport/backend/internal/storesuite"
)

var renew = flag.Bool("update", false, "write the golden file anew")

// A line of the golden file is a bucket, a key and a value.
const golden = "testdata/rows-v2.txt"

func openBolt(t *testing.T, file string) *bolt.DB {
	db, err := bolt.Open(file, 0o600, nil)
	require.NoError(t, err)
	return db
}

func TestTheFileHoldsWhatItsGoldenFileShows(t *testing.T) {
	file := filepath.Join(t.TempDir(), "db")
	store, err := boltstore.Open(t.Context(), file)
	require.NoError(t, err)
	storesuite.WriteSample(t, store)
	require.NoError(t, store.Close())
	db := openBolt(t, file)
	defer db.Close()
	var lines strings.Builder
	require.NoError(t, db.View(func(tx *bolt.Tx) error {
		return tx.ForEach(func(bucket []byte, b *bolt.Bucket) error {
			return b.ForEach(func(key, value []byte) error {
				_, err := fmt.Fprintf(&lines, "%s %x %x\n", bucket, key, value)
				return err
			})
		})
	}))
	if *renew {
		require.NoError(t, os.WriteFile(golden, []byte(lines.String()), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), lines.String())
}

// fill makes a database of the golden file's lines.
func fill(t *testing.T) *bolt.DB {
	db := openBolt(t, filepath.Join(t.TempDir(), "db"))
	file, err := os.Open(golden)
	require.NoError(t, err)
	defer file.Close()
	lines := bufio.NewScanner(file)
	require.NoError(t, db.Update(func(tx *bolt.Tx) error {
		for lines.Scan() {
			var bucket, key, value string
			if _, err := fmt.Sscanf(lines.Text(), "%s %s %s", &bucket, &key, &value); err != nil {
				return err
			}
			k, err := hex.DecodeString(key)
			require.NoError(t, err)
			v, err := hex.DecodeString(value)
			require.NoError(t, err)
			b, err := tx.CreateBucketIfNotExists([]byte(bucket))
			require.NoError(t, err)
			require.NoError(t, b.Put(k, v))
		}
		return lines.Err()
	}))
	return db
}

func TestAFileOfThisFormatIsRead(t *testing.T) {
	store, err := boltstore.New(t.Context(), fill(t))
	require.NoError(t, err)
	defer store.Close()
	storesuite.ReadSample(t, store)
}

func TestAFileOfAnotherFormatIsRefused(t *testing.T) {
	for _, format := range []string{"1", "2", "3", "4", "6"} {
		db := fill(t)
		require.NoError(t, db.Update(func(tx *bolt.Tx) error {
			return tx.Bucket([]byte("settings")).Put([]byte("format"), []byte(format))
		}))
		_, err := boltstore.New(t.Context(), db)
		assert.ErrorIs(t, err, fault.UnsupportedVersion, format)
	}
}
