package hubtest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"io"
	"math/big"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/wire"
)

// fields are those of a message.
type fields = map[string]any

// A lane asks the hub.
type lane struct {
	store *store
	id    record.TerminalID
	name  string
	key   ed25519.PrivateKey
	chain record.ChainID
	http  *http.Client

	known    record.HubEpoch
	session  uint64
	attempts uint64
}

func newLane(s *store, name string) *lane {
	l := &lane{store: s, id: record.TerminalID(record.NewID()), name: name, key: newKey(), chain: record.NewChainID()}
	l.http = &http.Client{Transport: &http.Transport{TLSClientConfig: l.tls(tls.VersionTLS13)}}
	return l
}

// tls shows the lane's key, and takes the hub's alone.
func (l *lane) tls(version uint16) *tls.Config {
	return &tls.Config{
		MinVersion: version, MaxVersion: version, Certificates: []tls.Certificate{certificate(l.key)},
		NextProtos:         []string{"http/1.1"},
		InsecureSkipVerify: true, // VerifyConnection holds the hub to its key
		VerifyConnection: func(state tls.ConnectionState) error {
			if key, _ := state.PeerCertificates[0].PublicKey.(ed25519.PublicKey); !key.Equal(l.store.setup.Key.Public()) {
				return fault.New(fault.TLS, "", "the hub's certificate has another key than its own")
			}
			return nil
		},
	}
}

func certificate(key ed25519.PrivateKey) tls.Certificate {
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0),
		NotAfter: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), KeyUsage: x509.KeyUsageDigitalSignature}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic("hubtest: a certificate: " + err.Error())
	}
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

// An answer is what the hub said.
type answer struct {
	status int
	kind   string // the media type, without parameters
	body   []byte
}

// maxAnswer is the most bytes of an answer.
const maxAnswer = 1 << 20

// try sends a message. Its error is the network's.
func (l *lane) try(path string, body []byte) (answer, error) {
	req, err := http.NewRequestWithContext(l.store.ctx, http.MethodPost, "https://"+l.store.hub.Address+path,
		bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", wire.RequestType)
	resp, err := l.http.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(raw) > maxAnswer {
		err = fault.New(fault.TooLarge, "", "an answer has more than %d bytes", maxAnswer)
	}
	return answer{resp.StatusCode, mediaType(resp.Header), raw}, err
}

// mediaType is that of an answer; empty: it has none.
func mediaType(h http.Header) string {
	name, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return name
}

// post sends a message, and ends the rule where there is no answer.
func (l *lane) post(path string, message any) answer {
	body, ok := message.([]byte)
	if !ok {
		var err error
		if body, err = json.Marshal(message); err != nil {
			panic("hubtest: a message: " + err.Error())
		}
	}
	a, err := l.try(path, body)
	if err != nil {
		fail("%s: there is no answer: %w", path, err)
	}
	return a
}

// code is that of a problem; empty: the answer is none.
func (a answer) code() fault.Code {
	p, err := wire.Read[wire.Problem](bytes.NewReader(a.body), wire.MaxProblem)
	if err != nil || a.status < 400 || a.kind != wire.ProblemType {
		return ""
	}
	return p.Code()
}

// wantRefusal ends the rule unless the answer is a problem with one of the codes.
func (a answer) wantRefusal(what string, codes ...fault.Code) {
	if !slices.Contains(codes, a.code()) {
		fail("%s: status %d, %.300q, and not a problem with one of %q", what, a.status, a.body, codes)
	}
}

// read reads an answer of status 200.
func read[T any](path string, a answer) T {
	v, err := wire.Read[T](bytes.NewReader(a.body), maxAnswer)
	if err != nil || a.status != http.StatusOK || a.kind != wire.RequestType {
		fail("%s: status %d, type %q, %.300q: not what the contract asks for", path, a.status, a.kind, a.body)
	}
	return v
}

// A welcome is the answer to hello.
type welcome struct {
	Epoch       record.HubEpoch `json:"epoch"`
	Session     uint64          `json:"session"`
	Told        uint64          `json:"told"`
	Open        []attempt       `json:"open"`
	LeaseMillis int64           `json:"leaseMillis"`
}

// An attempt names a claim.
type attempt struct {
	Sale    string `json:"sale"`
	Offer   string `json:"offer"`
	Attempt uint64 `json:"attempt"`
}

func (l *lane) greeting() fields { return fields{"epoch": l.known, "chain": l.chain} }

// hello begins a session.
func (l *lane) hello() welcome {
	w := read[welcome]("/v1/hello", l.post("/v1/hello", l.greeting()))
	l.session, l.attempts, l.known = w.Session, 0, w.Epoch
	return w
}

// A notice is what the hub has to tell a lane.
type notice struct {
	Number uint64    `json:"number"`
	Kind   string    `json:"kind"`
	Lane   string    `json:"lane"`
	Record record.ID `json:"record"`
	Other  record.ID `json:"other"`
}

type told struct {
	Epoch   uint64   `json:"epoch"`
	Notices []notice `json:"notices"`
}

// tell sends facts, give-ups, or how far the lane has told, and returns the notices.
func (l *lane) tell(what fields) []notice {
	t := read[told]("/v1/facts", l.post("/v1/facts", l.facts(what)))
	if t.Epoch != l.known.Number {
		fail("the answer to facts is for epoch %d, not %d", t.Epoch, l.known.Number)
	}
	return t.Notices
}

func (l *lane) facts(what fields) fields {
	message := fields{"session": l.session, "chain": l.chain}
	for name, value := range what {
		message[name] = value
	}
	return message
}

// name is a hashed name, of a sale or an offer.
func name(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}
