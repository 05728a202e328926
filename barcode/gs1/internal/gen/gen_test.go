package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const dictionary = `
# a comment
01         *?  N14,csum,gcppos2                  ex=255,37 dlpkey=22,10,21|235                      # GTIN
3103-3105  *?  N6  req=01,02 req=37+10 ex=310n # NET WEIGHT (kg)
8008        ?  N6,yymmdd N2,hh [N2],mi [N2],ss   req=01,02,03                                       # PROD TIME
8110        ?  X..70,couponcode
`

func TestTheDictionaryBecomesATable(t *testing.T) {
	source, err := generate(dictionary)
	require.NoError(t, err)
	text := string(source)
	assert.Contains(t, text, `{First: "01", Last: "01", Title: "GTIN", Predefined: true, Attribute: true, `+
		`parts: []part{{set: 'N', min: 14, max: 14, linters: []linter{lintCsum, lintGcppos2}}}, `+
		`excludes: "255,37", PrimaryKey: true, qualifiers: "22,10,21|235"},`)
	assert.Contains(t, text, `{First: "3103", Last: "3105", Title: "NET WEIGHT (kg)", Predefined: true, Attribute: true, `+
		`parts: []part{{set: 'N', min: 6, max: 6}}, requires: []string{"01,02", "37+10"}, excludes: "310n"},`)
	assert.Contains(t, text, `{set: 'N', min: 2, max: 2, optional: true, linters: []linter{lintMi}}`)
	assert.Contains(t, text, `{First: "8110", Last: "8110", Title: "", Attribute: true, parts: []part{{set: 'X', `+
		`min: 1, max: 70, linters: []linter{lintCouponcode}}}},`)
}

func TestADictionaryThatCannotBeReadSaysWhere(t *testing.T) {
	for input, says := range map[string]string{
		"":                 "there is no entry",
		"# nothing":        "there is no entry",
		"\nA1 N6":          `line 2: "A1" is no AI or range of AIs`,
		"01 N6\n01 N6":     "line 2: 01 does not follow 01",
		"3100-31 N6":       "a range of AIs of different lengths",
		"01":               "AI 01 has no component",
		"01 Q6":            `"Q6" is no flag, component or attribute`,
		"01 N0":            `the length "0" cannot be`,
		"01 [N6":           "a bracket",
		"01 N6 colour=red": "colour=red",
		"310 N6\n3111 N6":  "AIs beginning with 31 have different lengths",
	} {
		_, err := generate(input)
		assert.ErrorContains(t, err, says, input)
	}
}

func TestTheTableIsWhatTheDictionarySays(t *testing.T) {
	require.NoError(t, run("gs1-syntax-dictionary.txt", "", "../../table.go"))
}

func TestTheTableIsWrittenAndCompared(t *testing.T) {
	dir := t.TempDir()
	dict, out := filepath.Join(dir, "dictionary.txt"), filepath.Join(dir, "table.go")
	require.NoError(t, os.WriteFile(dict, []byte(dictionary), 0o600))
	require.NoError(t, run(dict, out, ""))
	require.NoError(t, run(dict, "", out))
	require.NoError(t, os.WriteFile(out, []byte("package gs1\n"), 0o600))
	assert.ErrorContains(t, run(dict, "", out), "is not what the dictionary says")
	assert.Error(t, run(dict, "", ""))
	assert.Error(t, run(dict, out, out))
	assert.Error(t, run(filepath.Join(dir, "missing"), out, ""))
}
