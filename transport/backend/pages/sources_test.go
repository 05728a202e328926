package pages_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/transport/wire"
)

// source is a file of the pages.
func source(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("web", name))
	require.NoError(t, err)
	return string(text)
}

var (
	aCall    = regexp.MustCompile("(?:ask|download)\\(\"([A-Z]+)\", [`\"](/v1/[^`\"?]+)")
	aHole    = regexp.MustCompile(`\$\{[^}]*\}`)
	aSegment = regexp.MustCompile(`\{[^}]*\}`)
)

// Whoever writes a page of their own has the contract alone: the pages call nothing else.
func TestEveryCallOfThePagesStandsInTheContract(t *testing.T) {
	document, err := openapi3.NewLoader().LoadFromData(wire.OpenAPI())
	require.NoError(t, err)
	files, err := filepath.Glob("web/*.js")
	require.NoError(t, err)
	calls := 0
	for _, file := range files {
		text := source(t, filepath.Base(file))
		found := aCall.FindAllStringSubmatch(text, -1)
		for _, call := range found {
			item := lookUp(document, call[2])
			if assert.NotNil(t, item, "%s calls %s", file, call[2]) {
				assert.NotNil(t, item.GetOperation(call[1]), "%s calls %s %s", file, call[1], call[2])
			}
		}
		calls += len(found)
		assert.Equal(t, strings.Count(text, "ask(\"")+strings.Count(text, "download(\""), len(found),
			"%s: a call whose method and path do not stand there", file)
	}
	assert.Greater(t, calls, 20, "the calls of the pages are found")
}

// lookUp finds the path of the contract that fits one in which ${…} stands for anything.
func lookUp(document *openapi3.T, path string) *openapi3.PathItem {
	open := func(path string, hole *regexp.Regexp) string { return hole.ReplaceAllString(path, "*") }
	for known, item := range document.Paths.Map() {
		if open(known, aSegment) == open(path, aHole) {
			return item
		}
	}
	return nil
}

var (
	anEntry  = regexp.MustCompile(`(?m)^  "(.+?)": \["(.+?)", "(.+?)", "(.+?)"\],$`)
	aPhrase  = regexp.MustCompile(`(?:say|button|act|to|element\("[a-z]+", say)\("([^"]+)"`)
	headings = regexp.MustCompile(`table\("[a-z]+", \[([^\]]+)\]`)
	aQuoted  = regexp.MustCompile(`"([^"]+)"`)
	aMarked  = regexp.MustCompile(`data-t(?: [^>]*)?>([^<]+)<`)
	aNumber  = regexp.MustCompile(`%\d`)
)

// Each phrase of a page is there in all languages, with the same places for what is filled in.
func TestThePagesHaveEveryPhraseInFourLanguages(t *testing.T) {
	for dictionary, files := range map[string][]string{
		"merchant-words.js": {"merchant.html", "merchant.js", "books.js", "chart.js", "campaigns.js", "records.js",
			"lanes.js", "effects.js", "access.js"},
		"customer-words.js": {"customer.html", "customer.js", "worth.js"},
	} {
		known := map[string]bool{}
		text := source(t, dictionary)
		for _, entry := range anEntry.FindAllStringSubmatch(text, -1) {
			assert.False(t, known[entry[1]], "%q stands twice", entry[1])
			known[entry[1]] = true
			for _, other := range entry[2:] {
				assert.ElementsMatch(t, aNumber.FindAllString(entry[1], -1), aNumber.FindAllString(other, -1), entry[1])
			}
		}
		assert.Len(t, known, strings.Count(text, "\": ["), "every entry has three languages beside English")
		for _, file := range files {
			for _, phrase := range phrases(source(t, file)) {
				assert.True(t, known[phrase], "%s says %q, which %s has not", file, phrase, dictionary)
			}
		}
	}
}

// phrases are what a file says.
func phrases(text string) (all []string) {
	marked := aMarked.FindAllStringSubmatch(text, -1)
	for _, one := range slices.Concat(aPhrase.FindAllStringSubmatch(text, -1), marked) {
		all = append(all, one[1])
	}
	for _, list := range headings.FindAllStringSubmatch(text, -1) {
		for _, one := range aQuoted.FindAllStringSubmatch(list[1], -1) {
			all = append(all, one[1])
		}
	}
	return all
}
