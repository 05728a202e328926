package cashier_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/cashier"
	"github.com/offlane/offlane/redeem/decision"
	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// codes are the constants of package fault, from its source.
func codes(t *testing.T) (all []fault.Code) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../fault/codes.go", nil, 0)
	require.NoError(t, err)
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			code, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			all = append(all, fault.Code(code))
		}
		return true
	})
	require.NotEmpty(t, all, "package fault has codes")
	return all
}

func TestEveryCodeHasATextInEveryLanguage(t *testing.T) {
	data, err := os.ReadFile("texts.json")
	require.NoError(t, err)
	read, err := cashier.Parse(data)
	require.NoError(t, err, "the built-in table keeps the rules for tables")
	var texts cashier.Texts
	require.Equal(t, []string{"de", "en", "es", "fr"}, texts.Languages())
	all := codes(t)
	for _, language := range texts.Languages() {
		own := read.Own[language].Texts
		assert.Equal(t, len(all), len(own), "%s has a text for each code and for nothing else", language)
		for _, code := range all {
			assert.NotEmpty(t, own[code], "%s has a text of its own for %s", language, code)
			text := texts.Code(language, code)
			assert.NotEmpty(t, text, "%s %s", language, code)
			assert.NotContains(t, text, "  ", "%s %s: a value that is not known leaves a gap", language, code)
			assert.NotContains(t, text, "{", "%s %s", language, code)
		}
	}
}

func TestATextHasTheValuesOfItsReason(t *testing.T) {
	at := time.Date(2026, 11, 26, 13, 5, 0, 0, time.UTC)
	texts := cashier.Texts{Zone: time.FixedZone("", 3600)}
	euros := func(n int64) record.Money { return record.Money{Amount: n, Currency: "EUR"} }
	for name, c := range map[string]struct {
		language string
		reason   decision.Reason
		want     string
	}{
		"bare": {"en", decision.Reason{Code: fault.AlreadyRedeemed}, "Already redeemed here."},
		"when": {"en", decision.Reason{Code: fault.AlreadyRedeemed, At: at}, "Already redeemed here on 26 Nov 2026 14:05."},
		"German": {"de", decision.Reason{Code: fault.AlreadyRedeemed, At: at,
			Other: decision.Other{Receipt: "7K2F9-XR41M"}},
			"Hier bereits eingelöst am 26.11.2026 14:05, Beleg 7K2F9-XR41M."},
		"where": {"fr", decision.Reason{Code: fault.RedeemedElsewhere, Where: record.Place{Store: "Lyon"}},
			"Déjà utilisée à une autre caisse, magasin Lyon."},
		"a place": {"en", decision.Reason{Code: fault.Swapped, Position: 5},
			"Two symbols, 5 and 6, look swapped."},
		"no place": {"en", decision.Reason{Code: fault.Swapped}, "Two symbols look swapped."},
		"an amount": {"es", decision.Reason{Code: fault.NothingEligible, Missing: euros(1205)},
			"Nada aquí corresponde a la oferta: faltan 12,05 EUR."},
		"a small amount": {"en", decision.Reason{Code: fault.NothingEligible, Missing: euros(5)},
			"Nothing here is what the offer is for: 0.05 EUR more is needed."},
		"no decimals": {"en", decision.Reason{Code: fault.NothingEligible,
			Missing: record.Money{Amount: 500, Currency: "JPY"}},
			"Nothing here is what the offer is for: 500 JPY more is needed."},
		"three decimals": {"en", decision.Reason{Code: fault.NothingEligible,
			Missing: record.Money{Amount: 500, Currency: "KWD"}},
			"Nothing here is what the offer is for: 0.500 KWD more is needed."},
		"a quantity": {"de", decision.Reason{Code: fault.NothingEligible, MissingQuantity: 1500},
			"Nichts hier passt zum Angebot, es fehlen 1,5 Artikel."},
		"a region":         {"de-at", decision.Reason{Code: fault.Revoked}, "Zurückgezogen."},
		"another language": {"nl", decision.Reason{Code: fault.Revoked}, "Withdrawn."},
		"a newer code":     {"de", decision.Reason{Code: "of-tomorrow"}, "Kassenfehler."},
		"braces in a name": {"en", decision.Reason{Code: fault.NotCombinable, Other: decision.Other{Title: "[{at}]"}},
			"Not together with another offer: [{at}]."},
	} {
		assert.Equal(t, c.want, texts.Reason(c.language, c.reason), name)
	}
}

func TestAVerdictSaysWhereItWasFirst(t *testing.T) {
	texts := cashier.Texts{Zone: time.UTC}
	v := record.Verdict{Reason: fault.RedeemedElsewhere, First: &record.First{Place: record.Place{Store: "s-2"},
		Redeemed: time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC).UnixMilli()}}
	assert.Equal(t, "Already redeemed at another till in store s-2 on 26 Nov 2026 09:00.", texts.Verdict("en", v))
	v.First = nil
	assert.Equal(t, "Already redeemed at another till.", texts.Verdict("en", v))
}

func TestOwnTextsComeFirst(t *testing.T) {
	texts, err := cashier.Parse([]byte(`{"de": {"texts": {"forged": "Falsch[, {store}]!"}},
		"nl": {"time": "2-1-2006", "texts": {"expired": "Voorbij[ sinds {ends}]."}}}`))
	require.NoError(t, err)
	texts.Zone = time.UTC
	assert.Equal(t, "Falsch!", texts.Code("de", fault.Forged))
	assert.Equal(t, "Zurückgezogen.", texts.Code("de", fault.Revoked), "the others stay")
	ends := decision.Reason{Code: fault.Expired, Ends: time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)}
	assert.Equal(t, "Voorbij sinds 1-2-2026.", texts.Reason("nl", ends))
	assert.Equal(t, "Withdrawn.", texts.Code("nl", fault.Revoked), "English stands in")
	assert.Equal(t, "nl", texts.Choose("nl-BE, de;q=0.5"))
}

func TestATableThatIsWrongIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		table string
		code  fault.Code
		says  string
	}{
		"no JSON":         {`{`, fault.InvalidRequest, "cannot be read"},
		"a field":         {`{"de": {"text": {}}}`, fault.InvalidRequest, `"text"`},
		"more":            {`{} {}`, fault.InvalidRequest, "behind"},
		"a code":          {`{"de": {"texts": {"forgd": "x"}}}`, fault.InvalidRequest, "forgd"},
		"a value":         {`{"de": {"texts": {"forged": "{shop}"}}}`, fault.InvalidRequest, "{shop}"},
		"brackets":        {`{"de": {"texts": {"forged": "[a [b]"}}}`, fault.InvalidRequest, "brackets"},
		"a language":      {`{"Deutsch": {"texts": {}}}`, fault.InvalidRequest, "Deutsch"},
		"a table of 1 MB": {strings.Repeat(" ", 1<<20+1), fault.TooLarge, "bytes"},
	} {
		_, err := cashier.Parse([]byte(c.table))
		require.ErrorIs(t, err, c.code, name)
		assert.ErrorContains(t, err, c.says, name)
	}
}

func TestTheLanguageIsChosenByTheHeader(t *testing.T) {
	var texts cashier.Texts
	for accept, want := range map[string]string{
		"": "en", "de": "de", "de-AT": "de", "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5": "fr", "nl, es;q=0.4": "es",
		"nl": "en", "*": "en", "en;q=0.1, de;q=0.2": "de", "de;q=0": "en", "de;q=2, fr;q=0.1": "fr", "de;level=1": "en",
		" ES ": "es", ";;;,,,": "en", strings.Repeat("nl,", 40) + "de": "en", "de;q=NaN,fr": "fr",
	} {
		assert.Equal(t, want, texts.Choose(accept), accept)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"de": {"time": "2006", "texts": {"forged": "a[ {at}]"}}}`, "de;q=0.5, fr")
	f.Fuzz(func(t *testing.T, table, accept string) {
		texts, err := cashier.Parse([]byte(table))
		if err != nil {
			assert.NotEmpty(t, fault.CodeOf(err), "an error has a code")
			return
		}
		language := texts.Choose(accept)
		assert.Contains(t, texts.Languages(), language, "one that there are texts in")
		texts.Reason(language, decision.Reason{Code: fault.Forged, At: time.Unix(0, 0)})
	})
}
