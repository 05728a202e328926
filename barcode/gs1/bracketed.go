package gs1

import "strings"

// ParseBracketed reads an element string with bracketed AIs, such as "(01)09521234543213(10)ABC". An opening bracket
// that belongs to a value has a backslash before it. Its error is an *Error.
func ParseBracketed(text string) (Elements, error) { return Options{}.parseBracketed(text) }

func (o Options) parseBracketed(text string) (Elements, error) {
	if err := checkLength(text); err != nil {
		return nil, err
	}
	var elements Elements
	for at := 0; at < len(text) || at == 0; {
		element, n, err := o.cutBracketed(text[at:])
		if err != nil {
			err.Offset += at
			return nil, err
		}
		elements = append(elements, element)
		at += n
	}
	return elements, nil
}

// cutBracketed returns the first element and how many bytes of text it takes.
func (o Options) cutBracketed(text string) (Element, int, *Error) {
	if !strings.HasPrefix(text, "(") {
		return Element{}, 0, &Error{Detail: "an opening bracket is missing"}
	}
	ai, _, ok := strings.Cut(text[1:], ")")
	if !ok {
		return Element{}, 0, &Error{Detail: "the closing bracket of an Application Identifier is missing"}
	}
	if lookup(ai) == nil && (!o.KeepUnassigned || !isAILike(ai)) {
		err := notAssigned("")
		if isAILike(ai) {
			err = notAssigned(ai)
		}
		err.Offset = 1
		return Element{}, 0, err
	}
	start := len(ai) + 2
	end := start + valueEnd(text[start:])
	value := strings.ReplaceAll(text[start:end], `\(`, "(")
	if err := o.check(ai, value); err != nil {
		err.Offset = min(err.Offset+start, len(text))
		return Element{}, 0, err
	}
	return Element{AI: ai, Value: value}, end, nil
}

// valueEnd returns where the next bracket opens that belongs to no value.
func valueEnd(text string) int {
	for i := range len(text) {
		if text[i] == '(' && (i == 0 || text[i-1] != '\\') {
			return i
		}
	}
	return len(text)
}
