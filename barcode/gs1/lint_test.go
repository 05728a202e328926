package gs1

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// lintCases holds for every linter of the dictionary what passes and what fails.
var lintCases = map[string]struct{ pass, fail []string }{
	"csum": {[]string{"09521234543213", "4012345000009", "006141411234567890", "00"}, []string{"09521234543214",
		"4012345000000", "", "01"}},
	"csumalpha": {[]string{"1987654Ad4X4bL5ttr2310c2K", "12345678901234567890123NT", "22", "!22"},
		[]string{"1987654Ad4X4bL5ttr2310cXK", "1987654Ad4X4bL5ttr2310c2X", "2", "", "AB C2K", "1987654Ad4X4bL5ttr2310c2 "}},
	"gcppos1": {[]string{"0123", "9521234ABC", "4012"}, []string{"012", "", "012A", "A123", "01A3456"}},
	"gcppos2": {[]string{"X0123", "09521234"}, []string{"X012", "", "X", "012A4", "0A234"}},
	"couponcode": {
		[]string{
			"012345612345611110123", "012345612345611110123" + "101101239", "012345612345611110123" + "21101230123456",
			"012345612345611110123" + "10110123612345678901221101239",
			"0123456123456111101233261231", "01234561234561111012332612314261201", "012345612345611110123" + "50123456",
			"012345612345611110123" + "611234567", "012345612345611110123" + "90000", "012345612345611110123" + "96291",
		},
		[]string{
			"", "71234567890123", "0123456", "01234561234560", "0123456123456111A0123", "012345612345611115123",
			"0123456123456111101237",
			"012345612345611110123326133", "012345612345611110123" + "3261201" + "4261231", "012345612345611110123" + "500000",
			"012345612345611110123" + "60123456", "012345612345611110123" + "93000", "012345612345611110123" + "90300",
			"012345612345611110123" + "90002", "012345612345611110123" + "9000", "012345612345611110123" + "14",
		},
	},
	"couponposoffer": {
		[]string{"001234561234560123456", "101234561234560123456", "061234567890121234569123456789012345"},
		[]string{"", "201234561234560123456", "07", "0012345612345601234567", "00123456123456012345", "00123456",
			"a01234561234560123456"},
	},
	"hasnondigit": {[]string{"1A", "/", "A11"}, []string{"11", "", "0123456789"}},
	"hh":          {[]string{"00", "23", "12"}, []string{"24", "99", "1", ""}},
	"hhmi":        {[]string{"0000", "2359"}, []string{"2400", "2360", "235", ""}},
	"hyphen":      {[]string{"-", "--"}, []string{"", "X", "-X"}},
	"iban": {[]string{"DE91100000000123456789", "BE71096123456769", "MT90MALT011000012345MTLCAST001SABC"},
		[]string{"DE91100000000123456780", "XX36123456789012", "BE71", "BE7109612345676a",
			"MT90MALT011000012345MTLCAST001SABCD"}},
	"importeridx":   {[]string{"-", "_", "0", "Z", "a"}, []string{"", "AA", "!", "=", "+"}},
	"iso3166":       {[]string{"004", "276", "840", "894"}, []string{"000", "999", "277", "27", ""}},
	"iso3166999":    {[]string{"999", "250"}, []string{"998", "000", "99"}},
	"iso3166alpha2": {[]string{"AD", "DE", "ZW"}, []string{"AA", "de", "D", "", "ZZ", "DEU"}},
	"iso4217":       {[]string{"978", "840", "008", "999", "926"}, []string{"000", "007", "979x", "97", "998"}},
	"iso5218":       {[]string{"0", "1", "2", "9"}, []string{"3", "8", "", "12"}},
	"latitude": {[]string{"0000000000", "1800000000", "0279085848"}, []string{"1800000001", "9999999999", "027908584",
		""}},
	"longitude":    {[]string{"0000000000", "3600000000"}, []string{"3600000001", "360000000"}},
	"mediatype":    {[]string{"01", "10", "80", "99"}, []string{"00", "11", "79", "1", "A1"}},
	"mi":           {[]string{"00", "59"}, []string{"60", "5"}},
	"nonzero":      {[]string{"0001", "9"}, []string{"0000", "0"}},
	"nozeroprefix": {[]string{"1", "10", "999999999999"}, []string{"0", "01"}},
	"packagetype":  {[]string{"1A", "8", "APE", "ZZ", "X20", "9"}, []string{"", "00", "0", "1AX", "zz", "ABCD", "X21"}},
	"pcenc":        {[]string{"", "A", "%00", "a%fFb", "100%25"}, []string{"%", "%0", "%0g", "%g0", "a%", "%%20"}},
	"pieceoftotal": {[]string{"0101", "0103", "9999", "11"}, []string{"0001", "0100", "0201", "011", ""}},
	"posinseqslash": {[]string{"1/1", "2/3", "9/10", "98/99"}, []string{"", "/", "1", "1/", "/1", "0/1", "1/0", "01/2",
		"2/1", "10/9", "1//2", "x/y"}},
	"ss":      {[]string{"00", "59"}, []string{"60", ""}},
	"winding": {[]string{"0", "1", "9"}, []string{"2", "8", "", "01"}},
	"yesno":   {[]string{"0", "1"}, []string{"2", "", "11"}},
	"yymmd0": {[]string{"260228", "240229", "000229", "261200"}, []string{"261301", "260001", "260230", "250229",
		"26010", "260132"}},
	"yymmdd": {[]string{"260228", "240229", "991231"}, []string{"261200", "260431", "2602289"}},
	"yyyymmdd": {[]string{"20240229", "19991231", "20000229"}, []string{"20250229", "21000229", "20241301", "240229",
		"20240100"}},
	"zero": {[]string{"0", "000"}, []string{"1", "001"}},
}

func TestEveryLinterPassesAndFails(t *testing.T) {
	assert.Len(t, lintCases, len(linters), "every linter has cases")
	for _, l := range linters {
		t.Run(l.name, func(t *testing.T) {
			cases := lintCases[l.name]
			assert.NotEmpty(t, cases.pass)
			assert.NotEmpty(t, cases.fail)
			for _, s := range cases.pass {
				at, problem := l.check(s)
				assert.Empty(t, problem, "%q at %d", s, at)
			}
			for _, s := range cases.fail {
				at, problem := l.check(s)
				assert.NotEmpty(t, problem, "%q", s)
				assert.True(t, at >= 0 && at <= len(s)+1, "%q: offset %d", s, at)
			}
		})
	}
}

func TestEveryEntryHasAValueThatItsLintersTake(t *testing.T) {
	for i := range table {
		for p := range table[i].parts {
			part := &table[i].parts[p]
			assert.True(t, part.min >= 1 && part.min <= part.max, table[i].First)
			variable := part.min != part.max
			assert.True(t, !variable || p == len(table[i].parts)-1, "%s: only the last component varies", table[i].First)
		}
		assert.LessOrEqual(t, table[i].MaxLen()-2, len(primes), "the weights reach for the longest value")
	}
}

func TestCharacterSets(t *testing.T) {
	for name, test := range map[string]struct {
		set  byte
		text string
		at   int
		good bool
	}{
		"digits":               {'N', "0123456789", 0, true},
		"a letter in digits":   {'N', "01A", 2, false},
		"all of set 82":        {'X', set82, 0, true},
		"a space in set 82":    {'X', "AB C", 2, false},
		"a hash in set 82":     {'X', "#", 0, false},
		"all of set 39":        {'Y', set39, 0, true},
		"small in set 39":      {'Y', "Aa", 1, false},
		"all of set 64":        {'Z', set64, 0, true},
		"padding":              {'Z', "12=", 0, true},
		"double padding":       {'Z', "1==", 0, true},
		"padding out of place": {'Z', "123=", 3, false},
		"nothing but padding":  {'Z', "===", 0, false},
		"padding inside":       {'Z', "1=34", 1, false},
		"plus in set 64":       {'Z', "AB+", 2, false},
		"high byte":            {'X', "\x80", 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			at, problem := checkSet(test.set, test.text)
			assert.Equal(t, test.good, problem == "", problem)
			assert.Equal(t, test.at, at)
		})
	}
}
