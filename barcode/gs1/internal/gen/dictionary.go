package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// entry is one line of the dictionary.
type entry struct {
	first, last string
	flags       string
	parts       []part
	requires    []string // each as the dictionary has it: groups joined by commas, AIs within a group by plus signs
	excludes    string
	key         bool
	qualifiers  string
	title       string
}

type part struct {
	set      string
	min, max int
	optional bool
	linters  []string
}

var (
	rangePattern = regexp.MustCompile(`^(\d{2,4})(?:-(\d{2,4}))?$`)
	flagPattern  = regexp.MustCompile("^[*!?\"$%&'()+,./:;<=>@\\\\^_`{|}~-]+$")
	partPattern  = regexp.MustCompile(`^(\[)?([NXYZ])(\.\.)?(\d+)(\])?((?:,[a-z0-9]+)*)$`)
)

func parseDictionary(input string) ([]entry, error) {
	var entries []entry
	for i, line := range strings.Split(input, "\n") {
		specification, title, _ := strings.Cut(line, "#")
		fields := strings.Fields(specification)
		if len(fields) == 0 {
			continue
		}
		e, err := parseEntry(fields)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", i+1, err)
		}
		e.title = strings.TrimSpace(title)
		if n := len(entries); n > 0 && entries[n-1].last >= e.first {
			return nil, fmt.Errorf("line %d: %s does not follow %s", i+1, e.first, entries[n-1].last)
		}
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		return nil, errors.New("there is no entry")
	}
	return entries, nil
}

func parseEntry(fields []string) (entry, error) {
	ais := rangePattern.FindStringSubmatch(fields[0])
	if ais == nil {
		return entry{}, fmt.Errorf("%q is no AI or range of AIs", fields[0])
	}
	e := entry{first: ais[1], last: ais[2]}
	if e.last == "" {
		e.last = e.first
	}
	if len(e.first) != len(e.last) {
		return entry{}, fmt.Errorf("%q is a range of AIs of different lengths", fields[0])
	}
	for _, field := range fields[1:] {
		if err := e.add(field); err != nil {
			return entry{}, err
		}
	}
	if len(e.parts) == 0 {
		return entry{}, fmt.Errorf("AI %s has no component", e.first)
	}
	return e, nil
}

func (e *entry) add(field string) error {
	if m := partPattern.FindStringSubmatch(field); m != nil {
		return e.addPart(m)
	}
	if flagPattern.MatchString(field) && e.flags == "" && len(e.parts) == 0 {
		e.flags = field
		return nil
	}
	name, value, _ := strings.Cut(field, "=")
	switch name {
	case "req":
		e.requires = append(e.requires, value)
	case "ex":
		e.excludes = strings.TrimPrefix(e.excludes+","+value, ",")
	case "dlpkey":
		e.key, e.qualifiers = true, value
	default:
		return fmt.Errorf("AI %s: %q is no flag, component or attribute that is known", e.first, field)
	}
	return nil
}

func (e *entry) addPart(m []string) error {
	length, err := strconv.Atoi(m[4])
	if err != nil || length == 0 {
		return fmt.Errorf("AI %s: the length %q cannot be", e.first, m[4])
	}
	if (m[1] == "") != (m[5] == "") {
		return fmt.Errorf("AI %s: a bracket of %q is missing", e.first, m[0])
	}
	p := part{set: m[2], min: length, max: length, optional: m[1] != ""}
	if m[3] != "" {
		p.min = 1
	}
	for _, name := range strings.Split(m[6], ",")[1:] {
		p.linters = append(p.linters, "lint"+strings.ToUpper(name[:1])+name[1:])
	}
	e.parts = append(e.parts, p)
	return nil
}
