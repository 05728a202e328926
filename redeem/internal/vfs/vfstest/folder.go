// Package vfstest holds what tests of file systems share: a folder of the real one, one in memory, and a slow one.
package vfstest

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// Folder makes a folder for the test and removes it file by file: os.RemoveAll, which t.TempDir uses, asks for a way of
// removing that wine 8 does not have.
func Folder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "offlane")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		var names []string
		_ = filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
			names = append(names, name)
			return err
		})
		for _, name := range slices.Backward(names) {
			if err := os.Remove(name); err != nil {
				t.Error(err)
			}
		}
	})
	return dir
}
