package vfs

import (
	"os"
	"sort"
	"time"
)

// OS is the file system of the operating system. Files are made readable for their owner alone.
type OS struct{}

type osFile struct {
	*os.File
	id fileID
}

func newFile(f *os.File) (osFile, error) {
	id, err := idOf(f)
	return osFile{f, id}, err
}

// StillNamed reports whether the name still leads to the file.
func (f osFile) StillNamed() (bool, error) { return f.id.leads(f.Name()) }

// Open opens the file of that name.
func (OS) Open(name string, mode Mode) (File, error) {
	flags := [...]int{Read: os.O_RDONLY, Write: os.O_RDWR, Create: os.O_RDWR | os.O_CREATE | os.O_EXCL}[mode]
	f, err := os.OpenFile(name, flags, 0o600)
	if err != nil {
		return nil, err
	}
	if mode != Read {
		err = claim(f)
	}
	file := osFile{}
	if err == nil {
		file, err = newFile(f)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return file, nil
}

// Size returns the length in bytes.
func (f osFile) Size() (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Sync returns when the content is on the medium.
func (f osFile) Sync() error { return datasync(f.File) }

// List returns the names of the files in dir, in order.
func (OS) List(dir string) ([]string, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	entries, err := d.ReadDir(-1)
	names := make([]string, 0, len(entries))
	for _, entry := range entries {
		if entry.Type().IsRegular() {
			names = append(names, entry.Name())
		}
	}
	// os.ReadDir would sort the entries with code of its own, which counts on a small till.
	sort.Slice(names, func(i, j int) bool { return names[i] < names[j] })
	return names, err
}

// MakeDir makes a folder and those above it.
func (OS) MakeDir(dir string) error { return os.MkdirAll(dir, 0o700) }

// Rename gives a file another name. Where a virus scanner or an indexer has the file open it is tried again for a
// second.
func (OS) Rename(from, to string) error {
	return patiently(func() error { return os.Rename(from, to) })
}

// Remove removes a file, as patiently as Rename.
func (OS) Remove(name string) error { return patiently(func() error { return os.Remove(name) }) }

// patiently repeats what fails only because somebody else looks at the file, which happens on Windows alone.
func patiently(do func() error) error {
	pause := time.Millisecond
	for {
		err := do()
		if err == nil || !isShared(err) || pause > 512*time.Millisecond {
			return err
		}
		time.Sleep(pause)
		pause *= 2
	}
}

// Lock takes the file of that name for this process alone.
func (OS) Lock(name, owner string) (Lock, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(f); err != nil {
		defer f.Close()
		if !busy(err) {
			return nil, err
		}
		text := make([]byte, 256)
		n, _ := f.ReadAt(text, 0) // where it cannot be read, nobody is named
		return nil, &Held{Owner: string(text[:n])}
	}
	if err = f.Truncate(0); err == nil {
		_, err = f.WriteAt([]byte(owner), 0)
	}
	file := osFile{}
	if err == nil {
		file, err = newFile(f)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return file, nil
}
