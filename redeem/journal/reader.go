package journal

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
)

// A reader reads single frames. The zero value is ready; close it.
type reader struct {
	seg  *segment
	file vfs.File
	from int64
	buf  []byte
	// until is where the last record stands that is wanted. What lies before is read along with the first, into memory that is not
	// used again: records need not be copied out of it. Zero: one record is wanted.
	until int64
	found found
}

// A found is a frame and its envelope, both parts of the reader's buffer, valid until the next read.
type found struct {
	frame
	env     envelope
	carried carried
	kept    bool // the buffer is not used again
}

const (
	readOne = 2 << 10
	readFar = 16 << 10 // larger pieces of memory cost more than reading twice
)

var (
	errGone    = errors.New("the segment was given back")
	errDamaged = errors.New("the record is damaged")
)

// close closes the segment that was read last.
func (r *reader) close() {
	if r.file != nil {
		r.file.Close()
	}
	r.seg, r.file, r.buf = nil, nil, r.buf[:0]
}

// read returns the frame at the address. It is called with the log's lock.
func (r *reader) read(st *state, at uint32) (*found, error) {
	seg, off := st.locate(at)
	if seg == nil {
		return nil, errGone
	}
	for _, g := range st.queue {
		if b := g.at(seg, off); b != nil {
			f, _ := parseFrame(b, seg.sum, off)
			r.found.kept = false
			return &r.found, r.found.unpack(seg, f)
		}
	}
	return r.readAt(st, seg, off)
}

// readAt reads from the file and needs no lock.
func (r *reader) readAt(st *state, seg *segment, off int64) (*found, error) {
	if err := r.open(st, seg); err != nil {
		return nil, err
	}
	b := r.window(off)
	f, ok := parseFrame(b, seg.sum, off)
	if !ok {
		if err := r.fill(off, wholeFrame(b)); err != nil {
			return nil, err
		}
		f, ok = parseFrame(r.buf, seg.sum, off)
	}
	if !ok {
		return nil, errDamaged
	}
	r.found.kept = r.until > 0
	return &r.found, r.found.unpack(seg, f)
}

func (r *reader) open(st *state, seg *segment) error {
	if r.seg == seg {
		return nil
	}
	r.close()
	file, err := st.fs.Open(filepath.Join(st.dir, seg.name()), vfs.Read)
	if errors.Is(err, fs.ErrNotExist) {
		return errGone
	}
	if err != nil {
		return fault.New(fault.DiskFailed, "", "open segment: %w", err)
	}
	r.seg, r.file = seg, file
	return nil
}

// wholeFrame is how many bytes the frame has that b begins with, or the longest has that may be there.
func wholeFrame(b []byte) int {
	if len(b) < frameHead {
		return frameHead + maxContent
	}
	return frameHead + int(min(binary.LittleEndian.Uint32(b[8:]), maxContent))
}

// window is what is read already of the segment, from off on; reading more where that is little.
func (r *reader) window(off int64) []byte {
	if off >= r.from && off+frameHead <= r.from+int64(len(r.buf)) {
		b := r.buf[off-r.from:]
		if int64(binary.LittleEndian.Uint32(b[8:])) <= int64(len(b)-frameHead) {
			return b
		}
	}
	if r.fill(off, int(min(max(r.until-off, 0)+readOne, readFar))) != nil {
		return nil
	}
	return r.buf
}

func (r *reader) fill(off int64, n int) error {
	if cap(r.buf) < n || r.until > 0 {
		r.buf = make([]byte, n)
	}
	got, err := r.file.ReadAt(r.buf[:n], off)
	if err != nil && !errors.Is(err, io.EOF) {
		r.buf = r.buf[:0]
		return fault.New(fault.DiskFailed, "", "read segment: %w", err)
	}
	r.from, r.buf = off, r.buf[:got]
	return nil
}

// unpack decrypts and parses a frame. The memory of the hashes is used again.
func (f *found) unpack(seg *segment, of frame) error {
	if of.flags&flagSealed != 0 {
		of.content = append([]byte(nil), of.content...)
		if !seg.sealer.open(seg.id, &of) {
			return errDamaged
		}
	}
	f.frame = of
	if f.kind == kindMark || f.kind > lastKind {
		f.env, f.carried = envelope{}, carried{}
		return nil
	}
	if err := f.env.parse(f.content); err != nil {
		return err
	}
	if f.kind == kindCarried {
		c, err := parseCarried(f.env.payload)
		f.carried = c
		return err
	}
	return nil
}
