package sim

import (
	"crypto/ed25519"
	"fmt"
	"net/http"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/transport/backend"
	"github.com/offlane/offlane/transport/backend/boltstore"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/transporttest"
	"github.com/offlane/offlane/transport/wire"
)

// A restorable is a backend that can be put back to a copy of its store.
type restorable struct {
	t       *testing.T
	now     func() time.Time
	key     ed25519.PrivateKey
	store   store.Store
	running *backend.Server
	mux     *http.ServeMux
	copies  int
}

func newRestorable(t *testing.T, now func() time.Time) *restorable {
	_, key, err := ed25519.GenerateKey(nil)
	require.NoError(t, err)
	b := &restorable{t: t, now: now, key: key}
	b.start(filepath.Join(t.TempDir(), "books"), backend.Period{})
	t.Cleanup(b.stop)
	return b
}

func (b *restorable) ServeHTTP(w http.ResponseWriter, r *http.Request) { b.mux.ServeHTTP(w, r) }

func (b *restorable) start(file string, restored backend.Period) {
	var err error
	b.store, err = boltstore.Open(b.t.Context(), file)
	require.NoError(b.t, err)
	signer := offer.Issuer{Name: "i", KeyID: "i1", Private: b.key}
	b.running, err = backend.New(b.t.Context(), backend.Config{Store: b.store, Now: b.now, Issuer: signer, Root: signer,
		Restored:  restored,
		Merchants: []backend.Merchant{{Name: transporttest.Merchant, Key: transporttest.ManagementKey}},
		Limits:    backend.Limits{PerSecond: -1, FailuresPerMinute: -1, AcceptBurst: -1}})
	require.NoError(b.t, err)
	b.mux = http.NewServeMux()
	b.mux.Handle("/", b.running)
	b.mux.Handle(wire.PathManagement, b.running.Management())
}

func (b *restorable) stop() {
	b.running.Close()
	require.NoError(b.t, b.store.Close())
}

// backUp copies the store and returns the file.
func (b *restorable) backUp() string {
	b.copies++
	file := filepath.Join(b.t.TempDir(), fmt.Sprint(b.copies))
	backUpTo(b.t, b.store, file)
	return file
}

// restore goes on from a copy. The operator declares the period of which it knows nothing.
func (b *restorable) restore(file string, lost backend.Period) {
	b.stop()
	b.start(file, lost)
}
