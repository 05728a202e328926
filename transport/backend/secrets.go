package backend

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"

	"github.com/offlane/offlane/transport/backend/store"
)

// What a secret is for. The texts are part of what is signed.
const (
	ofDevice   = "offlane device secret 1"
	ofApp      = "offlane app secret 1"
	ofTerminal = "offlane terminal token 1"
	ofMerchant = "offlane management key 1"
	ofEnrol    = "offlane challenge 1"
	ofAnswer   = "offlane answer token 1"
	ofTrial    = "offlane trial 1"
)

// secrets makes the secrets of devices, the tokens of terminals and the keys of merchants, and recognises its own, so
// that nobody can plant one of his choice and what was never made is refused without the store. A secret is random
// text and an HMAC (RFC 2104, SHA-256, the first 16 bytes) of it under a key in the store, which all processes share.
// Which of them are good is for the store to say.
type secrets struct{ key []byte }

// settingSecrets is the setting under which the key is kept.
const settingSecrets = "secrets key 1"

// randomLength is the length of rand.Text, tagLength that of 16 bytes in base64.
const randomLength, tagLength = 26, 22

func (s *Server) loadSecrets(ctx context.Context) (err error) {
	s.secrets.key, err = s.seed(ctx, settingSecrets)
	return err
}

func (s secrets) make(purpose string) string {
	text := rand.Text()
	return text + s.tag(purpose, text)
}

// verify reports whether a secret is one that make returned for the same purpose.
func (s secrets) verify(purpose, secret string) bool {
	if len(secret) != randomLength+tagLength {
		return false
	}
	return isEqual(s.tag(purpose, secret[:randomLength]), secret[randomLength:])
}

// isEqual compares in a time that tells nothing of where two tags differ.
func isEqual(a, b string) bool { return hmac.Equal([]byte(a), []byte(b)) }

func (s secrets) tag(purpose, text string) string {
	mac := hmac.New(sha256.New, s.key)
	mac.Write([]byte(purpose + "\x00" + text))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// seedOf is a keyed hash of a device, by which trials draw.
func (s secrets) seedOf(device store.Hash) []byte { return []byte(s.tag(ofTrial, string(device[:]))) }
