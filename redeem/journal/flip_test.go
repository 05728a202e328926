package journal_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal"
)

// A specimen is a journal whose files are damaged on purpose.
type specimen struct {
	files   map[string][]byte
	records map[journal.ID]journal.Stored
	// evidence is what some of them have.
	evidence map[journal.ID]string
	cfg      journal.Config
}

// newSpecimen writes records, some of them settled, and closes the journal or leaves it as a crash does.
func newSpecimen(t *testing.T, records int, cfg journal.Config, closed bool) *specimen {
	fs := &vfs.Memory{}
	ctx := vfs.WithFS(t.Context(), fs)
	l, err := journal.Open(ctx, "j", cfg)
	require.NoError(t, err)
	for n := range records {
		put(t, l, attached(n+1))
		if n%5 == 4 {
			require.NoError(t, l.Settle(ctx, []journal.Settlement{{Ref: id(n), Payload: []byte("ok")}, {Ref: id(n - 2)},
				{Ref: id(n - 1), HandOver: true}}, fmt.Append(nil, "evidence ", n)))
		}
	}
	note := journal.Entry{Slot: "s", Payload: []byte("v")}
	put(t, l, attached(records+1), redemption(records+2), note)
	s := &specimen{files: map[string][]byte{}, cfg: cfg}
	s.records = s.read(t, l)
	s.evidence = evidenceOf(t, l, idsUpTo(records)...)
	require.Len(t, s.evidence, records/5*3)
	left := fs.Copy()
	require.NoError(t, l.Close())
	if closed {
		left = fs
	}
	names, err := left.List("j")
	require.NoError(t, err)
	for _, name := range names {
		s.files[name] = left.Bytes("j/" + name)
	}
	require.Len(t, s.records, records+2)
	return s
}

func (s *specimen) read(t *testing.T, l *journal.Log) map[journal.ID]journal.Stored {
	seen := map[journal.ID]journal.Stored{}
	for r, err := range l.History() {
		if !assert.NoError(t, err) {
			break
		}
		if _, twice := seen[r.ID]; twice {
			t.Errorf("record %v is there twice", r.ID)
		}
		seen[r.ID] = r
	}
	return seen
}

// open opens the journal with one file replaced; nil leaves the file out.
func (s *specimen) open(t *testing.T, name string, content []byte) (*journal.Log, error) {
	fs := &vfs.Memory{}
	for other, b := range s.files {
		if other != name {
			fs.Put("j/"+other, b)
		} else if content != nil {
			fs.Put("j/"+other, content)
		}
	}
	return journal.Open(vfs.WithFS(context.Background(), fs), "j", s.cfg)
}

// survives opens the damaged journal and returns how many records are missing or changed, and of how many the evidence
// is missing; what is there must be true.
func (s *specimen) survives(t *testing.T, name string, content []byte, what string) (lost, changed, unproven int) {
	l, err := s.open(t, name, content)
	if !assert.NoError(t, err, what) {
		return 0, 0, 0
	}
	defer l.Close()
	require.NoError(t, l.Verify(context.Background()))
	assert.NotEmpty(t, l.Damage(), "%s is not reported", what)
	seen := s.read(t, l)
	for id, want := range s.records {
		got, ok := seen[id]
		if !ok {
			lost++
			continue
		}
		assert.Equal(t, string(want.Payload), string(got.Payload), what)
		assert.Equal(t, string(want.Attachment), string(got.Attachment), what)
		if got.Status != want.Status {
			changed++
		}
	}
	assert.Len(t, seen, len(s.records)-lost, "%s brought records that nobody wrote", what)
	damage := l.Damage()
	evidence := evidenceOf(t, l, slices.Collect(maps.Keys(s.records))...)
	for id, e := range evidence {
		assert.Equal(t, s.evidence[id], e, what)
	}
	assert.Equal(t, damage, l.Damage(), "%s is not known before evidence is asked for", what)
	return lost, changed, len(s.evidence) - len(evidence)
}

func TestFlippedBitCostsAtMostItsRecordAndIsReported(t *testing.T) {
	random, _ := seeded(t)
	step := 173
	if *long {
		step = 1
	}
	for _, closed := range []bool{true, false} {
		t.Run(fmt.Sprintf("closed %v", closed), func(t *testing.T) {
			s := newSpecimen(t, 20, journal.Config{SegmentSize: 16 << 10}, closed)
			for name, b := range s.files {
				for bit := random.IntN(step); bit < len(b)*8 && !t.Failed(); bit += step {
					s.flip(t, name, b, bit)
				}
			}
		})
	}
	t.Run("encrypted", func(t *testing.T) {
		s := newSpecimen(t, 20, journal.Config{SegmentSize: 16 << 10, Key: make([]byte, 32)}, true)
		for name, b := range s.files {
			for bit := random.IntN(step); bit < len(b)*8 && !t.Failed(); bit += 4 * step {
				s.flip(t, name, b, bit)
			}
		}
	})
}

func (s *specimen) flip(t *testing.T, name string, b []byte, bit int) {
	b[bit/8] ^= 1 << (bit % 8)
	defer func() { b[bit/8] ^= 1 << (bit % 8) }()
	what := fmt.Sprintf("bit %d of byte %d in %.10s", bit%8, bit/8, name)
	lost, changed, unproven := s.survives(t, name, b, what)
	// A void or a settlement changes what it is about, and one entry settles two here; the last call is all there or not.
	assert.LessOrEqual(t, lost, 1, what)
	assert.LessOrEqual(t, changed, 2, what)
	assert.LessOrEqual(t, unproven, 3, "%s: one entry is the evidence of three", what)
	assert.False(t, unproven > 0 && lost+changed > 0, "%s costs more than one entry", what)
}

func TestDamageToALargeJournal(t *testing.T) {
	random, _ := seeded(t)
	rounds := 60
	if *long {
		rounds = 3000
	}
	s := newSpecimen(t, 1500, journal.Config{SegmentSize: 64 << 10}, true)
	var names []string
	for name, b := range s.files {
		if b[0] != 0 && strings.HasSuffix(name, ".journal") {
			names = append(names, name)
		}
	}
	for range rounds {
		name := names[random.IntN(len(names))]
		b := s.files[name]
		hurt, what, most := injure(random, b)
		lost, _, _ := s.survives(t, name, hurt, what)
		assert.LessOrEqual(t, lost, most, what)
	}
	slices.Sort(names)
	for _, name := range names[1 : len(names)-1] {
		s.survives(t, name, nil, "a whole file is gone")
	}
}

// injure returns a damaged copy and how many records that can cost at most.
func injure(random *rand.Rand, b []byte) (hurt []byte, what string, most int) {
	hurt = append([]byte(nil), b...)
	// The least record here takes 32 + 52 + 32 + 12 bytes.
	at, n := random.IntN(len(b)), 1+random.IntN(4000)
	switch random.IntN(4) {
	case 0:
		hurt[at] ^= 1 << random.IntN(8)
		return hurt, fmt.Sprintf("a flip at %d", at), 1
	case 1:
		at = min(at, len(b)/2)
		return hurt[:at], fmt.Sprintf("a cut at %d", at), len(b)
	case 2:
		n = copy(hurt[at:], b[random.IntN(len(b)-n):][:n])
		if at+n >= len(b) || string(hurt) == string(b) {
			hurt[1025] ^= 1
		}
		return hurt, fmt.Sprintf("%d bytes copied to %d", n, at), 2 + n/100 + 1
	default:
		n = min(n, len(b)-at)
		for i := range n {
			hurt[at+i] = byte(random.Uint32())
		}
		return hurt, fmt.Sprintf("%d bytes of noise at %d", n, at), 2 + n/100
	}
}
