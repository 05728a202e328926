package local

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/barcode/wedge"
	"github.com/offlane/offlane/redeem"
	"github.com/offlane/offlane/redeem/record"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
)

func readDocument(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(OpenAPI())
	require.NoError(t, err)
	return doc
}

func TestTheDocumentIsValidAndLinted(t *testing.T) {
	doc := readDocument(t)
	require.NoError(t, doc.Validate(t.Context()))
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			name := method + " " + path
			assert.NotEmpty(t, op.OperationID, name)
			assert.NotEmpty(t, op.Summary, name)
			assert.Len(t, op.Tags, 1, name)
			assert.NotNil(t, op.Security, name)
			assert.NotNil(t, op.Responses.Default(), name)
		}
	}
	text := string(OpenAPI())
	for name, schema := range doc.Components.Schemas {
		assert.NotEmpty(t, schema.Value.Description, name)
		assert.Contains(t, text, `"#/components/schemas/`+name+`"`, "nothing refers to it")
		for _, field := range schema.Value.Required {
			assert.Contains(t, schema.Value.Properties, field, "%s requires what it has not", name)
		}
	}
	_, text, _ = strings.Cut(text, "\n  schemas:\n")
	for _, field := range regexp.MustCompile(`(?m)^        \w+: \{.*$`).FindAllString(text, -1) {
		assert.Regexp(t, `\bdescription: "[^"]+" \}$`, field, "every field is described")
	}
}

// ofOthers are the paths that are not a Service's.
var ofOthers = []string{"/v1/read-picture", "/v1/draw", "/v1/pair"}

func TestTheDocumentHasTheCallsThatThereAre(t *testing.T) {
	paths := slices.Clone(ofOthers)
	for name := range calls() {
		paths = append(paths, base+name)
	}
	for _, name := range []string{"health", "metrics", "openapi.yaml"} {
		paths = append(paths, base+name)
	}
	assert.ElementsMatch(t, paths, slices.Collect(maps.Keys(readDocument(t).Paths.Map())))
}

// schemas are the types of the contract, by the names of the document.
var schemas = map[string]any{
	"Request": request{}, "Reservation": reservation{}, "SaleName": saleName{}, "Correction": correction{}, "Void": void{},
	"Query": query{}, "Page": page{}, "Wait": wait{}, "Bound": bound{}, "Acknowledged": acknowledged{},
	"Nothing": nothing{}, "Bundle": bundle{}, "End": end{}, "Override": override{}, "Profile": wedge.Profile{},
	"Arrived": arrived{}, "Scan": scan{}, "Money": record.Money{}, "Line": terms.Line{}, "Sale": terms.Sale{},
	"Decision": decision{}, "Reason": reason{}, "Other": redeem.Reason{}.Other, "Budget": redeem.Budget{},
	"Allowance": trust.Allowance{}, "Terms": terms.Terms{}, "Discount": discount{}, "Place": record.Place{},
	"Released": released{}, "Corrected": corrected{}, "Voided": voided{}, "Records": records{}, "Record": listed{},
	"Overridden": overridden{}, "NotAllowed": notAllowed{}, "Totals": totals{}, "Total": total{},
	"Verdicts": verdicts{}, "Verdict": verdict{}, "First": record.First{}, "Done": done{}, "Status": status{},
	"SetAside": redeem.SetAside{}, "Forgotten": redeem.Forgotten{}, "ScannerTests": tests{}, "Learned": learned{},
	"Reading": reading{}, "Health": health{}, "Hub": record.HubStatus{}, "Problem": problem{},
}

// elsewhere are the schemas whose types are not in this package, and those that are no objects.
var elsewhere = []string{"Drawing", "Symbol", "Symbols", "Point", "Pairing", "Paired", "ID", "NoID", "FaultCode",
	"GivenBy", "Outcome"}

func TestTheDocumentHasTheFieldsOfTheTypes(t *testing.T) {
	doc := readDocument(t)
	assert.ElementsMatch(t, slices.Concat(slices.Collect(maps.Keys(schemas)), elsewhere),
		slices.Collect(maps.Keys(doc.Components.Schemas)))
	for name, value := range schemas {
		schema := doc.Components.Schemas[name].Value
		var fields, required []string
		for field, always := range fieldsOf(reflect.TypeOf(value)) {
			if fields = append(fields, field); always {
				required = append(required, field)
			}
		}
		assert.ElementsMatch(t, fields, slices.Collect(maps.Keys(schema.Properties)), name)
		assert.ElementsMatch(t, required, schema.Required, "%s: what is always there", name)
	}
}

// fieldsOf are the JSON fields of a type, and whether each is always there. One of the same name nearer to the top
// hides the others.
func fieldsOf(t reflect.Type) map[string]bool {
	fields, depth := map[string]bool{}, map[string]int{}
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		if d, ok := depth[name]; !ok || len(f.Index) < d {
			fields[name], depth[name] = !strings.Contains(options, "omit"), len(f.Index)
		}
	}
	return fields
}

// left are fields of the Go API that have no field of their own in the contract, and why.
var left = map[string]string{
	"Decision.Offer": "a secret of the customer's", "Record.Version": "the codec's", "Record.Prev": "the chain's",
	"Record.Chain": "the chain's", "Record.Offer": "a secret of the customer's", "Record.Claim": "the hub's",
	"Record.Sale": "flat", "Record.Time": "made and trusted", "Record.Turned": "notAllowed",
	"Listed.Record": "flat", "Listed.Receipt": "in the record's",
}

func TestTheContractHasEveryFieldOfTheGoAPI(t *testing.T) {
	for _, pair := range []struct{ api, contract any }{
		{redeem.Request{}, request{}}, {redeem.CorrectRequest{}, correction{}}, {redeem.VoidRequest{}, void{}},
		{redeem.Query{}, query{}}, {redeem.Override{}, override{}}, {redeem.Decision{}, decision{}},
		{redeem.Reason{}, reason{}}, {redeem.Corrected{}, corrected{}}, {redeem.Voided{}, voided{}},
		{redeem.Listed{}, listed{}}, {record.Record{}, listed{}}, {redeem.Total{}, total{}}, {redeem.Status{}, status{}},
		{record.Verdict{}, verdict{}}, {record.Sale{}, listed{}}, {record.Override{}, overridden{}},
	} {
		api, fields := reflect.TypeOf(pair.api), fieldsOf(reflect.TypeOf(pair.contract))
		for i := range api.NumField() {
			name := api.Name() + "." + api.Field(i).Name
			if left[name] != "" || name == "Sale.Key" || name == "Verdict.Version" {
				continue
			}
			assert.Contains(t, fields, lower(api.Field(i).Name), "the contract lacks %s", name)
		}
	}
}

// lower is how JSON writes the name of a field.
func lower(name string) string {
	if strings.ToUpper(name) == name {
		return strings.ToLower(name)
	}
	return strings.ToLower(name[:1]) + name[1:]
}

// A method of the terminal that no call reaches would be missed by a till in another language.
func TestEveryMethodOfATerminalHasACall(t *testing.T) {
	names := map[string]string{"ReportNow": "report", "Close": ""}
	terminal := reflect.TypeFor[*redeem.Terminal]()
	for i := range terminal.NumMethod() {
		method := terminal.Method(i).Name
		name, renamed := names[method]
		if !renamed {
			name = strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(method, "$1-$2"))
		}
		if name != "" {
			assert.Contains(t, calls(), name, "no call reaches %s", method)
		}
	}
}
