package wire

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
)

// ReadStrict reads as Read does and refuses what Read passes over, for bodies that people write: a field that T does
// not have in exactly this spelling, one that stands twice, one that is missing though T's JSON always has it, and a
// value of another type. A Report within T was written by a terminal and is read as Read reads it. With an error the
// value is zero. Errors: those of Read; fault.InvalidRequest, of which the detail begins with the field, such as
// "followUps[1].ad.title".
func ReadStrict[T any](r io.Reader, limit int64) (T, error) {
	var none T
	raw, err := readAll(r, limit)
	if err != nil {
		return none, err
	}
	if json.Valid(raw) {
		if err := checkFields(raw, reflect.TypeFor[T](), ""); err != nil {
			return none, err
		}
	}
	v, err := decode[T](raw)
	if err != nil {
		return none, err
	}
	return v, nil
}

// checkFields holds a JSON value to the type that it is read into. at is where it stands in the body, empty for the
// body itself.
func checkFields(raw json.RawMessage, t reflect.Type, at string) error {
	switch {
	case isWhole(t):
		return checkWhole(raw, t, at)
	case t.Kind() == reflect.Pointer:
		return checkFields(raw, t.Elem(), at)
	case t.Kind() == reflect.Slice:
		return checkList(raw, t.Elem(), at)
	}
	return checkObject(raw, t, at)
}

// isWhole reports whether values of a type are read in one piece: plain ones, bytes, those that read themselves, and
// what a terminal wrote.
func isWhole(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct, reflect.Slice, reflect.Pointer:
	default:
		return true
	}
	p := reflect.PointerTo(t)
	return t == reflect.TypeFor[Report]() || t == reflect.TypeFor[[]byte]() ||
		p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

func checkWhole(raw json.RawMessage, t reflect.Type, at string) error {
	err := json.Unmarshal(raw, reflect.New(t).Interface())
	if err == nil {
		return nil
	}
	if other, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return wrongField(at, "a JSON %s does not fit here", other.Value)
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return wrongField(at, "%s", f.Detail)
	}
	return wrongField(at, "%w", err)
}

func checkList(raw json.RawMessage, t reflect.Type, at string) error {
	var elements []json.RawMessage
	if err := json.Unmarshal(raw, &elements); err != nil {
		return wrongField(at, "a list belongs here")
	}
	for i, element := range elements {
		if err := checkFields(element, t, fmt.Sprintf("%s[%d]", at, i)); err != nil {
			return err
		}
	}
	return nil
}

// checkObject reads an object field by field, since a map would hide that one stands twice. A null is as good as no
// field.
func checkObject(raw json.RawMessage, t reflect.Type, at string) error {
	fields := fieldsOf(t)
	values, err := valuesOf(raw, fields, at)
	if err != nil {
		return err
	}
	for _, f := range fields {
		value, ok := values[f.name]
		switch ok = ok && string(value) != "null"; {
		case ok:
			if err := checkFields(value, f.kind, joinPath(at, f.name)); err != nil {
				return err
			}
		case f.required:
			return wrongField(joinPath(at, f.name), "the field is missing")
		}
	}
	return nil
}

func valuesOf(raw json.RawMessage, fields []field, at string) (map[string]json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if begin, err := decoder.Token(); err != nil || begin != json.Delim('{') {
		return nil, wrongField(at, "an object belongs here")
	}
	values := map[string]json.RawMessage{}
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		name := token.(string) // in valid JSON a key is nothing else
		if !slices.ContainsFunc(fields, func(f field) bool { return f.name == name }) {
			return nil, wrongField(joinPath(at, name), "there is no such field here: openapi.yaml lists those that there are")
		}
		if _, ok := values[name]; ok {
			return nil, wrongField(joinPath(at, name), "the field stands twice")
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		values[name] = value
	}
	return values, nil
}

// A field is one that a type has in JSON.
type field struct {
	name     string
	kind     reflect.Type
	required bool
}

func fieldsOf(t reflect.Type) (fields []field) {
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" && name != "-" {
			fields = append(fields, field{name, f.Type, !strings.Contains(options, "omit")})
		}
	}
	return fields
}

func joinPath(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// wrongField names the field before it says what is wrong with it. Of a name that is very long the beginning is enough.
func wrongField(at, format string, args ...any) error {
	if at == "" {
		at = "the body"
	}
	return fault.New(fault.InvalidRequest, "wire.ReadStrict", "%.128s: %w", at, fmt.Errorf(format, args...))
}
