package outbox

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"sync"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
)

// A reader reads single frames. Where it is far it reads ahead within a segment, since the records that are wanted then
// stand side by side.
// The zero value is ready; close it.
type reader struct {
	seg  *segment
	file vfs.File
	from int64
	buf  []byte
	room []byte
	far  bool // more than one record is wanted
	keys [][16]byte
}

// A found is a frame and its envelope, both parts of the reader's buffer, valid until the next read.
type found struct {
	frame
	env     envelope
	carried carried
}

const (
	readOne   = 2 << 10
	readAhead = 64 << 10
)

var (
	errGone    = errors.New("the segment was given back")
	errDamaged = errors.New("the record is damaged")
)

// rooms keeps what readers that read ahead have read into.
var rooms = sync.Pool{New: func() any { return new([readAhead]byte) }}

func makeRoom(n int) []byte {
	if n == readAhead {
		return rooms.Get().(*[readAhead]byte)[:]
	}
	return make([]byte, n)
}

func (r *reader) close() {
	r.leave()
	if len(r.room) == readAhead {
		rooms.Put((*[readAhead]byte)(r.room))
	}
	r.room = nil
}

// leave closes the segment that was read last.
func (r *reader) leave() {
	if r.file != nil {
		r.file.Close()
	}
	r.seg, r.file, r.buf = nil, nil, nil
}

// read returns the frame at the address. It is called with the log's lock.
func (r *reader) read(st *state, at uint32) (found, error) {
	seg, off := st.locate(at)
	if seg == nil {
		return found{}, errGone
	}
	for _, g := range st.queue {
		if b := g.at(seg, off); b != nil {
			f, _ := parseFrame(b, seg.sum, off)
			return r.unpack(seg, f)
		}
	}
	return r.readAt(st, seg, off)
}

// readAt reads from the file and needs no lock.
func (r *reader) readAt(st *state, seg *segment, off int64) (found, error) {
	if err := r.open(st, seg); err != nil {
		return found{}, err
	}
	f, ok := parseFrame(r.window(off), seg.sum, off)
	if !ok {
		if err := r.fill(off, maxContent+frameHead); err != nil {
			return found{}, err
		}
		f, ok = parseFrame(r.window(off), seg.sum, off)
	}
	if !ok {
		return found{}, errDamaged
	}
	return r.unpack(seg, f)
}

// unpack parses a frame and uses memory again.
func (r *reader) unpack(seg *segment, f frame) (found, error) {
	out, err := unpack(seg, f, r.keys)
	r.keys = out.env.hashes
	return out, err
}

func (r *reader) open(st *state, seg *segment) error {
	if r.seg == seg {
		return nil
	}
	r.leave()
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

// window is what is read already of the segment, from off on; reading more where that is little.
func (r *reader) window(off int64) []byte {
	if off >= r.from && off+frameHead <= r.from+int64(len(r.buf)) {
		return r.buf[off-r.from:]
	}
	n := readOne
	if r.far {
		n = readAhead
	}
	if r.fill(off, n) != nil || off < r.from {
		return nil
	}
	return r.buf
}

func (r *reader) fill(off int64, n int) error {
	if cap(r.room) < n {
		r.room = makeRoom(n)
	}
	got, err := r.file.ReadAt(r.room[:n], off)
	if err != nil && !errors.Is(err, io.EOF) {
		return fault.New(fault.DiskFailed, "", "read segment: %w", err)
	}
	r.from, r.buf = off, r.room[:got]
	return nil
}

// unpack decrypts and parses a frame.
func unpack(seg *segment, f frame, keys [][16]byte) (found, error) {
	if f.flags&flagSealed != 0 {
		f.content = append([]byte(nil), f.content...)
		if !seg.sealer.open(seg.id, &f) {
			return found{}, errDamaged
		}
	}
	out := found{frame: f, env: envelope{hashes: keys}}
	if f.kind == kindMark || f.kind > lastKind {
		return out, nil
	}
	if err := out.env.parse(f.content); err != nil {
		return found{}, err
	}
	if f.kind == kindCarried {
		c, err := parseCarried(out.env.payload)
		if err != nil {
			return found{}, err
		}
		out.carried = c
	}
	return out, nil
}
