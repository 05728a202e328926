package hub

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/transport/hub/internal/arbiter"
	"github.com/offlane/offlane/transport/wire"
)

func readContract(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(OpenAPI())
	require.NoError(t, err)
	return doc
}

func TestTheDocumentIsValidAndLinted(t *testing.T) {
	doc := readContract(t)
	require.NoError(t, doc.Validate(t.Context()))
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			name := method + " " + path
			assert.NotEmpty(t, op.OperationID, name)
			assert.NotEmpty(t, op.Summary, name)
			assert.Len(t, op.Tags, 1, name)
			assert.NotNil(t, op.Security, name)
			assert.NotNil(t, op.Responses.Default(), name)
			assert.NotEmpty(t, op.Extensions["x-codes"], name)
		}
	}
	text := string(OpenAPI())
	for name, schema := range doc.Components.Schemas {
		assert.NotEmpty(t, schema.Value.Description, name)
		assert.Contains(t, text, `"#/components/schemas/`+name+`"`, "nothing refers to it")
		for _, field := range schema.Value.Required {
			assert.Contains(t, schema.Value.Properties, field, "%s requires what it has not", name)
		}
		for field, property := range schema.Value.Properties {
			assert.True(t, property.Ref != "" || property.Value.Description != "", "%s.%s says not what it is", name, field)
		}
	}
}

func TestTheDocumentHasThePathsThatThereAre(t *testing.T) {
	listed := slices.Collect(maps.Keys(readContract(t).Paths.Map()))
	assert.ElementsMatch(t, []string{pathHello, pathClaim, pathTell}, listed)
}

// schemas are the messages, by the names of the document.
var schemas = map[string]any{
	"Hello": hello{}, "KnownEpoch": record.HubEpoch{}, "Epoch": record.HubEpoch{}, "Welcome": welcome{},
	"Attempt": attempt{}, "Claims": claims{}, "Claim": claim{}, "ClaimAnswers": claimAnswers{},
	"ClaimAnswer": claimAnswer{}, "Facts": tell{}, "Fact": told{}, "Told": tellAnswer{}, "Notice": notice{},
}

// noObjects are the schemas that are texts; a hub's problems have neither instance nor notice.
var noObjects = []string{"Result", "NoticeKind", "ID", "Name", "Problem"}

func TestTheDocumentHasTheFieldsOfTheMessages(t *testing.T) {
	doc := readContract(t)
	assert.ElementsMatch(t, slices.Concat(slices.Collect(maps.Keys(schemas)), noObjects),
		slices.Collect(maps.Keys(doc.Components.Schemas)))
	for name, value := range schemas {
		schema := doc.Components.Schemas[name].Value
		var fields, required []string
		for _, f := range reflect.VisibleFields(reflect.TypeOf(value)) {
			field, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			if fields = append(fields, field); !strings.Contains(options, "omit") {
				required = append(required, field)
			}
		}
		assert.ElementsMatch(t, fields, slices.Collect(maps.Keys(schema.Properties)), name)
		assert.ElementsMatch(t, required, schema.Required, "%s: what is always there", name)
	}
	for field := range doc.Components.Schemas["Problem"].Value.Properties {
		_, has := reflect.TypeFor[wire.Problem]().FieldByNameFunc(func(name string) bool {
			return strings.EqualFold(name, field)
		})
		assert.True(t, has, "a problem has %s", field)
	}
}

// The limits of the document are those of the code.
func TestTheDocumentHasTheLimitsOfTheMessages(t *testing.T) {
	doc := readContract(t)
	property := func(schema, field string) *openapi3.Schema {
		return doc.Components.Schemas[schema].Value.Properties[field].Value
	}
	for what, c := range map[string]struct {
		want int
		got  *uint64
	}{
		"claims":   {maxAtOnce, property("Claims", "claims").MaxItems},
		"facts":    {maxFacts, property("Facts", "facts").MaxItems},
		"give-ups": {maxGiveUps, property("Facts", "giveUps").MaxItems},
		"open":     {maxOpen, property("Welcome", "open").MaxItems},
		"names":    {maxNames, property("Claim", "names").MaxItems},
		"notices":  {arbiter.MaxNotices, property("Told", "notices").MaxItems},
	} {
		if assert.NotNil(t, c.got, what) {
			assert.EqualValues(t, c.want, *c.got, what)
		}
	}
	for what, c := range map[string]struct {
		want float64
		got  *float64
	}{
		"epoch": {maxEpoch, property("Epoch", "number").Max}, "uses": {maxParts, property("Claim", "uses").Max},
		"allowed": {maxUses, property("Claim", "allowed").Max}, "parts": {maxParts, property("Fact", "parts").Max},
		"hold": {float64(maxHold.Milliseconds()), property("Fact", "holdMillis").Max},
	} {
		if assert.NotNil(t, c.got, what) {
			assert.InDelta(t, c.want, *c.got, 0, what)
		}
	}
	sizes := regexp.MustCompile(`(\d+) KiB`).FindAllStringSubmatch(doc.Info.Description, -1)
	require.Len(t, sizes, 3, "three bodies have a limit")
	for i, limit := range []int{maxHello, maxClaims, maxTell} {
		assert.Equal(t, limit>>10, atoi(t, sizes[i][1]), "limit %d", i)
	}
}

func TestTheDocumentHasTheResultsAndNoticesThatThereAre(t *testing.T) {
	doc := readContract(t)
	var results []any
	for r := arbiter.Granted; r <= arbiter.Stale; r++ {
		results = append(results, r.String())
	}
	assert.Equal(t, results, doc.Components.Schemas["Result"].Value.Enum)
	assert.Equal(t, []any{string(arbiter.NoticeConflict), string(arbiter.NoticeTakenOver), string(arbiter.NoticeVoided)},
		doc.Components.Schemas["NoticeKind"].Value.Enum)
}

func atoi(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	require.NoError(t, err)
	return n
}
