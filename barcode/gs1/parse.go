package gs1

import "strings"

// Parse reads a text in whichever form it has: a GS1 Digital Link URI, an element string with bracketed AIs, one in
// which "^" stands for every FNC1, the first included, or one as a scanner transmits it, with or without symbology
// identifier. Its error is an *Error.
func Parse(text string) (Elements, error) { return Options{}.Parse(text) }

// Parse reads a text as the function Parse does, with these options.
func (o Options) Parse(text string) (Elements, error) {
	switch {
	case IsLink(text):
		link, err := o.ParseLink(text)
		return link.Elements, err
	case strings.HasPrefix(text, "("):
		return o.parseBracketed(text)
	case strings.HasPrefix(text, "^"):
		text = strings.ReplaceAll(text, "^", string(GS)) // no character set has it
	}
	return o.appendRaw(nil, text)
}

// AppendRaw reads an element string as a scanner transmits it and appends its elements to dst, which it returns;
// nothing is allocated while dst has room. The elements refer to the text. A symbology identifier and a separator at
// the beginning are passed over, as is one separator after an element that needs none. Its error is an *Error, and dst
// is then returned as it was.
func AppendRaw(dst Elements, text string) (Elements, error) { return Options{}.appendRaw(dst, text) }

func (o Options) appendRaw(dst Elements, text string) (Elements, error) {
	if err := checkLength(text); err != nil {
		return dst, err
	}
	_, rest := CutAIM(text)
	rest = strings.TrimPrefix(rest, string(GS))
	if rest == "" {
		return dst, &Error{Offset: len(text), Detail: "there is no element"}
	}
	have := len(dst)
	for rest != "" {
		element, after, err := o.cutElement(rest)
		if err != nil {
			err.Offset += len(text) - len(rest)
			return dst[:have], err
		}
		dst, rest = append(dst, element), after
	}
	return dst, nil
}

func checkLength(text string) error {
	if len(text) > maxText {
		return &Error{Offset: maxText, Detail: "the text is too long for any symbol"}
	}
	return nil
}

// cutElement takes the first element off text and the separator after it.
func (o Options) cutElement(text string) (element Element, rest string, err *Error) {
	n := aiLength(text)
	info := lookup(text[:n])
	if info == nil {
		ai := unassignedAI(text)
		if !o.KeepUnassigned || ai == "" {
			return Element{}, "", notAssigned(ai)
		}
		return cutUnassigned(ai, text)
	}
	value := text[n:]
	if end := strings.IndexByte(value, GS); end >= 0 {
		value = value[:end]
	}
	if limit := info.MaxLen(); info.Predefined && len(value) > limit {
		value = value[:limit]
	}
	if err := info.check(text[:n], value); err != nil {
		err.Offset += n
		return Element{}, "", err
	}
	rest = text[n+len(value):]
	if rest != "" && rest[0] == GS {
		rest = rest[1:]
	}
	return Element{AI: text[:n], Value: value}, rest, nil
}

// checkValue holds a value to its AI's lengths, character sets and linters.
func checkValue(ai, value string) error {
	info := lookup(ai)
	if info == nil {
		return &Error{AI: ai, Detail: "it is no Application Identifier"}
	}
	if err := info.check(ai, value); err != nil {
		return err
	}
	return nil
}

// check returns nil where the value is as the dictionary says. The error's offset is in the value.
func (i *Info) check(ai, value string) *Error {
	if len(value) < i.MinLen() {
		return &Error{AI: ai, Offset: len(value), Detail: "the value ends too soon"}
	}
	if limit := i.MaxLen(); len(value) > limit {
		return &Error{AI: ai, Offset: limit, Detail: "the value is too long"}
	}
	at := 0
	for p := range i.parts {
		part := &i.parts[p]
		n := min(part.max, len(value)-at)
		if n == 0 && part.optional {
			break
		}
		if n < part.min {
			return &Error{AI: ai, Offset: len(value), Detail: "the value ends too soon"}
		}
		if err := part.check(ai, value[at:at+n]); err != nil {
			err.Offset += at
			return err
		}
		at += n
	}
	return nil
}

func (p *part) check(ai, s string) *Error {
	if at, problem := checkSet(p.set, s); problem != "" {
		return &Error{AI: ai, Offset: at, Detail: "it " + problem}
	}
	for _, l := range p.linters {
		if at, problem := linters[l].check(s); problem != "" {
			return &Error{AI: ai, Offset: at, Linter: linters[l].name, Detail: "it " + problem}
		}
	}
	return nil
}
