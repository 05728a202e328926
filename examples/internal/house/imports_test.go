package house_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/offlane/offlane/"

// A rule says what a package may import. A trailing "/..." stands for everything below.
type rule struct {
	ours  []string // of this module
	other []string // third-party modules
	used  map[string]bool
}

// architecture has the table of packages and what they may import.
const architecture = root + "/.github/ARCHITECTURE.md"

// tableRow is a row of that table: package, job, imports of this module, imports of others.
var tableRow = regexp.MustCompile("(?m)^\\| `([a-z0-9/.]+)` \\|[^|]+\\|([^|]+)\\|([^|]+)\\|$")

var codeSpan = regexp.MustCompile("`([^`]+)`")

// readRules reads the table.
func readRules(t *testing.T) map[string]rule {
	t.Helper()
	page, err := os.ReadFile(architecture)
	require.NoError(t, err)
	names := func(cell string) (all []string) {
		for _, span := range codeSpan.FindAllStringSubmatch(cell, -1) {
			all = append(all, span[1])
		}
		return all
	}
	rules := map[string]rule{}
	for _, row := range tableRow.FindAllStringSubmatch(string(page), -1) {
		assert.NotContains(t, rules, row[1], "it has two rows")
		rules[row[1]] = rule{names(row[2]), names(row[3]), map[string]bool{}}
	}
	require.NotEmpty(t, rules, "the table has no rows")
	return rules
}

// neverLinked are parts that a package must not even link indirectly: a shop with hand scanners links no image code, a
// vendor with its own backend links no HTTP, and a till without a hub links none of that.
var neverLinked = map[string][]string{
	"redeem": {module + "transport", module + "transport/hub", module + "barcode", "github.com/makiuchi-d/gozxing",
		"image", "net/http", "crypto/tls"},
	"barcode":       {module + "redeem", module + "transport", "net/http"},
	"barcode/wedge": {module + "barcode", module + "redeem", "github.com/makiuchi-d/gozxing", "image", "net/http"},
	"transport": {module + "redeem", module + "transport/backend", module + "transport/hub", module + "barcode",
		"github.com/makiuchi-d/gozxing"},
	"transport/local": {module + "transport", module + "transport/hub", module + "barcode",
		"github.com/makiuchi-d/gozxing", "image"},
	"redeem/cashier":    {module + "redeem", "net/http"},
	"examples/terminal": {module + "transport/hub"}, // a till without a hub
}

// A listed package is what `go list` says of it.
type listed struct {
	ImportPath   string
	Imports      []string
	TestImports  []string
	XTestImports []string
	Deps         []string
	Doc          string
}

// list lists the packages as they are built on Linux and on Windows.
func list(t *testing.T) []listed {
	t.Helper()
	all, err := listOnBoth()
	require.NoError(t, err)
	return all
}

// listOnBoth asks the go command once for all tests.
var listOnBoth = sync.OnceValues(func() ([]listed, error) {
	linux, err := listOn("linux")
	windows, err2 := listOn("windows")
	return append(linux, windows...), errors.Join(err, err2)
})

func listOn(system string) (packages []listed, err error) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports,Deps,Doc", "./...")
	cmd.Dir, cmd.Env = root, append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0")
	out, err := cmd.Output()
	if err != nil {
		return nil, err
	}
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages, nil
		} else if err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
}

const root = "../../.."

func TestEveryPackageImportsOnlyWhatItsRoomMay(t *testing.T) {
	t.Parallel()
	rules, rooms := readRules(t), map[string]bool{}
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		room, rule, ok := ruleFor(rules, name)
		if !assert.True(t, ok, "package %s is not in the table of ARCHITECTURE.md: it needs a reason", name) {
			continue
		}
		rooms[room] = true
		for _, imported := range p.Imports {
			assert.True(t, rule.allows(imported), "%s imports %s", name, imported)
		}
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			rule.allows(imported) // a test may be what needs it
		}
		assert.NotEmpty(t, p.Doc, "package %s has no package comment", name)
	}
	for name, rule := range rules {
		assert.True(t, rooms[name], "%s has a row in ARCHITECTURE.md and is no package", name)
		for _, allowed := range slices.Concat(rule.ours, rule.other) {
			assert.True(t, rule.used[allowed], "%s may import %s and does not", name, allowed)
		}
	}
}

// Tests of the packages that vendors import stay within the same rooms, plus the test libraries; what needs more
// stands in redeem/internal/sim, transport/transporttest or examples.
func TestTestsOfTheSDKStayInTheirRoom(t *testing.T) {
	libraries := []string{"github.com/stretchr/testify", "pgregory.net/rapid", "github.com/rogpeppe/go-internal",
		"golang.org/x",
		"github.com/fxamacker/cbor/v2"}
	rules := readRules(t)
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		if !strings.HasPrefix(name, "redeem") && !strings.HasPrefix(name, "barcode") && name != "transport" {
			continue
		}
		_, rule, _ := ruleFor(rules, name)
		rule.ours = append(slices.Clone(rule.ours), name, "redeem/internal/vfs/vfstest", "redeem/internal/cbor/cddltest")
		rule.other = append(slices.Clone(rule.other), libraries...)
		for _, imported := range slices.Concat(p.TestImports, p.XTestImports) {
			assert.True(t, rule.allows(imported), "a test of %s imports %s", name, imported)
		}
	}
}

func TestWhatAVendorLinks(t *testing.T) {
	for _, p := range list(t) {
		for _, never := range neverLinked[strings.TrimPrefix(p.ImportPath, module)] {
			assert.NotContains(t, p.Deps, never, "%s links %s", p.ImportPath, never)
		}
	}
}

// ruleFor prefers a package's own rule to that of a folder above it.
func ruleFor(rules map[string]rule, name string) (room string, r rule, ok bool) {
	if r, ok := rules[name]; ok {
		return name, r, true
	}
	for dir := name; dir != "."; dir = path.Dir(dir) {
		if r, ok := rules[dir+"/..."]; ok {
			return dir + "/...", r, true
		}
	}
	return "", rule{}, false
}

// allows reports whether a package may be imported, and keeps what allows it.
func (r rule) allows(imported string) bool {
	if name, ok := strings.CutPrefix(imported, module); ok {
		return r.matches(r.ours, name)
	}
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		return true // the standard library
	}
	return r.matches(r.other, imported)
}

func (r rule) matches(patterns []string, name string) (ok bool) {
	for _, pattern := range patterns {
		if covers(pattern, name) {
			r.used[pattern], ok = true, true
		}
	}
	return ok
}

func covers(pattern, name string) bool {
	if below, ok := strings.CutSuffix(pattern, "..."); ok {
		return strings.HasPrefix(name, below)
	}
	return name == pattern || strings.Contains(pattern, ".") && strings.HasPrefix(name, pattern+"/")
}
