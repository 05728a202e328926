package format

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A buffer is a file in memory.
type buffer struct{ bytes []byte }

func (b *buffer) WriteAt(p []byte, off int64) (int, error) {
	b.bytes = append(b.bytes[:off], p...)
	return len(p), nil
}

func (b *buffer) ReadAt(p []byte, off int64) (int, error) {
	return bytes.NewReader(b.bytes).ReadAt(p, off)
}

// written are blocks with n bytes and a number.
func written(t *testing.T, sealer *Sealer, n int) *buffer {
	t.Helper()
	to := &buffer{make([]byte, 32)}
	w := NewBlockWriter(to, 32, sealer, [16]byte{1})
	w.Bytes(bytes.Repeat([]byte{7}, n))
	w.Uint64(1 << 60)
	require.NoError(t, w.Close(), "the file takes everything")
	return to
}

func TestBlocksGiveBackWhatWasWritten(t *testing.T) {
	keys := keyring(t, key(1), key(2))
	for _, n := range []int{0, 1, blockSize - 9, blockSize - 8, blockSize - 7, blockSize, 2*blockSize - 8, 3 * blockSize} {
		for sealed, sealer := range map[bool]*Sealer{false: nil, true: keys[1]} {
			from := written(t, sealer, n)
			r := NewBlockReader(from, 32, keys, [16]byte{1}, sealed)
			assert.Equal(t, bytes.Repeat([]byte{7}, n), append([]byte{}, r.Bytes(n)...), "%d bytes", n)
			assert.Equal(t, uint64(1<<60), r.Uint64(), "%d bytes before it", n)
			assert.NoError(t, r.End(), "%d bytes", n)
			r = NewBlockReader(from, 32, keys, [16]byte{1}, sealed)
			assert.Len(t, r.Bytes(n), n)
			assert.ErrorIs(t, r.End(), ErrBlocks, "something is left of %d bytes", n)
			r = NewBlockReader(from, 32, keys, [16]byte{1}, sealed)
			r.Bytes(n)
			r.Uint64()
			assert.Zero(t, r.Uint64(), "nothing is left")
			assert.ErrorIs(t, r.Err(), ErrBlocks, "more than was written")
			assert.ErrorIs(t, r.End(), ErrBlocks, "after an error")
		}
	}
}

func TestBlocksCostWhatTheyHold(t *testing.T) {
	const head = 8
	assert.Len(t, written(t, nil, blockSize-8).bytes, 32+head+blockSize+head+head, "a full block, an empty rest, the end")
	assert.Len(t, written(t, nil, 2*blockSize).bytes, 32+3*head+2*blockSize+8+head, "two blocks, the rest, the end")
}

func TestBlocksThatAreDamagedAreRefused(t *testing.T) {
	good := written(t, nil, 100).bytes
	for i := 32; i < len(good); i++ {
		b := bytes.Clone(good)
		b[i] ^= 1
		assert.Error(t, readAll(b, nil, false), "byte %d is another one", i)
		assert.Error(t, readAll(good[:i], nil, false), "only %d bytes are there", i)
	}
	keys := keyring(t, key(1), key(2))
	sealed := written(t, keys[0], 100).bytes
	assert.NoError(t, readAll(sealed, keys, true), "with its key")
	assert.ErrorIs(t, readAll(sealed, keys[1:], true), ErrBlocks, "with another key")
	assert.NoError(t, readAll(written(t, keys[0], blockSize-8).bytes, keys, true), "blocks of the full size")
}

func TestBlocksHaveABound(t *testing.T) {
	block := func(n int) []byte {
		b := binary.LittleEndian.AppendUint32(make([]byte, 32), uint32(n))
		b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(make([]byte, n), castagnoli))
		return append(append(b, make([]byte, n)...), make([]byte, 8)...)
	}
	read := func(n int) error {
		r := NewBlockReader(&buffer{block(n)}, 32, nil, [16]byte{}, false)
		r.Bytes(n)
		return r.End()
	}
	assert.NoError(t, read(blockSize+SealedExtra), "the largest block")
	assert.ErrorIs(t, read(blockSize+SealedExtra+1), ErrBlocks, "one byte more")
}

// readAll reads the one block that there is.
func readAll(b []byte, keys Keyring, sealed bool) error {
	r := NewBlockReader(&buffer{b}, 32, keys, [16]byte{1}, sealed)
	for r.Err() == nil && (r.count == 0 || len(r.buf) > 0) {
		r.Bytes(1)
	}
	return r.End()
}

// A full file takes nothing.
type full struct{ buffer }

var errFull = errors.New("full")

func (f *full) WriteAt([]byte, int64) (int, error) { return 0, errFull }

func TestBlocksTellThatTheyWereNotWritten(t *testing.T) {
	w := NewBlockWriter(&full{}, 0, nil, [16]byte{})
	w.Bytes(make([]byte, 3*blockSize))
	assert.ErrorIs(t, w.Close(), errFull)
	_, err := (&buffer{}).ReadAt(make([]byte, 1), 0)
	assert.ErrorIs(t, err, io.EOF)
}
