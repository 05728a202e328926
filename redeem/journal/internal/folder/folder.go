// Package folder reads a journal's files: a whole one, or one frame of it.
package folder

import (
	"errors"
	"io"
	"path/filepath"
	"slices"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/internal/vfs"
)

// A Folder is where a journal stands. It may be used by several goroutines at once.
type Folder struct {
	FS  vfs.FS
	Dir string
}

// Path is the path of a file in the folder.
func (f Folder) Path(name string) string { return filepath.Join(f.Dir, name) }

// Contents reads at most limit bytes of a file into b, which is made larger where it has to be, and returns them and
// the file's size. Its error is fault.DiskFailed.
func (f Folder) Contents(name string, b []byte, limit int64) ([]byte, int64, error) {
	file, err := f.FS.Open(f.Path(name), vfs.Read)
	if err != nil {
		return nil, 0, fault.New(fault.DiskFailed, "", "open %s: %w", name, err)
	}
	defer file.Close()
	size, err := file.Size()
	if err != nil {
		return nil, 0, fault.New(fault.DiskFailed, "", "size of %s: %w", name, err)
	}
	n := int(min(size, limit))
	b = slices.Grow(b[:0], n)[:n]
	got, err := file.ReadAt(b, 0)
	if err != nil && !(errors.Is(err, io.EOF) && got == n) {
		return nil, 0, fault.New(fault.DiskFailed, "", "read %s: %w", name, err)
	}
	return b, size, nil
}
