package house_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// A sourceFile is a Go file of this module that people write.
type sourceFile struct {
	name string // from the root, with slashes
	pkg  string // its folder, from the root
	text []byte
	tree *ast.File
	set  *token.FileSet
}

func (f sourceFile) isTest() bool { return strings.HasSuffix(f.name, "_test.go") }

func (f sourceFile) at(n ast.Node) string {
	position := f.set.Position(n.Pos())
	return position.String()
}

// lines is how many lines there are from one place to another, both counted.
func (f sourceFile) lines(from, to token.Pos) int {
	return f.set.Position(to).Line - f.set.Position(from).Line + 1
}

// sources are all Go files but for generated ones, those of folders with a name that begins with a dot, and those in
// testdata.
func sources(t *testing.T) []sourceFile {
	t.Helper()
	all, err := readSources()
	require.NoError(t, err)
	require.NotEmpty(t, all, "no Go file was found")
	return all
}

// readSources reads them once for all tests.
var readSources = sync.OnceValues(func() (all []sourceFile, err error) {
	set := token.NewFileSet()
	err = filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		base := filepath.Base(name)
		if err != nil || entry.IsDir() {
			if name != root && (base[0] == '.' || base == "testdata" || base == "node_modules") {
				return fs.SkipDir
			}
			return err
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		f, err := readSource(set, name)
		if err == nil && !ast.IsGenerated(f.tree) {
			all = append(all, f)
		}
		return err
	})
	return all, err
})

func readSource(set *token.FileSet, name string) (sourceFile, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return sourceFile{}, err
	}
	local := strings.TrimPrefix(filepath.ToSlash(name), root+"/")
	tree, err := parser.ParseFile(set, local, bytes.NewReader(text), parser.ParseComments|parser.SkipObjectResolution)
	return sourceFile{local, strings.TrimSuffix(local, "/"+filepath.Base(local)), text, tree, set}, err
}

// without are the lines of a list that another lacks. Both are sorted.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(line string) bool {
		_, ok := slices.BinarySearch(other, line)
		return ok
	})
}
