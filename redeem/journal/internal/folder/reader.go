package folder

import (
	"encoding/binary"
	"errors"
	"io"
	"io/fs"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
	"github.com/offlane/offlane/redeem/journal/internal/format"
	"github.com/offlane/offlane/redeem/journal/internal/index"
)

// A Reader reads single frames. Close it. It is for one goroutine at a time and needs no lock.
type Reader struct {
	Folder Folder
	// Until is the offset of the last record that is wanted of a segment. What lies before it is read along with the
	// first, into memory that is not used again: records need not be copied out of it. Zero: one record is wanted.
	Until int64

	seg      *index.Segment
	file     vfs.File
	from     int64
	buf      []byte
	contents format.Contents
}

const (
	readOne = 2 << 10
	readFar = 16 << 10 // larger pieces of memory cost more than reading twice
)

var (
	// ErrGone says that a segment was given back.
	ErrGone = errors.New("the segment was given back")
	// ErrDamaged says that there is no frame where one was.
	ErrDamaged = errors.New("the record is damaged")
)

// Close closes the segment that was read last.
func (r *Reader) Close() {
	if r.file != nil {
		r.file.Close()
	}
	r.seg, r.file, r.buf = nil, nil, r.buf[:0]
}

// Segment is the segment that is open, or nil.
func (r *Reader) Segment() *index.Segment { return r.seg }

// Take has r go on in the file that another reader has open, which loses it. What the other has read is not kept.
func (r *Reader) Take(other *Reader) {
	r.seg, r.file = other.seg, other.file
	other.seg, other.file, other.buf = nil, nil, nil
}

// ReadAt returns what stands at an offset, which stays valid until the next read. Errors: ErrGone; ErrDamaged,
// format.ErrSealed and format.ErrContent where there is no record; fault.DiskFailed.
func (r *Reader) ReadAt(seg *index.Segment, off int64) (*format.Contents, error) {
	if err := r.open(seg); err != nil {
		return nil, err
	}
	b := r.window(off)
	f, ok := format.ParseFrame(b, seg.Sum, off)
	if !ok {
		if err := r.fill(off, wholeFrame(b)); err != nil {
			return nil, err
		}
		f, ok = format.ParseFrame(r.buf, seg.Sum, off)
	}
	if !ok {
		return nil, ErrDamaged
	}
	r.contents.Own = r.Until > 0
	return &r.contents, r.contents.Decode(seg.ID, seg.Sealer, f)
}

// Parse returns what stands in bytes that are not on the medium yet, and are those at an offset. Errors as of ReadAt.
func (r *Reader) Parse(b []byte, seg *index.Segment, off int64) (*format.Contents, error) {
	f, ok := format.ParseFrame(b, seg.Sum, off)
	if !ok {
		return nil, ErrDamaged
	}
	r.contents.Own = false
	return &r.contents, r.contents.Decode(seg.ID, seg.Sealer, f)
}

func (r *Reader) open(seg *index.Segment) error {
	if r.seg == seg {
		return nil
	}
	r.Close()
	file, err := r.Folder.FS.Open(r.Folder.Path(seg.Name()), vfs.Read)
	if errors.Is(err, fs.ErrNotExist) {
		return ErrGone
	}
	if err != nil {
		return fault.New(fault.DiskFailed, "", "open segment: %w", err)
	}
	r.seg, r.file = seg, file
	return nil
}

// wholeFrame is how many bytes the frame has that b begins with, or the longest has that may be there.
func wholeFrame(b []byte) int {
	if len(b) < format.FrameHead {
		return format.FrameHead + format.MaxContent
	}
	return format.FrameHead + int(min(binary.LittleEndian.Uint32(b[8:]), format.MaxContent))
}

// window is what is read already of the segment, from off on; it reads more where that is little.
func (r *Reader) window(off int64) []byte {
	if off >= r.from && off+format.FrameHead <= r.from+int64(len(r.buf)) {
		b := r.buf[off-r.from:]
		if int64(binary.LittleEndian.Uint32(b[8:])) <= int64(len(b)-format.FrameHead) {
			return b
		}
	}
	if r.fill(off, int(min(max(r.Until-off, 0)+readOne, readFar))) != nil {
		return nil
	}
	return r.buf
}

func (r *Reader) fill(off int64, n int) error {
	if cap(r.buf) < n || r.Until > 0 {
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

// Unreadable is the error to give out where a record could not be read: fault.DiskFailed stays, all else is
// fault.Damaged.
func Unreadable(err error) error {
	if fault.CodeOf(err) != "" {
		return err
	}
	return fault.New(fault.Damaged, "", "a record cannot be read any more: %w", err)
}
