package cddltest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// token is one of CDDL's: a name, a number, a text, a control, a range, a tag or a mark.
var token = regexp.MustCompile(
	`^(?:[A-Za-z_@$](?:[-.]*[A-Za-z0-9_@$])*|-?[0-9]+|"[^"]*"|\.[a-z]+|\.\.|#6\.[0-9]+|=>|[=/{}\[\](),:?*+])`)

// begin is what a name begins with.
var begin = regexp.MustCompile(`^[A-Za-z_@$]`)

// space is what stands between tokens: blanks and comments.
var space = regexp.MustCompile(`^(?:\s+|;[^\n]*)+`)

// tokens takes a text apart.
func tokens(text string) (all []string, err error) {
	for text = text[len(space.FindString(text)):]; text != ""; text = text[len(space.FindString(text)):] {
		t := token.FindString(text)
		if t == "" {
			return nil, fmt.Errorf("this is no part of CDDL that is known here: %.40q", text)
		}
		all, text = append(all, t), text[len(t):]
	}
	return all, nil
}

// A parser reads the rules of a text. It panics with a syntaxError, which parse returns.
type parser struct {
	tokens []string
	schema *Schema
}

type syntaxError struct{ error }

// parse adds the rules of a text to a schema.
func (s *Schema) parse(text string) (err error) {
	defer func() {
		if r := recover(); r != nil {
			syntax, ok := r.(syntaxError)
			if !ok {
				panic(r)
			}
			err = syntax.error
		}
	}()
	all, err := tokens(text)
	if err != nil {
		return err
	}
	for p := (parser{all, s}); len(p.tokens) > 0; {
		p.rule()
	}
	return nil
}

func (p *parser) fail(format string, args ...any) {
	panic(syntaxError{fmt.Errorf(format+", before %.60q", append(args, strings.Join(p.tokens, " "))...)})
}

// peek returns a token ahead; "" behind the last.
func (p *parser) peek(ahead int) string {
	if ahead >= len(p.tokens) {
		return ""
	}
	return p.tokens[ahead]
}

func (p *parser) next() string {
	t := p.peek(0)
	if t == "" {
		p.fail("the text ends too early")
	}
	p.tokens = p.tokens[1:]
	return t
}

// skip takes the token if it is the next one.
func (p *parser) skip(t string) bool {
	if p.peek(0) != t {
		return false
	}
	p.tokens = p.tokens[1:]
	return true
}

func (p *parser) want(t string) {
	if !p.skip(t) {
		p.fail("%q is missing", t)
	}
}

func isName(t string) bool { return begin.MatchString(t) }

// rule reads one rule: a type, or a group in parentheses.
func (p *parser) rule() {
	name := p.next()
	if !isName(name) || p.schema.has(name) {
		p.fail("%q names no rule, or one that is there already", name)
	}
	p.want("=")
	if p.skip("(") {
		p.schema.groups[name] = p.group(")")
		return
	}
	p.schema.types[name] = p.choice()
}

// choice reads types with / between them.
func (p *parser) choice() matcher {
	all := choice{p.parseControl()}
	for p.skip("/") {
		all = append(all, p.parseControl())
	}
	if len(all) == 1 {
		return all[0]
	}
	return all
}

// parseControl reads a type with a range or a control behind it.
func (p *parser) parseControl() matcher {
	left := p.simple()
	switch t := p.peek(0); {
	case t == "..":
		p.next()
		return span{p.number(left), p.number(p.simple())}
	case t == ".size":
		p.next()
		return sizeOf{left, p.bounds(p.simple())}
	case t == ".cbor":
		p.next()
		return encoded{p.simple()}
	case strings.HasPrefix(t, "."):
		p.fail("the control %s is not known here", t)
	}
	return left
}

func (p *parser) number(m matcher) int64 {
	n, ok := m.(number)
	if !ok {
		p.fail("a range is between two numbers")
	}
	return int64(n)
}

// bounds are those of a size: a number or a range.
func (p *parser) bounds(m matcher) span {
	switch m := m.(type) {
	case span:
		return m
	case number:
		return span{int64(m), int64(m)}
	}
	p.fail("a size is a number or a range")
	return span{}
}

// simple reads a type without anything behind it.
func (p *parser) simple() matcher {
	switch t := p.next(); {
	case t == "(":
		inner := p.choice()
		p.want(")")
		return inner
	case t == "{":
		return mapOf(p.group("}"))
	case t == "[":
		return arrayOf(p.group("]"))
	case strings.HasPrefix(t, "#6."):
		p.want("(")
		inner := p.choice()
		p.want(")")
		n, _ := strconv.ParseUint(t[len("#6."):], 10, 64)
		return tagOf{n, inner}
	case t[0] == '"':
		return text(strings.Trim(t, `"`))
	case isName(t):
		return reference(t)
	default:
		n, err := strconv.ParseInt(t, 10, 64)
		if err != nil {
			p.fail("%q begins no type", t)
		}
		return number(n)
	}
}

// group reads entries up to an end.
func (p *parser) group(end string) (all []entry) {
	for !p.skip(end) {
		all = append(all, p.entry())
		if !p.skip(",") && p.peek(0) != end {
			p.fail("a comma or %q is missing", end)
		}
	}
	return all
}

// entry reads an occurrence, a key and a type, of which the first two may be absent.
func (p *parser) entry() entry {
	e := entry{least: 1, most: 1}
	switch {
	case p.skip("?"):
		e.least = 0
	case p.skip("*"):
		e.least, e.most = 0, unbounded
	case p.skip("+"):
		e.most = unbounded
	}
	if p.peek(1) == ":" {
		key := p.next()
		p.want(":")
		if n, err := strconv.ParseInt(key, 10, 64); err == nil {
			e.key, e.hasKey = n, true
		}
	}
	e.value = p.choice()
	if p.peek(0) == "=>" {
		p.fail("keys are numbers with a colon")
	}
	return e
}
