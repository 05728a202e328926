package house_test

import (
	"go/ast"
	"iter"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// "Should be true" tells nobody what was expected: an assertion of a bare truth says it.
func TestAssertionsSayWhatTheyExpect(t *testing.T) {
	seen, silent := 0, []string{}
	for _, f := range sources(t) {
		for call := range calls(f.tree) {
			if !isBareTruth(call.Fun) {
				continue
			}
			seen++
			if len(call.Args) < 3 {
				silent = append(silent, f.at(call))
			}
		}
	}
	assert.Empty(t, silent, "these assertions have no message:\n%s", strings.Join(silent, "\n"))
	assert.Positive(t, seen, "there are such assertions")
}

// calls are all calls below a node.
func calls(below ast.Node) iter.Seq[*ast.CallExpr] {
	return func(yield func(*ast.CallExpr) bool) {
		for n := range ast.Preorder(below) {
			if call, ok := n.(*ast.CallExpr); ok && !yield(call) {
				return
			}
		}
	}
}

// isBareTruth reports whether a function is True or False of testify.
func isBareTruth(function ast.Expr) bool {
	selector, ok := function.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != "True" && selector.Sel.Name != "False" {
		return false
	}
	library, ok := selector.X.(*ast.Ident)
	return ok && (library.Name == "assert" || library.Name == "require")
}
