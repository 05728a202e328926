package house_test

import (
	"fmt"
	"go/ast"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// The comment of a group is that of its names, and the comment of an interface that of its methods.
func TestEveryExportedNameIsDocumented(t *testing.T) {
	var bare []string
	for _, f := range sources(t) {
		if !isPublic(f) {
			continue
		}
		for _, declared := range f.tree.Decls {
			for _, name := range undocumented(declared) {
				bare = append(bare, fmt.Sprintf("%s %s", f.at(declared), name))
			}
		}
	}
	assert.Empty(t, bare, "these have no comment:\n%s", strings.Join(bare, "\n"))
}

func undocumented(declared ast.Decl) (names []string) {
	switch d := declared.(type) {
	case *ast.FuncDecl:
		if d.Doc == nil && len(listFunc(d)) > 0 {
			names = append(names, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if d.Doc == nil {
				names = append(names, undocumentedSpec(spec)...)
			}
		}
	}
	return names
}

func undocumentedSpec(spec ast.Spec) (names []string) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Doc == nil && s.Comment == nil && s.Name.IsExported() {
			names = append(names, s.Name.Name)
		}
	case *ast.ValueSpec:
		for _, name := range s.Names {
			if s.Doc == nil && s.Comment == nil && name.IsExported() {
				names = append(names, name.Name)
			}
		}
	}
	return names
}
