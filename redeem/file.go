package redeem

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"

	"github.com/offlane/offlane/redeem/internal/vfs"
)

// maxFile bounds the terminal's small files in bytes; the largest is a trust bundle.
const maxFile = 32 << 20

// readFile reads a whole file. One that is too large to be ours is an error.
func readFile(fsys vfs.FS, name string) ([]byte, error) {
	file, err := fsys.Open(name, vfs.Read)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	size, err := file.Size()
	if err != nil {
		return nil, err
	}
	if size > maxFile {
		return nil, errors.New("the file is too large to be the terminal's")
	}
	return io.ReadAll(io.NewSectionReader(file, 0, size))
}

// writeFile writes a whole file beside the old one and puts it in its place when it is on disk, so that after a crash
// there is the one or the other.
func writeFile(fsys vfs.FS, name string, data []byte) error {
	fresh := name + ".new"
	if err := fsys.Remove(fresh); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := fill(fsys, fresh, data); err != nil {
		return err
	}
	if err := fsys.Rename(fresh, name); err != nil {
		return err
	}
	return fsys.SyncDir(filepath.Dir(name))
}

func fill(fsys vfs.FS, name string, data []byte) (err error) {
	file, err := fsys.Open(name, vfs.Create)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := file.WriteAt(data, 0); err != nil {
		return err
	}
	return file.Sync()
}
