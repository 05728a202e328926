package journal

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// A snapshot is a sequence of blocks: length (4), CRC-32C of the content (4), content, encrypted where the journal is.
// The last block is empty.
const blockSize = 64 << 10

var errSnapshot = errors.New("the snapshot is not usable")

// A blockWriter cuts what is written into blocks.
type blockWriter struct {
	to     io.WriterAt
	off    int64
	sealer *sealer
	id     [16]byte
	count  uint64
	buf    []byte
	err    error
}

func (w *blockWriter) uint64(x uint64) { w.bytes(binary.LittleEndian.AppendUint64(nil, x)) }

func (w *blockWriter) bytes(b []byte) {
	w.buf = append(w.buf, b...)
	for len(w.buf) >= blockSize && w.err == nil {
		w.block(w.buf[:blockSize])
		w.buf = append(w.buf[:0], w.buf[blockSize:]...)
	}
}

func (w *blockWriter) slots(slots []uint64) {
	for _, x := range slots {
		w.buf = binary.LittleEndian.AppendUint64(w.buf, x)
	}
	w.bytes(nil)
}

func (w *blockWriter) block(content []byte) {
	f := frame{seq: w.count, content: content}
	w.count++
	w.sealer.seal(w.id, &f)
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(f.content)))
	b = binary.LittleEndian.AppendUint32(b, crc32.Checksum(f.content, castagnoli))
	n, err := w.to.WriteAt(append(b, f.content...), w.off)
	w.off, w.err = w.off+int64(n), err
}

// close writes what is left, and the empty block.
func (w *blockWriter) close() error {
	for _, rest := range [][]byte{w.buf, nil} {
		if w.err == nil {
			w.block(rest)
		}
	}
	return w.err
}

// A blockReader gives back what was written. After an error everything it gives is zero.
type blockReader struct {
	from   io.ReaderAt
	off    int64
	keys   keyring
	id     [16]byte
	sealed bool
	count  uint64
	room   []byte
	memory []byte
	buf    []byte // what of memory was not given yet
	err    error
}

func (r *blockReader) uint64() uint64 {
	if b := r.bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// bytes returns the next n bytes, which stay valid until the next call, or nil.
func (r *blockReader) bytes(n int) []byte {
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
func (r *blockReader) next() {
	content, err := r.block()
	if err == nil && len(content) == 0 {
		err = errSnapshot
	}
	if r.err = err; err == nil {
		r.memory = append(append(r.memory[:0], r.buf...), content...)
		r.buf = r.memory
	}
}

func (r *blockReader) block() ([]byte, error) {
	var head [8]byte
	if _, err := r.from.ReadAt(head[:], r.off); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n > blockSize+sealedExtra {
		return nil, errSnapshot
	}
	if r.room == nil {
		r.room = make([]byte, blockSize+sealedExtra)
	}
	content := r.room[:n]
	if _, err := r.from.ReadAt(content, r.off+8); err != nil && n > 0 {
		return nil, err
	}
	if crc32.Checksum(content, castagnoli) != binary.LittleEndian.Uint32(head[4:]) {
		return nil, errSnapshot
	}
	r.off += 8 + int64(n)
	return r.open(content)
}

// open decrypts a block with the key that fits.
func (r *blockReader) open(content []byte) ([]byte, error) {
	f := frame{seq: r.count, content: content}
	r.count++
	if !r.sealed {
		return content, nil
	}
	f.flags = flagSealed
	for _, s := range r.keys {
		try := f
		try.content = append([]byte(nil), content...)
		if s.open(r.id, &try) {
			return try.content, nil
		}
	}
	return nil, errSnapshot
}

// end reports an error unless everything was read.
func (r *blockReader) end() error {
	if r.err != nil || len(r.buf) > 0 {
		return errors.Join(errSnapshot, r.err)
	}
	if content, err := r.block(); err != nil || len(content) > 0 {
		return errors.Join(errSnapshot, err)
	}
	return nil
}
