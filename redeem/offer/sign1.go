package offer

import (
	"crypto/ed25519"
	"crypto/rand"

	"github.com/veraison/go-cose"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/cbor"
)

const (
	algorithmEdDSA   = cose.AlgorithmEdDSA
	algorithmEd25519 = cose.Algorithm(-19) // RFC 9864: what -8 means with an Ed25519 key, under a name of its own

	typeCWT = int64(61) // application/cwt among the CoAP content formats, allowed as a type by RFC 9596
)

// strict refuses what this program does not know, tolerant passes over it.
var (
	strict   = cbor.NewDecoder(cbor.Limits{Elements: 1 << 20, Pairs: 1 << 20, KnownKeys: true})
	tolerant = cbor.NewDecoder(cbor.Limits{Elements: 1 << 20, Pairs: 1 << 20})
)

// An Issuer signs: offers' passes with Issue, and with Seal whatever else is signed with the same key.
type Issuer struct {
	// Name is the issuer's name, 1 to MaxName bytes.
	Name string
	// KeyID names the key among the issuer's, 1 to MaxName bytes.
	KeyID string
	// Private is the Ed25519 private key, 64 bytes.
	Private ed25519.PrivateKey
}

// Key returns the public half, in force without bounds until the caller sets them.
func (i Issuer) Key() Key {
	key := Key{ID: i.KeyID, Issuer: i.Name}
	if len(i.Private) == ed25519.PrivateKeySize {
		key.Public = i.Private.Public().(ed25519.PublicKey)
	}
	return key
}

// Seal signs payload as a tagged COSE_Sign1 whose type header (RFC 9596) is kind, a content type such as
// "application/x-something". The type keeps what is signed for one purpose from being taken for another; a pass has a
// type of its own. Its error is fault.InvalidRequest for an issuer that cannot sign or an empty kind.
func (i Issuer) Seal(kind string, payload []byte) ([]byte, error) {
	if kind == "" {
		return nil, invalid("Seal", "the kind is empty")
	}
	return i.seal(kind, payload)
}

func (i Issuer) seal(kind any, payload []byte) ([]byte, error) {
	if err := i.Key().check(); err != nil {
		return nil, invalid("Issue", "the issuer cannot sign: %w", err)
	}
	message := cose.Sign1Message{Payload: payload, Headers: cose.Headers{Protected: cose.ProtectedHeader{
		cose.HeaderLabelAlgorithm: algorithmEdDSA,
		cose.HeaderLabelKeyID:     []byte(i.KeyID),
		cose.HeaderLabelType:      kind,
	}}}
	signer, err := cose.NewSigner(algorithmEdDSA, i.Private)
	if err != nil {
		return nil, invalid("Issue", "the issuer cannot sign: %w", err)
	}
	if err := message.Sign(rand.Reader, nil, signer); err != nil {
		return nil, fault.New(fault.Internal, "offer.Issue", "signing failed: %w", err)
	}
	return message.MarshalCBOR()
}

// Open returns the payload of what Seal made of the same kind, and the key that signed it. The data is held to one
// form, as a pass is. It errs with fault.Malformed, NotCanonical, Algorithm, CriticalHeader, UnknownIssuer or Forged.
// Whether the key was in force when it signed is the caller's to ask, who knows when that was; so is the limit of size.
func (k Keys) Open(kind string, data []byte) ([]byte, Key, error) {
	message, err := decodeSign1(data, kind)
	if err != nil {
		return nil, Key{}, err
	}
	signed := message.signature()
	for _, key := range k.byID[message.keyID] {
		if signed.fits(key) {
			return message.Payload, key, nil
		}
	}
	if len(k.byID[message.keyID]) > 0 {
		return nil, Key{}, forgedError()
	}
	return nil, Key{}, errorf(fault.UnknownIssuer, "it is signed with the key %q, which is not known here", message.keyID)
}

func forgedError() error {
	return errorf(fault.Forged, "the signature does not fit: it was not issued like this")
}

// sign1 is a COSE_Sign1 that is in the one form allowed; whether its signature fits is not known yet.
type sign1 struct {
	cose.Sign1Message
	keyID string
	data  []byte
}

// decodeSign1 reads a COSE_Sign1 of the given type and refuses every form but the one that seal writes. A panic in the
// libraries below becomes an error.
func decodeSign1(data []byte, kind any) (message *sign1, err error) {
	defer func() {
		if r := recover(); r != nil {
			message, err = nil, errorf(fault.Internal, "reading the signed form failed: %v", r)
		}
	}()
	message = &sign1{data: data}
	if err := message.UnmarshalCBOR(data); err != nil {
		return nil, errorf(fault.Malformed, "it is no COSE_Sign1: %w", err)
	}
	if err := message.checkHeaders(kind); err != nil {
		return nil, err
	}
	return message, message.checkForm(data)
}

// checkHeaders looks at the algorithm first: of a message signed otherwise nothing else need fit.
func (m *sign1) checkHeaders(kind any) error {
	protected := m.Headers.Protected
	algorithm, err := protected.Algorithm()
	if err != nil || algorithm != algorithmEdDSA && algorithm != algorithmEd25519 {
		return errorf(fault.Algorithm, "it is signed with algorithm %v, not with Ed25519",
			protected[cose.HeaderLabelAlgorithm])
	}
	if critical, ok := protected[cose.HeaderLabelCritical]; ok {
		return errorf(fault.CriticalHeader, "it has critical headers %v, which this program does not know", critical)
	}
	keyID, ok := protected[cose.HeaderLabelKeyID].([]byte)
	if !ok || !isName(string(keyID)) {
		return errorf(fault.Malformed, "its protected header names no key of 1 to %d bytes", MaxName)
	}
	if protected[cose.HeaderLabelType] != kind {
		return errorf(fault.Malformed, "its type is %v, not %v", protected[cose.HeaderLabelType], kind)
	}
	m.keyID = string(keyID)
	return nil
}

// checkForm holds what lies around the payload to the deterministic encoding: go-cose reads longer forms as well.
func (m *sign1) checkForm(data []byte) error {
	if len(m.Headers.RawUnprotected) != 1 || m.Payload == nil || len(m.Signature) != ed25519.SignatureSize {
		return errorf(fault.NotCanonical, "it has an unprotected header, no payload, or no signature of %d bytes",
			ed25519.SignatureSize)
	}
	var protected []byte
	err := strict.Unmarshal(m.Headers.RawProtected, &protected)
	if err != nil || !cbor.IsDeterministic(protected) || !cbor.IsDeterministic(data[1:]) {
		return errorf(fault.NotCanonical, "it is not in the deterministic encoding")
	}
	return nil
}

// signature returns what was signed and the signature over it.
func (m *sign1) signature() *signature {
	const before = len("\xd2\x84") // tag and array
	const unprotected = len("\xa0")
	const behind = len("\x58\x40") + ed25519.SignatureSize
	payload := m.data[before+len(m.Headers.RawProtected)+unprotected : len(m.data)-behind]
	return &signature{toBeSigned([]byte(m.Headers.RawProtected), payload), m.Signature}
}

// A signature is one over content.
type signature struct{ content, value []byte }

// toBeSigned returns what is signed of a COSE_Sign1 (RFC 9052, section 4.4) without external data: both parts are byte
// strings with their heads.
func toBeSigned[T []byte | string](protected, payload T) []byte {
	const context = "\x84\x6aSignature1"
	const external = "\x40"
	content := make([]byte, 0, len(context)+len(protected)+len(external)+len(payload))
	content = append(append(content, context...), protected...)
	return append(append(content, external...), payload...)
}

// fits reports whether key made the signature.
func (s *signature) fits(key Key) bool {
	return len(key.Public) == ed25519.PublicKeySize && ed25519.Verify(key.Public, s.content, s.value)
}
