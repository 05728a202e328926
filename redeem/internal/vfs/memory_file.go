package vfs

import (
	"bytes"
	"io"
)

type memoryFile struct {
	m    *Memory
	name string
	node *inode
}

// ReadAt reads what was written, flushed or not.
func (f *memoryFile) ReadAt(b []byte, off int64) (int, error) {
	if read := f.m.Reading; read != nil {
		if err := read(f.name); err != nil {
			return 0, err
		}
	}
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if off >= int64(len(f.node.live)) {
		return 0, io.EOF
	}
	n := copy(b, f.node.live[off:])
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt writes; each sector that it touches may or may not reach the medium until Sync.
func (f *memoryFile) WriteAt(b []byte, off int64) (int, error) {
	if err := f.m.ask("write", f.name); err != nil {
		n := 0
		if short, ok := err.(*ShortWrite); ok {
			n = f.write(b[:min(short.Bytes, len(b))], off)
			err = short.Err
		}
		return n, err
	}
	return f.write(b, off), nil
}

func (f *memoryFile) write(b []byte, off int64) int {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	all := effect{file: f.node, at: off, data: b}
	f.node.live = all.applyTo(f.node.live)
	for from := 0; from < len(b); {
		at := off + int64(from)
		to := min(from+int(SectorSize-at%SectorSize), len(b))
		f.m.lost = append(f.m.lost, effect{file: f.node, at: at, data: bytes.Clone(b[from:to])})
		from = to
	}
	return len(b)
}

// Size returns the length.
func (f *memoryFile) Size() (int64, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	return int64(len(f.node.live)), nil
}

// Truncate cuts or extends.
func (f *memoryFile) Truncate(size int64) error {
	if err := f.m.ask("truncate", f.name); err != nil {
		return err
	}
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	cut := effect{file: f.node, size: size}
	f.node.live = bytes.Clone(cut.applyTo(f.node.live))
	f.m.lost = append(f.m.lost, cut)
	return nil
}

// Sync puts the content on the medium.
func (f *memoryFile) Sync() error {
	if err := f.m.ask("sync", f.name); err != nil {
		return err
	}
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	f.m.settle(func(e *effect) bool { return e.file == f.node })
	return nil
}

func (f *memoryFile) Close() error { return nil }

// StillNamed reports whether the name still leads to the file.
func (f *memoryFile) StillNamed() (bool, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	return f.m.names[f.name] == f.node, nil
}
