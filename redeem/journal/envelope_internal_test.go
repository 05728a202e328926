package journal

import (
	"encoding/hex"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestContentsAreWhatTheyWere holds the bytes of a record's content, and that an attachment adds its own and one bit.
func TestContentsAreWhatTheyWere(t *testing.T) {
	const head = "01000000000000000000000000000000 02000000000000000000000000000000 0300000000000000 0400000000000000"
	const hashes = "06000000000000000000000000000000 07000000000000000000000000000000"
	for name, c := range map[string]struct {
		attachment string
		want       string
	}{
		"without": {"", head + "05 01 02 08" + hashes + "70"},
		"with":    {"abc", head + "05 01 82 08" + hashes + "0300 616263 70"},
	} {
		t.Run(name, func(t *testing.T) {
			e := envelope{id: ID{1}, ref: ID{2}, written: 3, keep: 4, uses: 5, counted: 1, status: 8,
				hashes: [][16]byte{{6}, {7}}, attachment: []byte(c.attachment), payload: []byte("p")}
			got := e.appendTo(nil)
			assert.Equal(t, strings.ReplaceAll(c.want, " ", ""), hex.EncodeToString(got))
			var back envelope
			require.NoError(t, back.parse(got))
			assert.Equal(t, c.attachment, string(back.attachment))
			assert.Equal(t, "p", string(back.payload))
		})
	}
}

// An attachment that is not whole, empty or too long is no attachment.
func TestContentsWithAnImpossibleAttachmentAreRefused(t *testing.T) {
	head := make([]byte, envelopeHead)
	head[50] = withAttachment
	for name, rest := range map[string][]byte{
		"no length":      {},
		"half a length":  {1},
		"empty":          {0, 0, 'p'},
		"not all there":  {3, 0, 'a', 'b'},
		"over the bound": append([]byte{0x01, 0x40}, make([]byte, MaxAttachment+1)...),
	} {
		var e envelope
		assert.ErrorIs(t, e.parse(append(head[:envelopeHead:envelopeHead], rest...)), errEnvelope, name)
	}
}
