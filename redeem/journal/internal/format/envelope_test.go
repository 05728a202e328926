package format

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
			e := Envelope{ID: ID{1}, Ref: ID{2}, Written: 3, Keep: 4, Uses: 5, Counted: 1, Status: 8,
				Hashes: [][16]byte{{6}, {7}}, Attachment: []byte(c.attachment), Payload: []byte("p")}
			got := e.AppendTo(nil)
			assert.Equal(t, strings.ReplaceAll(c.want, " ", ""), hex.EncodeToString(got))
			var back Envelope
			require.NoError(t, back.Parse(got))
			assert.Equal(t, c.attachment, string(back.Attachment))
			assert.Equal(t, "p", string(back.Payload))
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
		var e Envelope
		assert.ErrorIs(t, e.Parse(append(head[:envelopeHead:envelopeHead], rest...)), ErrContent, name)
	}
}
