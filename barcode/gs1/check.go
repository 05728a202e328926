package gs1

import "strings"

// Check holds the elements to their companions as the dictionary has them: AIs that must be there with another, AIs
// that must not, and repeated AIs, whose values must be the same. Of an AI that is not assigned nothing more is known.
// It returns an *Error. Companions may stand in several carriers on one item; check what all of them say together.
func (e Elements) Check() error {
	for _, element := range e {
		if detail := e.checkElement(element); detail != "" {
			return &Error{AI: element.AI, Offset: noPlace, Detail: detail}
		}
	}
	return nil
}

func (e Elements) checkElement(element Element) (detail string) {
	info := lookup(element.AI)
	if info == nil && !isAILike(element.AI) {
		return "it is no Application Identifier"
	}
	for _, other := range e {
		if other.AI == element.AI && other.Value != element.Value {
			return "it stands twice with different values"
		}
	}
	if info == nil {
		return ""
	}
	if pattern, found := e.hasAny(info.excludes, element.AI); found {
		return "it must not stand with (" + pattern + ")"
	}
	for _, groups := range info.requires {
		if !e.hasGroup(groups, element.AI) {
			return "it needs one of " + groups + " with it"
		}
	}
	return ""
}

// hasAny returns the first of the patterns, joined by commas, that an element other than the AI itself fits.
func (e Elements) hasAny(patterns, except string) (string, bool) {
	for patterns != "" {
		var pattern string
		pattern, patterns, _ = strings.Cut(patterns, ",")
		if e.has(pattern, except) {
			return pattern, true
		}
	}
	return "", false
}

// hasGroup reports whether all AIs of one of the groups are there.
func (e Elements) hasGroup(groups, except string) bool {
	for groups != "" {
		var group string
		group, groups, _ = strings.Cut(groups, ",")
		if e.hasAll(group, except) {
			return true
		}
	}
	return false
}

func (e Elements) hasAll(group, except string) bool {
	for group != "" {
		var pattern string
		pattern, group, _ = strings.Cut(group, "+")
		if !e.has(pattern, except) {
			return false
		}
	}
	return true
}

func (e Elements) has(pattern, except string) bool {
	for _, element := range e {
		if element.AI != except && fits(pattern, element.AI) {
			return true
		}
	}
	return false
}

// fits reports whether an AI fits a pattern, in which n stands for any digit.
func fits(pattern, ai string) bool {
	if len(pattern) != len(ai) {
		return false
	}
	for i := range len(ai) {
		if pattern[i] != 'n' && pattern[i] != ai[i] {
			return false
		}
	}
	return true
}
