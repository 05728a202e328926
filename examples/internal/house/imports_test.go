package house_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/offlane/offlane/"

// A rule says what a package may import. A trailing "/..." stands for everything below.
type rule struct {
	ours  []string // of this module
	other []string // third-party modules
}

// rules is the table of rooms: data flows one way. A package that is not here needs a reason.
var rules = map[string]rule{
	"barcode":                             {ours: []string{"barcode/gs1", "barcode/internal/..."}, other: []string{"github.com/boombuler/barcode", "github.com/makiuchi-d/gozxing"}},
	"barcode/internal/...":                {ours: []string{"barcode/gs1", "barcode/internal/..."}, other: []string{"github.com/makiuchi-d/gozxing", "golang.org/x/text"}},
	"barcode/gs1":                         {},
	"barcode/gs1/internal/...":            {ours: []string{"barcode/gs1"}},
	"barcode/wedge":                       {ours: []string{"barcode/gs1"}, other: []string{"golang.org/x/sys"}},
	"redeem/fault":                        {},
	"redeem/terms":                        {ours: []string{"redeem/fault"}},
	"redeem/offer":                        {ours: []string{"redeem/fault", "barcode/gs1", "redeem/terms"}, other: []string{"github.com/veraison/go-cose", "github.com/fxamacker/cbor/v2"}},
	"redeem/trust":                        {ours: []string{"redeem/fault", "redeem/offer", "redeem/terms"}, other: []string{"github.com/fxamacker/cbor/v2"}},
	"redeem/record":                       {ours: []string{"redeem/fault", "redeem/offer", "redeem/terms"}, other: []string{"github.com/fxamacker/cbor/v2"}},
	"redeem/outbox":                       {ours: []string{"redeem/fault", "redeem/internal/vfs"}, other: []string{"golang.org/x/sys"}},
	"redeem/internal/vfs":                 {other: []string{"golang.org/x/sys"}},
	"redeem/internal/vfs/vfstest":         {},
	"redeem":                              {ours: []string{"redeem/fault", "redeem/terms", "redeem/offer", "redeem/trust", "redeem/record", "redeem/outbox", "redeem/internal/vfs"}, other: []string{"github.com/fxamacker/cbor/v2", "golang.org/x/sys"}},
	"redeem/internal/sim":                 {ours: []string{"..."}, other: []string{"..."}},
	"transport/wire":                      {ours: []string{"redeem/fault", "redeem/offer", "redeem/record", "redeem/terms", "redeem/trust"}},
	"transport":                           {ours: []string{"redeem/fault", "redeem/offer", "redeem/record", "redeem/trust", "transport/wire"}, other: []string{"github.com/hashicorp/go-retryablehttp"}},
	"transport/backend":                   {ours: []string{"redeem/fault", "transport/wire", "transport/backend/rows", "transport/backend/internal/...", "redeem/offer", "redeem/record", "redeem/trust", "redeem/terms", "barcode"}, other: []string{"golang.org/x/time", "golang.org/x/sync"}},
	"transport/backend/internal/booking":  {ours: []string{"redeem/fault", "redeem/offer", "redeem/record", "redeem/terms", "transport/wire", "transport/backend/rows"}},
	"transport/backend/rows":              {ours: []string{"redeem/fault", "redeem/offer", "redeem/record", "transport/wire"}},
	"transport/backend/memstore":          {ours: []string{"redeem/fault", "transport/backend", "transport/backend/rows"}},
	"transport/backend/pages":             {ours: []string{"redeem/fault", "transport/backend"}},
	"transport/backend/boltstore":         {ours: []string{"redeem/fault", "transport/backend", "transport/backend/rows", "redeem/offer", "redeem/record"}, other: []string{"go.etcd.io/bbolt"}},
	"transport/backend/pgstore":           {ours: []string{"redeem/fault", "transport/backend", "transport/backend/rows", "redeem/offer", "redeem/record"}, other: []string{"github.com/jackc/pgx/v5"}},
	"transport/backend/storetest":         {ours: []string{"redeem/...", "transport/backend", "transport/backend/rows", "transport/wire"}, other: []string{"github.com/stretchr/testify", "pgregory.net/rapid"}},
	"transport/transporttest":             {ours: []string{"redeem/fault", "transport/backend", "transport/backend/memstore", "transport/wire", "redeem/offer", "redeem/record", "redeem/trust", "redeem/terms", "transport/backend/pages"}, other: []string{"github.com/getkin/kin-openapi", "github.com/stretchr/testify", "github.com/fxamacker/cbor/v2"}},
	"transport/transporttest/browsertest": {other: []string{"github.com/chromedp/chromedp"}},
	"examples/...":                        {ours: []string{"..."}, other: []string{"..."}},
}

// neverLinked are parts that a package must not even link indirectly: a shop with hand scanners links no image code, and a
// vendor with its own backend links no HTTP.
var neverLinked = map[string][]string{
	"redeem":        {module + "transport", module + "barcode", "github.com/makiuchi-d/gozxing", "image", "net/http"},
	"barcode":       {module + "redeem", module + "transport", "net/http"},
	"barcode/wedge": {module + "barcode", module + "redeem", "github.com/makiuchi-d/gozxing", "image", "net/http"},
	"transport":     {module + "redeem", module + "transport/backend", module + "barcode", "github.com/makiuchi-d/gozxing"},
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

func list(t *testing.T) []listed {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,TestImports,XTestImports,Deps,Doc", "./...")
	cmd.Dir = root
	out, err := cmd.Output()
	require.NoError(t, err)
	var packages []listed
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		}
		require.NoError(t, err)
		packages = append(packages, p)
	}
}

const root = "../../.."

func TestEveryPackageImportsOnlyWhatItsRoomMay(t *testing.T) {
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		rule, ok := ruleFor(name)
		if !assert.True(t, ok, "package %s is not in the table of rooms: it needs a reason", name) {
			continue
		}
		for _, imported := range p.Imports {
			assert.True(t, rule.allows(imported), "%s imports %s", name, imported)
		}
		assert.NotEmpty(t, p.Doc, "package %s has no package comment", name)
	}
}

// Tests of the packages that vendors import stay within the same rooms, plus the test libraries; what needs more stands in
// redeem/internal/sim, transport/transporttest or examples.
func TestTestsOfTheSDKStayInTheirRoom(t *testing.T) {
	libraries := []string{"github.com/stretchr/testify", "pgregory.net/rapid", "github.com/rogpeppe/go-internal", "golang.org/x"}
	for _, p := range list(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		if !strings.HasPrefix(name, "redeem") && !strings.HasPrefix(name, "barcode") && name != "transport" {
			continue
		}
		rule, _ := ruleFor(name)
		rule.ours = append(slices.Clone(rule.ours), name, "redeem/internal/vfs/vfstest")
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
func ruleFor(name string) (rule, bool) {
	if r, ok := rules[name]; ok {
		return r, true
	}
	for dir := name; dir != "."; dir = path.Dir(dir) {
		if r, ok := rules[dir+"/..."]; ok {
			return r, true
		}
	}
	return rule{}, false
}

func (r rule) allows(imported string) bool {
	if name, ok := strings.CutPrefix(imported, module); ok {
		return matches(r.ours, name)
	}
	if first, _, _ := strings.Cut(imported, "/"); !strings.Contains(first, ".") {
		return true // the standard library
	}
	return matches(r.other, imported)
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if below, ok := strings.CutSuffix(pattern, "..."); ok {
			return strings.HasPrefix(name, below)
		}
		return name == pattern || strings.Contains(pattern, ".") && strings.HasPrefix(name, pattern+"/")
	})
}
