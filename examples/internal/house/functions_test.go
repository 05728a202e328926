package house_test

import (
	"fmt"
	"go/ast"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

// prepositions are no names of functions. Those that are nouns, verbs or adjectives as well are left out (like, past).
var prepositions = strings.Fields(`about above across after against ahead along among apart around as at before
	behind below beneath beside between beyond during for in inside into of off on onto out outside over per since
	through toward under until up upon within without by from to with near`)

// beginnings are those that a name of several words may begin with, as in the standard library (context.WithCancel,
// filepath.FromSlash), or as an adjective (nearTriples).
var beginnings = strings.Fields("by from near since to with without")

// participles are the irregular ones; those that are the verb too (cut, put, read, set, split) are left out.
var participles = strings.Fields(`begun bent born bought broken built chosen done drawn driven fallen fed found
	given gone grown heard held hidden kept known laid left lent lit lost made meant met overridden paid proven
	seen sent shown shrunk sold spent spoilt stood taken told torn withdrawn won worn written forbidden forgotten`)

// verbs end like participles.
var verbs = strings.Fields("embed exceed feed heed need proceed seed speed listen")

// keptNames are names that stay although they are prepositions or participles, with the reason.
var keptNames = map[string]string{
	"at":         "the element at an index or place, as in image.Image",
	"At":         "the element at an index or place, as in image.Image",
	"Enabled":    "slog.Handler has it",
	"Spent":      "store.Tx has it",
	"ShownInAll": "store.Tx has it",
}

// word is the first word of a name in mixed case.
var word = regexp.MustCompile(`^(?:[A-Z]?[a-z]+|[A-Z]+)`)

func TestFunctionsAreVerbsOrNouns(t *testing.T) {
	for _, name := range []string{"found", "Told", "named", "upon", "inOrder", "heldBy", "madeAt", "unflushedBefore"} {
		assert.True(t, isParticiple(name) || isPreposition(name), "%s passes", name)
	}
	for _, name := range []string{"find", "fit", "sortedKeys", "withRetry", "fromUnix", "sinceBoot", "listen", "feed"} {
		assert.False(t, isParticiple(name) || isPreposition(name), "%s is refused", name)
	}
	var bad []string
	for _, f := range sources(t) {
		if f.isTest() {
			continue
		}
		for _, d := range f.tree.Decls {
			function, ok := d.(*ast.FuncDecl)
			if !ok || isAPI(f, function) || keptNames[function.Name.Name] != "" {
				continue
			}
			if name := function.Name.Name; isParticiple(name) || isPreposition(name) {
				bad = append(bad, fmt.Sprintf("%s %s", f.at(function.Name), name))
			}
		}
	}
	assert.Empty(t, bad, "these names of functions are participles or prepositions:\n%s", strings.Join(bad, "\n"))
}

// isAPI says whether users of the module call a function by its name.
func isAPI(f sourceFile, function *ast.FuncDecl) bool {
	return function.Name.IsExported() && !strings.Contains("/"+f.pkg+"/", "/internal/")
}

// isPreposition says whether a name is a preposition, or begins with one that no name begins with.
func isPreposition(name string) bool {
	first := strings.ToLower(word.FindString(name))
	return slices.Contains(prepositions, first) && (len(first) == len(name) || !slices.Contains(beginnings, first))
}

// isParticiple says whether a name is a participle, or one with a preposition behind it.
func isParticiple(name string) bool {
	first := strings.ToLower(word.FindString(name))
	irregular := slices.Contains(participles, strings.TrimPrefix(first, "un"))
	if slices.Contains(verbs, first) || !irregular && !strings.HasSuffix(first, "ed") {
		return false
	}
	rest := name[len(first):]
	return rest == "" || slices.Contains(prepositions, strings.ToLower(rest))
}
