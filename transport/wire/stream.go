package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/offlane/offlane/redeem/fault"
	"github.com/offlane/offlane/redeem/record"
)

// Limits on the parts of a report, so that what reading it takes is bounded by what is kept of it.
const (
	// MaxRecord bounds one record of a report in bytes. It is more than record.MaxSize: what is too long to be a record
	// of this version is answered by itself, within reason.
	MaxRecord = 8 * record.MaxSize
	// MaxReports is the most reports in an upload.
	MaxReports = 10_000

	maxShort = 96 << 10                       // a key, a heading, a pass or a record with its base64, in bytes of JSON
	maxLong  = record.MaxStatement/3*4 + 1024 // a statement, or a text in a field that is not known
	maxDepth = 64                             // of lists and objects in one another
	maxParts = 15 * MaxReports                // names, brackets and what is passed over
)

// ReadReport reads a report of at most limit bytes and nothing after it. It holds what is kept of the report and one
// part of it at a time, never the whole text. Fields that a Report does not have are passed over. Errors:
// fault.TooLarge where the body, a part of it or the number of parts is over its limit, fault.Malformed; an error of r
// itself is returned as it is.
func ReadReport(r io.Reader, limit int64) (Report, error) {
	s := newStream(r, limit)
	var report Report
	err := s.report(&report)
	if err == nil {
		err = s.end()
	}
	if err != nil {
		return Report{}, malformedError(err)
	}
	return report, nil
}

// ReadUpload reads an upload as ReadReport reads a report. Around its reports it is as strict as ReadStrict is; each of
// them was written by a terminal. Errors: those of ReadReport; fault.InvalidRequest, of which the detail begins with
// the field.
func ReadUpload(r io.Reader, limit int64) (Upload, error) {
	s := newStream(r, limit)
	var upload Upload
	seen := false
	err := s.object("the body", func(name string) error {
		switch {
		case name != "reports":
			return wrongField(name, "there is no such field here: openapi.yaml lists those that there are")
		case seen:
			return wrongField(name, "the field stands twice")
		}
		seen = true
		return s.list(name, MaxReports, func(i int) error {
			var report Report
			err := s.report(&report)
			upload.Reports = append(upload.Reports, report)
			return reportError(i, err)
		})
	})
	if err == nil {
		err = s.end()
	}
	if err == nil && !seen {
		err = wrongField("reports", "the field is missing")
	}
	if err != nil {
		return Upload{}, malformedError(err)
	}
	return upload, nil
}

// reportError names the report of an upload in which a value is not what belongs there.
func reportError(i int, err error) error {
	if other, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return wrongField(fmt.Sprintf("reports[%d]", i), "a JSON %s does not fit here", other.Value)
	}
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Code == fault.Malformed {
		return wrongField(fmt.Sprintf("reports[%d]", i), "%s", f.Detail)
	}
	return err
}

// A stream reads JSON part by part.
type stream struct {
	*json.Decoder
	from  *valve
	parts int
}

func newStream(r io.Reader, limit int64) *stream {
	from := &valve{r: r, left: limit, limit: limit}
	return &stream{Decoder: json.NewDecoder(from), from: from}
}

func (s *stream) report(into *Report) error {
	*into = Report{}
	return s.object("the report", func(name string) error {
		switch name {
		case "heading":
			return s.value(maxShort, &into.Heading)
		case "signature":
			return s.value(maxShort, &into.Signature)
		case "records":
			return s.list(name, record.MaxReport, func(int) error { return s.record(&into.Records) })
		case "passes":
			return s.list(name, record.MaxReport, func(int) error { return element(s, &into.Passes, maxShort) })
		case "statements":
			return s.list(name, MaxStatements, func(int) error { return element(s, &into.Statements, maxLong) })
		}
		return s.skip()
	})
}

func (s *stream) record(list *[]Bytes) error {
	if err := element(s, list, maxShort); err != nil {
		return err
	}
	if last := (*list)[len(*list)-1]; len(last) > MaxRecord {
		return fault.New(fault.TooLarge, readOp, "a record of %d bytes is none, at most %d are read",
			len(last), MaxRecord)
	}
	return nil
}

// element reads the next element of a list.
func element[T any](s *stream, list *[]T, most int64) error {
	var v T
	if err := s.value(most, &v); err != nil {
		return err
	}
	*list = append(*list, v)
	return nil
}

// value reads one value of at most so many bytes, and some that were read ahead.
func (s *stream) value(most int64, into any) error {
	s.from.part = most
	return s.Decode(into)
}

func (s *stream) token(most int64) (json.Token, error) {
	if s.parts++; s.parts > maxParts {
		return nil, fault.New(fault.TooLarge, readOp, "the body has more than %d parts", maxParts)
	}
	s.from.part = most
	return s.Token()
}

// object calls field with the name of each field, which reads its value. A null is as good as no object.
func (s *stream) object(at string, field func(name string) error) error {
	begin, err := s.token(maxShort)
	switch {
	case err != nil:
		return err
	case begin == nil:
		return nil
	case begin != json.Delim('{'):
		return fault.New(fault.Malformed, readOp, "%s: an object belongs here", at)
	}
	for s.more() {
		name, err := s.token(maxShort)
		if err != nil {
			return err
		}
		if err := field(name.(string)); err != nil { // a decoder gives nothing else as a key
			return err
		}
	}
	_, err = s.token(maxShort)
	return err
}

// list calls next for each element, which reads it, at most so often. A null is an empty list.
func (s *stream) list(name string, most int, next func(i int) error) error {
	begin, err := s.token(maxShort)
	switch {
	case err != nil:
		return err
	case begin == nil:
		return nil
	case begin != json.Delim('['):
		return fault.New(fault.Malformed, readOp, "%s: a list belongs here", name)
	}
	for n := 0; s.more(); n++ {
		if n == most {
			return fault.New(fault.TooLarge, readOp, "%s: more than %d are too many", name, most)
		}
		if err := next(n); err != nil {
			return err
		}
	}
	_, err = s.token(maxShort)
	return err
}

func (s *stream) more() bool {
	s.from.part = maxShort
	return s.More()
}

// skip passes over one value.
func (s *stream) skip() error {
	for depth := 0; ; {
		token, err := s.token(maxLong)
		if err != nil {
			return err
		}
		switch token {
		case json.Delim('['), json.Delim('{'):
			depth++
		case json.Delim(']'), json.Delim('}'):
			depth--
		}
		if depth > maxDepth {
			return fault.New(fault.Malformed, readOp, "lists and objects stand more than %d deep in one another",
				maxDepth)
		}
		if depth == 0 {
			return nil
		}
	}
}

// end wants nothing but white space to follow.
func (s *stream) end() error {
	_, err := s.token(maxShort)
	switch {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return fault.New(fault.Malformed, readOp, "something follows the body's JSON")
}

// malformedError gives an error of the JSON itself a code. Those of this package have one, and those of the reader are
// not JSON's.
func malformedError(err error) error {
	syntax, isSyntax := errors.AsType[*json.SyntaxError](err)
	other, isType := errors.AsType[*json.UnmarshalTypeError](err)
	switch {
	case fault.CodeOf(err) != "":
		return err
	case isSyntax:
		err = syntax
	case isType:
		err = other
	case !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) && !strings.HasPrefix(err.Error(), "json: "):
		return err
	}
	return fault.New(fault.Malformed, readOp, "the body is not the JSON that the contract asks for: %w", err)
}

// A valve lets so much through in all, and so much for the part that is being read.
type valve struct {
	r                 io.Reader
	left, part, limit int64
}

// Read implements io.Reader. Error: fault.TooLarge where one of both is used up and more comes.
func (v *valve) Read(p []byte) (int, error) {
	if v.left < 0 || v.part < 0 {
		return 0, v.tooLarge()
	}
	n, err := v.r.Read(p[:min(int64(len(p)), v.left+1, v.part+1)]) // one more, to see that more comes
	v.left, v.part = v.left-int64(n), v.part-int64(n)
	if v.left < 0 || v.part < 0 {
		return 0, v.tooLarge()
	}
	return n, err
}

func (v *valve) tooLarge() error {
	if v.left < 0 {
		return fault.New(fault.TooLarge, readOp, "the body is longer than %d bytes", v.limit)
	}
	return fault.New(fault.TooLarge, readOp, "a part of the body is longer than it may be")
}
