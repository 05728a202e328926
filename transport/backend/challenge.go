package backend

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/backend/store"
	"github.com/offlane/offlane/transport/wire"
)

// challengeLife is how long a challenge is good for.
const challengeLife = 5 * time.Minute

// challengeKept is how long after its end it is known that a challenge was used: longer than an enrolment is under way,
// and than the clocks of two servers are apart, so that none takes it for a new one.
const challengeKept = 10 * time.Minute

// A challenge is its end and a nonce in base64, and the code of both by the server's secrets. So any of several servers
// takes it, and who asks for many fills nothing: only one that was used is kept, for a while.
const (
	endSize, nonceSize = 8, 16
	challengeText      = (endSize + nonceSize) / 3 * 4
)

// postChallenge gives what an enrolment signs.
func (s *Server) postChallenge(*call) (any, error) {
	ends := s.now().Add(challengeLife).UnixMilli()
	raw := binary.BigEndian.AppendUint64(nil, uint64(ends))
	raw = append(raw, make([]byte, nonceSize)...)
	rand.Read(raw[endSize:]) // never fails (crypto/rand)
	text := base64.RawURLEncoding.EncodeToString(raw)
	return wire.Challenge{Challenge: text + s.secrets.tag(ofEnrol, text), Expires: ends}, nil
}

// readChallenge returns one that a server of this store gave and that has not ended. Whether it was used is for the
// store to say.
func (s *Server) readChallenge(text string) (store.Challenge, error) {
	at := min(len(text), challengeText)
	raw, err := base64.RawURLEncoding.DecodeString(text[:at])
	if err != nil || len(raw) != endSize+nonceSize || !hmac.Equal([]byte(text[at:]),
		[]byte(s.secrets.tag(ofEnrol, text[:at]))) {
		return store.Challenge{}, staleChallenge("is not this backend's")
	}
	c := store.Challenge{Nonce: [nonceSize]byte(raw[endSize:]), Ends: int64(binary.BigEndian.Uint64(raw))}
	if s.now().UnixMilli() >= c.Ends {
		return store.Challenge{}, staleChallenge("has ended")
	}
	return c, nil
}

func staleChallenge(what string) error {
	return fault.New(fault.StaleChallenge, "", "the challenge %s: ask for another", what)
}
