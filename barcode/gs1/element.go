package gs1

import (
	"fmt"
	"strings"
)

// maxText is the greatest length in bytes of a text that this package parses: more than any symbol holds.
const maxText = 8192

// GS is the separator between elements, as a scanner transmits it (FNC1 in the symbol).
const GS = '\x1d'

// An Element is an Application Identifier with its value.
type Element struct {
	// AI is the Application Identifier, two to four digits.
	AI string
	// Value is what follows it, without separator.
	Value string
}

// Check holds the value to its AI's lengths, character sets and linters. It returns an *Error.
func (e Element) Check() error { return checkValue(e.AI, e.Value) }

// Elements is a message of elements in the order in which they stand.
type Elements []Element

// Get returns the value of the first element with this AI; ok is false where there is none.
func (e Elements) Get(ai string) (value string, ok bool) {
	for _, element := range e {
		if element.AI == ai {
			return element.Value, true
		}
	}
	return "", false
}

// HasCheckDigit reports whether the value of one of the elements has a check digit or check characters.
func (e Elements) HasCheckDigit() bool {
	for _, element := range e {
		if info := lookup(element.AI); info != nil && info.hasCheckDigit() {
			return true
		}
	}
	return false
}

// String returns the elements with bracketed AIs, for people, as ParseBracketed reads them:
// "(01)09521234543213(10)ABC". An opening bracket within a value is written with a backslash before it.
func (e Elements) String() string {
	var b strings.Builder
	for _, element := range e {
		b.WriteString("(" + element.AI + ")")
		b.WriteString(strings.ReplaceAll(element.Value, "(", `\(`))
	}
	return b.String()
}

// Raw returns the element string as a scanner transmits it, without symbology identifier: a separator stands after
// every element whose length is not predefined, except after the last.
func (e Elements) Raw() string {
	var b strings.Builder
	for i, element := range e {
		b.WriteString(element.AI)
		b.WriteString(element.Value)
		if info := lookup(element.AI); i < len(e)-1 && (info == nil || !info.Predefined) {
			b.WriteByte(GS)
		}
	}
	return b.String()
}

// An Error says what is wrong with a text or a value, and where.
type Error struct {
	// AI is the Application Identifier that it is about; empty: none yet.
	AI string
	// Offset is where the fault is, in bytes: from the beginning of the text for the Parse functions, of the value
	// where a value alone was parsed. −1: it is in no one place.
	Offset int
	// Linter is the dictionary's name of the rule that is broken; empty: it is a rule of lengths, character sets,
	// companions or form.
	Linter string
	// Detail says what is wrong.
	Detail string
}

// noPlace is the offset of a fault that is in no one place.
const noPlace = -1

// Error returns where the fault is and what it is.
func (e *Error) Error() string {
	text := "gs1"
	if e.AI != "" {
		text += ": AI (" + e.AI + ")"
	}
	if e.Offset != noPlace {
		text += fmt.Sprintf(": at byte %d", e.Offset)
	}
	text += ": " + e.Detail
	if e.Linter != "" {
		text += " (" + e.Linter + ")"
	}
	return text
}
