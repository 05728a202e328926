package cddltest

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// A Schema is what some texts of CDDL define. It is read only once it is made.
type Schema struct {
	types  map[string]matcher
	groups map[string][]entry
}

// Parse reads a text, of which every name must be defined.
func Parse(text string) (*Schema, error) {
	s := &Schema{types: map[string]matcher{}, groups: map[string][]entry{}}
	if err := s.parse(text); err != nil {
		return nil, err
	}
	for name, m := range s.types {
		if err := s.checkNames(m); err != nil {
			return nil, fmt.Errorf("rule %s: %w", name, err)
		}
	}
	for name, g := range s.groups {
		if err := s.checkGroup(g); err != nil {
			return nil, fmt.Errorf("group %s: %w", name, err)
		}
	}
	return s, nil
}

// Load reads files as one text.
func Load(t testing.TB, files ...string) *Schema {
	t.Helper()
	var all strings.Builder
	for _, name := range files {
		part, err := os.ReadFile(name)
		require.NoError(t, err)
		all.Write(part)
	}
	s, err := Parse(all.String())
	require.NoError(t, err, "the CDDL of %v", files)
	return s
}

// Check returns nil if data is one item of the rule's type.
func (s *Schema) Check(rule string, data []byte) error {
	if s.types[rule] == nil {
		return fmt.Errorf("there is no rule %s", rule)
	}
	i, err := decode(string(data))
	if err != nil {
		return err
	}
	return reference(rule).match(s, i)
}

// CheckKeys returns nil if the map of a rule has the keys that the tags of a struct's fields have, and those may be
// absent that the struct leaves out.
func (s *Schema) CheckKeys(rule string, of any) error {
	m, ok := s.types[rule].(mapOf)
	if !ok {
		return fmt.Errorf("rule %s is no map", rule)
	}
	optional := map[int64]bool{}
	for _, e := range s.flat(m) {
		optional[e.key] = e.least == 0
	}
	var all []error
	for _, field := range reflect.VisibleFields(reflect.TypeOf(of)) {
		name, options, _ := strings.Cut(field.Tag.Get("cbor"), ",")
		key, err := strconv.ParseInt(name, 10, 64)
		if err != nil {
			continue
		}
		isOptional, ok := optional[key]
		if left := strings.Contains(options, "omit"); !ok || isOptional != left {
			all = append(all, fmt.Errorf("rule %s, key %d: it is there: %t; it may be absent: %t, in Go: %t",
				rule, key, ok, isOptional, left))
		}
		delete(optional, key)
	}
	for key := range optional {
		all = append(all, fmt.Errorf("rule %s, key %d: no field has it", rule, key))
	}
	return errors.Join(all...)
}

func (s *Schema) has(name string) bool { return s.types[name] != nil || s.groups[name] != nil }

// flat returns entries with the groups that they name in place.
func (s *Schema) flat(entries []entry) (all []entry) {
	for _, e := range entries {
		if name, ok := e.value.(reference); ok && !e.hasKey && s.groups[string(name)] != nil {
			all = append(all, s.flat(s.groups[string(name)])...)
			continue
		}
		all = append(all, e)
	}
	return all
}

func (s *Schema) checkGroup(entries []entry) error {
	for _, e := range entries {
		if err := s.checkNames(e.value); err != nil {
			return err
		}
	}
	return nil
}

// checkKeyed returns an error for an entry of a map that has no number for a key and is no group.
func (s *Schema) checkKeyed(m mapOf) error {
	for _, e := range m {
		name, ok := e.value.(reference)
		isGroup := ok && s.groups[string(name)] != nil && e.least == 1 && e.most == 1
		if !e.hasKey && !isGroup {
			return errors.New("an entry of a map has no number for a key and is no group")
		}
	}
	return nil
}

// checkNames returns an error that names a reference that leads nowhere.
func (s *Schema) checkNames(m matcher) error {
	switch m := m.(type) {
	case reference:
		if prelude[m] == nil && !s.has(string(m)) {
			return fmt.Errorf("%s is not defined", string(m))
		}
	case choice:
		for _, one := range m {
			if err := s.checkNames(one); err != nil {
				return err
			}
		}
	case mapOf:
		return errors.Join(s.checkKeyed(m), s.checkGroup(m))
	case arrayOf:
		return s.checkGroup(m)
	case encoded:
		return s.checkNames(m.inner)
	case sizeOf:
		return s.checkNames(m.of)
	case tagOf:
		return s.checkNames(m.inner)
	}
	return nil
}
