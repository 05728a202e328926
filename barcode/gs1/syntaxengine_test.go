package gs1_test

import (
	"bufio"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/gs1"
)

// readings says for each section of the file how its lines are read, and what comes out.
var readings = map[string]func(text string) (string, error){
	"bracketed":  func(text string) (string, error) { return withCarets(gs1.ParseBracketed(text)) },
	"raw":        func(text string) (string, error) { return withCarets(gs1.Parse(text)) },
	"linters":    func(text string) (string, error) { return withCarets(gs1.ParseBracketed(text)) },
	"companions": companions,
	"links":      func(text string) (string, error) { return withCarets(gs1.Parse(text)) },
	"links with unassigned AIs": func(text string) (string, error) {
		return withCarets(gs1.Options{KeepUnassigned: true}.Parse(text))
	},
	"links written behind https://example.com": written,
	"scans": func(text string) (string, error) {
		return withCarets(gs1.Parse(strings.ReplaceAll(text, "{GS}", "\x1d")))
	},
}

// withCarets returns elements as the syntax engine writes them.
func withCarets(elements gs1.Elements, err error) (string, error) {
	return "^" + strings.ReplaceAll(elements.Raw(), "\x1d", "^"), err
}

func companions(text string) (string, error) {
	elements, err := gs1.Options{KeepUnassigned: true}.Parse(text)
	if err != nil {
		return "", errors.New("it is no element string, which is another fault")
	}
	return "", elements.Check()
}

func written(text string) (string, error) {
	elements, err := gs1.ParseBracketed(text)
	if err != nil {
		return "", err
	}
	return elements.Link("https://example.com")
}

// The vectors of GS1's own implementation, read as it reads them, or with a reason why not.
func TestTheSyntaxEnginesVectors(t *testing.T) {
	file, err := os.Open("testdata/syntax-engine.txt")
	require.NoError(t, err)
	defer file.Close()
	section, agree, differ := "", 0, 0
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line, reason, _ := strings.Cut(lines.Text(), " # ")
		line, differs := strings.CutPrefix(line, "differs ")
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" || words[0] != "yes" && words[0] != "no" {
			if readings[line] != nil {
				section = line
			}
			continue
		}
		got, err := readings[section](words[1])
		same := (err == nil) == (words[0] == "yes") && (err != nil || len(words) < 3 || got == words[2])
		assert.Equal(t, !differs, same, "%s, %s: got %q, %v", section, line, got, err)
		assert.Equal(t, differs, reason != "", "%s: what differs has a reason", line)
		if same {
			agree++
		} else {
			differ++
		}
	}
	t.Logf("%d agree, %d differ for a reason", agree, differ)
	assert.Greater(t, agree, 300, "the file was read")
}
