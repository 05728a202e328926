package storesuite

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// initArguments are those of initdb beside the folder. Segments of the log have 1 MB, not 16, since the files are
// copied.
var initArguments = []string{"-U", "offlane", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync",
	"--wal-segsize=1"}

// init makes the files of a server that nobody has used. initdb takes a second of a processor for that, so it makes
// them once for this version, in the user's folder of caches, and init copies them.
func (p *Postgres) init() error {
	made, err := p.cache()
	if err != nil {
		return p.initdb() // without a cache
	}
	if _, err := os.Stat(made); err == nil {
		return copyTree(made, p.data(), p.user)
	}
	if err := p.initdb(); err != nil {
		return err
	}
	return p.keep(made)
}

func (p *Postgres) initdb() error {
	args := append([]string{"-D", p.data()}, initArguments...)
	if out, err := p.command("initdb", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	return nil
}

// cache is where the files of this version are kept.
func (p *Postgres) cache() (string, error) {
	version, err := p.command("initdb", "--version").Output()
	if err != nil {
		return "", err
	}
	folder, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	kind := fnv.New64a()
	fmt.Fprint(kind, string(version), initArguments, p.bin)
	return filepath.Join(folder, "offlane", fmt.Sprintf("postgres-%x", kind.Sum64())), nil
}

// keep copies the files to the cache. It is there whole or not at all; where another process was faster, its copy
// stays.
func (p *Postgres) keep(made string) error {
	if err := os.MkdirAll(filepath.Dir(made), 0o700); err != nil {
		return nil // a cache that cannot be written is none
	}
	dir, err := os.MkdirTemp(filepath.Dir(made), "new-")
	if err != nil {
		return nil
	}
	defer os.RemoveAll(dir)
	whole := filepath.Join(dir, "data")
	if err := copyTree(p.data(), whole, p.user); err != nil {
		return err
	}
	err = os.Rename(whole, made)
	if errors.Is(err, fs.ErrExist) || errors.Is(err, syscall.ENOTEMPTY) {
		return nil
	}
	return err
}

// copyTree copies a folder with files and folders, for their owner alone. As root it gives them to the user that the
// server runs as, which refuses others'.
func copyTree(from, to string, owner serverUser) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, path[len(from):])
		if entry.IsDir() {
			err = os.Mkdir(target, 0o700)
		} else {
			err = copyFile(path, target)
		}
		if err != nil {
			return err
		}
		return owner.own(target)
	})
}

func copyFile(from, to string) error {
	content, err := os.ReadFile(from) // 2 MB at most
	if err != nil {
		return err
	}
	return os.WriteFile(to, content, 0o600)
}
