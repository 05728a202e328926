package house_test

import (
	"go/ast"
	"strconv"
	"strings"
)

// listAliased lists the fields and methods of types that a declaration takes from internal packages by an alias:
// nobody else names these types.
func listAliased(files []sourceFile, f sourceFile, declared ast.Decl) (lines []string) {
	group, ok := declared.(*ast.GenDecl)
	if !ok {
		return nil
	}
	for _, spec := range group.Specs {
		alias, ok := spec.(*ast.TypeSpec)
		if !ok || !alias.Assign.IsValid() || !alias.Name.IsExported() {
			continue
		}
		if target, ok := alias.Type.(*ast.SelectorExpr); ok {
			pkg := imported(f, source(target.X))
			if strings.Contains(pkg, "/internal/") {
				lines = append(lines, listElsewhere(files, pkg, target.Sel.Name, alias.Name)...)
			}
		}
	}
	return lines
}

// imported is the folder of this module's package that a file knows by a name; of others it is their path.
func imported(f sourceFile, name string) string {
	for _, spec := range f.tree.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		known := path[strings.LastIndex(path, "/")+1:]
		if spec.Name != nil {
			known = spec.Name.Name
		}
		if err == nil && known == name {
			return strings.TrimPrefix(path, module)
		}
	}
	return ""
}

// listElsewhere lists a type of another package, and its methods, by the alias.
func listElsewhere(files []sourceFile, pkg, name string, alias *ast.Ident) (lines []string) {
	for _, f := range files {
		if f.pkg != pkg || f.isTest() {
			continue
		}
		for n := range ast.Preorder(f.tree) {
			switch n := n.(type) {
			case *ast.TypeSpec:
				if n.Name.Name == name {
					renamed := *n
					renamed.Name = alias
					lines = append(lines, listType(&renamed)[1:]...) // the alias stands in the list itself
				}
			case *ast.FuncDecl:
				if n.Recv != nil && receiver(n) == name {
					for _, line := range listFunc(n) {
						lines = append(lines, strings.Replace(line, name+")", alias.Name+")", 1))
					}
				}
			}
		}
	}
	return lines
}
