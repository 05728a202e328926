package redeem_test

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/offer"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/trust"
)

// key makes a key that is the same in every run.
func key(b byte) ed25519.PrivateKey {
	seed := make([]byte, ed25519.SeedSize)
	seed[0] = b
	return ed25519.NewKeyFromSeed(seed)
}

var (
	issuer = offer.Issuer{Name: "issuer", KeyID: "i1", Private: key(1)}
	root   = offer.Issuer{Name: "backend", KeyID: "r1", Private: key(2)}
)

// A desk is a backend of a few lines that keeps the contract: it books the first record of an offer, gives the same
// verdict again for the same record, and numbers verdicts. The fields are what a test spoils.
type desk struct {
	now func() time.Time
	// spoil is called with each report after it was booked; what it returns is what the till gets.
	spoil func(record.Answer) (record.Answer, error)
	// second is when it took an enrolment for a lane that has another terminal.
	second int64
	// tells changes every answer.
	tells func(*record.Answer)
	// refuse is asked before anything is done.
	refuse func(token string) error
	// notice goes with every answer.
	notice record.Signed
	// correction goes with every answer, and corrected is its number, under which the clock is signed.
	correction record.Signed
	corrected  uint64
	bundle     []byte
	always     bool // it hands the bundle out to whoever has another one
	// lose is asked when a terminal enrols: an error is what the terminal gets, and true that the desk took it all the
	// same.
	lose func() (took bool, err error)
	// noRotations is for a backend that does not know them.
	noRotations bool

	mu        sync.Mutex
	asked     map[string]bool // challenges that were given, true until they are used
	enrolled  int
	keys      map[record.TerminalID]ed25519.PublicKey
	rotations []record.Rotation
	booked    map[record.ID]record.Record
	first     map[offer.ID]record.ID
	verdicts  []record.Verdict
	headings  []record.Heading
	calls     int
}

func newDesk(now func() time.Time) *desk {
	return &desk{now: now, keys: map[record.TerminalID]ed25519.PublicKey{}, booked: map[record.ID]record.Record{},
		first: map[offer.ID]record.ID{}}
}

const token = "token"

func (d *desk) Challenge(context.Context) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.asked == nil {
		d.asked = map[string]bool{}
	}
	challenge := fmt.Sprint("challenge ", len(d.asked))
	d.asked[challenge] = true
	return challenge, nil
}

func (d *desk) Enrol(_ context.Context, e record.Enrolment) (record.Enrolled, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := e.Verify(); err != nil {
		return record.Enrolled{}, err
	}
	if !d.asked[e.Challenge] {
		return record.Enrolled{}, fault.New(fault.StaleChallenge, "desk", "the challenge was used or never given")
	}
	d.asked[e.Challenge] = false
	known := d.keys[e.Terminal]
	if known == nil && e.Code != "CODE" || known != nil && !d.follows(e, known) {
		return record.Enrolled{}, fault.New(fault.Unauthorized, "desk", "neither the enrolment code nor the key is known")
	}
	if d.lose != nil {
		if took, err := d.lose(); err != nil {
			if took {
				d.keys[e.Terminal], d.rotations = e.Key, e.Rotations
			}
			return record.Enrolled{}, err
		}
	}
	d.keys[e.Terminal], d.rotations = e.Key, e.Rotations
	d.enrolled++
	return record.Enrolled{Token: token, Place: record.Place{Merchant: "m-1", Store: "s-1", Lane: e.Lane},
		Roots:  []offer.Key{root.Key()},
		Second: d.second}, nil
}

// follows reports whether the enrolment's key is the one that is known, or one that it gave way to.
func (d *desk) follows(e record.Enrolment, known ed25519.PublicKey) bool {
	for _, r := range e.Rotations {
		if d.noRotations {
			return false
		}
		if r.Verify(e.Terminal) == nil && known.Equal(r.From) {
			known = r.To
		}
	}
	return known.Equal(e.Key)
}

func (d *desk) Report(_ context.Context, token string, r record.Report) (record.Answer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.calls++
	if d.refuse != nil {
		if err := d.refuse(token); err != nil {
			return record.Answer{}, err
		}
	}
	h, err := r.Peek()
	if err != nil {
		return record.Answer{}, err
	}
	h, items, err := r.Open(d.keys[h.Terminal])
	if err != nil {
		return record.Answer{}, err
	}
	d.headings = append(d.headings, h)
	answer := d.answer(h.After)
	for _, item := range items {
		answer.Items = append(answer.Items, d.judge(item))
	}
	answer.Cursor = uint64(len(d.verdicts))
	if d.spoil != nil {
		return d.spoil(answer)
	}
	return answer, nil
}

// judge gives the verdict on a record, the same one each time it comes.
func (d *desk) judge(item record.Item) record.Verdict {
	for _, v := range d.verdicts {
		if v.Record == item.Record.ID {
			return v
		}
	}
	v := record.Verdict{Number: uint64(len(d.verdicts) + 1), Record: item.Record.ID, Hash: item.Hash,
		Status: record.Confirmed, Judged: d.now().UnixMilli()}
	rec := item.Record
	switch first, taken := d.first[rec.Offer]; {
	case rec.Kind == record.Void && !rec.Partial && rec.Of == first:
		delete(d.first, rec.Offer)
	case rec.Kind == record.Redemption && taken:
		v.Status, v.Reason, v.First = record.Duplicate, fault.RedeemedElsewhere, &record.First{Record: first,
			Place: d.booked[first].Place}
	case rec.Kind == record.Redemption:
		d.first[rec.Offer] = rec.ID
	}
	d.booked[rec.ID] = rec
	d.verdicts = append(d.verdicts, v)
	return v
}

func (d *desk) Verdicts(_ context.Context, _ string, after uint64) (record.Answer, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.refuse != nil {
		if err := d.refuse(token); err != nil {
			return record.Answer{}, err
		}
	}
	return d.answer(after), nil
}

func (d *desk) answer(after uint64) record.Answer {
	at, err := record.SignTime(d.now(), d.corrected, root.KeyID, root.Private)
	if err != nil {
		panic(err)
	}
	n := uint64(len(d.verdicts))
	answer := record.Answer{Later: slices.Clone(d.verdicts[min(after, n):]), Cursor: n, Time: at, Notice: d.notice,
		Correction: d.correction}
	if d.tells != nil {
		d.tells(&answer)
	}
	return answer
}

func (d *desk) Bundle(_ context.Context, _ string, have uint64) ([]byte, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if have > 0 && !d.always {
		return nil, nil
	}
	return d.bundle, nil
}

// forget loses redemptions, as a backend does that was restored from a backup; its verdicts it keeps.
func (d *desk) forget(decisions ...redeem.Decision) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, decision := range decisions {
		delete(d.first, d.booked[decision.Redemption].Offer)
		delete(d.booked, decision.Redemption)
	}
}

func (d *desk) redemptions() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.first)
}

// bundleSalt is the salt of the bundles that bundleOf signs, for their deltas.
var bundleSalt = trust.Salt{1}

func bundleOf(t *testing.T, b trust.Bundle) []byte {
	t.Helper()
	b.Salt = bundleSalt
	raw, err := trust.Sign(b, root)
	require.NoError(t, err)
	return raw
}
