package gs1

import (
	"net/url"
	"strings"
)

// A Link is a GS1 Digital Link URI (GS1 Digital Link Standard: URI Syntax) taken apart.
type Link struct {
	// Stem is the scheme, the domain and the path before the primary key, without slashes at its end.
	Stem string
	// Elements are the primary key, its qualifiers and the attributes, in the order in which they stand.
	Elements Elements
	// Parameters are the parts of the query that are no GS1 attributes, as they stand, such as "linkType=gs1:pip".
	Parameters []string
	// Fragment is what follows "#", as it stands.
	Fragment string

	options Options
}

// aliases are the convenience alphas: words, in either case, that may stand for AIs in the path of older links.
var aliases = map[string]string{
	"cpid": "8010", "cpsn": "8011", "cpv": "22", "gcn": "255", "gdti": "253", "giai": "8004", "ginc": "401", "gln": "414",
	"glnx": "254", "gmn": "8013", "grai": "8003", "gsin": "402", "gsrn": "8018", "gsrnp": "8017", "gtin": "01",
	"itip": "8006", "lot": "10", "party": "417", "payto": "415", "refno": "8020", "ser": "21", "srin": "8019",
	"sscc": "00",
}

// IsLink reports whether a text is an address of the Web, so that Parse would take it for a Digital Link.
func IsLink(text string) bool {
	_, _, ok := cutScheme(text)
	return ok
}

func cutScheme(text string) (scheme, rest string, ok bool) {
	for _, known := range []string{"https://", "http://"} { // in either case (RFC 3986, section 3.1)
		if len(text) >= len(known) && strings.EqualFold(text[:len(known)], known) {
			return text[:len(known)], text[len(known):], true
		}
	}
	return "", text, false
}

// earlier are the words that stood for AIs in the query of links by the first version of the standard: the last day,
// and the last day with the hour.
var earlier = map[string]string{"exp": "17", "expdt": "7003"}

// ParseLink reads a Digital Link with any domain and any path before the primary key. Convenience alphas stand for
// their AIs; a GTIN of 8, 12 or 13 digits, as older links have it, is filled with zeros. The order of the qualifiers
// and the place of each AI are held to the standard. A link that is compressed, wholly or behind its primary key, is
// read as well. Its error is an *Error.
func ParseLink(uri string) (Link, error) { return Options{}.ParseLink(uri) }

// ParseLink reads a link as the function ParseLink does, with these options.
func (o Options) ParseLink(uri string) (Link, error) {
	if err := checkLength(uri); err != nil {
		return Link{}, err
	}
	scheme, rest, ok := cutScheme(uri)
	if !ok {
		return Link{}, &Error{Detail: "a link begins with http:// or https://"}
	}
	if at := strings.IndexFunc(uri, notInURI); at >= 0 {
		return Link{}, &Error{Offset: at, Detail: "a character stands here that no link has"}
	}
	rest, fragment, _ := strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	domain, path, ok := strings.Cut(rest, "/")
	if !ok || domain == "" || strings.ContainsAny(domain, "_~@!$&'()*+,;=% ") {
		return Link{}, &Error{Offset: len(scheme), Detail: "the link has no domain and path, or not good ones"}
	}
	link := Link{Stem: scheme + domain, Fragment: fragment, options: o}
	if err := link.readPath(path, len(link.Stem)+1); err != nil && !link.readCompressed(path) {
		return Link{}, err
	}
	if err := link.readQuery(query, len(scheme)+len(rest)+1); err != nil {
		return Link{}, err
	}
	return link, nil
}

// notInURI reports whether a character must not stand in a URI (RFC 3986, section 2).
func notInURI(r rune) bool { return r <= ' ' || r >= 0x7f || strings.ContainsRune("\"<>\\^`{|}", r) }

// readPath finds the rightmost primary key from which AIs and values alternate to the end of the path, which begins at
// offset in the link.
func (l *Link) readPath(path string, offset int) *Error {
	segments := strings.Split(path, "/")
	start := len(segments)
	for at := len(segments) - 2; at >= 0; at -= 2 {
		info := lookup(resolve(segments[at]))
		if info == nil {
			break
		}
		if info.PrimaryKey {
			start = at
			break
		}
	}
	if start == len(segments) {
		return &Error{Offset: offset, Detail: "the path does not end in a primary key and its qualifiers"}
	}
	l.Stem = strings.TrimRight(l.Stem+"/"+strings.Join(segments[:start], "/"), "/")
	offset += len(path) - len(strings.Join(segments[start:], "/"))
	key := offset
	for at := start; at < len(segments); at += 2 {
		offset += len(segments[at]) + 1
		if err := l.add(resolve(segments[at]), segments[at+1], offset, url.PathUnescape); err != nil {
			return err
		}
		offset += len(segments[at+1]) + 1
	}
	if !l.takesQualifiers() {
		return &Error{AI: l.Elements[0].AI, Offset: key, Detail: "it does not take these qualifiers, or not in this order"}
	}
	return nil
}

func resolve(segment string) string {
	if ai, ok := aliases[strings.ToLower(segment)]; ok {
		return ai
	}
	return segment
}

// add appends an element whose escaped value begins at offset in the link.
func (l *Link) add(ai, escaped string, offset int, unescape func(string) (string, error)) *Error {
	value, err := unescape(escaped)
	if err != nil {
		return &Error{AI: ai, Offset: offset, Detail: "the value's percent-encoding is broken"}
	}
	if ai == "01" && isDigits(value) && (len(value) == 8 || len(value) == 12 || len(value) == 13) {
		value = "00000000000000"[len(value):] + value
	}
	if err := l.options.check(ai, value); err != nil {
		err.Offset = offset
		return err
	}
	l.Elements = append(l.Elements, Element{AI: ai, Value: value})
	return nil
}

// takesQualifiers reports whether the path is one of the sequences that its primary key allows.
func (l *Link) takesQualifiers() bool {
	for _, sequence := range lookup(l.Elements[0].AI).sequences() {
		if isInOrder(l.Elements[1:], sequence) {
			return true
		}
	}
	return false
}

// sequences returns the qualifiers that a primary key takes, each in its order.
func (i *Info) sequences() [][]string {
	var all [][]string
	for _, sequence := range strings.Split(i.qualifiers, "|") {
		all = append(all, strings.Split(sequence, ","))
	}
	return all
}

// isInOrder reports whether the elements are some of the sequence, each at most once, in its order.
func isInOrder(elements Elements, sequence []string) bool {
	for _, element := range elements {
		at := 0
		for at < len(sequence) && sequence[at] != element.AI {
			at++
		}
		if at == len(sequence) {
			return false
		}
		sequence = sequence[at+1:]
	}
	return true
}

// readQuery takes the attributes out of the query, which begins at offset in the link. A name of digits alone must be
// an AI.
func (l *Link) readQuery(query string, offset int) *Error {
	path := l.Elements
	for query != "" {
		n := strings.IndexAny(query+"&", "&;")
		parameter := query[:n]
		query = query[min(n+1, len(query)):]
		if err := l.readParameter(parameter, path, offset); err != nil {
			return err
		}
		offset += n + 1
	}
	return nil
}

func (l *Link) readParameter(parameter string, path Elements, offset int) *Error {
	name, value, ok := strings.Cut(parameter, "=")
	length := len(name)
	if ai, known := earlier[strings.ToLower(name)]; known {
		if before, twice := l.Elements.Get(ai); twice && before == value {
			return nil
		}
		name = ai
	}
	switch {
	case parameter == "":
		return nil
	case !ok || name == "" || !isDigits(name):
		l.Parameters = append(l.Parameters, parameter)
		return nil
	}
	if err := l.checkAttribute(name, path); err != nil {
		err.Offset = offset
		return err
	}
	return l.add(name, value, offset+length+1, url.QueryUnescape)
}

func (l *Link) checkAttribute(ai string, path Elements) *Error {
	info := lookup(ai)
	if info == nil && !l.options.KeepUnassigned {
		return &Error{AI: ai, Detail: "it is a number in the query and not assigned"}
	}
	if _, twice := l.Elements.Get(ai); twice {
		return &Error{AI: ai, Detail: "it stands twice"}
	}
	if info != nil && (!info.Attribute || belongsInPath(ai, path)) {
		return &Error{AI: ai, Detail: "it must not stand in the query of this link"}
	}
	return nil
}

// belongsInPath reports whether the AI would be a qualifier of the path's primary key with the qualifiers that it has.
func belongsInPath(ai string, path Elements) bool {
	for at := 1; at <= len(path); at++ {
		longer := append(append(Elements{}, path[1:at]...), Element{AI: ai})
		longer = append(longer, path[at:]...)
		for _, sequence := range lookup(path[0].AI).sequences() {
			if isInOrder(longer, sequence) {
				return true
			}
		}
	}
	return false
}
