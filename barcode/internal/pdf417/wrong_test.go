package pdf417

import (
	"flag"
	"math/rand/v2"
	"testing"

	"github.com/offlane/offlane/barcode/internal/pdf417/pdf417test"
	"github.com/stretchr/testify/require"
)

var spoiltMany = flag.Int("spoilt", 150, "how many symbols with wrong codewords to try")

// TestWrongCodewordsAreCorrectedOrNotReadAtAll draws symbols some of whose codewords are others, from none to all of
// them. The text is the drawn one or none.
func TestWrongCodewordsAreCorrectedOrNotReadAtAll(t *testing.T) {
	read, refused := 0, 0
	for seed := range uint64(*spoiltMany) {
		r := rand.New(rand.NewPCG(seed, 9))
		s := pdf417test.Symbol{Columns: 1 + r.IntN(5), Level: r.IntN(4), Scale: 2, RowHeight: 2}
		words, err := s.Codewords(pdf417test.Text(offer))
		require.NoError(t, err, "the text fits")
		check := 2 << s.Level
		n := r.IntN(min(len(words), 2*check) + 1)
		if r.IntN(4) == 0 {
			n = len(words)
		}
		for _, i := range r.Perm(len(words))[:n] {
			words[i] = r.IntN(codewords)
		}
		got := readIn(s.Draw(words))
		for _, g := range got {
			require.Equal(t, offer, g.Text, "seed %d: %d of %d codewords were wrong, level %d", seed, n, len(words), s.Level)
		}
		if len(got) > 0 {
			read++
			require.LessOrEqual(t, 2*n, check+2, "seed %d: more than can be corrected", seed)
		} else {
			refused++
			require.Greater(t, 2*n+reserve, check, "seed %d: what can be corrected is read", seed)
		}
	}
	require.Positive(t, read, "some can be corrected")
	require.Positive(t, refused, "and some cannot")
}
