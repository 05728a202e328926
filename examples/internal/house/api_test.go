package house_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/printer"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the list of the exported names anew")

// apiFile lists what other modules can name, a line for each function, method, type, field, constant and variable. A
// change of it is a commit of its own, which gives the reason.
const apiFile = "api.txt"

func TestTheExportedNamesAreThoseOfTheList(t *testing.T) {
	now := exportedNames(t)
	t.Logf("%d lines; without fields, interfaces' methods and the constants of transport/wire %d", len(now),
		countNames(now))
	if *update {
		require.NoError(t, os.WriteFile(apiFile, []byte(strings.Join(now, "\n")+"\n"), 0o644))
	}
	text, err := os.ReadFile(apiFile)
	require.NoError(t, err)
	before := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	const renew = "the list is written anew by: go test ./examples/internal/house -run ExportedNames -update"
	added, gone := without(now, before), without(before, now)
	assert.Empty(t, added, "these are new:\n+ %s\n%s", strings.Join(added, "\n+ "), renew)
	assert.Empty(t, gone, "these are gone:\n- %s\n%s", strings.Join(gone, "\n- "), renew)
}

// countNames counts what the size of the interface is measured by.
func countNames(lines []string) (n int) {
	for _, line := range lines {
		kind := strings.Fields(line)[1]
		if kind != "field" && kind != "interface-method" && !(kind == "const" && strings.HasPrefix(line, "transport/wire ")) {
			n++
		}
	}
	return n
}

// isPublic reports whether other modules can import a file's package.
func isPublic(f sourceFile) bool {
	path := "/" + f.pkg + "/"
	return !f.isTest() && f.tree.Name.Name != "main" && !strings.Contains(path, "/internal/")
}

// exportedNames are the lines of the list, sorted: what the files for any system declare.
func exportedNames(t *testing.T) (lines []string) {
	t.Helper()
	files := sources(t)
	for _, f := range files {
		if !isPublic(f) {
			continue
		}
		for _, declared := range f.tree.Decls {
			for _, line := range append(listDecl(declared), listAliased(files, f, declared)...) {
				lines = append(lines, f.pkg+" "+line)
			}
		}
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}

func listDecl(declared ast.Decl) (lines []string) {
	switch d := declared.(type) {
	case *ast.FuncDecl:
		return listFunc(d)
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			lines = append(lines, listSpec(d.Tok, spec)...)
		}
	}
	return lines
}

func listFunc(d *ast.FuncDecl) []string {
	if !d.Name.IsExported() || d.Recv != nil && !ast.IsExported(receiver(d)) {
		return nil
	}
	if d.Recv == nil {
		return []string{"func " + d.Name.Name + signature(d.Type)}
	}
	return []string{fmt.Sprintf("method (%s) %s%s", source(d.Recv.List[0].Type), d.Name.Name, signature(d.Type))}
}

// receiver is the name of a method's type.
func receiver(d *ast.FuncDecl) string {
	name := strings.TrimPrefix(source(d.Recv.List[0].Type), "*")
	name, _, _ = strings.Cut(name, "[")
	return name
}

func listSpec(kind token.Token, spec ast.Spec) (lines []string) {
	switch s := spec.(type) {
	case *ast.TypeSpec:
		if s.Name.IsExported() {
			return listType(s)
		}
	case *ast.ValueSpec:
		for _, name := range s.Names {
			if name.IsExported() {
				lines = append(lines, strings.TrimSpace(kind.String()+" "+name.Name+" "+source(s.Type)))
			}
		}
	}
	return lines
}

func listType(s *ast.TypeSpec) []string {
	name := s.Name.Name
	if s.TypeParams != nil {
		name += "[" + fields(s.TypeParams, true) + "]"
	}
	switch kind := s.Type.(type) {
	case *ast.StructType:
		return append([]string{"type " + name + " struct"}, listFields(s.Name.Name, kind.Fields)...)
	case *ast.InterfaceType:
		return append([]string{"type " + name + " interface"}, listMethods(s.Name.Name, kind.Methods)...)
	}
	if s.Assign.IsValid() {
		name += " ="
	}
	return []string{"type " + name + " " + source(s.Type)}
}

func listFields(of string, list *ast.FieldList) (lines []string) {
	for _, field := range list.List {
		for _, name := range field.Names {
			if name.IsExported() {
				lines = append(lines, fmt.Sprintf("field %s.%s %s", of, name.Name, source(field.Type)))
			}
		}
		if field.Names == nil && ast.IsExported(embedded(field.Type)) {
			lines = append(lines, fmt.Sprintf("field %s embeds %s", of, source(field.Type)))
		}
	}
	return lines
}

// embedded is the name of a field that has only a type.
func embedded(of ast.Expr) string {
	name := strings.TrimPrefix(source(of), "*")
	return name[strings.LastIndex(name, ".")+1:]
}

func listMethods(of string, list *ast.FieldList) (lines []string) {
	for _, method := range list.List {
		if kind, ok := method.Type.(*ast.FuncType); ok && len(method.Names) > 0 {
			lines = append(lines, fmt.Sprintf("interface-method %s.%s%s", of, method.Names[0].Name, signature(kind)))
			continue
		}
		lines = append(lines, fmt.Sprintf("interface-method %s embeds %s", of, source(method.Type)))
	}
	return lines
}

// signature is a function's type without the names of its parameters.
func signature(f *ast.FuncType) string {
	text := ""
	if f.TypeParams != nil {
		text = "[" + fields(f.TypeParams, true) + "]"
	}
	text += "(" + fields(f.Params, false) + ")"
	switch results := fields(f.Results, false); {
	case results == "":
		return text
	case f.Results.NumFields() == 1:
		return text + " " + results
	default:
		return text + " (" + results + ")"
	}
}

// fields are the types of a list, each as often as it has names, or behind its name.
func fields(list *ast.FieldList, named bool) string {
	var all []string
	if list == nil {
		return ""
	}
	for _, field := range list.List {
		text := source(field.Type)
		if field.Names == nil {
			all = append(all, text)
		}
		for _, name := range field.Names {
			if named {
				all = append(all, name.Name+" "+text)
			} else {
				all = append(all, text)
			}
		}
	}
	return strings.Join(all, ", ")
}

// source is an expression on one line; nil is nothing.
func source(e ast.Expr) string {
	if e == nil {
		return ""
	}
	if f, ok := e.(*ast.FuncType); ok {
		return "func" + signature(f)
	}
	var text bytes.Buffer
	if err := printer.Fprint(&text, token.NewFileSet(), e); err != nil {
		panic(err) // the buffer takes all, and the expression was parsed
	}
	return strings.Join(strings.Fields(text.String()), " ")
}
