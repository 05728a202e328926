package house_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// modules are the go.mod and go.sum of the modules that scratch made, by their source.
var modules = struct {
	sync.Mutex
	files map[string]map[string][]byte
}{files: map[string]map[string][]byte{}}

// scratch makes a module of a vendor's own that uses this checkout, as the README tells to.
func scratch(t *testing.T, source string) string {
	t.Helper()
	modules.Lock()
	defer modules.Unlock()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "main.go"), []byte(source), 0o644))
	files := modules.files[source]
	if files == nil {
		files = moduleFiles(t, dir)
		modules.files[source] = files
	}
	for name, content := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o644))
	}
	return dir
}

// moduleFiles has the go command make a folder a module, and returns the files with which it is one.
func moduleFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	checkout, err := filepath.Abs(root)
	require.NoError(t, err)
	// The vendor's own go.sum would come from its module proxy; here the checkout's serves, since tests use no network.
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o644))
	run(t, dir, "go", "mod", "init", "example.com/till")
	run(t, dir, "go", "mod", "edit", "-replace", "github.com/offlane/offlane="+checkout)
	run(t, dir, "go", "mod", "tidy")
	files := map[string][]byte{}
	for _, name := range []string{"go.mod", "go.sum"} {
		files[name], err = os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
	}
	return files
}

func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod -modcacherw -ldflags=-s", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s %s: %s", name, strings.Join(args, " "), out)
	return string(out)
}

// inReadme returns the README's blocks of a kind that begin with some text.
func inReadme(t *testing.T, kind, begin string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	var blocks []string
	block := regexp.MustCompile("(?s)```" + kind + "\n(" + regexp.QuoteMeta(begin) + ".*?)```")
	for _, found := range block.FindAllSubmatch(text, -1) {
		blocks = append(blocks, string(found[1]))
	}
	require.NotEmpty(t, blocks, "README.md shows nothing in %s that begins with %s", kind, begin)
	return blocks
}

func TestTheReadmesCodeCompiles(t *testing.T) {
	t.Parallel()
	inLongTests(t)
	for _, program := range inReadme(t, "go", "package main") {
		run(t, scratch(t, program), "go", "vet", "./...")
	}
}

// What stands in a vendor's go.mod raises the versions of modules that the vendor may use too: it holds nothing that
// the vendor's program does not link.
func TestAVendorOfRedeemGetsOnlyWhatItLinks(t *testing.T) {
	t.Parallel()
	dir := scratch(t, "package main\n\nimport _ \"github.com/offlane/offlane/redeem\"\n\nfunc main() {}\n")
	linked := run(t, dir, "go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".")
	mod := run(t, dir, "go", "mod", "edit", "-print")
	for _, required := range regexp.MustCompile(
		`(?m)^\s*(?:require )?([a-z0-9.]+\.[a-z]+/\S+) v\S+`).FindAllStringSubmatch(mod, -1) {
		assert.Contains(t, strings.Fields(linked), required[1], "go.mod of a vendor that imports only redeem")
	}
	assert.Contains(t, linked, "github.com/veraison/go-cose", "the list of linked modules is not empty")
}
