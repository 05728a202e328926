package gs1

import "strings"

// Link returns the elements as a GS1 Digital Link URI behind a stem, such as "https://id.gs1.org". The first element
// that can be is the primary key; of the sequences of qualifiers that it takes, the one with the most elements stands
// in the path, everything else in the query, predefined lengths first. An element that stands twice is written once.
// Its error is an *Error: no element is a primary key, or one may not stand in a link.
func (e Elements) Link(stem string) (string, error) {
	if _, _, ok := cutScheme(stem); !ok {
		return "", &Error{Offset: noPlace, Detail: "a link's stem begins with http:// or https://"}
	}
	path, err := e.path()
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString(strings.TrimRight(stem, "/"))
	for _, element := range path {
		b.WriteString("/" + element.AI + "/")
		escape(&b, element.Value)
	}
	attributes, err := e.attributes(path)
	if err != nil {
		return "", err
	}
	separator := "?"
	for _, element := range attributes {
		b.WriteString(separator + element.AI + "=")
		escape(&b, element.Value)
		separator = "&"
	}
	return b.String(), nil
}

// path returns the primary key and its qualifiers in their order.
func (e Elements) path() (Elements, error) {
	for _, element := range e {
		key := lookup(element.AI)
		if key == nil || !key.PrimaryKey {
			continue
		}
		best := Elements{element}
		for _, sequence := range key.sequences() {
			candidate := Elements{element}
			for _, ai := range sequence {
				if value, ok := e.Get(ai); ok {
					candidate = append(candidate, Element{AI: ai, Value: value})
				}
			}
			if len(candidate) > len(best) {
				best = candidate
			}
		}
		return best, nil
	}
	return nil, &Error{Offset: noPlace, Detail: "no element is a primary key of GS1 Digital Link"}
}

// attributes returns what is left for the query, predefined lengths first.
func (e Elements) attributes(path Elements) (Elements, error) {
	var fixed, variable Elements
	for i, element := range e {
		if _, ok := path.Get(element.AI); ok {
			continue
		}
		if _, ok := e[:i].Get(element.AI); ok {
			continue
		}
		info := lookup(element.AI)
		if info == nil || !info.Attribute || belongsInPath(element.AI, path) {
			return nil, &Error{AI: element.AI, Offset: noPlace, Detail: "it must not stand in this link"}
		}
		if info.Predefined {
			fixed = append(fixed, element)
		} else {
			variable = append(variable, element)
		}
	}
	return append(fixed, variable...), nil
}

// escape writes everything but RFC 3986's unreserved characters with a percent sign.
func escape(b *strings.Builder, value string) {
	const hex = "0123456789ABCDEF"
	for i := range len(value) {
		c := value[i]
		if isLetter(c) || isDigit(c) || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.Write([]byte{'%', hex[c>>4], hex[c&15]})
	}
}
