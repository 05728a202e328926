package trust

import (
	"encoding/binary"
	"encoding/hex"
	"flag"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/internal/cbor"
	"github.com/offlane/offlane/redeem/offer"
)

// randomOffers returns n offers, the same for the same seed; two seeds have none in common in practice.
func randomOffers(seed uint64, n int) Offers {
	source := rand.New(rand.NewPCG(seed, 1))
	o := Offers{IDs: make([]offer.ID, n)}
	for i := range o.IDs {
		binary.BigEndian.PutUint64(o.IDs[i][:], source.Uint64())
		binary.BigEndian.PutUint64(o.IDs[i][8:], source.Uint64())
	}
	return o
}

// The file was computed once by this program and pins the layout and the hash. A filter that is read by an older
// terminal must come out the same there.
func TestFilterIsOfTheFormThatItsGoldenFileShows(t *testing.T) {
	const golden = "testdata/filter-v1.hex"
	offers := Offers{IDs: randomOffers(1, 20).IDs, Aliases: []string{"255:950123456789312", "8112:0123"}}
	f, err := newFilter(offers, func() [saltSize]byte { return [saltSize]byte{1, 2, 3} })
	require.NoError(t, err)
	data, err := cbor.Marshal(toWireFilter(f))
	require.NoError(t, err)
	got := hex.EncodeToString(data) + "\n"
	if flag.Lookup("update").Value.String() == "true" {
		require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), got, "the form of filters changed: replace the file with -update and say so")
}

func TestSaltThatDoesNotSuitIsReplaced(t *testing.T) {
	offers := randomOffers(2, 50)
	var salts byte
	f, err := newFilter(offers, func() (salt [saltSize]byte) { salts++; salt[0] = salts; return salt })
	require.NoError(t, err)
	for _, id := range offers.IDs {
		require.True(t, f.Has(id, ""), "the filter has every identifier")
	}
	// A filter of too few slots can never be peeled, whatever the salt.
	tight := Filter{count: 50, power: 2, fingerprints: make([]byte, 2*3*4)}
	assert.False(t, tight.fill(offers.normalise()), "so small a filter cannot hold them")
}

func TestFilterWhosePartsDoNotFitIsRefused(t *testing.T) {
	f, err := NewFilter(randomOffers(3, 100))
	require.NoError(t, err)
	sound := toWireFilter(f)
	_, err = sound.filter()
	require.NoError(t, err)
	for name, change := range map[string]func(*wireFilter){
		"short salt":       func(w *wireFilter) { w.Salt = w.Salt[1:] },
		"long salt":        func(w *wireFilter) { w.Salt = append([]byte{0}, w.Salt...) },
		"no salt":          func(w *wireFilter) { w.Salt = nil },
		"odd bytes":        func(w *wireFilter) { w.Fingerprints = w.Fingerprints[1:] },
		"two segments":     func(w *wireFilter) { w.Fingerprints = w.Fingerprints[:2*2<<w.Power] },
		"no fingerprints":  func(w *wireFilter) { w.Fingerprints = nil },
		"none in it":       func(w *wireFilter) { w.Count = 0 },
		"fewer than none":  func(w *wireFilter) { w.Count = -1 },
		"tiny segments":    func(w *wireFilter) { w.Power = 1 },
		"huge segments":    func(w *wireFilter) { w.Power = 19 },
		"negative segment": func(w *wireFilter) { w.Power = -1 },
	} {
		bad := sound
		change(&bad)
		_, err := bad.filter()
		assert.Error(t, err, name)
	}
}

func TestAliasIsNoIdentifier(t *testing.T) {
	id := randomOffers(6, 1).IDs[0]
	f, err := NewFilter(Offers{Aliases: []string{string(id[:]), strings.Repeat("1", maxAlias)}})
	assert.Error(t, err, "the identifier's bytes are no text")
	assert.Zero(t, f.Len())
	id = offer.ID([]byte("0123456789abcdef"))
	f, err = NewFilter(Offers{Aliases: []string{string(id[:])}})
	require.NoError(t, err)
	assert.True(t, f.Has(offer.ID{}, string(id[:])), "the filter has the GS1 number")
	assert.False(t, f.Has(id, ""), "the filter lacks the identifier")
}
