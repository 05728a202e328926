package wire_test

import (
	"bytes"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/terms"
	"github.com/offlane/offlane/redeem/trust"
	"github.com/offlane/offlane/transport/wire"
)

func TestReadStrictNamesTheField(t *testing.T) {
	for body, want := range map[string]string{
		`{"id":"a","title":"A","followUps":[{},{"ad":{"id":"a","title":"A","titel":"B"}}]}`: "followUps[1].ad.titel: ",
		`{"id":"a","title":"A","followUps":[{"ad":{"id":"a","id":"a","title":"A"}}]}`:       "followUps[0].ad.id: ",
		`{"id":"a","title":"A","followUps":[null]}`:                                         "followUps[0]: ",
		`{"id":"a","title":"A","terms":{"minQuantity":0.0001}}`:                             "terms.minQuantity: ",
		`{"id":"a","title":"A","terms":[]}`:                                                 "terms: ",
		`{"id":"a","title":"A","state":null,"state":"active"}`:                              "state: ",
		`{"title":"A"}`:               "id: ",
		`{"id":null,"title":"A"}`:     "id: ",
		`{"id":"a","title":"A","":1}`: "the body: ",
		`{"Id":"a","title":"A"}`:      "Id: ",
		`[]`:                          "the body: ",
		`null`:                        "the body: ",
	} {
		got, err := wire.ReadStrict[wire.Campaign](strings.NewReader(body), wire.MaxBody)
		require.ErrorIs(t, err, fault.InvalidRequest, body)
		f, _ := errors.AsType[*fault.Error](err)
		assert.True(t, strings.HasPrefix(f.Detail, want), "%s: %s", body, f.Detail)
		assert.Zero(t, got, body)
	}
}

func TestReadStrictTakesWhatIsRight(t *testing.T) {
	full := wire.Campaign{
		ID: "a", Title: "A", Partners: []string{"m"}, Terms: terms.Terms{Kind: terms.FreeItem, MinQuantity: 452}, Starts: 1,
		Offline: trust.Allowance{Number: 1}, FollowUps: []wire.FollowUp{{Ad: &wire.Ad{ID: "x", Title: "X"}, Until: 7}},
	}
	var body bytes.Buffer
	require.NoError(t, wire.Write(&body, full))
	got, err := wire.ReadStrict[wire.Campaign](&body, wire.MaxBody)
	require.NoError(t, err)
	assert.Equal(t, full, got)
	got, err = wire.ReadStrict[wire.Campaign](strings.NewReader(`{"id":"a","title":"A","stores":null}`), wire.MaxBody)
	require.NoError(t, err)
	assert.Equal(t, wire.Campaign{ID: "a", Title: "A"}, got, "null is as good as nothing")
	upload, err := wire.ReadStrict[wire.Upload](strings.NewReader(`{"reports":[{"heading":"AA","colour":"red"}]}`),
		wire.MaxBody)
	require.NoError(t, err)
	assert.Len(t, upload.Reports, 1, "a report was written by a terminal")
	type file struct {
		Data []byte `json:"data"`
	}
	raw, err := wire.ReadStrict[file](strings.NewReader(`{"data":"AQI="}`), wire.MaxBody)
	require.NoError(t, err)
	assert.Equal(t, []byte{1, 2}, raw.Data, "bytes are a text in base64")
	_, err = wire.ReadStrict[file](strings.NewReader(`{"data":"?"}`), wire.MaxBody)
	assert.ErrorContains(t, err, "data: ", "a text that is none names its field")
}

func TestReadStrictRefusesWhatReadRefuses(t *testing.T) {
	for body, want := range map[string]fault.Code{
		"": fault.Malformed, "<html>": fault.Malformed, `{"state":"ended"}{}`: fault.Malformed,
		`{"state":"ended"`:      fault.Malformed,
		strings.Repeat("[", 90): fault.Malformed, `{"state":"` + strings.Repeat("x", 100) + `"}`: fault.TooLarge,
	} {
		_, err := wire.ReadStrict[wire.NewState](strings.NewReader(body), 100)
		assert.Equal(t, want, fault.CodeOf(err), body)
	}
	broken := errors.New("cut")
	_, err := wire.ReadStrict[wire.NewState](brokenReader{broken}, 100)
	assert.Equal(t, broken, err, "an error of the network stays what it is")
}

// The document says which fields a merchant may send, and which are required; what is read strictly knows just these.
func TestTheDocumentHasTheFieldsThatAreReadStrictly(t *testing.T) {
	for name, kind := range map[string]reflect.Type{
		"Campaign": reflect.TypeFor[wire.Campaign](), "FollowUp": reflect.TypeFor[wire.FollowUp](),
		"Ad":    reflect.TypeFor[wire.Ad](),
		"Terms": reflect.TypeFor[terms.Terms](), "Allowance": reflect.TypeFor[trust.Allowance](),
		"NewState": reflect.TypeFor[wire.NewState](),
		"NewCode":  reflect.TypeFor[wire.NewCode](), "Revocation": reflect.TypeFor[wire.Revocation](),
		"Upload": reflect.TypeFor[wire.Upload](),
	} {
		var fields, required, described []string
		for _, f := range reflect.VisibleFields(kind) {
			field, options, _ := strings.Cut(f.Tag.Get("json"), ",")
			fields = append(fields, field)
			if options == "" {
				required = append(required, field)
			}
		}
		schema := document(t).Components.Schemas[name].Value
		for property := range schema.Properties {
			described = append(described, property)
		}
		assert.ElementsMatch(t, fields, described, name)
		assert.ElementsMatch(t, required, schema.Required, name)
	}
}

// FuzzReadStrict reads whatever a merchant's program sends. What is taken is what Read makes of it.
func FuzzReadStrict(f *testing.F) {
	f.Add([]byte(`{"id":"a","title":"A","followUps":[{"ad":{"id":"x","title":"X"},"until":7}],
		"terms":{"kind":"free-item","minQuantity":2}}`))
	f.Add([]byte(`{"reports":[{"heading":"AA","signature":"","records":["AA"]}]}`))
	f.Add([]byte(`{"offers":["x"],"offers":null}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		compareReads[wire.Campaign](t, raw)
		compareReads[wire.NewCode](t, raw)
		compareReads[wire.NewState](t, raw)
		compareReads[wire.Revocation](t, raw)
		compareReads[wire.Upload](t, raw)
	})
}

func compareReads[T any](t *testing.T, raw []byte) {
	strict, err := wire.ReadStrict[T](bytes.NewReader(raw), wire.MaxBody)
	if err != nil {
		assert.Zero(t, strict)
		return
	}
	loose, err := wire.Read[T](bytes.NewReader(raw), wire.MaxBody)
	require.NoError(t, err)
	assert.Equal(t, loose, strict)
}
