package house_test

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

// columns is how many a line has at most. A tab counts as one.
const columns = 120

func TestLinesAreNotTooLong(t *testing.T) {
	total, files := 0, []string{}
	for _, f := range sources(t) {
		n := 0
		for line := range strings.Lines(string(f.text)) {
			if utf8.RuneCountInString(strings.TrimSuffix(line, "\n")) > columns {
				n++
			}
		}
		if n > 0 {
			files = append(files, fmt.Sprintf("%4d %s", n, f.name))
		}
		total += n
	}
	list := strings.Join(files, "\n")
	t.Logf("%d lines have more than %d columns:\n%s", total, columns, list)
	assert.Zero(t, total, "lines with more than %d columns:\n%s", columns, list)
}

// longest is how many lines a function has at most.
const longest = 60

// A function's length is how many lines stand between its braces; a function on one line has one.
func TestFunctionsAreShort(t *testing.T) {
	var lengths []int
	var tooMany []string
	for _, f := range sources(t) {
		for _, declared := range f.tree.Decls {
			function, ok := declared.(*ast.FuncDecl)
			if !ok || function.Body == nil || f.isTest() {
				continue
			}
			n := max(1, f.lines(function.Body.Lbrace, function.Body.Rbrace)-2)
			lengths = append(lengths, n)
			if n > longest {
				tooMany = append(tooMany, fmt.Sprintf("%4d %s %s", n, f.at(function), function.Name.Name))
			}
		}
	}
	slices.Sort(lengths)
	median, most := lengths[len(lengths)/2], lengths[len(lengths)*9/10]
	t.Logf("%d functions; half have at most %d lines, nine in ten at most %d, the longest %d",
		len(lengths), median, most, lengths[len(lengths)-1])
	assert.Empty(t, tooMany, "functions of more than %d lines:\n%s", longest, strings.Join(tooMany, "\n"))
	assert.LessOrEqual(t, median, 10, "lines of half the functions")
	assert.LessOrEqual(t, most, 25, "lines of nine functions in ten")
}
