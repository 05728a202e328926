package hub

import (
	"crypto"
	"crypto/tls"
	"testing"

	"github.com/stretchr/testify/require"
)

// Certificate is what a side shows that has a key.
func Certificate(t testing.TB, key crypto.Signer) *tls.Certificate {
	t.Helper()
	made, err := certificate(key)
	require.NoError(t, err)
	return made
}
