package house_test

import (
	"go/ast"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// switchRow is a row of CONTRIBUTING's table of what changes a test run: a flag or a variable, and who declares or
// reads it.
var switchRow = regexp.MustCompile("(?m)^\\| (`[-a-zA-Z_`, ]+`) \\| (`[a-z0-9/`, ]+`) \\|")

// TestContributingListsWhatChangesATestRun compares that table with the source, by package.
func TestContributingListsWhatChangesATestRun(t *testing.T) {
	page, err := os.ReadFile(root + "/.github/CONTRIBUTING.md")
	require.NoError(t, err)
	var listed, found []string
	for _, row := range switchRow.FindAllStringSubmatch(string(page), -1) {
		for _, pkg := range spans(row[2]) {
			for _, name := range spans(row[1]) {
				listed = append(listed, pkg+" "+name)
			}
		}
	}
	for _, f := range sources(t) {
		if f.isTest() || strings.HasSuffix(f.pkg, "test") || strings.HasSuffix(f.pkg, "suite") {
			found = append(found, switches(f)...)
		}
	}
	require.NotEmpty(t, found, "tests have flags")
	slices.Sort(listed)
	slices.Sort(found)
	assert.Empty(t, without(found, listed), "tests read these, and the table in CONTRIBUTING.md lacks them")
	assert.Empty(t, without(listed, found), "the table in CONTRIBUTING.md has these, and no test reads them")
}

// variable is the name of an environment variable that this project reads.
var variable = regexp.MustCompile(`^(OFFLANE_[A-Z_]+|CI)$`)

// switches are the flags that a file declares, and the environment variables that it reads or names by a constant.
func switches(f sourceFile) (all []string) {
	for n := range ast.Preorder(f.tree) {
		switch n := n.(type) {
		case *ast.CallExpr:
			if name, ok := firstText(n.Args); ok && isOf(n.Fun, "flag") && !isNamed(n.Fun, "NewFlagSet", "Lookup") {
				all = append(all, f.pkg+" -"+name)
			} else if ok && isOf(n.Fun, "os") && variable.MatchString(name) && !isNamed(n.Fun, "Setenv") {
				all = append(all, f.pkg+" "+name)
			}
		case *ast.GenDecl:
			if n.Tok == token.CONST {
				all = append(all, namedVariables(f, n)...)
			}
		}
	}
	return all
}

func namedVariables(f sourceFile, constants *ast.GenDecl) (all []string) {
	for _, spec := range constants.Specs {
		for _, value := range spec.(*ast.ValueSpec).Values {
			if name, ok := text(value); ok && variable.MatchString(name) {
				all = append(all, f.pkg+" "+name)
			}
		}
	}
	return all
}

func isOf(function ast.Expr, pkg string) bool {
	selector, ok := function.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	name, ok := selector.X.(*ast.Ident)
	return ok && name.Name == pkg
}

func isNamed(function ast.Expr, names ...string) bool {
	return slices.Contains(names, function.(*ast.SelectorExpr).Sel.Name)
}

func firstText(arguments []ast.Expr) (string, bool) {
	if len(arguments) == 0 {
		return "", false
	}
	return text(arguments[0])
}

// text is the value of a string literal.
func text(e ast.Expr) (string, bool) {
	literal, ok := e.(*ast.BasicLit)
	if !ok || literal.Kind != token.STRING {
		return "", false
	}
	value, err := strconv.Unquote(literal.Value)
	return value, err == nil
}
