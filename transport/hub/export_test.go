package hub

import (
	"crypto"
	"crypto/tls"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Certificate is what a side shows that has a key.
func Certificate(t testing.TB, key crypto.Signer) *tls.Certificate {
	t.Helper()
	made, err := certificate(key)
	require.NoError(t, err)
	return made
}

// Waiting counts the claims that were not sent yet, and those that the terminal works on.
func (c *Client) Waiting() (unsent, working int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.questions.waiting), len(c.working)
}

// Watch puts a handler before the server's own, until it serves.
func (s *Server) Watch(before func(http.Handler) http.Handler) {
	s.http.Handler = before(s.http.Handler)
}

// SetGrace says how long a server that closes waits for requests. On a busy machine half a second may pass between two
// steps of a test.
func (s *Server) SetGrace(grace time.Duration) { s.grace = grace }

// CloseJournal takes the journal from under a server, as when it closes while it answers.
func (s *Server) CloseJournal() error { return s.keeper.log.Close() }

// Loosen has a server take any key, and old versions of TLS.
func (s *Server) Loosen(anyKey bool, version uint16) {
	s.tls.MinVersion = version
	if anyKey {
		s.tls.VerifyConnection = nil
	}
}
