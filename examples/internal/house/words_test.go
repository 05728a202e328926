package house_test

import (
	"fmt"
	"go/ast"
	"go/token"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wordRow is a row of the table of words that were given up: was, now, packages.
var wordRow = regexp.MustCompile("(?m)^\\| (`[A-Za-z`, ]+`) \\| ([^|]+) \\| (`[a-z0-9/`, ]+`) \\|$")

func TestWordsThatWereGivenUpAreNotDeclared(t *testing.T) {
	page, err := os.ReadFile(architecture)
	require.NoError(t, err)
	rows := wordRow.FindAllStringSubmatch(string(page), -1)
	require.NotEmpty(t, rows, "the table of words has no rows")
	files := sources(t)
	for _, row := range rows {
		was, packages := spans(row[1]), spans(row[3])
		for _, name := range packages {
			assert.True(t, slices.ContainsFunc(files, func(f sourceFile) bool { return f.pkg == name }),
				"there is no package %s", name)
		}
		var back []string
		for _, f := range files {
			if slices.Contains(packages, f.pkg) && !f.isTest() {
				back = append(back, declaring(f, was)...)
			}
		}
		assert.Empty(t, back, "these names became %s:\n%s", row[2], strings.Join(back, "\n"))
	}
}

// spans are the words of a cell that stand between backquotes.
func spans(cell string) (all []string) {
	for _, span := range codeSpan.FindAllStringSubmatch(cell, -1) {
		all = append(all, span[1])
	}
	return all
}

// declaring are the places of a file that declare one of the names.
func declaring(f sourceFile, names []string) (places []string) {
	for n := range ast.Preorder(f.tree) {
		for _, name := range declaredBy(n) {
			if name != nil && slices.Contains(names, name.Name) {
				places = append(places, fmt.Sprintf("%s %s", f.at(name), name.Name))
			}
		}
	}
	return places
}

// declaredBy are the names that a node declares itself: of the package, fields, methods, parameters, variables and
// labels.
func declaredBy(n ast.Node) []*ast.Ident {
	switch n := n.(type) {
	case *ast.FuncDecl:
		return []*ast.Ident{n.Name}
	case *ast.TypeSpec:
		return []*ast.Ident{n.Name}
	case *ast.ValueSpec:
		return n.Names
	case *ast.Field:
		return n.Names
	case *ast.ImportSpec:
		return []*ast.Ident{n.Name}
	case *ast.LabeledStmt:
		return []*ast.Ident{n.Label}
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE {
			return identifiers(n.Lhs...)
		}
	case *ast.RangeStmt:
		if n.Tok == token.DEFINE {
			return identifiers(n.Key, n.Value)
		}
	}
	return nil
}

func identifiers(expressions ...ast.Expr) (all []*ast.Ident) {
	for _, e := range expressions {
		if name, ok := e.(*ast.Ident); ok {
			all = append(all, name)
		}
	}
	return all
}
