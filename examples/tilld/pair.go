package main

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/transport/wire"
)

// pages are the web pages that were paired, by origin: the hashes of their tokens. Its lock guards all its fields; the
// file is written under it, as pairing is rare.
type pages struct {
	name string
	log  *slog.Logger
	now  func() time.Time

	mu     sync.Mutex
	hashes map[string][]string
	code   string
	wrong  []time.Time // when wrong codes came, of the last hour
}

// The bounds of pairing.
const (
	maxPages = 1 << 20 // bytes of the file
	maxPair  = 4 << 10 // bytes of a body
	maxWrong = 10      // wrong codes within an hour
	digits   = 8       // of a code
	keptEach = 8       // tokens of one origin, the newest
)

// readPages reads the pages that were paired; no file: none was.
func readPages(name string, log *slog.Logger) (*pages, error) {
	p := &pages{name: name, log: log, now: time.Now, hashes: map[string][]string{}, code: newCode()}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p, nil
	case err != nil:
		return nil, err
	case info.Size() > maxPages:
		return nil, fmt.Errorf("%s: it has more than %d bytes", name, maxPages)
	}
	data, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(data, &p.hashes)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w: delete it, and pair the pages again", name, err)
	}
	return p, nil
}

func newCode() string {
	n, _ := rand.Int(rand.Reader, big.NewInt(100_000_000)) // never fails (crypto/rand)
	return fmt.Sprintf("%0*d", digits, n)
}

// show tells whoever sits at the machine the code. The log is where that is seen, also with a service manager.
func (p *pages) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.log.Warn("a web page is paired with this code", "code", p.code)
}

func hashOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// admits reports whether a token is one of a page of this origin.
func (p *pages) admits(token, origin string) bool {
	hash := hashOf(token)
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.hashes[origin], func(known string) bool {
		return subtle.ConstantTimeCompare([]byte(known), []byte(hash)) == 1
	})
}

// A pairing is the code that a page sends, and its answer the token.
type (
	pairing struct {
		Code string `json:"code"`
	}
	paired struct {
		Token string `json:"token"`
	}
)

// pair is the call with which a page gets its token. The guard before it lets configured origins in alone.
func (p *pages) pair(w http.ResponseWriter, r *http.Request) error {
	q, err := wire.ReadStrict[pairing](r.Body, maxPair)
	if err != nil {
		return err
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return fault.New(fault.InvalidRequest, "tilld", "pairing is for web pages: a program reads the token from its file")
	}
	token, err := p.take(origin, q.Code)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = wire.Write(w, paired{token}) // a page that has gone pairs again
	return nil
}

// take uses a code up.
func (p *pages) take(origin, code string) (token string, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.wrong = slices.DeleteFunc(p.wrong, func(at time.Time) bool { return now.Sub(at) > time.Hour })
	if len(p.wrong) >= maxWrong {
		return "", fault.New(fault.TooManyRequests, "tilld", "too many wrong codes: wait an hour")
	}
	if subtle.ConstantTimeCompare([]byte(code), []byte(p.code)) != 1 {
		p.wrong = append(p.wrong, now)
		return "", fault.New(fault.InvalidRequest, "tilld", "the code is wrong: the daemon's log has the right one")
	}
	token = newToken()
	list := append(slices.Clone(p.hashes[origin]), hashOf(token))
	p.hashes[origin] = list[max(0, len(list)-keptEach):]
	p.code = newCode()
	p.log.Warn("a web page was paired; the next one is with this code", "origin", origin, "code", p.code)
	return token, p.storeLocked()
}

func (p *pages) storeLocked() error {
	data, err := json.Marshal(p.hashes)
	if err == nil {
		err = writePrivate(p.name, data)
	}
	if err != nil {
		return fault.New(fault.DiskFailed, "tilld", "the pairing cannot be kept: %w", err)
	}
	return nil
}
