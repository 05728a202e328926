package format

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// Blocks are what a snapshot consists of: length (4), CRC-32C of the content (4), content, encrypted where the journal
// is. The last block is empty.
const blockSize = 64 << 10

// ErrBlocks says that blocks are damaged, encrypted with another key, or not what is expected.
var ErrBlocks = errors.New("the snapshot is not usable")

// A BlockWriter cuts what is written into blocks.
type BlockWriter struct {
	to     io.WriterAt
	off    int64
	sealer *Sealer
	id     [16]byte
	count  uint64
	buf    []byte
	err    error
}

// NewBlockWriter returns a writer from an offset on. A nil sealer leaves blocks as they are.
func NewBlockWriter(to io.WriterAt, off int64, sealer *Sealer, id [16]byte) *BlockWriter {
	return &BlockWriter{to: to, off: off, sealer: sealer, id: id}
}

// Uint64 writes a number.
func (w *BlockWriter) Uint64(x uint64) {
	w.buf = binary.LittleEndian.AppendUint64(w.buf, x)
	w.writeFull()
}

// Bytes writes bytes.
func (w *BlockWriter) Bytes(b []byte) {
	w.buf = append(w.buf, b...)
	w.writeFull()
}

// writeFull writes the blocks that are full.
func (w *BlockWriter) writeFull() {
	for len(w.buf) >= blockSize && w.err == nil {
		w.block(w.buf[:blockSize])
		w.buf = append(w.buf[:0], w.buf[blockSize:]...)
	}
}

func (w *BlockWriter) block(content []byte) {
	f := Frame{Seq: w.count, Content: content}
	w.count++
	w.sealer.Seal(w.id, &f)
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(f.Content)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(f.Content, castagnoli))
	n, err := w.to.WriteAt(append(b, f.Content...), w.off)
	w.off, w.err = w.off+int64(n), err
}

// Close writes what is left, and the empty block.
func (w *BlockWriter) Close() error {
	for _, rest := range [][]byte{w.buf, nil} {
		if w.err == nil {
			w.block(rest)
		}
	}
	return w.err
}

// A BlockReader gives back what was written. After an error everything it gives is zero.
type BlockReader struct {
	from   io.ReaderAt
	off    int64
	keys   Keyring
	id     [16]byte
	sealed bool
	count  uint64
	room   []byte
	memory []byte
	buf    []byte // what of memory was not given yet
	err    error
}

// NewBlockReader returns a reader from an offset on; sealed says that the blocks are encrypted.
func NewBlockReader(from io.ReaderAt, off int64, keys Keyring, id [16]byte, sealed bool) *BlockReader {
	return &BlockReader{from: from, off: off, keys: keys, id: id, sealed: sealed}
}

// Err is the first error, or nil.
func (r *BlockReader) Err() error { return r.err }

// Uint64 reads a number.
func (r *BlockReader) Uint64() uint64 {
	if b := r.Bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// Bytes returns the next n bytes, which stay valid until the next call, or nil.
func (r *BlockReader) Bytes(n int) []byte {
	for len(r.buf) < n && r.err == nil {
		r.next()
	}
	if r.err != nil {
		return nil
	}
	b := r.buf[:n]
	r.buf = r.buf[n:]
	return b
}

// next appends a block to what is left.
func (r *BlockReader) next() {
	content, err := r.block()
	if err == nil && len(content) == 0 {
		err = ErrBlocks
	}
	if r.err = err; err == nil {
		r.memory = append(append(r.memory[:0], r.buf...), content...)
		r.buf = r.memory
	}
}

func (r *BlockReader) block() ([]byte, error) {
	var head [8]byte
	if _, err := r.from.ReadAt(head[:], r.off); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n > blockSize+SealedExtra {
		return nil, ErrBlocks
	}
	if r.room == nil {
		r.room = make([]byte, blockSize+SealedExtra)
	}
	content := r.room[:n]
	if _, err := r.from.ReadAt(content, r.off+8); err != nil && n > 0 {
		return nil, err
	}
	if crc32.Checksum(content, castagnoli) != binary.LittleEndian.Uint32(head[4:]) {
		return nil, ErrBlocks
	}
	r.off += 8 + int64(n)
	return r.open(content)
}

// open decrypts a block with the key that fits.
func (r *BlockReader) open(content []byte) ([]byte, error) {
	f := Frame{Seq: r.count, Content: content}
	r.count++
	if !r.sealed {
		return content, nil
	}
	f.Flags = FlagSealed
	for _, s := range r.keys {
		try := f
		try.Content = append([]byte(nil), content...)
		if s.Open(r.id, &try) {
			return try.Content, nil
		}
	}
	return nil, ErrBlocks
}

// End reports an error unless everything was read.
func (r *BlockReader) End() error {
	if r.err != nil || len(r.buf) > 0 {
		return errors.Join(ErrBlocks, r.err)
	}
	if content, err := r.block(); err != nil || len(content) > 0 {
		return errors.Join(ErrBlocks, err)
	}
	return nil
}
